"""Where are the peer's packages?  Installed by npm, once for each state of package.json, inside of the Python environment."""

import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import Final

PEERS: Final = Path(__file__).parent.parent / "peers"
NODE: Final = shutil.which("node") or "node"
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
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(asked, folder)
        subprocess.run(INSTALL, cwd=folder, check=True)
        (folder / "installed").touch()
    for script in PEERS.glob("*.mjs"):
        shutil.copy(script, folder)
    return folder


def node() -> str:
    """Which Node runs them."""
    told = subprocess.run([NODE, "--version"], check=True, capture_output=True, text=True)
    return f"Node {told.stdout.strip()}"
