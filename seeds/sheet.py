"""Which parts does a dossier's file have?  Article, defaults, actors by slug, reports by ref."""

import re
from typing import Any, Final

from events.values import SLUG, Report
from seeds.nodes import Node, Scalar, Table, Unreadable
from seeds.problems import START, Findings, Place, choose
from seeds.reading import Known, Reading

SECTIONS: Final = ("article", "defaults", "actors", "reports")
MAX_SLUG: Final = 100


class Sheet:
    """A dossier's file while it is read."""

    def __init__(self, findings: Findings, root: Table) -> None:
        self.findings, self.root = findings, root
        self.places: dict[str, Place] = {"article": root.keys.get("article", START)}
        for key, place in root.keys.items():
            if key not in SECTIONS:
                findings.add(place, f"{key!r} is no part of a dossier", choose(key, SECTIONS))
        self.defaults = self._defaults()
        """`by` and `status`, as far as they are given."""

    def section(self, name: str, holds: str, *, required: bool = False) -> Table | None:
        """A section's mapping; none where it is absent."""
        node = self.root.entries.get(name)
        if node is None or (isinstance(node, Scalar) and node.absent):
            if required:
                place = self.root.keys.get(name, START)
                self.findings.add(place, f"the dossier has no {name}", f"{name}: has {holds}")
            return None
        return self.table(node, name, holds)

    def table(self, node: Node, title: str, holds: str) -> Table | None:
        """The node, if it is a mapping."""
        if isinstance(node, Table):
            return node
        if not isinstance(node, Unreadable):
            self.findings.add(node.place, f"{title} is no mapping", f"it has {holds}")
        return None

    def entries(self, name: str, part: str) -> dict[str, Node]:
        """What a section holds by slug or ref; keys that cannot be one are problems."""
        table = self.section(name, f"the {name} by {'ref' if part == 'report' else 'slug'}")
        if table is None:
            return {}
        for key, place in table.keys.items():
            self.places[f"{part}/{key}"] = place
            self.check_slug(key, place)
        return table.entries

    def check_slug(self, slug: str, place: Place) -> bool:
        """Whether it is a slug or ref; noted where it is none."""
        if not re.fullmatch(SLUG, slug):
            right = "write lower-case letters and digits, joined by single hyphens"
            self.findings.add(place, f"{slug!r} is no slug", f"{right}: {slugified(slug)}")
        elif len(slug) > MAX_SLUG:
            what = f"{slug!r} has {len(slug)} characters"
            self.findings.add(place, what, f"a slug has at most {MAX_SLUG}")
        else:
            return True
        return False

    def _defaults(self) -> dict[str, Any]:
        table = self.section("defaults", "by, status")
        if table is None:
            return {}
        names = {name: name for name in ("by", "status")}
        reading = Reading(self.findings, Known(), "defaults", names)
        values = reading.table(table, Report)
        return {name: value for name, value in values.items() if (name,) not in reading.broken}


def slugified(text: str) -> str:
    """The slug nearest to a text.

    >>> slugified("Lavrov & Siala, 2020")
    'lavrov-siala-2020'
    """
    return "-".join(re.findall(r"[a-z0-9]+", text.lower()))[:MAX_SLUG].strip("-") or "unnamed"
