"""Turns of the event loop: all sockets that have something are read, then what is whole is answered, and so on.

uvloop reads every socket that is ready before it runs what `call_soon` left, so a turn knows all requests that wait.
"""

import asyncio
from collections.abc import Callable

from bidder.clock import Clock

SLICE_S = 0.002
"""How long requests are answered before the sockets are looked at again."""

HOT_S = 0.0001
HOT_PER_ANSWER_S = 0.00003
"""The loop that comes back from the sockets within this time, and so much for each answer that it had to send first,
did not wait for them: it was kept from looking."""


class Turns:
    """When bytes arrived, and in which order requests are served.

    The time of arrival is an estimate, since nobody tells when bytes reached the socket. Where the loop slept, bytes
    woke it up, and came when it woke. Where it was at work, they came after it had last looked at the sockets, and are
    taken to have come right then: the wait is never told too short, and too long by one turn at most (2 ms and one
    decision). What keeps the loop between two turns other than requests is not seen.
    """

    def __init__(self, serve: Callable[[float], float | None], at_rest: Callable[[], None], stopwatch: Clock) -> None:
        """`serve` is told the time, answers one request that waits and tells the time again; None where none waits.

        `at_rest` is called when none does, before the sockets are looked at again.
        """
        self._serve = serve
        self._at_rest = at_rest
        self._stopwatch = stopwatch
        self._call_soon = asyncio.get_running_loop().call_soon
        self._is_due = False
        self._is_reading = False
        self._looked_s = self._cold_s = float("-inf")
        """When the sockets were looked at last, and until when the loop cannot have slept since."""
        self.arrived_s = 0.0

    def arrival_s(self) -> float:
        """When the bytes at hand arrived, by the stopwatch; to be asked for all that is read."""
        if not self._is_reading:
            self._begin(self._stopwatch())
        return self.arrived_s

    def _begin(self, now_s: float) -> None:
        self._is_reading = True
        self.arrived_s = self._looked_s if self._is_due or now_s < self._cold_s else now_s
        self._looked_s = now_s
        if not self._is_due:
            self._is_due = True
            self._call_soon(self._run)

    def _run(self) -> None:
        now_s = self._stopwatch()
        if not self._is_reading:
            self._looked_s = now_s
        self._is_reading = False
        until_s, answers = now_s + SLICE_S, 0
        while (served_s := self._serve(now_s)) is not None:
            now_s = served_s
            answers += 1
            if now_s >= until_s:
                self._call_soon(self._run)
                break
        else:
            self._is_due = False
            self._at_rest()
        self._cold_s = self._stopwatch() + HOT_S + answers * HOT_PER_ANSWER_S
