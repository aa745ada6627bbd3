"""A flight on the manual clock: deterministic, without a look ahead, never above the budget, with the engine's bids."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace as with_changes

from bidder.auction.line import Line, price_of
from bidder.lab.simulate import Record, audit, play, score, seeded
from bidder.lab.simulate.play import NOT_WON
from bidder.pacing.outcomes import PPB
from tests.auction.builders import campaign
from tests.lab.simulated import market_of, small_market, terms_for


def same(one: Record, other: Record) -> bool:
    arrays = ("bid_micros", "paid_micros", "throttle_ppb", "multiplier_ppb")
    return one.state == other.state and all(np.array_equal(getattr(one, it), getattr(other, it)) for it in arrays)


def test_the_same_market_and_terms_give_the_same_record() -> None:
    market = small_market()
    assert same(play(market, terms_for(market)), play(market, terms_for(market)))


def test_no_bid_depends_on_an_auction_that_is_still_to_come() -> None:
    market = small_market(auctions=600)
    half = 300
    prices = market.price_micros.copy()
    rates = market.ctr_ppb.copy()
    prices[half:], rates[half:] = prices[half:][::-1] * 3, rates[half:][::-1]
    terms = terms_for(market)
    changed = replace(market, price_micros=prices, ctr_ppb=rates)
    before, after = play(market, terms), play(changed, terms)
    assert np.array_equal(before.bid_micros[:half], after.bid_micros[:half])
    assert not np.array_equal(before.bid_micros[half:], after.bid_micros[half:])


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    budget=st.integers(0, 200_000),
    delay=st.sampled_from([0, 1, 7, 100, 1_000]),
    first_price=st.booleans(),
)
def test_spend_and_holds_never_exceed_the_budget(seed: int, budget: int, delay: int, first_price: bool) -> None:
    market = small_market(seed, auctions=200)
    terms = terms_for(market, budget, notice_delay=delay, first_price=first_price)
    record = play(market, terms)
    assert audit(market, terms, record) == 0
    assert record.account.spent <= budget


@pytest.mark.parametrize("delay", [0, 3, 10_000])
def test_all_notices_are_in_at_the_end(delay: int) -> None:
    market = small_market(auctions=300)
    account = play(market, terms_for(market, notice_delay=delay)).account
    assert (account.held, account.unspent) == (0, 0)
    assert account.granted == account.spent + account.released


def test_a_bid_is_held_at_its_full_price_until_its_notice() -> None:
    market = market_of(*[(0.002, 1)] * 50)
    terms = replace(terms_for(market, 4 * 3_000, notice_delay=50), click_micros=PPB)  # every bid is cut to 3,000
    record = play(market, terms)
    assert 0 < int(record.bid_micros.sum()) <= 4 * 3_000
    assert record.account.spent == int((record.bid_micros > 0).sum())


def test_who_bids_highest_wins_and_pays_the_second_price_or_the_bid() -> None:
    market = small_market()
    for first_price in (False, True):
        record = play(market, terms_for(market, first_price=first_price))
        won = record.paid_micros != NOT_WON
        assert won.any()
        assert np.array_equal(won, (record.bid_micros > 0) & (record.bid_micros >= market.price_micros))
        expected = record.bid_micros if first_price else market.price_micros
        assert np.array_equal(record.paid_micros[won], expected[won])


def test_a_bid_is_what_the_engine_would_bid() -> None:
    market = small_market()
    terms = terms_for(market)
    line = Line("shop", campaign(), lambda _: PPB)
    line.goal, line.amount_micros, line.keep_ppb, line.max_micros = "cpc", terms.click_micros, PPB, terms.max_micros  # type: ignore[assignment]
    record = play(market, terms)
    made = np.flatnonzero(record.bid_micros)
    steps = np.searchsorted(record.step_s, market.at_s[made], side="right") - 1
    for index, step in zip(made[::20], steps[::20], strict=True):
        expected = price_of(line, int(market.ctr_ppb[index]), int(record.multiplier_ppb[step]))
        assert record.bid_micros[index] == expected


@pytest.mark.parametrize("factor", [0.5, 1.0, 2.0])
def test_a_day_of_swinging_traffic_is_bought_well_whatever_the_forecast(factor: float) -> None:
    market = seeded(9, 6_000)
    terms = terms_for(market)
    terms = replace(terms, flight=with_changes(terms.flight, forecast=factor * len(market)))
    record = play(market, terms)
    found = score(market, terms, record, audit(market, terms, record))
    assert found.utilisation > 0.97
    assert found.value_ratio > 0.88


def test_progress_ends_with_the_whole() -> None:
    told: list[float] = []
    market = small_market(auctions=150)
    play(market, terms_for(market), progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0
