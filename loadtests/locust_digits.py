"""Locust in microseconds: it rounds times to hundredths of a millisecond, and those in its CSV files to whole ones."""

from typing import Any

import locust.stats
from locust.stats import StatsCSV, StatsEntry


def microseconds(response_ms: float) -> float:
    """In the place of Locust's rounding to two digits of a millisecond: three digits, down to a microsecond."""
    digits = 3 if response_ms < 1 else 2 if response_ms < 10 else 1 if response_ms < 100 else 0
    return round(response_ms, digits)


def exact(self: StatsCSV, stats_entry: StatsEntry, use_current: bool = False) -> list[Any]:
    """In the place of the whole milliseconds of Locust's CSV files."""
    if not stats_entry.num_requests:
        return self.percentiles_na
    of = stats_entry.get_current_response_time_percentile if use_current else stats_entry.get_response_time_percentile
    return [of(percentile) or 0 for percentile in self.percentiles_to_report]


def install() -> None:
    """Have Locust do so in this process."""
    StatsCSV._percentile_fields = exact  # type: ignore[method-assign]
    locust.stats.bucket_response_time = microseconds  # type: ignore[assignment] # Locust says that it may be replaced
