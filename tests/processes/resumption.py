"""How soon bids resume by themselves: within five seconds, but for the time that was spent waiting for a core.

A machine that is busy with something else makes everybody wait; the kernel counts how long (proc(5), `schedstat`).
"""

import os
import time
from pathlib import Path

from tests.processes.served import Bidder

RESUME_SECONDS = 5.0


class Resumption:
    """From a moment on: how long something took of processes that others do not take cores from."""

    def __init__(self, bidder: Bidder) -> None:
        self._bidder = bidder
        self._before_s = self._waited_s()
        self._begun_s = time.monotonic()

    def seconds(self) -> float:
        """Since that moment, less what the processes of now waited for cores since then."""
        elapsed_s = time.monotonic() - self._begun_s
        waited_s = sum(each - self._before_s.get(pid, 0.0) for pid, each in self._waited_s().items())
        return elapsed_s - waited_s

    def _waited_s(self) -> dict[int, float]:
        pids = [os.getpid(), *self._bidder.controls(), *self._bidder.workers()]
        return {pid: waited_for_cores_s(pid) for pid in pids}


def waited_for_cores_s(pid: int) -> float:
    """What all threads of a process waited while they could have run; 0 where nobody counts that."""
    waited_ns = 0
    for thread in Path(f"/proc/{pid}/task").glob("*/schedstat"):
        try:
            waited_ns += int(thread.read_text().split()[1])
        except OSError:  # the thread has ended meanwhile
            continue
    return waited_ns / 1e9
