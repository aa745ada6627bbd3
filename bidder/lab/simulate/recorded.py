"""Recorded auctions, and what is known of a market before them, as the files of the iPinYou logs have it.

What is wrong with a file is told with its name, its line, what was found there and what would be right.
"""

import zlib
from collections.abc import Sequence
from gzip import BadGzipFile, GzipFile
from pathlib import Path
from typing import Annotated, NamedTuple

import msgspec
import numpy as np
from msgspec import Meta, Struct

from bidder.lab.simulate.market import (
    FEN_CPM_MICROS,
    HOUR_S,
    ClockName,
    Floats,
    Market,
    UnusableInputError,
    generous_worth,
    one_a_second,
)
from bidder.pacing.outcomes import BINS, PPB, bin_of

MOST_HOURS = 366 * 24
"""Of a recorded flight."""

_GZIP = b"\x1f\x8b"
_SHOWN = 60
"""So much of a bad line is shown."""


class _Column(NamedTuple):
    name: str
    most: float
    whole: bool

    def __str__(self) -> str:
        return f"{'a whole number' if self.whole else 'a number'} from 0 to {self.most:,.0f}"

    def admits(self, value: float) -> bool:
        return 0 <= value <= self.most and (not self.whole or value == round(value))

    def all_admitted(self, values: Floats) -> bool:
        within = bool(((values >= 0) & (values <= self.most)).all())
        return within and (not self.whole or bool((values == np.rint(values)).all()))


_COLUMNS = (
    _Column("click", 1, whole=True),
    _Column("price", 1_000_000, whole=False),
    _Column("predicted CTR", 1, whole=False),
    _Column("hour", 1_000_000, whole=True),
)
_FORM = "an auction is `click price pCTR` or `click price pCTR hour`"


class _Info(Struct):
    """What is used of an `info` file."""

    price_counter_train: list[Annotated[int, Meta(ge=0)]]
    clk_train: Annotated[int, Meta(ge=1)]
    imp_train: Annotated[int, Meta(ge=1)]


def read_ipinyou(path: Path, clock: ClockName) -> Market:
    """A file of click, price, predicted CTR and, for the clock `hours`, hour index; plain or gzipped.

    On the clock `count` an auction comes every second, in the order of the file. On the clock `hours` those of an hour
    are spread evenly over it, and hours come in order, since the logs of a day are not ordered by time.
    Raises `UnusableInputError`, `OSError`.
    """
    table = _table(path)
    if clock == "count":
        return _market(table, one_a_second(len(table)), len(table))
    if table.shape[1] < len(_COLUMNS):
        raise UnusableInputError(f"{path}: the clock `hours` needs a fourth column with the hour, found 3 columns")
    table = table[np.argsort(table[:, 3], kind="stable")]
    hours = table[:, 3].astype(np.int64) - int(table[0, 3])
    if hours[-1] >= MOST_HOURS:
        raise UnusableInputError(
            f"{path}: hours of at most a year, {MOST_HOURS:,}, are needed, found {hours[-1] + 1:,}"
        )
    _, first, counts = np.unique(hours, return_index=True, return_counts=True)
    within = (np.arange(len(hours)) - np.repeat(first, counts) + 0.5) / np.repeat(counts, counts)
    return _market(table, (hours + within) * HOUR_S, (int(hours[-1]) + 1) * HOUR_S)


def read_prior(path: Path) -> tuple[tuple[float, ...], int]:
    """What an `info` file of iPinYou tells of a market before its first auction: prices, and the mean CTR.

    The prices are parts by bin of the landscape, for a value as `generous_worth` sets it; the CTR is in ppb.
    Raises `UnusableInputError`, `OSError`.
    """
    try:
        info = msgspec.json.decode(path.read_bytes(), type=_Info)
    except msgspec.DecodeError as error:
        raise UnusableInputError(f"{path}: not an info file of iPinYou: {error}") from error
    seen, ctr_ppb = sum(info.price_counter_train), info.clk_train * PPB // info.imp_train
    if not seen or not 0 < ctr_ppb <= PPB:
        raise UnusableInputError(
            f"{path}: prices and at most as many clicks as impressions are needed, found {seen:,} prices, "
            f"{info.clk_train:,} clicks, {info.imp_train:,} impressions"
        )
    worth = generous_worth(ctr_ppb) * ctr_ppb // PPB
    believed = [0.0] * BINS
    for price, count in enumerate(info.price_counter_train):
        believed[bin_of(price * FEN_CPM_MICROS / worth)] += count / seen
    return tuple(believed), ctr_ppb


def _table(path: Path) -> Floats:
    lines = _lines(path)
    filled = [line for line in lines if line.strip()]
    if not filled:
        raise UnusableInputError(f"{path}: no auction in it; {_FORM}, one a line")
    try:
        table = np.loadtxt(filled, ndmin=2, comments=None)
    except ValueError:
        table = np.empty((0, 0))
    columns = table.shape[1]
    right = columns in (3, 4) and all(
        column.all_admitted(table[:, place]) for place, column in enumerate(_COLUMNS[:columns])
    )
    if not right:
        raise UnusableInputError(f"{path}: {_first_mistake(lines)}")
    return np.asarray(table, np.float64)


def _lines(path: Path) -> list[str]:
    data = path.read_bytes()
    if data.startswith(_GZIP):
        data = _unpacked(path)
    return data.decode("latin-1").splitlines()  # any bytes are some text, and the first bad line is told


def _unpacked(path: Path) -> bytes:
    parts: list[bytes] = []
    with GzipFile(path) as file:
        try:
            while part := file.read1(1 << 16):
                parts.append(part)
        except (EOFError, zlib.error, BadGzipFile) as error:
            lines = b"".join(parts).count(b"\n")
            raise UnusableInputError(
                f"{path}: its gzip data is cut off or damaged after {lines:,} lines: {error}"
            ) from error
    return b"".join(parts)


def _first_mistake(lines: Sequence[str]) -> str:
    """Of lines that are not all auctions of one form."""
    first = 0
    for number, line in enumerate(lines, 1):
        fields = line.split()
        first = first or len(fields)
        mistake = _mistake_of(fields, first)
        if fields and mistake:
            shown = line if len(line) <= _SHOWN else line[:_SHOWN] + " ..."
            return f"line {number}: {mistake}, in {shown!r}"
    return _FORM


def _mistake_of(fields: Sequence[str], first: int) -> str:
    if len(fields) not in (3, 4):
        return f"{_FORM}, found {len(fields)} columns"
    if len(fields) != first:
        return f"{first} columns as in the first line are needed, found {len(fields)}"
    for column, field in zip(_COLUMNS, fields, strict=False):
        try:
            fine = column.admits(float(field))
        except (ValueError, OverflowError):
            fine = False
        if not fine:
            return f"{column.name}: {column} is needed, found {field[:_SHOWN]!r}"
    return ""


def _market(table: Floats, at_s: Floats, length_s: int) -> Market:
    prices = np.rint(table[:, 1] * FEN_CPM_MICROS).astype(np.int64)
    return Market(at_s, np.rint(table[:, 2] * PPB).astype(np.int64), prices, table[:, 0].astype(np.int64), length_s)
