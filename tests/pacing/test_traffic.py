"""The learned week: what was seen counts, what was not is borrowed from its neighbours."""

from itertools import pairwise

import pytest

from bidder.pacing.plan import WEEK_HOURS, Hour
from bidder.pacing.traffic import LEAST, WeeklyTraffic

MONDAY = [Hour(hour * 3600, (hour + 1) * 3600, hour) for hour in range(24)]


def seen(by_hour: dict[int, int], weeks: int = 1) -> WeeklyTraffic:
    """Traffic after so many weeks with these opportunities by hour of the week."""
    traffic = WeeklyTraffic()
    for _ in range(weeks):
        for of_week, opportunities in by_hour.items():
            traffic = traffic.learn(Hour(0, 3600, of_week), opportunities)
    return traffic


def test_before_anything_is_seen_all_hours_are_alike_and_there_is_no_forecast() -> None:
    assert len(set(WeeklyTraffic().weights())) == 1
    assert WeeklyTraffic().forecast(MONDAY) is None


def test_a_busier_hour_has_more_weight() -> None:
    rates = seen({hour: 100 * (1 + hour) for hour in range(24)}, weeks=4).rates()
    assert all(before < after for before, after in pairwise(rates[:24]))


def test_an_hour_not_seen_is_as_busy_as_the_same_hour_of_other_days() -> None:
    rates = seen({9: 900, 10: 100}, weeks=8).rates()
    tuesday = 24
    assert rates[tuesday + 9] > 3 * rates[tuesday + 10]


def test_an_hour_seen_empty_is_never_written_off() -> None:
    weights = seen({hour: 0 if hour == 3 else 1000 for hour in range(WEEK_HOURS)}, weeks=20).weights()
    assert weights[3] >= int(LEAST * 1_000_000)
    assert weights[3] < weights[4] / 5


def test_what_is_long_past_is_forgotten() -> None:
    traffic = seen(dict.fromkeys(range(WEEK_HOURS), 1000))
    for _ in range(12):
        for hour in range(WEEK_HOURS):
            traffic = traffic.learn(Hour(0, 3600, hour), 100)
    assert traffic.rates()[50] * 3600 == pytest.approx(100, rel=0.1)


def test_the_forecast_of_a_day_like_those_seen_is_what_they_had() -> None:
    traffic = seen({hour: 50 + hour % 24 for hour in range(WEEK_HOURS)}, weeks=6)
    assert traffic.forecast(MONDAY) == pytest.approx(sum(50 + hour for hour in range(24)), rel=0.02)
