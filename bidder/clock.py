"""The only place that reads the time; everything else is told it."""

import time
from collections.abc import Callable

Clock = Callable[[], float]
"""Seconds: since 1970 UTC where it tells the time, since any fixed moment where it measures a duration."""

wall_s: Clock = time.time
"""Seconds since 1970 UTC."""

monotonic_s: Clock = time.monotonic
"""Seconds that never go back."""


JUMP_SECONDS = 1.0
"""A wall clock that moves by less between two looks at it drifts; it does not jump."""

REMEMBERED_SECONDS = 3600.0
"""How long after a jump the time before it still counts."""


class Steady:
    """Seconds since 1970 UTC as the wall clock had them once, counted on without its jumps."""

    def __init__(self, wall: Clock = wall_s, measure: Clock = monotonic_s) -> None:
        self._wall = wall
        self._measure = measure
        self._offset_s = self.least_s = wall() - measure()
        """How far ahead of the measure the wall clock was at the start; how far at the least, of late."""
        self._seen_s = measure()
        """When it was at the least, by the measure."""

    def remember(self, least_s: float) -> None:
        """So far ahead of the measure was the wall clock until it jumped, just before this clock began."""
        self.least_s = min(self.least_s, least_s)

    def __call__(self) -> float:
        return self._look() + self._offset_s

    def earlier(self) -> float:
        """The earliest of this clock, the wall clock, and the wall clock as it was before a jump in the last hour.

        Who wrote down a time did so by one of these; what is late by this clock is late by all of them.
        """
        return self._look() + min(self._offset_s, self.least_s)

    def _look(self) -> float:
        """Take note of where the wall clock is; what the measure says."""
        measured_s = self._measure()
        offset_s = self._wall() - measured_s
        if offset_s <= self.least_s + JUMP_SECONDS or measured_s - self._seen_s >= REMEMBERED_SECONDS:
            self.least_s, self._seen_s = offset_s, measured_s
        return measured_s
