"""Latencies in an HDR histogram: whole microseconds, three significant digits, from 1 µs to 10 minutes."""

import msgspec
import numpy as np
import numpy.typing as npt
from hdrh.histogram import HdrHistogram

LONGEST_US = 600_000_000
DIGITS = 3


class Percentiles(msgspec.Struct, frozen=True):
    """Latencies in microseconds."""

    count: int
    mean: float
    p50: int
    p90: int
    p99: int
    p999: int
    max: int


class Histogram:
    """Counts of latencies. Two of them can be added, also across processes."""

    def __init__(self, encoded: bytes | None = None) -> None:
        """`encoded` is what `encode` returned."""
        self._counts = HdrHistogram(1, LONGEST_US, DIGITS)
        if encoded is not None:
            self._counts.decode_and_add(encoded)

    def add(self, latency_us: int, times: int = 1) -> None:
        """Count a latency; one beyond the bounds counts as the bound."""
        self._counts.record_value(min(max(latency_us, 1), LONGEST_US), times)

    def add_all(self, latencies_us: npt.ArrayLike) -> None:
        """Count many."""
        found, times = np.unique(np.asarray(latencies_us, np.uint32), return_counts=True)
        for latency_us, number in zip(found.tolist(), times.tolist(), strict=True):
            self.add(latency_us, number)

    def merge(self, other: "Histogram") -> None:
        """Add what another one counted."""
        self._counts.add(other._counts)

    def encode(self) -> bytes:
        """All of it, compressed, as text."""
        encoded: bytes = self._counts.encode()
        return encoded

    @property
    def count(self) -> int:
        """How many were counted."""
        return int(self._counts.get_total_count())

    def at(self, percent: float) -> int:
        """The latency that so many percent do not exceed."""
        return int(self._counts.get_value_at_percentile(percent))

    def percentiles(self) -> Percentiles | None:
        """The usual ones; `None` where nothing was counted."""
        if not self.count:
            return None
        mean = round(float(self._counts.get_mean_value()), 1)
        points = (self.at(percent) for percent in (50, 90, 99, 99.9, 100))
        p50, p90, p99, p999, highest = points
        return Percentiles(self.count, mean, p50, p90, p99, p999, highest)


def percentiles(latencies_us: npt.ArrayLike) -> Percentiles | None:
    """The percentiles of some latencies."""
    histogram = Histogram()
    histogram.add_all(latencies_us)
    return histogram.percentiles()
