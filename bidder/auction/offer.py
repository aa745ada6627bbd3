"""A line on its way to a bid: first a candidate, then an offer with a price."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from msgspec import Struct

from bidder.auction.creative import Prepared, Slot
from bidder.auction.terms import DealTerms
from bidder.domain.money import Micros

if TYPE_CHECKING:
    from bidder.auction.line import Line


class Candidate(Struct, gc=False):
    """A line that may bid: with which creative, in which slot, on which deal, at which least price (bid currency)."""

    line: "Line"
    creative: Prepared
    slot: Slot
    deal: DealTerms | None
    floor_micros: int
    facts: Mapping[str, str | int | None]
    """What a model may learn from it, beside the facts of the request: the candidate facts of `models.facts`."""


class Offer(Struct, gc=False):
    """A candidate with its price for one impression.

    `price_micros` is in the account currency, and what is held for the bid; `wire_micros` is the same in the currency
    of the bid. `probability_ppb` and `multiplier_ppb`, parts per billion, are what the price was made of.
    """

    candidate: Candidate
    price_micros: Micros
    wire_micros: Micros
    probability_ppb: int
    multiplier_ppb: int
