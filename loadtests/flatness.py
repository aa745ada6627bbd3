"""Whether what a server holds stays the same over a run: judged by its slope, so that a slow leak shows in an hour."""

import statistics
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from typing import NamedTuple

from loadtests.result import Gate, Usage

MEMORY_GROWTH, DESCRIPTOR_GROWTH = 0.05, 8
"""The most that memory may grow over the part of the run that is judged, as a share, and descriptors, as a number."""
WARM_SHARE = 0.25
"""Of the run, at its beginning, when caches fill."""
SLICES = 30
"""Of the rest: each is told by its median, so that a reload that takes memory for a moment does not count."""


class Trend(NamedTuple):
    """A straight line through a part of a run."""

    level: float
    """At its beginning."""
    growth: float
    """From there to its end."""
    seconds: float


def trend(usage: Sequence[Usage], of: Callable[[Usage], float]) -> Trend | None:
    """The line that half of all pairs of slices lie above (Theil and Sen); None where there is too little to tell."""
    warm = usage[int(len(usage) * WARM_SHARE) :]
    size = max(1, len(warm) // SLICES)
    slices = [warm[start : start + size] for start in range(0, len(warm) - size + 1, size)]
    points = [(statistics.median(at.second for at in each), statistics.median(map(of, each))) for each in slices]
    if len(points) < 3:
        return None
    slope = statistics.median((y2 - y1) / (x2 - x1) for (x1, y1), (x2, y2) in combinations(points, 2))
    seconds = points[-1][0] - points[0][0]
    level = statistics.median(y - slope * (x - points[0][0]) for x, y in points)
    return Trend(level, slope * seconds, seconds)


def gates(usage: Sequence[Usage]) -> Iterator[Gate]:
    """Whether memory and descriptors stay flat."""
    memory, open_ones = trend(usage, lambda at: at.rss_bytes), trend(usage, lambda at: at.descriptors)
    if memory is None or open_ones is None:
        yield Gate("memory_growth", None, MEMORY_GROWTH, passed=False)
        return
    share, more = round(memory.growth / memory.level, 4), round(open_ones.growth, 1)
    yield Gate("memory_growth", share, MEMORY_GROWTH, share <= MEMORY_GROWTH)
    yield Gate("descriptor_growth", more, DESCRIPTOR_GROWTH, more <= DESCRIPTOR_GROWTH)
