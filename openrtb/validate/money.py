"""Prices as whole micros, and floors that depend on the length of the creative."""

import math
from bisect import bisect_right
from decimal import Decimal
from heapq import heappop, heappush
from typing import Self

from msgspec import Struct

from openrtb.imp import Audio, Deal, DurFloors, Video

_LARGEST_CPM = 1e12


def micros(cpm: float) -> int:
    """A CPM as whole micros, rounded once.

    What is no finite number is 0; its attribute is reported elsewhere. Beyond a million million all CPMs are the same.
    """
    if not math.isfinite(cpm):
        return 0
    return round(Decimal(repr(min(max(cpm, -_LARGEST_CPM), _LARGEST_CPM))) * 1_000_000)


class LengthFloors(Struct, frozen=True):
    """The floors that a deal or a media object sets by length (OpenRTB 2.6, 3.2.35 and implementation 7.6)."""

    per_second_micros: int | None
    starts: tuple[float, ...]  # seconds from which on a floor holds, to the next start
    floors: tuple[int | None, ...]  # micros; `None` where none is set

    @classmethod
    def of(cls, source: Deal | Video | Audio) -> Self:
        per_second = micros(source.mincpmpersec) if source.mincpmpersec is not None else None
        return cls(per_second, *_steps(source.durfloors or []))

    def micros_for(self, dur: int | None) -> int | None:
        """The floor for a creative of `dur` seconds; `None` where none is set for that length."""
        if dur is None:
            return None
        if self.per_second_micros is not None:
            return self.per_second_micros * dur
        step = bisect_right(self.starts, dur)
        return self.floors[step - 1] if step else None


def _steps(ranges: list[DurFloors]) -> tuple[tuple[float, ...], tuple[int | None, ...]]:
    """The starts and floors that ranges come to. Where they overlap the lowest holds, since only that one surely does.

    Takes time in proportion to n log n, so that each of many bids need not look at each of many ranges.
    """
    spans = sorted((_start(each), _end(each), micros(each.bidfloor)) for each in ranges)
    starts = sorted({edge for start, end, _ in spans for edge in (start, end)})
    floors: list[int | None] = []
    opened = 0
    lowest: list[tuple[int, float]] = []  # a heap of floors and the ends of their spans
    for edge in starts:
        while opened < len(spans) and spans[opened][0] <= edge:
            _, end, floor = spans[opened]
            heappush(lowest, (floor, end))
            opened += 1
        while lowest and lowest[0][1] <= edge:
            heappop(lowest)
        floors.append(lowest[0][0] if lowest else None)
    return tuple(starts), tuple(floors)


def _start(floor: DurFloors) -> float:
    return floor.mindur if floor.mindur is not None else -math.inf


def _end(floor: DurFloors) -> float:
    """The first whole second behind the range."""
    return floor.maxdur + 1 if floor.maxdur is not None else math.inf
