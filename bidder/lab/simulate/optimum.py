"""The most that a budget could have bought, known only afterwards."""

import numpy as np

from bidder.lab.simulate.market import Floats, Market
from bidder.lab.simulate.play import NOT_WON, Record


def hindsight_value(market: Market, budget_micros: int) -> float:
    """The optimum of the linear programme: the auctions of the most CTR for their price, the last one in part.

    In units of the market's CTR, summed.
    """
    order = np.argsort(market.price_micros / np.maximum(market.ctr_ppb, 1e-9), kind="stable")
    costs = np.cumsum(market.price_micros[order])
    values = market.ctr_ppb[order]
    whole = int(np.searchsorted(costs, budget_micros, side="right"))
    value = float(values[:whole].sum())
    if whole < len(costs):
        left = budget_micros - (int(costs[whole - 1]) if whole else 0)
        value += float(values[whole]) * left / int(market.price_micros[order[whole]])
    return value


def value_lost(market: Market, budget_micros: int, record: Record) -> Floats:
    """By auction, the value that a decision lost against the optimum at its price of budget; second prices.

    An auction that was lost though worth more than that price, or won though worth less. With what the money left
    unspent is worth at that price, it adds up to what the optimum is above the flight (duality of the programme).
    """
    ratios = market.price_micros / np.maximum(market.ctr_ppb, 1e-9)
    order = np.argsort(ratios, kind="stable")
    last = int(np.searchsorted(np.cumsum(market.price_micros[order]), budget_micros, side="right"))
    price = float(ratios[order[last]]) if last < len(order) else np.inf
    gain = market.ctr_ppb - market.price_micros / price
    return np.asarray(np.where(record.paid_micros == NOT_WON, np.maximum(gain, 0.0), np.maximum(-gain, 0.0)))


def constant_value(market: Market, budget_micros: int, price_per_ctr: float) -> float:
    """What a bid of this ratio to the CTR on every auction wins until the budget is spent, at second prices."""
    won = price_per_ctr * market.ctr_ppb >= market.price_micros
    costs = np.cumsum(np.where(won, market.price_micros, 0))
    return float(market.ctr_ppb[won & (costs <= budget_micros)].sum())


def best_constant_value(market: Market, budget_micros: int) -> float:
    """The best of bids in a constant ratio to the CTR."""
    return constant_value(market, budget_micros, best_constant_ratio(market, budget_micros))


def best_constant_ratio(market: Market, budget_micros: int, steps: int = 400) -> float:
    """That ratio, found in hindsight among `steps` below and above the price of the optimum."""
    ratios = market.price_micros / np.maximum(market.ctr_ppb, 1e-9)
    order = np.argsort(ratios, kind="stable")
    last = int(np.searchsorted(np.cumsum(market.price_micros[order]), budget_micros))
    middle = float(ratios[order[min(last, len(order) - 1)]])
    candidates = [middle * 1.1 ** (each / steps) for each in range(-steps, steps)]
    best: float = max(candidates, key=lambda ratio: constant_value(market, budget_micros, ratio))
    return best
