"""All measurements, one after the other."""

import subprocess
import sys

for name in ("append", "postgres", "fold", "read", "limits", "moments", "live"):
    subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=True)
