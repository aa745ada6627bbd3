"""What is bid on: auctions in the order in which they came, with what an impression is worth and what it costs."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from bidder.pacing.outcomes import PPB

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
    def is_counted(self) -> bool:
        """Whether an auction comes every second, so that seconds are auctions."""
        return bool(np.array_equal(self.at_s, one_a_second(len(self))))

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
        return Market(one_a_second(count), self.ctr_ppb[cut], self.price_micros[cut], self.clicks[cut], count)


def generous_worth(mean_ctr_ppb: int) -> int:
    """Micros that a click is worth at most, so much that the budget alone limits what is bid.

    Sixteen times what would let an average impression win every auction. It only sets the scale of the multiplier.
    """
    return 16 * HIGHEST_PRICE * FEN_CPM_MICROS * PPB // mean_ctr_ppb


def one_a_second(count: int) -> Floats:
    """Times of so many auctions, each in the middle of its second."""
    return np.arange(count, dtype=np.float64) + np.float64(0.5)
