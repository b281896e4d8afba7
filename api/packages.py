"""Are the packages that Python finds ours?  Other distributions have an `events`, too."""

from importlib import import_module
from pathlib import Path
from typing import Final

OURS: Final = ("events", "projections", "seeds")


def foreign() -> str | None:
    """What is wrong with the installation; none if nothing is."""
    home = Path(__file__).resolve().parent.parent
    for name in OURS:
        found = import_module(name).__file__
        if found is None or Path(found).resolve() != home / name / "__init__.py":
            return (
                f"Python finds another package {name!r} at {found}, instead of {home / name}; "
                "install communique into an environment of its own"
            )
    return None
