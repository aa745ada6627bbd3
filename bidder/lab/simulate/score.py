"""How well a budget was spent: against the best in hindsight, and against the plan."""

import numpy as np
from msgspec import Struct

from bidder.lab.simulate.market import Floats, Market
from bidder.lab.simulate.optimum import hindsight_value
from bidder.lab.simulate.play import NOT_WON, Record, Terms

SLOTS = 96


class Score(Struct, frozen=True):
    """The figures of one flight."""

    value_ratio: float
    """Predicted clicks won over the optimum of the linear programme in hindsight at the same budget."""
    utilisation: float
    """Spend over the budget, or over the cost of all auctions where that is less."""
    spend_over_budget: float
    overspend_micros: int
    """The most by which spend and full holds together were above the budget."""
    max_deviation: float
    """The largest distance of spend from plan, as a part of the budget. Without a plan: from the traffic as it came."""
    slot_error: float
    """The mean over 96 slots of the flight of how far spend is from what was planned for it, as a part of that."""
    clicks: int
    auctions: int
    wins: int


def score(market: Market, terms: Terms, record: Record, overspend_micros: int) -> Score:
    """The figures; `overspend_micros` is the auditor's."""
    won = record.paid_micros != NOT_WON
    budget = terms.budget_micros
    spent = int(record.paid_micros[won].sum())
    best = hindsight_value(market, budget)
    return Score(
        value_ratio=float(market.ctr_ppb[won].sum()) / best if best else 0.0,
        utilisation=spent / min(budget, market.cost_micros) if budget and market.cost_micros else 0.0,
        spend_over_budget=spent / budget if budget else 0.0,
        overspend_micros=overspend_micros,
        max_deviation=_max_deviation(market, terms, record),
        slot_error=_slot_error(market, terms, record),
        clicks=int(market.clicks[won].sum()),
        auctions=len(market),
        wins=int(won.sum()),
    )


def spent_share(record: Record, budget_micros: int) -> Floats:
    """After each auction, the part of the budget that it and those before it cost."""
    paid = np.where(record.paid_micros == NOT_WON, 0, record.paid_micros)
    return np.asarray(np.cumsum(paid) / max(1, budget_micros))


def planned_share(market: Market, terms: Terms, at_s: Floats) -> Floats:
    """The part of the budget that is due until each moment."""
    plan = terms.flight.plan
    if plan is None:
        return np.searchsorted(market.at_s, at_s, side="right") / len(market)
    return np.array([plan.share(float(each)) for each in at_s])


def _max_deviation(market: Market, terms: Terms, record: Record) -> float:
    spent = spent_share(record, terms.budget_micros)
    return float(np.abs(spent - planned_share(market, terms, market.at_s)).max(initial=0.0))


def _slot_error(market: Market, terms: Terms, record: Record) -> float:
    edges = np.linspace(0, market.length_s, SLOTS + 1)
    spent = np.concatenate([[0.0], spent_share(record, terms.budget_micros)])
    spent_in = np.diff(spent[np.searchsorted(market.at_s, edges, side="right")])
    planned_in = np.diff(planned_share(market, terms, edges))
    planned = planned_in > 0
    return float(np.abs(spent_in[planned] / planned_in[planned] - 1).mean()) if planned.any() else 0.0
