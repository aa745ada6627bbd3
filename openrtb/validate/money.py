"""Prices as whole micros, and floors that depend on the length of the creative."""

import math
from decimal import Decimal
from typing import Self

from msgspec import Struct

from openrtb.imp import Audio, Deal, Video

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
    ranges: tuple[tuple[float, float, int], ...]  # from and to in seconds, both inside; micros

    @classmethod
    def of(cls, source: Deal | Video | Audio) -> Self:
        per_second = micros(source.mincpmpersec) if source.mincpmpersec is not None else None
        ranges = (
            (
                floor.mindur if floor.mindur is not None else -math.inf,
                floor.maxdur if floor.maxdur is not None else math.inf,
                micros(floor.bidfloor),
            )
            for floor in source.durfloors or ()
        )
        return cls(per_second, tuple(ranges))

    def micros_for(self, dur: int | None) -> int | None:
        """The floor for a creative of `dur` seconds; `None` where none is set for that length.

        Where ranges overlap it is the lowest, since only that one surely holds.
        """
        if dur is None:
            return None
        if self.per_second_micros is not None:
            return self.per_second_micros * dur
        return min((floor for low, high, floor in self.ranges if low <= dur <= high), default=None)
