"""Answers for people and programs."""

import csv
from itertools import islice
from typing import Any, TextIO

import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bidder.query.session import Answer

MOST_ROWS = 200
"""Of a table on a screen."""

_NUMBERS = (int, float)
_json = msgspec.json.Encoder(enc_hook=str)


def write_json(answer: Answer, out: TextIO) -> None:
    """A JSON object a line."""
    out.writelines(_json.encode(dict(zip(answer.columns, row, strict=True))).decode() + "\n" for row in answer.rows)


def write_csv(answer: Answer, out: TextIO) -> None:
    """CSV with a line of names (RFC 4180); lists and maps are JSON, what is absent is empty."""
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(answer.columns)
    writer.writerows([_csv_cell(value) for value in row] for row in answer.rows)


def write_table(answer: Answer, out: TextIO) -> None:
    """A table for people, of the first rows where there are many."""
    shown = list(islice(answer.rows, MOST_ROWS))
    table = Table(box=None, pad_edge=False, show_edge=False, header_style="bold")
    for place, name in enumerate(answer.columns):
        numeric = any(isinstance(row[place], _NUMBERS) and not isinstance(row[place], bool) for row in shown)
        table.add_column(Text(_plain(name)), justify="right" if numeric else "left", overflow="fold")
    for row in shown:
        table.add_row(*(Text(_cell(value)) for value in row))
    console = Console(file=out)
    console.width = max(console.width, 120) if not out.isatty() else console.width
    console.print(table)
    more = sum(1 for _ in answer.rows)
    out.write(f"{len(shown)} of {len(shown) + more} rows; --csv and --json write all\n" if more else "")


def _csv_cell(value: Any) -> Any:
    return _json.encode(value).decode() if isinstance(value, list | dict) else value


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:,.6g}" if abs(value) < 1e6 else f"{value:,.0f}"
    return _plain(_json.encode(value).decode() if isinstance(value, list | dict) else str(value))


def _plain(text: str) -> str:
    """Without what would move the cursor: ids and prices are as strangers wrote them."""
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text)
