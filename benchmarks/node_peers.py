"""Where are the packages of Node peers?  Installed by npm, once for each state of package.json, in a folder of the environment apart.

The Node that runs them is one of the packages, so that it is the same everywhere.
"""

import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import Final

PEERS: Final = Path(__file__).parent / "peers"
INSTALL: Final = (
    "npm",
    "install",
    "--no-package-lock",
    "--no-audit",
    "--no-fund",
    "--loglevel=error",
)


def installed() -> Path:
    """A folder with the packages, and the scripts beside them, so that they find them."""
    asked = PEERS / "package.json"
    folder = Path(sys.prefix, "peers", sha256(asked.read_bytes()).hexdigest()[:12])
    if not (folder / "installed").exists():
        if shutil.which(INSTALL[0]) is None:
            sys.exit("npm, which installs the servers to compare with, is not there: install it")
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(asked, folder)
        subprocess.run(INSTALL, cwd=folder, check=True)
        (folder / "installed").touch()
    for script in PEERS.glob("*.mjs"):
        shutil.copy(script, folder)
    return folder


def command(script: str) -> list[str]:
    """What runs one of the scripts."""
    folder = installed()
    return [str(folder / "node_modules" / ".bin" / "node"), "--no-warnings", str(folder / script)]


def node() -> str:
    """Which Node runs them."""
    program, *_ = command("")
    told = subprocess.run([program, "--version"], check=True, capture_output=True, text=True)
    return f"Node {told.stdout.strip()}"
