"""Made-up auctions as a market."""

import numpy as np

from bidder.lab.simulate import Market, seeded
from bidder.lab.simulate.market import FEN_CPM_MICROS, generous_worth
from bidder.pacing.outcomes import PPB


def same(one: Market, other: Market) -> bool:
    arrays = ("at_s", "ctr_ppb", "price_micros", "clicks")
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in arrays)


def test_a_generous_worth_would_win_an_average_impression_sixteen_times_over() -> None:
    assert generous_worth(2_000_000) * 2_000_000 // PPB == 16 * 300 * FEN_CPM_MICROS


def test_a_seed_gives_one_market_and_another_seed_another() -> None:
    assert same(seeded(3, 500), seeded(3, 500))
    assert not same(seeded(3, 500), seeded(4, 500))


def test_a_made_up_market_comes_in_order_within_its_flight() -> None:
    market = seeded(5, 2_000, hours=3)
    assert np.all(np.diff(market.at_s) >= 0)
    assert 0 <= market.at_s[0] <= market.at_s[-1] < market.length_s == 3 * 3600
    assert market.price_micros.min() > 0
