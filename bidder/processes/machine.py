"""What a process has of the machine: cores and memory."""

import os
from pathlib import Path

_STATM = Path("/proc/self/statm")


def usable_cores() -> list[int]:
    """The cores that this process may run on."""
    return sorted(os.sched_getaffinity(0))


def workers_for(cores: list[int]) -> int:
    """One core is left for control where there are several."""
    return max(1, len(cores) - 1)


def pin(worker: int) -> None:
    """Keep this process to one core: the workers take the usable ones in turn."""
    cores = usable_cores()
    os.sched_setaffinity(0, {cores[worker % len(cores)]})


def resident_bytes() -> int:
    """The memory that this process holds (Linux, `man 5 proc`)."""
    return int(_STATM.read_text().split()[1]) * os.sysconf("SC_PAGESIZE")
