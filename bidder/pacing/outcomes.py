"""What was bid and what became of it between two steps of the controller, added up."""

from collections.abc import Mapping
from math import log2
from typing import NamedTuple

from msgspec import Struct

PPB = 1_000_000_000
BINS = 96
BINS_PER_OCTAVE = 8
"""Ratios of price to value are counted in bins, each 2 ** (1 / 8) wide; the last ends at one, the first at 1/4096."""


def position(ratio: float) -> float:
    """Where a ratio of price to value lies on the scale of bins, 0 to `BINS`."""
    return min(float(BINS), max(0.0, BINS + BINS_PER_OCTAVE * log2(ratio))) if ratio > 0 else 0.0


def ratio_at(place: float) -> float:
    """The ratio of price to value at a position on the scale of bins."""
    return float(2.0 ** ((place - BINS) / BINS_PER_OCTAVE))


def bin_of(ratio: float) -> int:
    """The bin of a ratio of price to value; those beyond the scale are in the first or last."""
    return min(BINS - 1, int(position(ratio)))


class Bid(NamedTuple):
    """A bid, or what would have been one but for the floor. Integer micros per impression."""

    multiplier_ppb: int
    """What the value was multiplied with."""
    value_micros: int
    """What the impression is worth at most."""
    price_micros: int
    """What was bid; 0 where the floor was above it and none was made."""


class Outcomes(Struct, frozen=True):
    """Bids that were made, and bids that were resolved: won and paid, lost, or without a chance. Integer micros."""

    made: int = 0
    value_micros: int = 0
    """What the impressions bid on were worth."""
    resolved: Mapping[int, int] = {}
    """How many, by the multiplier (ppb) they were made with."""
    bid_micros: int = 0
    """The prices of the resolved."""
    wins: int = 0
    won: Mapping[int, int] = {}
    """What the won ones were worth, by the bin of the price paid to the value."""
    paid_micros: int = 0
    paid_squares: int = 0
    """The sum of the squares of the prices paid."""
    waited: float = 0.0
    """The sum over the resolved of price times seconds from the bid."""


def together(one: Outcomes, other: Outcomes) -> Outcomes:
    """What two campaigns bid, and what became of it."""
    if other == Outcomes():
        return one
    sums = {
        name: getattr(one, name) + getattr(other, name)
        for name in Outcomes.__struct_fields__
        if name not in {"resolved", "won"}
    }
    return Outcomes(**sums, resolved=_added(one.resolved, other.resolved), won=_added(one.won, other.won))


def _added(one: Mapping[int, int], other: Mapping[int, int]) -> dict[int, int]:
    return {key: one.get(key, 0) + other.get(key, 0) for key in one.keys() | other.keys()}


class Tally:
    """Collects bids and outcomes until they are taken."""

    __slots__ = ("_bid", "_made", "_paid", "_resolved", "_squares", "_value", "_waited", "_wins", "_won")

    def __init__(self) -> None:
        self._clear()

    def made(self, bid: Bid) -> None:
        """A bid was made, or would have been but for the floor."""
        self._made += 1
        self._value += bid.value_micros

    def lost(self, bid: Bid, waited_s: float = 0.0) -> None:
        """It lost or expired so long after it was made, or could not be made for the floor."""
        self._resolved[bid.multiplier_ppb] = self._resolved.get(bid.multiplier_ppb, 0) + 1
        self._bid += bid.price_micros
        self._waited += bid.price_micros * waited_s

    def won(self, bid: Bid, paid_micros: int, waited_s: float = 0.0) -> None:
        """It was billed."""
        self.lost(bid, waited_s)
        place = bin_of(paid_micros / bid.value_micros)
        self._won[place] = self._won.get(place, 0) + bid.value_micros
        self._wins += 1
        self._paid += paid_micros
        self._squares += paid_micros * paid_micros

    def take(self) -> Outcomes:
        """What was collected; the tally is empty again."""
        taken = Outcomes(
            self._made,
            self._value,
            self._resolved,
            self._bid,
            self._wins,
            self._won,
            self._paid,
            self._squares,
            self._waited,
        )
        self._clear()
        return taken

    def _clear(self) -> None:
        self._resolved: dict[int, int] = {}
        self._won: dict[int, int] = {}
        self._made = self._value = self._bid = self._wins = self._paid = self._squares = 0
        self._waited = 0.0
