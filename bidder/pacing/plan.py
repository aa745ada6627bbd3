"""The target curve of a flight: how much of the budget is to be spent until when. Pure.

A plan is a weight for every second of the flight, piece by piece constant; pieces are the hours of the campaign's own
clock, so that days of 23 and 25 hours and day parts come out right. The same form holds how traffic is expected to
come (`bidder.pacing.traffic`).
"""

from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta, tzinfo
from itertools import accumulate
from typing import NamedTuple

from msgspec import Struct

from bidder.domain.money import Micros

HOUR_S = 3600
WEEK_HOURS = 168
FRONT = 1.5
"""How much more than evenly a front-loaded flight spends at its start; it falls in a line to `2 - FRONT` at the end."""

_EVENLY = 1000
"""The weight of a mean hour."""
_MS = 1000
"""What is reached is counted as weight times milliseconds, so that targets are exact integers."""


class Hour(NamedTuple):
    """A clock hour, or the part of it that lies in the flight. Seconds since 1970 UTC."""

    start_s: int
    end_s: int
    of_week: int
    """By the local clock: 0 is Monday from 00:00, as in `bidder.auction.attributes.week_hours`."""


class Plan(Struct, frozen=True):
    """A curve from 0 at the start of a flight to the whole at its end, which never falls."""

    edges_s: tuple[int, ...]
    """Where pieces begin, and the end of the last: seconds, rising."""
    reached: tuple[int, ...]
    """The weight reached at each edge, from 0."""

    @property
    def start_s(self) -> int:
        """Where the flight begins."""
        return self.edges_s[0]

    @property
    def end_s(self) -> int:
        """Where the flight ends."""
        return self.edges_s[-1]

    def target_micros(self, budget_micros: int, at_s: float) -> Micros:
        """What is to be spent until then, rounded down; 0 before the flight and the budget from its end on."""
        return Micros(budget_micros * self._weight(at_s) // self.reached[-1])

    def share(self, at_s: float) -> float:
        """The part of the whole that is due until then, 0 to 1."""
        return self._weight(at_s) / self.reached[-1]

    def between(self, from_s: float, until_s: float) -> float:
        """The part of the whole that falls between two moments."""
        return (self._weight(until_s) - self._weight(from_s)) / self.reached[-1]

    def when(self, share: float) -> float:
        """The earliest moment at which so much of the whole is due."""
        wanted = share * self.reached[-1]
        piece = min(bisect_right(self.reached, wanted), len(self.reached) - 1)
        before, after = self.reached[piece - 1], self.reached[piece]
        part = min(1.0, (wanted - before) / (after - before)) if after > before else 1.0
        return self.edges_s[piece - 1] + part * (self.edges_s[piece] - self.edges_s[piece - 1])

    def _weight(self, at_s: float) -> int:
        piece = bisect_right(self.edges_s, at_s)
        if piece == 0:
            return 0
        if piece == len(self.edges_s):
            return self.reached[-1]
        start_s, end_s = self.edges_s[piece - 1 : piece + 1]
        before, after = self.reached[piece - 1 : piece + 1]
        into_ms = int((at_s - start_s) * _MS)
        return before + (after - before) * into_ms // ((end_s - start_s) * _MS)


def span_s(first: date, last: date, zone: tzinfo) -> tuple[int, int]:
    """The seconds at which a flight of whole local days begins and ends; `last` is included."""
    start, end = (datetime.combine(day, time(), zone) for day in (first, last + timedelta(days=1)))
    return int(start.timestamp()), int(end.timestamp())


def hours(start_s: int, end_s: int, zone: tzinfo) -> Iterator[Hour]:
    """The hours of the local clock between two moments; the first and the last may be parts of one."""
    at_s = start_s
    while at_s < end_s:
        local = datetime.fromtimestamp(at_s, zone)
        until_s = min(end_s, at_s + HOUR_S - local.minute * 60 - local.second)
        yield Hour(at_s, until_s, local.weekday() * 24 + local.hour)
        at_s = until_s


def even(flight: Iterable[Hour], active: Collection[int] | None = None) -> Plan:
    """The same in every second that the campaign runs; `active` are its hours of the week, all where left out.

    Raises `ValueError` where no hour of the flight is active; so do the other shapes.
    """
    return _plan(flight, active, lambda hour: _EVENLY)  # noqa: ARG005


def front_loaded(flight: Iterable[Hour], active: Collection[int] | None = None) -> Plan:
    """More at the start, less towards the end, as `FRONT` says."""
    listed = list(flight)
    evenly = even(listed, active)

    def weight(hour: Hour) -> int:
        middle = evenly.share((hour.start_s + hour.end_s) / 2)
        return int(_EVENLY * (FRONT - 2 * (FRONT - 1) * middle))

    return _plan(listed, active, weight)


def following(flight: Iterable[Hour], by_hour: Sequence[int], active: Collection[int] | None = None) -> Plan:
    """As traffic is expected: `by_hour` are weights, not negative, for the 168 hours of the week."""
    if len(by_hour) != WEEK_HOURS:
        raise ValueError(f"a week has {WEEK_HOURS} hours, found {len(by_hour)} weights")
    return _plan(flight, active, lambda hour: by_hour[hour.of_week])


def shaped(flight: Iterable[Hour], weight: Callable[[Hour], int], active: Collection[int] | None = None) -> Plan:
    """As `weight` says, not negative, of each hour."""
    return _plan(flight, active, weight)


def at_once(start_s: int, end_s: int) -> Plan:
    """As fast as possible: all is due from the first second on."""
    return Plan((start_s, start_s + 1, end_s), (0, _MS, _MS))


def _plan(flight: Iterable[Hour], active: Collection[int] | None, weight: Callable[[Hour], int]) -> Plan:
    listed = list(flight)
    weights = [
        weight(hour) * (hour.end_s - hour.start_s) * _MS if active is None or hour.of_week in active else 0
        for hour in listed
    ]
    if not any(weights):
        raise ValueError("a flight has at least one hour in which the campaign runs, found none")
    edges = (*(hour.start_s for hour in listed), listed[-1].end_s)
    return Plan(edges, tuple(accumulate(weights, initial=0)))
