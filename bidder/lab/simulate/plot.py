"""One picture of a flight: spend against plan, throttle, multiplier and price. Needs matplotlib, the extra `report`."""

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from bidder.lab.simulate.market import Market, UnusableInputError
from bidder.lab.simulate.play import NOT_WON, Record, Terms
from bidder.lab.simulate.score import SLOTS, planned_share, spent_share

_POINTS = 1000
_PPB = 1_000_000_000


KINDS = (".png", ".svg", ".pdf")


def require_plot(path: Path) -> None:
    """Raises `UnusableInputError` where that plot cannot be drawn."""
    if path.suffix not in KINDS:
        raise UnusableInputError(f"--plot draws {', '.join(KINDS)}, found {str(path)!r}")
    if find_spec("matplotlib") is None:
        raise UnusableInputError("--plot needs matplotlib, which is not installed: pip install 'bidder[report]'")


def plot(path: Path, market: Market, terms: Terms, record: Record) -> None:
    """Draw the flight into a file of the kind that its name says. Raises `OSError`."""
    figure = import_module("matplotlib.figure").Figure(figsize=(10, 11), layout="constrained")
    axes = figure.subplots(4, 1, sharex=True, height_ratios=(3, 1, 1, 1))
    _draw_spend(axes[0], market, terms, record)
    hours = record.step_s / 3600
    axes[1].plot(hours, record.throttle_ppb / _PPB, color="tab:green", lw=1)
    axes[1].set(ylabel="throttle", ylim=(0, 1.05))
    axes[2].plot(hours, record.multiplier_ppb / _PPB, color="tab:purple", lw=1)
    axes[2].set(ylabel="multiplier", yscale="log")
    _draw_prices(axes[3], market, record)
    axes[3].set(xlabel="hours", ylabel="micros per impression")
    figure.savefig(path, dpi=120)


def _draw_spend(axis: Any, market: Market, terms: Terms, record: Record) -> None:
    at_s = np.linspace(0, market.length_s, _POINTS)
    spent = np.concatenate([[0.0], spent_share(record, terms.budget_micros)])
    spent_at = spent[np.searchsorted(market.at_s, at_s, side="right")]
    label = "plan" if terms.flight.plan else "traffic as it came"
    axis.plot(at_s / 3600, planned_share(market, terms, at_s), color="0.6", lw=2, label=label)
    axis.plot(at_s / 3600, spent_at, color="tab:blue", lw=1.5, label="spent")
    axis.axhline(1.0, color="tab:red", lw=1, ls="--", label="budget")
    axis.set(ylabel="part of the budget", ylim=(0, 1.05))
    axis.legend(loc="upper left")


def _draw_prices(axis: Any, market: Market, record: Record) -> None:
    edges = np.linspace(0, market.length_s, SLOTS + 1)
    slot = np.clip(np.searchsorted(edges, market.at_s, side="right") - 1, 0, SLOTS - 1)
    middles = (edges[1:] + edges[:-1]) / 7200
    won, bid = record.paid_micros != NOT_WON, record.bid_micros > 0
    for label, chosen, amounts in (
        ("market", np.ones(len(market), bool), market.price_micros),
        ("bid", bid, record.bid_micros),
        ("paid", won, record.paid_micros),
    ):
        counts = np.bincount(slot[chosen], minlength=SLOTS)
        sums = np.bincount(slot[chosen], weights=amounts[chosen], minlength=SLOTS)
        shown = counts > 0
        axis.plot(middles[shown], sums[shown] / counts[shown], lw=1, label=label)
    axis.legend(loc="upper left", ncols=3)
