"""Watching a run: a live screen on a terminal, a line now and then elsewhere."""

import asyncio
import sys
from collections import Counter
from collections.abc import Callable
from typing import Final

from rich.columns import Columns
from rich.console import Console, Group
from rich.live import Live
from rich.table import Table

from bidder.lab.exchange.reasons import fetch_reasons
from bidder.lab.exchange.report import NOTICE_COLUMNS, figures, mishaps, notice_row, progress
from bidder.lab.exchange.tally import Tally

REFRESH_S: Final = 0.5
LINE_EVERY_S: Final = 5.0
_TOP = 8  # reasons shown


async def watch_screen(tally: Tally, elapsed: Callable[[], float], metrics_url: str | None) -> None:
    """Keep a live screen until cancelled. `elapsed` tells the seconds since the start."""
    reasons: Counter[str] = Counter()
    with Live(console=Console(), auto_refresh=False, transient=True) as live:
        while True:
            if metrics_url is not None:
                reasons = await fetch_reasons(metrics_url)
            live.update(screen(tally, elapsed(), reasons), refresh=True)
            await asyncio.sleep(REFRESH_S)


async def watch_lines(tally: Tally, elapsed: Callable[[], float]) -> None:
    """Print a line every few seconds until cancelled."""
    while True:
        await asyncio.sleep(LINE_EVERY_S)
        sys.stdout.write(progress(tally, elapsed()) + "\n")
        sys.stdout.flush()


def screen(tally: Tally, elapsed_s: float, reasons: Counter[str]) -> Group:
    """The totals as tables: figures, notices, what went wrong, and the bidder's own reasons if known."""
    main = _pairs("mock exchange", figures(tally, elapsed_s))
    notices = Table(title="notices", title_justify="left")
    for column in ("kind", *NOTICE_COLUMNS):
        notices.add_column(column, justify="left" if column == "kind" else "right", no_wrap=True)
    for kind, account in tally.notices.items():
        notices.add_row(kind.value, *notice_row(account))
    tables = [main, _pairs("worth a look", mishaps(tally))]
    if reasons:
        tables.append(_pairs("top reasons", [(name, f"{number:,}") for name, number in reasons.most_common(_TOP)]))
    return Group(Columns(tables), notices)


def _pairs(title: str, rows: list[tuple[str, str]]) -> Table:
    table = Table(title=title, title_justify="left", show_header=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(max_width=70)
    for name, text in rows:
        table.add_row(name, text)
    return table
