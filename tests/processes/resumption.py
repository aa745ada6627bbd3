"""How soon bids resume by themselves: within five seconds, but for the time that was spent waiting for a core.

A machine that is busy with something else makes everybody wait; the kernel counts how long (proc(5), `schedstat`).
"""

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
        """Since that moment, less what control and then the slowest of its workers waited for cores since then."""
        elapsed_s = time.monotonic() - self._begun_s
        waited_s = {pid: each - self._before_s.get(pid, 0.0) for pid, each in self._waited_s().items()}
        workers_s = [waited_s.get(worker, 0.0) for worker in self._bidder.workers()]
        return elapsed_s - waited_s.get(self._bidder.control(), 0.0) - max(workers_s, default=0.0)

    def _waited_s(self) -> dict[int, float]:
        return {pid: waited_for_cores_s(pid) for pid in (*self._bidder.controls(), *self._bidder.workers())}


def waited_for_cores_s(pid: int) -> float:
    """What the main thread of a process waited while it could have run; 0 where nobody counts that."""
    try:
        return int(Path(f"/proc/{pid}/task/{pid}/schedstat").read_text().split()[1]) / 1e9
    except OSError:  # it has ended
        return 0.0
