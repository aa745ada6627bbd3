"""The table of outcomes as people read it."""

from collections import Counter

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from bidder.lab.feed.tally import FormatTally, Tally

MOST_LISTED = 12
"""Rules and reasons listed, the most frequent first."""


def outcome_table(tally: Tally) -> RenderableType:
    """What came back: by status, by format, rules broken, reasons for no bid, latency, and what was not expected."""
    parts: list[RenderableType] = [_statuses(tally), _formats(tally)]
    for title, counts in (
        ("rules broken by 200s", tally.errors),
        ("warnings on 200s", tally.warnings),
        ("reasons given for no bid", tally.no_bid_reasons),
        ("requests nobody could bid on", tally.ineligible),
    ):
        if counts:
            parts.append(_counts(title, counts))
    return Group(*(Padding(part, (0, 0, 1, 0)) for part in parts), _summary(tally))


def _grid(*columns: str) -> Table:
    table = Table(box=None, padding=(0, 2), header_style="bold")
    for index, column in enumerate(columns):
        table.add_column(column, justify="right" if index else "left", no_wrap=True)
    return table


def _statuses(tally: Tally) -> Table:
    table = _grid("answer", "count", "share")
    for (status, outcome), count in sorted(tally.statuses.items()):
        name = f"{status} {outcome}" if status else "none"
        table.add_row(name, f"{count:,}", f"{count / tally.answers:.1%}")
    return table


def _formats(tally: Tally) -> Table:
    table = _grid("format", "requests", "bids", "bid rate", "mean CPM")
    for name, found in sorted(tally.formats.items(), key=lambda item: -item[1].requests):
        _add_format(table, name, found)
    _add_format(table, "all eligible", tally.eligible)
    return table


def _add_format(table: Table, name: str, found: FormatTally) -> None:
    means = ", ".join(f"{micros / 1_000_000:.2f} {cur}" for cur, micros in found.mean_price_micros.items())
    table.add_row(name, f"{found.requests:,}", f"{found.bids:,}", f"{found.bid_rate:.1%}", means or "-")


def _counts(title: str, counts: Counter[str]) -> Table:
    table = _grid(title, "count")
    listed = counts.most_common(MOST_LISTED)
    for name, count in listed:
        table.add_row(Text(name), f"{count:,}")
    if len(counts) > len(listed):
        rest = counts.total() - sum(count for _, count in listed)
        table.add_row(f"{len(counts) - len(listed)} more", f"{rest:,}")
    return table


def _summary(tally: Tally) -> Text:
    refusals = tally.refusals
    p50, p99 = tally.latency_ms(0.50), tally.latency_ms(0.99)
    latency = f"p50 {p50:.1f} ms, p99 {p99:.1f} ms" if p50 is not None and p99 is not None else "-"
    surprises = tally.answers - tally.as_expected
    return Text(
        f"  refusals     {refusals['expected']:,} expected, {refusals['unexpected']:,} unexpected, "
        f"{refusals['missing']:,} missing\n"
        f"  latency      {latency}\n"
        f"  as expected  {tally.as_expected:,} of {tally.answers:,}" + (f", {surprises:,} not" if surprises else "")
    )
