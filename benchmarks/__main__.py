"""All measurements, one after the other."""

import subprocess
import sys

POSTGRES = ("--engine", "postgres")

for name, *options in (
    ("append",),
    ("postgres",),
    ("fold",),
    ("fold", *POSTGRES),
    ("start",),
    ("ucdp",),
    ("ucdp", *POSTGRES),
    ("read", "--tables", "servers", "growth", "ways"),
    ("threads",),
    ("limits",),
    ("incremental",),
    ("moments",),
    ("live",),
):
    subprocess.run([sys.executable, "-m", f"benchmarks.{name}", *options], check=True)
