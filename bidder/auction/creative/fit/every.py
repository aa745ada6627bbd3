"""Checks on creatives of every format: attributes, API frameworks, language, HTTPS."""

from bidder.auction.creative.prepared import Check, Prepared
from bidder.auction.creative.slot import Slot
from bidder.auction.creative.text import codes
from bidder.domain.reason import Reason


def _allowed(creative: Prepared, slot: Slot) -> bool:
    return creative.attr.isdisjoint(slot.battr)


def _supported(creative: Prepared, slot: Slot) -> bool:
    """An API framework that is not listed is not there (OpenRTB 2.6, 3.2.6 to 3.2.9)."""
    return creative.api.issubset(slot.api)


def _understood(creative: Prepared, slot: Slot) -> bool:
    return not slot.wlang or creative.language in slot.wlang


def _loads(_creative: Prepared, slot: Slot) -> bool:
    return not slot.secure


ATTRIBUTES = Check(
    Reason.CREATIVE_ATTRIBUTE,
    concerns=lambda creative: bool(creative.attr),
    fits=_allowed,
    facts=lambda creative, slot: (
        f"attributes {codes(creative.attr)}",
        f"none of the blocked {codes(creative.attr.intersection(slot.battr))}",
    ),
)

API = Check(
    Reason.CREATIVE_API,
    concerns=lambda creative: bool(creative.api),
    fits=_supported,
    facts=lambda creative, slot: (f"needs API {codes(creative.api)}", f"at most API {codes(slot.api)}"),
)

LANGUAGE = Check(
    Reason.CREATIVE_LANGUAGE,
    concerns=lambda creative: creative.language is not None,
    fits=_understood,
    facts=lambda creative, slot: (f"language {creative.language}", f"one of {', '.join(slot.wlang)}"),
)

SECURE = Check(
    Reason.CREATIVE_NOT_SECURE,
    concerns=lambda creative: not creative.secure,
    fits=_loads,
    facts=lambda _creative, _slot: ("parts that load over plain HTTP", "HTTPS only"),
)
