"""Target curves: from nothing to the whole budget, flat where the campaign does not run, right on days of 23 hours."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bidder.pacing.plan import (
    FRONT,
    WEEK_HOURS,
    Hour,
    Plan,
    at_once,
    even,
    following,
    front_loaded,
    hours,
    span_s,
)

BERLIN, NEW_YORK, LORD_HOWE, KATHMANDU = (
    ZoneInfo(name) for name in ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu")
)
MARCH_CHANGE, OCTOBER_CHANGE = date(2026, 3, 29), date(2026, 10, 25)
OFFICE_HOURS = frozenset(day * 24 + hour for day in range(5) for hour in range(9, 17))
SHAPES: dict[str, Callable[[Sequence[Hour]], Plan]] = {
    "even": even,
    "front-loaded": front_loaded,
    "following": lambda listed: following(listed, [1 + hour % 24 for hour in range(WEEK_HOURS)]),
    "at once": lambda listed: at_once(listed[0].start_s, listed[-1].end_s),
}


def flight(first: date = MARCH_CHANGE, last: date | None = None, zone: ZoneInfo = BERLIN) -> list[Hour]:
    """The hours of a flight of whole days."""
    return list(hours(*span_s(first, last or first, zone), zone))


def at(zone: ZoneInfo, *when: int) -> float:
    return datetime(*when, tzinfo=zone).timestamp()  # type: ignore[arg-type,misc]


flights = st.builds(
    lambda start_s, length_s, zone: list(hours(start_s, start_s + length_s, zone)),
    st.integers(1_700_000_000, 1_800_000_000),
    st.integers(3, 40 * 86_400),
    st.sampled_from([BERLIN, NEW_YORK, LORD_HOWE, KATHMANDU]),
)
shapes = st.sampled_from(sorted(SHAPES))
budgets = st.integers(1, 10**13)


@given(flights, shapes, budgets, st.lists(st.floats(-0.1, 1.1), min_size=2, max_size=20))
def test_a_target_never_falls_starts_at_nothing_and_ends_at_the_budget(
    listed: list[Hour], shape: str, budget: int, moments: list[float]
) -> None:
    plan = SHAPES[shape](listed)
    length_s = plan.end_s - plan.start_s
    targets = [plan.target_micros(budget, plan.start_s + part * length_s) for part in sorted(moments)]
    assert targets == sorted(targets)
    assert plan.target_micros(budget, plan.start_s) == 0
    assert plan.target_micros(budget, plan.end_s) == budget
    assert all(0 <= target <= budget for target in targets)


@given(flights, shapes.filter(lambda shape: shape != "at once"), st.floats(0, 1))
def test_when_is_the_moment_at_which_a_share_is_due(listed: list[Hour], shape: str, share: float) -> None:
    plan = SHAPES[shape](listed)
    moment = plan.when(share)
    assert plan.start_s <= moment <= plan.end_s
    assert plan.share(moment) == pytest.approx(share, abs=2e-3 / (plan.end_s - plan.start_s) + 1e-6, rel=1e-3)


@given(flights, budgets)
def test_nothing_is_due_in_hours_that_the_campaign_does_not_run(listed: list[Hour], budget: int) -> None:
    if not any(hour.of_week in OFFICE_HOURS for hour in listed):
        return
    plan = even(listed, OFFICE_HOURS)
    for hour in listed:
        due = plan.target_micros(budget, hour.end_s) - plan.target_micros(budget, hour.start_s)
        assert hour.of_week in OFFICE_HOURS or due == 0
    assert plan.target_micros(budget, plan.end_s) == budget


@given(flights)
def test_hours_cover_the_flight_without_gap_and_bear_their_local_name(listed: list[Hour]) -> None:
    assert all(before.end_s == after.start_s for before, after in pairwise(listed))
    assert all(0 < hour.end_s - hour.start_s <= 3600 and 0 <= hour.of_week < WEEK_HOURS for hour in listed)


@pytest.mark.parametrize(("day", "count"), [(MARCH_CHANGE, 23), (OCTOBER_CHANGE, 25), (date(2026, 6, 1), 24)])
def test_a_day_has_as_many_hours_as_the_clock_of_the_campaign_gives_it(day: date, count: int) -> None:
    listed = flight(day)
    assert len(listed) == count
    plan = even(listed)
    assert plan.end_s - plan.start_s == count * 3600
    assert plan.target_micros(count * 1000, listed[0].end_s) == 1000


def test_the_hour_that_comes_twice_is_planned_twice_and_the_one_left_out_not_at_all() -> None:
    twice = [hour.of_week % 24 for hour in flight(OCTOBER_CHANGE)]
    assert twice.count(2) == 2
    skipped = [hour.of_week % 24 for hour in flight(MARCH_CHANGE)]
    assert 2 not in skipped


def test_a_zone_half_an_hour_off_has_its_hours_on_the_half_hour() -> None:
    starts = {hour.start_s % 3600 for hour in hours(0, 86_400, KATHMANDU)} - {0}
    assert starts == {1800}  # in 1970 it was five and a half hours off
    changed = [hour for hour in flight(date(2026, 10, 4), zone=LORD_HOWE) if hour.end_s - hour.start_s < 3600]
    assert len(changed) == 1  # clocks go forward by half an hour


def test_a_front_loaded_flight_spends_more_in_its_first_half_by_the_stated_factor() -> None:
    plan = front_loaded(flight(date(2026, 6, 1), date(2026, 6, 10)))
    middle = (plan.start_s + plan.end_s) / 2
    assert plan.share(middle) == pytest.approx((FRONT + 1) / 4, abs=0.01)


def test_a_plan_that_follows_traffic_spends_by_the_weights_of_the_hours() -> None:
    weights = [3 if hour % 24 < 12 else 1 for hour in range(WEEK_HOURS)]
    plan = following(flight(date(2026, 6, 1)), weights)
    assert plan.share(at(BERLIN, 2026, 6, 1, 12)) == pytest.approx(0.75)


def test_as_fast_as_possible_has_all_due_at_once() -> None:
    plan = at_once(1000, 5000)
    assert plan.target_micros(70, 1001) == 70
    assert plan.target_micros(70, 999) == 0


def test_a_campaign_that_starts_at_noon_plans_what_is_left_of_the_day() -> None:
    listed = list(hours(int(at(BERLIN, 2026, 6, 1, 12)), int(at(BERLIN, 2026, 6, 2)), BERLIN))
    assert len(listed) == 12
    assert even(listed).target_micros(12_000, at(BERLIN, 2026, 6, 1, 13)) == 1000


def test_a_flight_without_an_active_hour_is_refused() -> None:
    sunday = flight(MARCH_CHANGE)
    with pytest.raises(ValueError, match="at least one hour"):
        even(sunday, OFFICE_HOURS)


def test_weights_for_other_than_a_week_are_refused() -> None:
    with pytest.raises(ValueError, match="168 hours, found 24"):
        following(flight(), [1] * 24)


def test_seconds_between_edges_count_by_the_millisecond() -> None:
    plan = even(hours(0, 7200, UTC))
    assert plan.target_micros(7_200_000, 3600.5) == 3_600_500
    assert plan.between(3600, 5400) == pytest.approx(0.25)
