"""All measurements, one after the other."""

import subprocess
import sys

for name in ("append", "postgres", "fold", "read", "moments", "live"):
    subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=True)
