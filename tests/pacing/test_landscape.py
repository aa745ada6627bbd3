"""What a campaign knows of its auctions: the spend at every multiplier, learned from its own outcomes alone."""

import random
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bidder.pacing.landscape import Landscape, learn, terms_for
from bidder.pacing.outcomes import PPB, Bid, Outcomes, Tally

VALUE = 100_000
Price = Callable[[random.Random], int]


def spread(rng: random.Random) -> int:
    """Clearing prices that are spread evenly up to half the value."""
    return rng.randrange(1, VALUE // 2)


def steady(rng: random.Random) -> Iterator[float]:
    while True:
        yield 0.25


def wandering(rng: random.Random) -> Iterator[float]:
    while True:
        yield rng.uniform(0.05, 0.6)


def around_a_fourth(rng: random.Random) -> Iterator[float]:
    while True:
        yield rng.uniform(0.2, 0.3)


def learned(
    prices: Price = spread,
    multipliers: Callable[[random.Random], Iterator[float]] = wandering,
    known: Landscape = Landscape(),  # noqa: B008
    auctions: int = 6_000,
) -> Landscape:
    """The landscape after so many auctions, ten to a step."""
    rng = random.Random(7)
    tally, moving = Tally(), multipliers(rng)
    for _ in range(auctions // 10):
        multiplier = next(moving)
        for _ in range(10):
            settle(tally, multiplier, prices(rng), pays_bid=known.pays_bid)
        known = learn(known, tally.take())
    return known


def settle(tally: Tally, multiplier: float, clearing: int, *, pays_bid: bool = False) -> None:
    bid = Bid(int(multiplier * PPB), VALUE, int(multiplier * VALUE))
    tally.made(bid)
    if bid.price_micros >= clearing:
        tally.won(bid, bid.price_micros if pays_bid else clearing)
    else:
        tally.lost(bid)


def true_spend(multiplier: float) -> float:
    """Of an auction with `spread` prices at second price."""
    won = min(1.0, multiplier * 2)
    return won * won * VALUE / 4


@pytest.mark.parametrize("multiplier", [0.1, 0.2, 0.3, 0.45])
def test_second_prices_show_the_spend_at_every_multiplier_that_was_tried(multiplier: float) -> None:
    assert learned().spend_micros(multiplier) == pytest.approx(true_spend(multiplier), rel=0.1)


@pytest.mark.parametrize("multiplier", [0.1, 0.15, 0.24])
def test_one_multiplier_shows_the_spend_at_all_below_it(multiplier: float) -> None:
    assert learned(multipliers=steady).spend_micros(multiplier) == pytest.approx(true_spend(multiplier), rel=0.12)


def test_where_winners_pay_their_bid_the_spend_near_it_is_roughly_learned_from_wins_and_losses_alone() -> None:
    found = learned(known=Landscape(pays_bid=True), multipliers=around_a_fourth)
    for multiplier in (0.21, 0.25, 0.29):
        assert found.spend_micros(multiplier) == pytest.approx(2 * multiplier * multiplier * VALUE, rel=0.25)


def test_a_constant_first_price_bid_keeps_its_spend_and_no_cliff_forms() -> None:
    found = learned(known=Landscape(pays_bid=True), multipliers=steady, auctions=20_000)
    spend = found.spend_micros(0.25)
    assert spend == pytest.approx(2 * 0.25 * 0.25 * VALUE, rel=0.1)
    assert terms_for(found, 0.9 * spend).throttle == 1


def test_what_was_before_a_change_of_the_market_is_forgotten() -> None:
    cheap = learned(lambda rng: spread(rng) // 4)
    dear = learned(spread, known=cheap, auctions=3_000)
    assert dear.spend_micros(0.3) == pytest.approx(true_spend(0.3), rel=0.15)


def test_a_steady_market_is_remembered_whole() -> None:
    before = learned(auctions=4_000)
    after = learned(known=before, auctions=4_000)
    assert max(after.bids) > 1.4 * max(before.bids)


def test_before_the_first_bid_the_prior_is_believed_and_outcomes_outweigh_it() -> None:
    prior = (0.0,) * 95 + (1.0,)
    tally = Tally()
    tally.made(Bid(PPB, VALUE, VALUE))
    fresh = learn(Landscape(prior=prior), tally.take())
    assert fresh.spend_micros(0.5) == 0
    assert fresh.spend_micros(1.0) == pytest.approx(VALUE, rel=0.1)
    assert learned(known=Landscape(prior=prior)).spend_micros(0.3) == pytest.approx(true_spend(0.3), rel=0.1)


def test_the_terms_for_a_spend_are_a_multiplier_that_spends_it() -> None:
    found = learned()
    for wanted in (1_000, 5_000, 15_000):
        terms = terms_for(found, wanted)
        assert terms.throttle == 1
        assert found.spend_micros(terms.multiplier) == pytest.approx(wanted, rel=0.01)


def test_more_than_everything_costs_is_bid_for_at_the_whole_value() -> None:
    assert terms_for(learned(), 10 * VALUE) == (1.0, 1.0)


def test_where_one_price_wins_all_and_less_wins_nothing_the_share_of_auctions_paces() -> None:
    def fixed(rng: random.Random) -> int:
        return VALUE  # a deal, or a floor, at the whole value

    def high_or_low(rng: random.Random) -> Iterator[float]:
        while True:
            yield rng.choice([1.0, 0.9])

    terms = terms_for(learned(fixed, high_or_low), VALUE / 4)
    assert terms.multiplier == 1
    assert terms.throttle == pytest.approx(0.25, rel=0.1)


def test_nothing_is_learned_from_nothing() -> None:
    found = learned(auctions=100)
    assert learn(found, Outcomes()) is found


@given(st.lists(st.floats(1, 2 * VALUE), min_size=2, max_size=10))
def test_more_spend_never_asks_for_a_lower_multiplier(wanted: list[float]) -> None:
    found = LEARNED
    multipliers = [terms_for(found, each).multiplier for each in sorted(wanted)]
    assert multipliers == sorted(multipliers)


LEARNED = learned()


@given(st.integers(1, PPB), st.integers(1, 10**9), st.integers(0, 10**9), st.booleans())
def test_terms_stay_between_nothing_and_all_whatever_the_outcomes(
    multiplier_ppb: int, value: int, clearing: int, pays_bid: bool
) -> None:
    tally = Tally()
    bid = Bid(multiplier_ppb, value, value * multiplier_ppb // PPB)
    tally.made(bid)
    if clearing <= bid.price_micros:
        tally.won(bid, clearing)
    else:
        tally.lost(bid)
    found = learn(Landscape(pays_bid=pays_bid), tally.take())
    for wanted in (1e-6, value / 3, 1e12):
        terms = terms_for(found, wanted)
        assert 0 < terms.throttle <= 1
        assert 0 < terms.multiplier <= 1
