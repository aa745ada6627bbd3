"""A campaign's day: where it begins and ends, what it is to spend, and in which hours."""

from decimal import Decimal

import pytest

from bidder.config.schema import Budget, Dayparting, Hours, Pacing
from bidder.pacing.day import Day, budget_micros, day_of, expected_requests, flight_of, hour_of_week, is_active
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


def test_a_day_spends_its_daily_budget_as_far_as_the_total_allows() -> None:
    both = campaign(budget=Budget(daily=Decimal(100), total=Decimal(250)))
    day = day_of(both, at(3))
    assert budget_micros(both, day, 0) == 100 * MICROS
    assert budget_micros(both, day, 200 * MICROS) == 50 * MICROS
    assert budget_micros(both, day, 260 * MICROS) == 0


def test_a_total_is_spread_over_the_days_that_remain() -> None:
    whole = campaign(budget=Budget(total=Decimal(310)))
    assert budget_micros(whole, day_of(whole, at(1)), 0) == 10 * MICROS
    assert budget_micros(whole, day_of(whole, at(30)), 290 * MICROS) == 10 * MICROS
    assert budget_micros(whole, day_of(whole, at(31)), 290 * MICROS) == 20 * MICROS


def test_a_total_in_front_falls_from_day_to_day_and_ends_spent() -> None:
    front = campaign(budget=Budget(total=Decimal(310)), pacing=Pacing(mode="front"))
    days, spent = [], 0
    for number in range(1, 32):
        days.append(budget_micros(front, day_of(front, at(number)), spent))
        spent += days[-1]
    assert days == sorted(days, reverse=True)
    assert days[0] == pytest.approx(1.5 * 10 * MICROS, rel=0.02)
    assert spent == 310 * MICROS


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
