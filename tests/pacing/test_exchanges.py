"""The traffic of exchanges by hour of the week, as it is learned from counts."""

import pytest

from bidder.pacing.exchanges import Exchanges, Watched
from tests.pacing.paced import utc

HOUR_S = 3600


def watched(counts: dict[int, int]) -> Exchanges:
    """A Monday on which the exchange sent so many requests in each hour, told every ten minutes."""
    exchanges = Exchanges()
    for step in range(24 * 6 + 1):
        at_s = utc(2) + step * 600
        came = counts.get(int(at_s - 1 - utc(2)) // HOUR_S, 0) // 6 if step else 0
        exchanges.saw({"adx": came}, at_s)
    return exchanges


def test_tomorrow_is_expected_to_be_as_yesterday_was() -> None:
    rate = watched({9: 36_000, 20: 72_000}).rate(["adx"])
    assert rate(24 + 9) == pytest.approx(10, rel=0.35)
    assert rate(24 + 20) == pytest.approx(20, rel=0.35)
    assert rate(24 + 3) < 1


def test_exchanges_are_added_up_and_unknown_ones_expect_nothing() -> None:
    exchanges = watched({9: 36_000})
    assert exchanges.rate(["adx", "unknown"])(9) == exchanges.rate(["adx"])(9)
    assert exchanges.rate(["unknown"])(9) == 0


def test_a_time_without_counts_teaches_nothing() -> None:
    seen = Watched().saw(0, utc(2)).saw(600, utc(2) + 60)
    later = seen.saw(5, utc(2) + 3 * HOUR_S)
    assert (later.week, later.requests) == (seen.week, 0)


def test_a_clock_that_jumps_back_teaches_nothing() -> None:
    seen = Watched().saw(0, utc(2, 5)).saw(600, utc(2, 5) + 60)
    assert seen.saw(10, utc(2, 4)).requests == 0
