"""Creatives: whether they fit what an imp asks for, which of them to show, and the markup of a bid.

slots = slots_of(imp, request)                          # once per imp
creative = choose(creatives, slot, exchange, deals, key)
render(creative, slot, links).adm
"""

from bidder.auction.creative.fit import Misfit, misfit, misfits
from bidder.auction.creative.markup.rendered import Rendered
from bidder.auction.creative.markup.vast import serving_id
from bidder.auction.creative.prepare import prepare
from bidder.auction.creative.prepared import Prepared
from bidder.auction.creative.rotation import choose, drawn, fitting
from bidder.auction.creative.slot import Slot, needs_secure, slots_of
from bidder.domain.links import Links

__all__ = [
    "Misfit",
    "Prepared",
    "Rendered",
    "Slot",
    "choose",
    "drawn",
    "fitting",
    "misfit",
    "misfits",
    "needs_secure",
    "prepare",
    "render",
    "serving_id",
    "slots_of",
]


def render(creative: Prepared, slot: Slot, links: Links) -> Rendered:
    """The markup of a creative for a slot it fits. Raises `ValueError` where it does not fit."""
    return creative.markup.render(slot, links)
