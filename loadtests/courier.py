"""Calls notices and clicks beside a run, in a thread of its own, so that the sender never waits for them."""

import http.client
import threading
from collections import Counter
from queue import Empty, Full, Queue
from random import Random

from loadtests.aftermath import Call, Origins, calls

MOST_WAITING = 2000
TIMEOUT_S = 5.0
GOOD = frozenset({200, 204, 302, 303, 307})


class Courier(threading.Thread):
    """Takes answers that bid, and makes the calls that follow from them."""

    def __init__(self, origins: Origins, chance: Random) -> None:
        super().__init__(daemon=True)
        self.counts: Counter[str] = Counter()
        """Calls by kind and how they ended, and answers that were `left out` since too many waited."""
        self._origins = origins
        self._chance = chance
        self._answers: Queue[bytes] = Queue(MOST_WAITING)
        self._ended = threading.Event()
        self._connection = http.client.HTTPConnection(origins.web.host, origins.web.port, timeout=TIMEOUT_S)

    def take(self, answer: bytes) -> None:
        """An answer of status 200. Never waits."""
        try:
            self._answers.put_nowait(answer)
        except Full:
            self.counts["left out"] += 1

    def run(self) -> None:
        """Until `finish`, and then what still waits."""
        while not (self._ended.is_set() and self._answers.empty()):
            try:
                answer = self._answers.get(timeout=0.1)
            except Empty:
                continue
            for call in calls(answer, self._origins, self._chance):
                self.counts[f"{call.kind} {self._called(call)}"] += 1
        self._connection.close()

    def finish(self, within_s: float) -> None:
        """Make the calls that wait, and end."""
        self._ended.set()
        self.join(within_s)

    def _called(self, call: Call) -> str:
        try:
            self._connection.request("GET", call.url)
            with self._connection.getresponse() as reply:
                reply.read()
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            return f"failed {type(error).__name__}"
        return "acknowledged" if reply.status in GOOD else f"failed {reply.status}"
