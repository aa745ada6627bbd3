"""A campaign's day: where it begins and ends, what it is to spend, and in which hours."""

from decimal import Decimal

import pytest

from bidder.config.schema import Budget, Campaign, Dayparting, Hours, Pacing
from bidder.pacing.day import (
    Day,
    Ration,
    budget_micros,
    day_of,
    expected_requests,
    flight_of,
    hour_of_week,
    is_active,
    ration_of,
    spent_before_micros,
)
from tests.pacing.paced import MICROS, at, campaign, utc

WORKDAYS = Dayparting(hours=(Hours(days=("mon", "tue", "wed", "thu", "fri"), from_hour=9, to_hour=17),))


def flat(_: int) -> float:
    return 1.0


@pytest.mark.parametrize(("day", "length_h"), [(10, 24), (29, 23)])
def test_a_day_is_that_of_the_campaigns_own_clock(day: int, length_h: int) -> None:
    found = day_of(campaign(), at(day, 12))
    assert (found.start_s, found.end_s - found.start_s) == (at(day), length_h * 3600)
    assert (found.number, found.days) == (day - 1, 31)


def test_an_autumn_day_has_25_hours() -> None:
    october = campaign().flight.__class__(
        start=campaign().flight.start.replace(month=10),
        end=campaign().flight.end.replace(month=10),
        timezone="Europe/Berlin",
    )
    day = day_of(campaign(flight=october), 1_792_908_000)  # 25 October 2026
    assert day.end_s - day.start_s == 25 * 3600


def test_outside_the_flight_there_is_no_day() -> None:
    assert day_of(campaign(), at(1) - 1) == day_of(campaign(), at(31, 23) + 3600) == Day()
    assert at(10) not in Day()


def ration(acts: Campaign, at_s: float, spent: int = 0) -> Ration:
    """From a moment on, where so much of the total is spent."""
    day = day_of(acts, at_s)
    flight = flight_of(acts, day, flat, None)
    assert flight is not None
    return ration_of(acts, day, flight, at_s, spent)


def days_of_total(acts: Campaign) -> list[int]:
    """What each day is to spend, if those before it spent what they were to."""
    days, spent = [], 0
    for number in range(1, 32):
        day = day_of(acts, at(number))
        flight = flight_of(acts, day, flat, None)
        rationed = ration_of(acts, day, flight, at(number), spent) if flight is not None else None
        days.append(budget_micros(acts, rationed, spent) if rationed is not None else 0)
        assert spent == pytest.approx(spent_before_micros(acts, day), abs=31)
        spent += days[-1]
    return days


def test_a_day_spends_its_daily_budget_as_far_as_the_total_allows() -> None:
    both = campaign(budget=Budget(daily=Decimal(100), total=Decimal(250)))
    found = ration(both, at(3))
    assert budget_micros(both, found, 0) == 100 * MICROS
    assert budget_micros(both, found, 200 * MICROS) == 50 * MICROS
    assert budget_micros(both, found, 260 * MICROS) == 0
    assert spent_before_micros(both, day_of(both, at(3))) == 200 * MICROS
    assert spent_before_micros(both, day_of(both, at(9))) == 250 * MICROS


def test_a_total_is_spread_over_the_days_that_remain() -> None:
    whole = campaign(budget=Budget(total=Decimal(310)))
    assert budget_micros(whole, ration(whole, at(1)), 0) == 10 * MICROS
    assert budget_micros(whole, ration(whole, at(30), 290 * MICROS), 290 * MICROS) == 10 * MICROS
    assert budget_micros(whole, ration(whole, at(31), 290 * MICROS), 290 * MICROS) == 20 * MICROS


def test_the_least_of_a_day_is_more_than_its_part_of_a_total_as_far_as_that_allows() -> None:
    least = campaign(budget=Budget(total=Decimal(310), minimum_daily=Decimal(25)))
    assert budget_micros(least, ration(least, at(1)), 0) == 25 * MICROS
    assert budget_micros(least, ration(least, at(5), 300 * MICROS), 300 * MICROS) == 10 * MICROS
    assert budget_micros(least, ration(least, at(31)), 0) == 310 * MICROS


def test_a_total_goes_to_the_hours_that_the_campaign_runs_in() -> None:
    days = days_of_total(campaign(budget=Budget(total=Decimal(220)), dayparting=WORKDAYS))
    assert sum(days) == 220 * MICROS
    assert days[0] == days[6] == 0  # Sundays
    assert set(days) == {0, 10 * MICROS}


def test_a_day_that_begins_at_noon_takes_half_a_day_of_the_total() -> None:
    whole = campaign(budget=Budget(total=Decimal(305)))
    assert budget_micros(whole, ration(whole, at(1, 12)), 0) == 5 * MICROS


def test_a_total_that_is_raised_in_the_evening_is_spread_over_the_flight_not_over_the_evening() -> None:
    raised = campaign(budget=Budget(total=Decimal(610)))
    evening = ration(raised, at(1, 12), 5 * MICROS)
    assert budget_micros(raised, evening, 0) == pytest.approx(5 * MICROS + 605 * MICROS * 0.5 / 30.5, abs=1)


def test_a_total_in_front_falls_from_day_to_day_and_ends_spent() -> None:
    days = days_of_total(campaign(budget=Budget(total=Decimal(310)), pacing=Pacing(mode="front")))
    assert days == sorted(days, reverse=True)
    assert days[0] == pytest.approx(1.5 * 10 * MICROS, rel=0.02)
    assert sum(days) == 310 * MICROS


def test_day_parts_are_the_only_hours_that_are_planned() -> None:
    parted = campaign(dayparting=WORKDAYS)
    flight = flight_of(parted, day_of(parted, at(10)), flat, None)
    assert flight is not None
    assert flight.plan is not None
    assert [flight.plan.share(at(10, hour)) for hour in (9, 13, 17)] == [0.0, 0.5, 1.0]
    assert flight_of(parted, day_of(parted, at(8)), flat, None) is None  # a Sunday
    assert (is_active(parted, at(10, 16)), is_active(parted, at(10, 17))) == (True, False)
    assert not is_active(campaign(enabled=False), at(10))


def test_traffic_is_expected_as_it_was_learned_and_in_active_hours_only() -> None:
    def busy_at_noon(hour: int) -> float:
        return 3.0 if hour % 24 == 11 else 1.0  # 11 by UTC is 12 in Berlin

    parted = campaign(dayparting=WORKDAYS)
    flight = flight_of(parted, day_of(parted, at(10)), busy_at_noon, None)
    assert flight is not None
    assert flight.traffic.between(at(10, 12), at(10, 13)) == pytest.approx(3 / 10)
    assert expected_requests(flight, busy_at_noon, at(10)) == 10 * 3600
    assert expected_requests(flight, busy_at_noon, at(10, 12, 30)) == (1.5 + 4) * 3600


def test_hours_of_the_week_begin_on_monday_by_utc() -> None:
    assert [hour_of_week(utc(2)), hour_of_week(utc(8, 23)), hour_of_week(0)] == [0, 167, 72]
