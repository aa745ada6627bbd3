"""One picture of a flight: spend against plan, throttle, multiplier and price. Needs matplotlib, the extra `report`."""

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from bidder.domain.money import MICROS
from bidder.lab.simulate.audit import committed_micros
from bidder.lab.simulate.market import HOUR_S, Market, UnusableInputError
from bidder.lab.simulate.play import NOT_WON, Record, Terms
from bidder.lab.simulate.score import SLOTS, Score, planned_share, spent_share

KINDS = (".png", ".svg", ".pdf")

_POINTS = 1000
_PPB = 1_000_000_000
_SEEN = (2, 98)
"""Between these percentiles lies what the axis of the multiplier shows: the first bids, at the whole value, are cut."""
_GREY, _SPENT, _RED, _BID = "0.55", "tab:blue", "tab:red", "tab:orange"


def require_plot(path: Path) -> None:
    """Raises `UnusableInputError` where that plot cannot be drawn."""
    if path.suffix not in KINDS:
        raise UnusableInputError(f"--plot draws {', '.join(KINDS)}, found {str(path)!r}")
    if not path.parent.is_dir():
        raise UnusableInputError(f"--plot: no such directory: {path.parent}")
    if find_spec("matplotlib") is None:
        raise UnusableInputError("--plot needs matplotlib, which is not installed: pip install 'bidder[report]'")


def plot(path: Path, market: Market, terms: Terms, record: Record, figures: Score) -> None:
    """Draw the flight into a file of the kind that its name says. Raises `OSError`."""
    figure = import_module("matplotlib.figure").Figure(figsize=(10, 11), layout="constrained")
    figure.suptitle(_title(terms, figures), fontsize=11)
    spend, ahead, throttle, multiplier, price = figure.subplots(5, 1, sharex=True, height_ratios=(3.2, 1, 0.8, 1, 1.4))
    unit_s, unit = (1, "auctions") if market.is_counted else (HOUR_S, "hours since the start")
    _draw_spend(spend, ahead, market, terms, record, unit_s)
    at = record.step_s / unit_s
    throttle.plot(at, record.throttle_ppb / _PPB, color="tab:green", lw=1.2)
    throttle.set(ylabel="throttle", ylim=(-0.05, 1.05))
    multipliers = record.multiplier_ppb / _PPB
    low, high = np.percentile(multipliers, _SEEN)
    multiplier.plot(at, multipliers, color="tab:purple", lw=1.2)
    multiplier.set(ylabel="multiplier", ylim=(0, max(float(high) * 1.3, float(low) * 2)))
    _draw_prices(price, market, record, unit_s)
    price.set(xlabel=unit, ylabel="CPM")
    price.xaxis.set_major_formatter(import_module("matplotlib.ticker").StrMethodFormatter("{x:,.0f}"))
    for axis in (spend, ahead, throttle, multiplier, price):
        axis.grid(color="0.9", lw=0.6)
        axis.set_axisbelow(True)
        axis.spines[["top", "right"]].set_visible(False)
        axis.margins(x=0.01)
    figure.align_ylabels()
    figure.savefig(path, dpi=120)


def _title(terms: Terms, figures: Score) -> str:
    return (
        f"{figures.spend_over_budget:.2%} of {terms.budget_micros / MICROS:,.2f} spent on {figures.wins:,} of "
        f"{figures.auctions:,} auctions · {figures.value_ratio:.2%} of the value of the best in hindsight\n"
        f"at most {figures.max_deviation:.2%} of the budget {'from plan' if terms.flight.plan else 'from the traffic'}"
        f" · overspent by {figures.overspend_micros:,} micros"
    )


def _draw_spend(spend: Any, ahead: Any, market: Market, terms: Terms, record: Record, unit_s: int) -> None:
    at_s = np.linspace(0, market.length_s, _POINTS)
    after = np.searchsorted(market.at_s, at_s, side="right")
    spent = np.concatenate([[0.0], spent_share(record, terms.budget_micros)])[after]
    planned = planned_share(market, terms, at_s)
    label = "plan" if terms.flight.plan else "traffic as it came"
    spend.plot(at_s / unit_s, 100 * planned, color=_GREY, lw=3, alpha=0.6, label=label)
    if terms.notice_delay:
        held = np.concatenate([[0], committed_micros(record, terms.notice_delay)])[after] / max(1, terms.budget_micros)
        spend.plot(at_s / unit_s, 100 * held, color=_BID, lw=1, label="spent and held, as known by then")
    spend.plot(at_s / unit_s, 100 * spent, color=_SPENT, lw=1.5, label="spent")
    spend.axhline(100, color=_RED, lw=1, ls="--", label="budget")
    spend.set(ylabel="% of the budget", ylim=(0, 106))
    spend.legend(loc="lower right")
    ahead.axhline(0, color=_GREY, lw=1)
    ahead.plot(at_s / unit_s, 100 * (spent - planned), color=_SPENT, lw=1.2)
    most = max(1.0, 110 * float(np.abs(spent - planned).max()))
    ahead.set(ylabel=f"% ahead of\n{'plan' if terms.flight.plan else 'traffic'}", ylim=(-most, most))


def _draw_prices(axis: Any, market: Market, record: Record, unit_s: int) -> None:
    edges = np.linspace(0, market.length_s, SLOTS + 1)
    slot = np.clip(np.searchsorted(edges, market.at_s, side="right") - 1, 0, SLOTS - 1)
    middles = (edges[1:] + edges[:-1]) / 2 / unit_s
    won, bid = record.paid_micros != NOT_WON, record.bid_micros > 0
    for label, chosen, amounts, color in (
        ("of all auctions", np.ones(len(market), bool), market.price_micros, _GREY),
        ("bid", bid, record.bid_micros, _BID),
        ("paid", won, record.paid_micros, _SPENT),
    ):
        counts = np.bincount(slot[chosen], minlength=SLOTS)
        sums = np.bincount(slot[chosen], weights=amounts[chosen], minlength=SLOTS)
        means = np.where(counts > 0, sums / np.maximum(1, counts) / 1000, np.nan)  # a gap where there was none
        axis.plot(middles, means, lw=1.2, label=label, color=color)
    axis.set_ylim(0, 1.3 * axis.get_ylim()[1])  # room for the legend
    axis.legend(loc="upper right", ncols=3)
