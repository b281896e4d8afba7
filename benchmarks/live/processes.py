"""What does a process use?  Its CPU time and memory, as Linux tells them."""

import os
from pathlib import Path
from typing import Final

TICKS: Final = os.sysconf("SC_CLK_TCK")
UTIME, STIME = 11, 12
"""Where they stand in `stat`, counted from behind the name, which may hold anything."""


def cpu(pid: int) -> float:
    """Seconds of CPU time that all threads of a process have used, in the kernel, too."""
    stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    fields = stat.rpartition(")")[2].split()
    return (int(fields[UTIME]) + int(fields[STIME])) / TICKS


def resident(pid: int) -> int:
    """The memory of a process, in kB; what the kernel keeps for its sockets is not in it."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return next(int(x.split()[1]) for x in status.splitlines() if x.startswith("VmRSS:"))
