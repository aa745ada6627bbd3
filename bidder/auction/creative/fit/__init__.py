"""Whether a creative fits a slot, and everything that speaks against it.

Order of the checks: format, approval, size, attributes, banner type, API frameworks, media types, protocols, duration,
linearity, skipping, bit rate, expanding, language, HTTPS, native assets. `misfit` stops at the first that fails,
`misfits` goes through them all; both read the same table.
"""

from collections.abc import Collection

from bidder.auction.creative.fit.display import BANNER_TYPE, EXPANDING, MARKUP_TYPE, SIZE
from bidder.auction.creative.fit.every import API, ATTRIBUTES, LANGUAGE, SECURE
from bidder.auction.creative.fit.native import ASSETS
from bidder.auction.creative.fit.playback import BIT_RATE, DURATION, FILE_TYPE, LINEARITY, PROTOCOL, SKIPPING
from bidder.auction.creative.prepared import Check, Prepared
from bidder.auction.creative.slot import Slot
from bidder.domain.reason import Reason

CHECKS: tuple[Check, ...] = (
    SIZE,
    ATTRIBUTES,
    BANNER_TYPE,
    API,
    MARKUP_TYPE,
    FILE_TYPE,
    PROTOCOL,
    DURATION,
    LINEARITY,
    SKIPPING,
    BIT_RATE,
    EXPANDING,
    LANGUAGE,
    SECURE,
    ASSETS,
)
"""What a slot may ask, once format and approval are right."""

_BID = Reason.BID

Misfit = tuple[Reason, str, str]
"""A check that failed: its reason, the value seen and the value wanted, for people."""


def misfit(creative: Prepared, slot: Slot, exchange: str, deal_ids: Collection[str]) -> Reason:
    """Why the creative cannot run in the slot; `Reason.BID` where it can.

    `deal_ids` are the deals the bid may be made on; empty in the open auction.
    """
    if creative.format != slot.format:
        return Reason.NO_CREATIVE_OF_FORMAT
    if (creative.exchanges or creative.deals) and not _approved(creative, exchange, deal_ids):
        return Reason.CREATIVE_NOT_APPROVED
    for check in creative.checks:
        if not check.fits(creative, slot):
            return check.reason
    return _BID


def misfits(creative: Prepared, slot: Slot, exchange: str, deal_ids: Collection[str]) -> list[Misfit]:
    """Every check that fails, in order. A creative of another format is judged no further."""
    if creative.format != slot.format:
        return [(Reason.NO_CREATIVE_OF_FORMAT, creative.format, slot.format)]
    failed: list[Misfit] = []
    if not _approved(creative, exchange, deal_ids):
        failed.append((Reason.CREATIVE_NOT_APPROVED, *_approval(creative, exchange, deal_ids)))
    failed.extend(
        (check.reason, *check.facts(creative, slot)) for check in creative.checks if not check.fits(creative, slot)
    )
    return failed


def furthest(reasons: Collection[Reason]) -> Reason:
    """The reason that comes last in the order of the checks; `NO_CREATIVE_OF_FORMAT` where there is none."""
    return max(reasons, key=_RANKS.__getitem__, default=Reason.NO_CREATIVE_OF_FORMAT)


_RANKS = {
    reason: rank
    for rank, reason in enumerate(
        (Reason.NO_CREATIVE_OF_FORMAT, Reason.CREATIVE_NOT_APPROVED, *(check.reason for check in CHECKS), Reason.BID)
    )
}


def _approved(creative: Prepared, exchange: str, deal_ids: Collection[str]) -> bool:
    if creative.exchanges and exchange not in creative.exchanges:
        return False
    return not creative.deals or not creative.deals.isdisjoint(deal_ids)


def _approval(creative: Prepared, exchange: str, deal_ids: Collection[str]) -> tuple[str, str]:
    parts = (("exchange", creative.exchanges, [exchange]), ("deal", creative.deals, sorted(deal_ids)))
    failed = [(name, allowed, here) for name, allowed, here in parts if allowed and allowed.isdisjoint(here)]
    seen = "; ".join(f"approved for {name} {', '.join(sorted(allowed))}" for name, allowed, _ in failed)
    wanted = "; ".join(f"{name} {', '.join(here) or 'none'}" for name, _, here in failed)
    return seen, wanted
