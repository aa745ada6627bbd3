"""The garbage collector, at moments when nobody waits.

Python collects when enough was made, which is in the middle of a request. Here it never starts by itself: the worker
collects between two turns of the listener, little and often, and everything now and then. What was there when the
worker began is frozen: it is not looked at any more. While a configuration is compiled nothing is collected.
"""

import gc

import msgspec

from bidder.clock import Clock, monotonic_s

YOUNG = 2_000
"""Objects made and not freed since the last time: a collection of so many takes a fraction of a millisecond."""
YOUNG_PER_MIDDLE = 20
FULL_SECONDS = 30.0


class CollectorCounts(msgspec.Struct):
    """Collections since the worker started; every number only grows."""

    collections: int = 0
    seconds: float = 0.0


class Collector:
    """Takes the collector over for the process that makes one."""

    def __init__(self, clock: Clock = monotonic_s) -> None:
        self.counts = CollectorCounts()
        self.longest_s = 0.0
        """The longest pause since this was last set to 0."""
        self._clock = clock
        self._young = 0
        self._full_due_s = clock() + FULL_SECONDS
        gc.collect()
        gc.freeze()
        gc.set_threshold(0)

    def between_requests(self) -> None:
        """Collect what is young, if there is enough of it."""
        if gc.get_count()[0] < YOUNG or not gc.isenabled():  # disabled: a configuration is being compiled
            return
        self._young += 1
        self._collect(1 if self._young % YOUNG_PER_MIDDLE == 0 else 0)

    def tick(self) -> None:
        """Collect everything, if it is time; to be called several times a second, between requests."""
        if self._clock() >= self._full_due_s and gc.isenabled():
            self._full_due_s = self._clock() + FULL_SECONDS
            self._collect(2)
        else:
            self.between_requests()

    def _collect(self, generation: int) -> None:
        started_s = self._clock()
        gc.collect(generation)
        took_s = self._clock() - started_s
        self.counts.collections += 1
        self.counts.seconds += took_s
        self.longest_s = max(self.longest_s, took_s)
