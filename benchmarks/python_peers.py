"""Where are the packages of Python peers?  Installed by pip, once for each state of their list, in a folder of the environment apart."""

import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import Final

ASKED: Final = Path(__file__).parent / "peers" / "requirements.txt"


def add() -> None:
    """Let the packages be imported, behind those of the environment."""
    folder = Path(sys.prefix, "peers", sha256(ASKED.read_bytes()).hexdigest()[:12])
    if not (folder / "installed").exists():
        asked = (
            "--disable-pip-version-check",
            "--quiet",
            "--upgrade",
            "--target",
            folder,
            "-r",
            ASKED,
        )
        done = subprocess.run([sys.executable, "-m", "pip", "install", *asked], check=False)
        if done.returncode:
            sys.exit(
                f"the libraries to compare with cannot be installed: see {ASKED}, or --no-peer"
            )
        (folder / "installed").touch()
    sys.path.append(str(folder))
