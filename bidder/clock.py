"""The only place that reads the time; everything else is told it."""

import time
from collections.abc import Callable

Clock = Callable[[], float]
"""Seconds: since 1970 UTC where it tells the time, since any fixed moment where it measures a duration."""

wall_s: Clock = time.time
"""Seconds since 1970 UTC."""

monotonic_s: Clock = time.monotonic
"""Seconds that never go back."""


class Steady:
    """Seconds since 1970 UTC as the wall clock had them once, counted on without its jumps."""

    def __init__(self, wall: Clock = wall_s, measure: Clock = monotonic_s) -> None:
        self._wall = wall
        self._measure = measure
        self._offset_s = wall() - measure()

    def __call__(self) -> float:
        return self._measure() + self._offset_s

    def earlier(self) -> float:
        """The earlier of this clock and the wall clock: what is late by it is late by both."""
        return min(self(), self._wall())
