"""Checks on banners: size, banner type, media type, directions of expansion."""

from bidder.auction.creative.prepared import Check, Prepared
from bidder.auction.creative.slot import Slot
from bidder.auction.creative.text import codes
from bidder.domain.reason import Reason


def _sized(creative: Prepared, slot: Slot) -> bool:
    size = creative.size
    if size is None or size in slot.sizes:
        return True
    if slot.ratios:
        return slot.ratio_of(size) is not None
    return not slot.sizes


def _type_allowed(creative: Prepared, slot: Slot) -> bool:
    return creative.btype.isdisjoint(slot.btype)


def _type_accepted(creative: Prepared, slot: Slot) -> bool:
    return not slot.mimes or not creative.mimes.isdisjoint(slot.mimes)


def _expands(creative: Prepared, slot: Slot) -> bool:
    """A slot that lists no directions has not agreed to any."""
    return creative.expandable.issubset(slot.expdir)


def _sizes(slot: Slot) -> str:
    fixed = [f"{w}x{h}" for w, h in slot.sizes]
    flex = [f"ratio {w}:{h} from {least} wide" for w, h, least in slot.ratios]
    return ", ".join(fixed + flex)


def _size(creative: Prepared) -> str:
    return "any size" if creative.size is None else "{}x{}".format(*creative.size)


SIZE = Check(
    Reason.CREATIVE_SIZE,
    concerns=lambda creative: creative.format == "banner" and creative.size is not None,
    fits=_sized,
    facts=lambda creative, slot: (_size(creative), _sizes(slot)),
)

BANNER_TYPE = Check(
    Reason.CREATIVE_TYPE,
    concerns=lambda creative: bool(creative.btype),
    fits=_type_allowed,
    facts=lambda creative, slot: (
        f"banner types {codes(creative.btype)}",
        f"none of the blocked {codes(creative.btype.intersection(slot.btype))}",
    ),
)

MARKUP_TYPE = Check(
    Reason.CREATIVE_MIME,
    concerns=lambda creative: bool(creative.mimes),
    fits=_type_accepted,
    facts=lambda creative, slot: (" or ".join(sorted(creative.mimes)), f"one of {', '.join(sorted(slot.mimes))}"),
)

EXPANDING = Check(
    Reason.CREATIVE_EXPANDABLE,
    concerns=lambda creative: bool(creative.expandable),
    fits=_expands,
    facts=lambda creative, slot: (
        f"expands to {codes(creative.expandable)}",
        f"at most to {codes(slot.expdir)}",
    ),
)
