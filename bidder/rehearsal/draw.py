"""A rehearsed day for the terminal: spend against plan, hour by hour, as the campaign is and as it would be."""

from collections.abc import Iterator, Sequence
from datetime import datetime, tzinfo
from itertools import pairwise

from rich.text import Text

from bidder.config.schema import Campaign
from bidder.domain.money import MICROS
from bidder.pacing.day import is_active
from bidder.rehearsal.play import Rehearsal

WIDTH, HEIGHT = 60, 12
"""Columns and rows of the curve; with its labels it fits a terminal of 80 columns."""
_EIGHTHS = " ▁▂▃▄▅▆▇█"
_AFTER, _BEFORE, _PLAN = "bold cyan", "yellow", "bright_black"


def chart(after: Rehearsal, before: Rehearsal | None, zone: tzinfo) -> Text:
    """Bars: what is spent. Dots: the plan. Rings: what would be spent without the edit. Arrows: the last value."""
    top = max(after.budget_micros, before.budget_micros if before is not None else 0, 1)
    bars = [each / top * HEIGHT for each in _columns(after.spent_micros)]
    plan = [each / top * HEIGHT for each in _columns(after.planned_micros)]
    rings = [each / top * HEIGHT for each in _columns(before.spent_micros)] if before is not None else []
    text = Text()
    for row in reversed(range(HEIGHT)):
        text.append(f"{top * (row + 1) / HEIGHT / MICROS:>12,.2f} ┤" if row % 3 == 2 else " " * 13 + "│")
        for column, bar in enumerate(bars):
            text.append(*_cell(row, bar, plan[column], rings[column] if rings else -1.0))
        text.append("\n")
    text.append(" " * 13 + "└" + "─" * WIDTH + "\n" + " " * 14 + _hours(after, zone) + "\n")
    for name, values in (
        ("spend", _growth(after.spent_micros)),
        ("throttle", _columns(after.throttle)),
        ("multiplier", _columns(after.multiplier)),
    ):
        text.append(f"{name:>12}  ")
        text.append(_spark(values), _AFTER)
        text.append(f" →{values[-1]:.2f}\n" if name != "spend" else "\n")
    return text


def summary(campaign: Campaign, rehearsal: Rehearsal, currency: str, known: bool) -> str:
    """One line. `known`: what the days before spent is known, not only planned."""
    if not rehearsal.budget_micros:
        return f"spends nothing: {_why_nothing(campaign, rehearsal, known)}"
    spent, budget = rehearsal.spent_micros[-1] / MICROS, rehearsal.budget_micros / MICROS
    return (
        f"spends {spent:,.2f} of {budget:,.2f} {currency}, at most {rehearsal.max_deviation:.1%} off its plan, "
        f"{rehearsal.wins:,.0f} impressions at {1000 * spent / max(1.0, rehearsal.wins):.2f} CPM"
    )


def _why_nothing(campaign: Campaign, rehearsal: Rehearsal, known: bool) -> str:
    if not campaign.enabled:
        return "it is paused"
    if not any(is_active(campaign, at_s - 1) for at_s in rehearsal.at_s):
        return "it runs in no hour of this day"
    if 0 in (campaign.budget.daily, campaign.budget.total):
        return "its budget is 0"
    if known:
        return "the days before have spent all that it has"
    return "by its plan the days before have spent all that it has; --state of a running bidder tells what they spent"


def _cell(row: int, bar: float, planned: float, ring: float) -> tuple[str, str]:
    filled = max(0, min(8, round((bar - row) * 8)))
    if int(ring) == row and ring >= 0:
        return "○", _BEFORE
    if int(min(planned, HEIGHT - 0.01)) == row and filled < 8:
        return ("·", _PLAN) if not filled else (_EIGHTHS[filled], _AFTER)
    return _EIGHTHS[filled], _AFTER


def _columns(values: Sequence[float]) -> list[float]:
    """The value at the end of each column."""
    count = len(values)
    return [values[min(count - 1, (column + 1) * count // WIDTH - 1)] for column in range(WIDTH)]


def _growth(values: Sequence[float]) -> list[float]:
    reached = [0.0, *_columns(values)]
    return [later - earlier for earlier, later in pairwise(reached)]


def _spark(values: Sequence[float]) -> str:
    most = max(values, default=0.0)
    return (
        "".join(_EIGHTHS[max(1, round(value / most * 8)) if value > 0 else 0] for value in values) if most > 0 else ""
    )


def _hours(rehearsal: Rehearsal, zone: tzinfo) -> str:
    """Every third hour of the campaign's own clock, below its column."""
    line = [" "] * (WIDTH + 2)
    for column, label in _labels(rehearsal, zone):
        line[column : column + 2] = label
    return "".join(line).rstrip()


def _labels(rehearsal: Rehearsal, zone: tzinfo) -> Iterator[tuple[int, str]]:
    start_s = rehearsal.at_s[0] - (rehearsal.at_s[1] - rehearsal.at_s[0])
    length_s = rehearsal.at_s[-1] - start_s
    for at_s in range(start_s, start_s + length_s, 3600):
        local = datetime.fromtimestamp(at_s, zone)
        if local.hour % 3 == 0:
            yield (at_s - start_s) * WIDTH // length_s, f"{local.hour:02}"
