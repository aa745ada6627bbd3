"""A timer of an event loop that is exact to some microseconds; the loop's own are exact to a millisecond.

Linux only: a timerfd (timerfd_create(2)), which `os` offers from Python 3.13 on.
"""

import asyncio
import ctypes
import os
from collections.abc import Callable

_LIBC = ctypes.CDLL(None, use_errno=True)
_CLOCK_MONOTONIC = 1
_ABSOLUTE = 1
_AT_ONCE_NS = 1


class _Spec(ctypes.Structure):
    _fields_ = [(name, ctypes.c_long) for name in ("every_s", "every_ns", "at_s", "at_ns")]


class Alarm:
    """Calls back at a moment of the monotonic clock."""

    def __init__(self, loop: asyncio.AbstractEventLoop, wake: Callable[[], None]) -> None:
        """Raises `OSError`."""
        self._loop = loop
        self._wake = wake
        self._spec = _Spec(0, 0, 0, 0)
        self._fd = _LIBC.timerfd_create(_CLOCK_MONOTONIC, os.O_NONBLOCK | os.O_CLOEXEC)
        if self._fd < 0:
            raise OSError(ctypes.get_errno(), "timerfd_create")
        loop.add_reader(self._fd, self._rung)

    def ring_at(self, moment_s: float) -> None:
        """Call back then; at once where it is past. A moment set before is forgotten."""
        self._spec.at_s, self._spec.at_ns = divmod(max(_AT_ONCE_NS, int(moment_s * 1e9)), 1_000_000_000)
        if _LIBC.timerfd_settime(self._fd, _ABSOLUTE, ctypes.byref(self._spec), None):
            raise OSError(ctypes.get_errno(), "timerfd_settime")

    def close(self) -> None:
        """Never call back again."""
        self._loop.remove_reader(self._fd)
        os.close(self._fd)

    def _rung(self) -> None:
        os.read(self._fd, 8)
        self._wake()
