"""The figures of a flight, against examples that can be added up by hand."""

from datetime import UTC
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bidder.lab.simulate import Record, play, score
from bidder.lab.simulate.optimum import best_constant_value, constant_value, hindsight_value, value_lost
from bidder.lab.simulate.play import NOT_WON
from bidder.ledger.account import Account
from bidder.pacing.outcomes import PPB
from bidder.pacing.plan import even, hours
from tests.lab.simulated import market_of, small_market, terms_for

FOUR = market_of((0.4, 100), (0.3, 50), (0.2, 100), (0.1, 10), clicks=1)


def test_the_optimum_takes_the_most_clicks_for_the_money_and_the_last_in_part() -> None:
    # by clicks for money: 0.1 for 10, 0.3 for 50, 0.4 for 100, 0.2 for 100
    assert hindsight_value(FOUR, 60) == pytest.approx(0.4 * PPB)
    assert hindsight_value(FOUR, 110) == pytest.approx((0.4 + 0.2) * PPB)
    assert hindsight_value(FOUR, 1_000) == pytest.approx(1.0 * PPB)
    assert hindsight_value(FOUR, 0) == 0


@given(
    st.lists(st.tuples(st.floats(0.001, 1), st.integers(0, 50)), min_size=1, max_size=7),
    st.integers(0, 200),
)
def test_no_choice_of_whole_auctions_beats_the_optimum(auctions: list[tuple[float, int]], budget: int) -> None:
    market = market_of(*auctions)
    chosen = (
        sum(int(market.ctr_ppb[index]) for index in picked)
        for size in range(len(auctions) + 1)
        for picked in combinations(range(len(auctions)), size)
        if sum(auctions[index][1] for index in picked) <= budget
    )
    assert max(chosen) <= hindsight_value(market, budget) * (1 + 1e-9)


def test_a_constant_ratio_wins_what_it_can_pay_for_until_the_budget_is_gone() -> None:
    assert constant_value(FOUR, 1_000, 200 / PPB) == pytest.approx(0.4 * PPB)  # prices 50 and 10
    assert constant_value(FOUR, 55, 200 / PPB) == pytest.approx(0.3 * PPB)


def test_the_best_constant_ratio_is_close_to_the_optimum_but_never_above() -> None:
    market = small_market(auctions=2_000)
    budget = market.cost_micros // 4
    best = best_constant_value(market, budget)
    assert 0.98 * hindsight_value(market, budget) < best <= hindsight_value(market, budget)


def record_of(paid: list[int]) -> Record:
    """What was paid, with bids of the same height."""
    none = np.zeros(1, np.int64)
    state = play(market_of((0.1, 1)), terms_for(market_of((0.1, 1)))).state
    amounts = np.array(paid)
    bids = np.where(amounts == NOT_WON, 0, amounts)
    return Record(bids, amounts, none.astype(float), none, none, Account("simulated"), state)


@pytest.mark.parametrize(
    ("paid", "lost", "unspent"),
    [
        ([NOT_WON, 50, NOT_WON, 10], [0, 0, 0, 0], 60),
        ([100, NOT_WON, NOT_WON, NOT_WON], [0, 0.1, 0, 0.06], 20),
        ([NOT_WON, NOT_WON, 100, 10], [0, 0.1, 0.2, 0], 10),
    ],
)
def test_what_is_lost_auction_by_auction_and_unspent_adds_up_to_the_distance_from_the_optimum(
    paid: list[int], lost: list[float], unspent: int
) -> None:
    found = value_lost(FOUR, 120, record_of(paid))  # the price of budget is that of the first: 100 for 0.4
    assert (found / PPB).tolist() == pytest.approx(lost)
    won = sum(rate for rate, each in zip((0.4, 0.3, 0.2, 0.1), paid, strict=True) if each != NOT_WON)
    assert 0.64 - won == pytest.approx(sum(lost) + unspent * 0.4 / 100)


def test_figures_of_a_flight_that_won_two_of_four() -> None:
    record = record_of([NOT_WON, 50, NOT_WON, 10])
    found = score(FOUR, terms_for(FOUR, 120), record, 0)
    assert found.value_ratio == pytest.approx(0.4 / (0.4 + 0.4 * 0.6))
    assert (found.utilisation, found.spend_over_budget) == (0.5, 0.5)
    assert (found.wins, found.clicks, found.auctions, found.overspend_micros) == (2, 2, 4, 0)


def test_a_budget_above_the_cost_of_all_is_used_when_all_is_bought() -> None:
    found = score(FOUR, terms_for(FOUR, 2_600), record_of([100, 50, 100, 10]), 0)
    assert found.utilisation == 1
    assert found.spend_over_budget == pytest.approx(0.1)


def test_deviation_and_slot_error_are_measured_from_the_plan() -> None:
    market = market_of(*[(0.1, 10)] * 96)
    terms = terms_for(market, 960, plan=even(hours(0, 96, UTC)))
    exact = score(market, terms, record_of([10] * 96), 0)
    assert exact.slot_error == pytest.approx(0, abs=1e-9)
    assert exact.max_deviation == pytest.approx(0.5 / 96)  # an auction lies in the middle of its second
    late = score(market, terms, record_of([NOT_WON] * 48 + [10] * 48), 0)
    assert late.slot_error == pytest.approx(0.5)
    assert late.max_deviation == pytest.approx(0.5, abs=0.01)


def test_without_a_plan_deviation_is_measured_from_the_traffic() -> None:
    market = market_of(*[(0.1, 10)] * 96)
    assert score(market, terms_for(market, 960), record_of([10] * 96), 0).max_deviation == pytest.approx(0)


def test_a_flight_without_money_has_figures_all_the_same() -> None:
    found = score(FOUR, terms_for(FOUR, 0), record_of([NOT_WON] * 4), 0)
    assert (found.value_ratio, found.utilisation, found.spend_over_budget) == (0, 0, 0)
