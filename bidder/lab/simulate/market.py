"""What is bid on: auctions in the order in which they came, with what an impression is worth and what it costs."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from warnings import catch_warnings

import numpy as np
from numpy.typing import NDArray

from bidder.pacing.outcomes import BINS, PPB, bin_of

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
ClockName = Literal["hours", "count"]

HOUR_S = 3600
HIGHEST_PRICE = 300
"""Of the iPinYou logs, in their unit."""
FEN_CPM_MICROS = 10
"""Micros of a yuan for one impression, at one fen for a thousand."""


class UnusableInputError(Exception):
    """What was given cannot be simulated."""


@dataclass(frozen=True, slots=True, eq=False)
class Market:
    """Auctions by the time they come. Arrays of one length; micros are integers, for one impression."""

    at_s: Floats
    """Seconds since the start of the flight, not falling."""
    ctr_ppb: Ints
    """The predicted click probability: what is to be maximised is its sum over the auctions won."""
    price_micros: Ints
    """What it takes to win: won if and only if the bid is at least this."""
    clicks: Ints
    """0 or 1: whether the impression was clicked, if it was won."""
    length_s: int
    """Of the flight."""

    def __len__(self) -> int:
        return len(self.at_s)

    @property
    def cost_micros(self) -> int:
        """What all auctions together would cost."""
        return int(self.price_micros.sum())

    @property
    def mean_ctr_ppb(self) -> int:
        """Of all auctions."""
        return int(self.ctr_ppb.sum()) // max(1, len(self))

    def part(self, start: int, stop: int) -> "Market":
        """Some of the auctions as a flight of their own, one a second."""
        cut = slice(start, stop)
        count = len(self.at_s[cut])
        return Market(_one_a_second(count), self.ctr_ppb[cut], self.price_micros[cut], self.clicks[cut], count)


def read_ipinyou(path: Path, clock: ClockName) -> Market:
    """A file of click, price, predicted CTR and, for the clock `hours`, hour index; plain or gzipped.

    On the clock `count` an auction comes every second, in the order of the file. On the clock `hours` those of an hour
    are spread evenly over it, and hours come in order, since the logs of a day are not ordered by time.
    Raises `UnusableInputError`, `OSError`.
    """
    table = _table(path)
    if clock == "count":
        return _market(table, _one_a_second(len(table)), len(table))
    if table.shape[1] < 4:
        raise UnusableInputError(f"{path}: the clock `hours` needs a fourth column with the hour, found 3 columns")
    table = table[np.argsort(table[:, 3], kind="stable")]
    hours = table[:, 3].astype(np.int64) - int(table[0, 3])
    _, first, counts = np.unique(hours, return_index=True, return_counts=True)
    within = (np.arange(len(hours)) - np.repeat(first, counts) + 0.5) / np.repeat(counts, counts)
    return _market(table, (hours + within) * HOUR_S, (int(hours[-1]) + 1) * HOUR_S)


def read_prior(path: Path) -> tuple[tuple[float, ...], int]:
    """What an `info` file of iPinYou tells of a market before its first auction: prices, and the mean CTR.

    The prices are parts by bin of the landscape, for a value as `generous_worth` sets it; the CTR is in ppb.
    Raises `UnusableInputError`, `OSError`.
    """
    try:
        info = json.loads(path.read_text())
        counts = [int(count) for count in info["price_counter_train"]]
        ctr_ppb = int(info["clk_train"]) * PPB // int(info["imp_train"])
    except (ValueError, KeyError, TypeError, ZeroDivisionError) as error:
        raise UnusableInputError(f"{path}: not an info file of iPinYou: {error!r}") from error
    worth = generous_worth(ctr_ppb) * ctr_ppb // PPB
    believed = [0.0] * BINS
    for price, count in enumerate(counts):
        believed[bin_of(price * FEN_CPM_MICROS / worth)] += count / sum(counts)
    return tuple(believed), ctr_ppb


def generous_worth(mean_ctr_ppb: int) -> int:
    """Micros that a click is worth at most, so much that the budget alone limits what is bid.

    Sixteen times what would let an average impression win every auction. It only sets the scale of the multiplier.
    """
    return 16 * HIGHEST_PRICE * FEN_CPM_MICROS * PPB // mean_ctr_ppb


def _table(path: Path) -> Floats:
    try:
        with catch_warnings(action="ignore"):  # an empty file is our caller's mistake, told below
            table = np.loadtxt(path, ndmin=2)
    except ValueError as error:
        raise UnusableInputError(f"{path}: not a table of click, price, CTR and hour: {error}") from error
    if table.shape[0] == 0 or table.shape[1] < 3:
        raise UnusableInputError(f"{path}: rows of click, price and CTR are needed, found a table of {table.shape}")
    return np.asarray(table, np.float64)


def _market(table: Floats, at_s: Floats, length_s: int) -> Market:
    prices = np.rint(table[:, 1]).astype(np.int64) * FEN_CPM_MICROS
    return Market(at_s, np.rint(table[:, 2] * PPB).astype(np.int64), prices, table[:, 0].astype(np.int64), length_s)


def _one_a_second(count: int) -> Floats:
    return np.arange(count, dtype=np.float64) + np.float64(0.5)
