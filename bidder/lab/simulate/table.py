"""The figures of a flight as people read them, and as programs do."""

import json

import msgspec
from rich.table import Table

from bidder.domain.money import MICROS
from bidder.lab.simulate.play import Record, Terms
from bidder.lab.simulate.score import Score

_MEANINGS = {
    "value_ratio": "predicted clicks won, of the best possible in hindsight",
    "utilisation": "of the budget is spent",
    "spend_over_budget": "spend over budget",
    "overspend_micros": "micros above the budget, holds included, at the worst moment",
    "max_deviation": "largest distance from the plan, of the budget",
    "slot_error": "mean error of the spend of a slot, 96 slots",
    "clicks": "clicks of the impressions won",
    "auctions": "auctions",
    "wins": "won",
}


def as_json(figures: Score) -> str:
    """One JSON object, a key for each figure."""
    return json.dumps(msgspec.to_builtins(figures))


def figure_table(figures: Score, terms: Terms, record: Record) -> Table:
    """The figures with what they mean."""
    table = Table(box=None, show_header=False, padding=(0, 2))
    table.add_column(justify="right")
    table.add_column()
    table.add_row(f"{terms.budget_micros / MICROS:,.2f}", "budget")
    table.add_row(f"{record.account.spent / MICROS:,.2f}", "spent")
    for key, meaning in _MEANINGS.items():
        value = getattr(figures, key)
        table.add_row(f"{value:,}" if isinstance(value, int) else f"{value:.4f}", meaning)
    return table
