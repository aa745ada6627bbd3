"""Clearing: who wins an imp and at what price (OpenRTB 2.6, 3.2.1, 3.2.11, 3.2.12 and 4.3).

Prices are CPM in millionths of the currency, as integers. A bid on a deal goes before every bid without one. The
highest bid wins; on a tie the rival does, because it was there first. Second price is the best rival of the same rank
plus an increment, at least the floor and never above the bid. Bids of one bidder never set each other's price.
"""

import math
from collections.abc import Sequence
from decimal import Decimal

from msgspec import Struct

from openrtb.enums import AuctionTypes, LossReasonCodes
from openrtb.imp import Deal, Imp
from openrtb.response import Bid

PRICE_STEP = 1_000
"""The finest step of a price, 0.001 CPM: one micro per impression."""

SECOND_PRICE_INCREMENT = 10_000
"""What a second-price winner pays above the runner-up, 0.01 CPM."""


class Rival(Struct, frozen=True):
    """A bid of somebody else."""

    cpm_micros: int
    on_deal: bool = False


class Outcome(Struct, frozen=True):
    """What became of one bid. `price_cpm_micros` is the clearing price of a win.

    `min_to_win_cpm_micros` is the least price that would have won; `None` where no price would.
    """

    bid: Bid
    loss: LossReasonCodes
    price_cpm_micros: int | None = None
    min_to_win_cpm_micros: int | None = None

    @property
    def won(self) -> bool:
        """Whether the bid won."""
        return self.loss is LossReasonCodes.BID_WON


class _Entry(Struct, frozen=True):
    """A bid with the terms that hold for it; `refused` says why it may not take part."""

    bid: Bid
    cpm_micros: int
    floor_cpm_micros: int
    on_deal: bool
    at: int
    refused: LossReasonCodes | None


def cpm_micros(cpm: float) -> int:
    """A CPM of the wire in millionths; exact for every decimal that has at most six places."""
    return round(Decimal(repr(cpm)) * 1_000_000) if math.isfinite(cpm) else 0


def clear(imp: Imp, at: int, bids: Sequence[Bid], rivals: Sequence[Rival]) -> list[Outcome]:
    """The outcome of each bid for `imp`, in an auction of type `at` (`AuctionTypes`), at most one of them a win."""
    private = imp.pmp is not None and imp.pmp.private_auction == 1
    entries = [_enter(bid, imp, at, private=private) for bid in bids]
    admitted = (entry for entry in entries if entry.refused is None)
    best = max(admitted, key=lambda entry: (entry.on_deal, entry.cpm_micros), default=None)
    floor = cpm_micros(imp.bidfloor)
    present = [rival for rival in rivals if rival.cpm_micros >= floor and (rival.on_deal or not private)]
    return [_outcome(entry, best, present) for entry in entries]


def _enter(bid: Bid, imp: Imp, at: int, *, private: bool) -> _Entry:
    """The bid with the terms of its deal, else of the imp."""
    deal = _deal(bid, imp)
    price = cpm_micros(bid.price or 0.0)
    floor = cpm_micros(imp.bidfloor if deal is None else deal.bidfloor)
    refused = None
    if deal is None and (bid.dealid or private):
        refused = LossReasonCodes.INVALID_DEAL_ID
    elif price < floor:
        refused = LossReasonCodes.BELOW_AUCTION_FLOOR if deal is None else LossReasonCodes.BELOW_DEAL_FLOOR
    own_at = at if deal is None or deal.at is None else deal.at
    return _Entry(bid, price, floor, deal is not None, own_at, refused)


def _deal(bid: Bid, imp: Imp) -> Deal | None:
    deals = (imp.pmp.deals if imp.pmp is not None else None) or ()
    return next((deal for deal in deals if deal.id == bid.dealid), None)


def _outcome(entry: _Entry, best: _Entry | None, rivals: Sequence[Rival]) -> Outcome:
    """A win, or the reason of the loss: refused, outranked by a deal, or not higher than the others."""
    outranked = not entry.on_deal and (any(rival.on_deal for rival in rivals) or (best is not None and best.on_deal))
    if entry.refused is LossReasonCodes.INVALID_DEAL_ID or outranked:
        return Outcome(entry.bid, entry.refused or LossReasonCodes.LOST_TO_DEAL)
    second = max((rival.cpm_micros for rival in rivals if rival.on_deal == entry.on_deal), default=0)
    ahead = second if entry is best or best is None else max(second, best.cpm_micros)
    least = max(entry.floor_cpm_micros, ahead + PRICE_STEP)
    if entry is best and entry.cpm_micros > second:
        return Outcome(entry.bid, LossReasonCodes.BID_WON, _price(entry, second), least)
    return Outcome(entry.bid, entry.refused or LossReasonCodes.LOST_TO_HIGHER_BID, min_to_win_cpm_micros=least)


def _price(entry: _Entry, second_cpm_micros: int) -> int:
    """What the winner pays."""
    if entry.at == AuctionTypes.FIXED_PRICE:
        return entry.floor_cpm_micros
    if entry.at == AuctionTypes.SECOND_PRICE_PLUS:
        return min(entry.cpm_micros, max(entry.floor_cpm_micros, second_cpm_micros + SECOND_PRICE_INCREMENT))
    return entry.cpm_micros
