"""What processes use, as the kernel counts it (proc(5)). Linux only."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")
_PARENT, _USER, _SYSTEM, _RSS = 1, 11, 12, 21
"""Places in /proc/PID/stat after the name."""


class Used(NamedTuple):
    """Of some processes together."""

    cpu_s: float
    """User and system time since their start."""
    rss_bytes: int
    descriptors: int


def tree(pid: int) -> list[int]:
    """A process and all that descend from it, as long as they live."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (stat := _stat(int(entry.name))):
            children.setdefault(int(stat[_PARENT]), []).append(int(entry.name))
    found = [pid]
    for each in found:
        found += children.get(each, [])
    return found


def used(pids: list[int]) -> Used:
    """What these processes used; one that is gone counts nothing."""
    cpu_s, rss, descriptors = 0.0, 0, 0
    for pid in pids:
        stat = _stat(pid)
        if stat:
            cpu_s += (int(stat[_USER]) + int(stat[_SYSTEM])) / _TICKS
            rss += int(stat[_RSS]) * _PAGE
            descriptors += sum(1 for _ in _descriptors(pid))
    return Used(cpu_s, rss, descriptors)


def waited_s(pids: list[int]) -> float:
    """How long their main threads could have run but had no processor, since their start (/proc/PID/schedstat)."""
    return sum(_waited_ns(pid) for pid in pids) / 1e9


def command(pid: int) -> str:
    """How a process was started; empty where it is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
    except OSError:
        return ""


def _waited_ns(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[1])
    except OSError:
        return 0


def _stat(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _descriptors(pid: int) -> Iterator[str]:
    try:
        yield from os.listdir(f"/proc/{pid}/fd")
    except OSError:
        return
