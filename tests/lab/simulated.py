"""Small markets and terms for the tests of the simulator."""

from datetime import UTC

import numpy as np

from bidder.lab.simulate import Market, Terms, seeded
from bidder.lab.simulate.market import generous_worth
from bidder.pacing.controller import Flight
from bidder.pacing.outcomes import PPB
from bidder.pacing.plan import Plan, even, hours


def small_market(seed: int = 1, auctions: int = 800) -> Market:
    """The first auctions of a made-up market, one a second."""
    return seeded(seed, 4 * auctions).part(0, auctions)


def market_of(*auctions: tuple[float, int], clicks: int = 0) -> Market:
    """Auctions of a CTR and a price each, one a second."""
    rates, prices = zip(*auctions, strict=True)
    return Market(
        np.arange(len(auctions), dtype=np.float64) + np.float64(0.5),
        np.array([int(rate * PPB) for rate in rates]),
        np.array(prices),
        np.full(len(auctions), clicks),
        len(auctions),
    )


def terms_for(
    market: Market,
    budget_micros: int | None = None,
    *,
    notice_delay: int = 0,
    first_price: bool = False,
    plan: Plan | None = None,
) -> Terms:
    """An eighth of what all auctions cost, or the given budget, and a right forecast."""
    traffic = even(hours(0, market.length_s, UTC))
    return Terms(
        Flight(traffic, plan, len(market)),
        market.cost_micros // 8 if budget_micros is None else budget_micros,
        generous_worth(market.mean_ctr_ppb),
        3_000,
        notice_delay,
        first_price,
    )
