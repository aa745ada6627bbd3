"""What a process has of the machine: cores and precedence on them, memory, descriptors."""

import contextlib
import os
import resource
from pathlib import Path

_STATM = Path("/proc/self/statm")

BEHIND = 7
"""Steps of niceness (sched(7)): on a core that is fully used, a worker gets five times the time of control."""

SPARE_DESCRIPTORS = 256
"""For files, and for what comes with a connection that is just being closed."""

LEAST_DESCRIPTORS = 2 * SPARE_DESCRIPTORS
"""With fewer there is no room for connections."""


class MachineError(Exception):
    """The system gives too little; the message says what, and what would be right."""


def check_descriptors() -> None:
    """Raises `MachineError` where a process may not open enough files and connections."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < LEAST_DESCRIPTORS:
        raise MachineError(
            f"ulimit -n: a process may have {hard} files and connections here, and {LEAST_DESCRIPTORS} are needed;"
            " raise the hard limit (LimitNOFILE of a systemd unit)"
        )


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


def yield_to_workers() -> None:
    """Come after the workers that control has begun, where they share a core: they answer within milliseconds."""
    os.nice(BEHIND)


def give_precedence(worker_pid: int) -> None:
    """Let a process that control began take the precedence of the watchdog again, where the system allows it."""
    with contextlib.suppress(PermissionError, ProcessLookupError):
        os.setpriority(os.PRIO_PROCESS, worker_pid, os.getpriority(os.PRIO_PROCESS, os.getppid()))


def resident_bytes() -> int:
    """The memory that this process holds (Linux, `man 5 proc`)."""
    return int(_STATM.read_text().split()[1]) * os.sysconf("SC_PAGESIZE")


def affordable_connections(wanted: int) -> int:
    """How many connections this process may hold, at most `wanted`.

    Its limit on descriptors is raised for that as far as it goes: with none left a process cannot even take a
    connection to close it.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    enough = wanted + SPARE_DESCRIPTORS
    most = enough if hard == resource.RLIM_INFINITY else min(enough, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    return max(1, min(wanted, most - SPARE_DESCRIPTORS))
