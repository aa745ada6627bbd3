"""Days of a campaign with the live controller on a manual clock: even, early, at one price, in parts, on short days."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from bidder.config.schema import Budget, Campaign, Dayparting, Hours, Pacing
from bidder.pacing.day import day_of
from bidder.rehearsal import Market, Rehearsal, rehearse, seeded
from tests.pacing.paced import MICROS, at, campaign

BUDGET = 100 * MICROS


def played(day: int = 10, change: Callable[[Market], Market] = lambda market: market, **changes: Any) -> Rehearsal:
    acts = campaign(**changes)
    market = seeded(acts, day_of(acts, at(day)), BUDGET, 3_000)
    return rehearse(acts, day_of(acts, at(day)), change(market))


def spent_by(rehearsal: Rehearsal, at_s: float) -> float:
    """The part of the budget that is spent."""
    return rehearsal.spent_micros[rehearsal.at_s.index(int(at_s))] / rehearsal.budget_micros


@pytest.mark.parametrize("day", [10, 29])
def test_an_even_day_spends_its_budget_evenly_and_never_more(day: int) -> None:
    rehearsal = played(day)
    assert rehearsal.spent_micros[-1] >= 0.99 * BUDGET
    assert rehearsal.most_committed_micros <= BUDGET
    assert rehearsal.max_deviation < 0.04


def test_a_front_loaded_day_is_ahead_of_an_even_one() -> None:
    front = played(pacing=Pacing(mode="front"))
    assert spent_by(front, at(10, 12)) > 0.57
    assert front.spent_micros[-1] >= 0.99 * BUDGET
    assert front.max_deviation < 0.04


def test_spend_that_follows_the_traffic_keeps_its_price() -> None:
    rehearsal = played(pacing=Pacing(mode="traffic"))
    late = rehearsal.multiplier[120:-60]
    assert max(late) < 1.25 * min(late)
    assert rehearsal.spent_micros[-1] >= 0.99 * BUDGET


def test_day_parts_spend_all_in_their_hours() -> None:
    parts = Dayparting(hours=(Hours(from_hour=9, to_hour=17),))
    rehearsal = played(dayparting=parts)
    assert spent_by(rehearsal, at(10, 9)) == 0
    assert spent_by(rehearsal, at(10, 13)) == pytest.approx(0.5, abs=0.05)
    assert spent_by(rehearsal, at(10, 17)) >= 0.98


def test_an_hourly_cap_holds_in_every_hour() -> None:
    budget = Budget(daily=Decimal(100), hourly=Decimal(3))
    rehearsal = played(budget=budget, pacing=Pacing(mode="traffic"))
    by_hour = [rehearsal.spent_micros[index] for index in range(59, len(rehearsal.at_s), 60)]
    most = max(later - earlier for earlier, later in zip([0, *by_hour], by_hour, strict=False))
    assert 2.5 * MICROS < most < 3.2 * MICROS


def test_a_minimum_is_spent_even_where_the_plan_would_save_it() -> None:
    budget = Budget(daily=Decimal(100), minimum_daily=Decimal(100))
    quiet_morning = at(10, 8)
    saved = played(pacing=Pacing(mode="traffic"))
    least = played(pacing=Pacing(mode="traffic"), budget=budget)
    assert spent_by(least, quiet_morning) >= spent_by(saved, quiet_morning) * 0.95
    assert least.spent_micros[-1] >= 0.99 * BUDGET


def test_where_the_market_is_too_small_everything_worth_it_is_bought() -> None:
    def thinned(market: Market) -> Market:
        return Market(market.value_micros, market.costs, lambda hour: market.rate(hour) / 20)

    rehearsal = played(change=thinned)
    assert min(rehearsal.multiplier[10:]) > 0.9
    assert 0 < rehearsal.spent_micros[-1] < 0.5 * BUDGET


def test_first_prices_are_paced_as_well() -> None:
    def first(market: Market) -> Market:
        return Market(market.value_micros, market.costs, market.rate, first_price=True)

    rehearsal = played(change=first)
    assert rehearsal.spent_micros[-1] >= 0.98 * BUDGET
    assert rehearsal.most_committed_micros <= BUDGET
    assert rehearsal.max_deviation < 0.06


def test_the_same_arguments_play_the_same_day() -> None:
    assert played() == played()


def test_a_campaign_of_another_size_is_scaled_to_a_day_of_auctions_that_can_be_played() -> None:
    acts: Campaign = campaign(budget=Budget(daily=Decimal(10_000)))
    market = seeded(acts, day_of(acts, at(10)), 100 * BUDGET, 3_000)
    rehearsal = rehearse(acts, day_of(acts, at(10)), market)
    assert rehearsal.budget_micros == pytest.approx(100 * BUDGET, rel=1e-4)
    assert rehearsal.spent_micros[-1] >= 0.98 * 100 * BUDGET
