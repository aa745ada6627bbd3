"""A market made up from a seed: a day or more of traffic that swings with the hours, with prices that follow value."""

import numpy as np

from bidder.lab.simulate.market import HOUR_S, Market
from bidder.pacing.outcomes import PPB

MEAN_CTR = 0.002
MEAN_PRICE_MICROS = 700
SWING = 0.9
"""The logarithm of the busiest hour over the mean one, about."""


def seeded(seed: int, auctions: int = 50_000, hours: int = 24) -> Market:
    """A market of its own for every seed; the same arguments give the same market."""
    chance = np.random.default_rng(seed)
    swing = SWING * np.sin((np.arange(hours) - 8) * (2 * np.pi / 24)) + np.cumsum(chance.normal(0, 0.1, hours))
    busy = np.exp(swing)
    counts = chance.multinomial(auctions, busy / busy.sum())
    at_s = np.concatenate(
        [hour * HOUR_S + np.sort(chance.uniform(0, HOUR_S, count)) for hour, count in enumerate(counts)]
    )
    quality = chance.normal(0, 1, auctions)
    ctr = MEAN_CTR * np.exp(0.6 * quality - 0.18)
    prices = MEAN_PRICE_MICROS * np.exp(0.3 * quality + chance.normal(0, 0.9, auctions) - 0.45)
    clicks = chance.random(auctions) < ctr
    return Market(
        at_s,
        np.rint(ctr * PPB).astype(np.int64),
        np.maximum(1, np.rint(prices)).astype(np.int64),
        clicks.astype(np.int64),
        hours * HOUR_S,
    )
