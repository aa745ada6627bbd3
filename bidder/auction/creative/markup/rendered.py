"""What rendering gives: the markup and what the bid has to say about it."""

from collections.abc import Hashable, Sequence
from typing import Protocol

from msgspec import Struct

from bidder.auction.creative.slot import Slot
from bidder.domain.links import Links


class Rendered(Struct, gc=False):
    """Markup for `Bid.adm` and the attributes of the bid that belong to it (OpenRTB 2.6, 4.2.3).

    `w` and `h` are device-independent pixels, `wratio` and `hratio` the ratio of a Flex Ad, `dur` seconds.
    """

    adm: str
    mtype: int
    w: int | None = None
    h: int | None = None
    wratio: int | None = None
    hratio: int | None = None
    protocol: int | None = None
    dur: int | None = None
    attr: Sequence[int] = ()
    apis: Sequence[int] = ()


class Markup(Protocol):
    """A creative's markup, prepared for filling in."""

    def render(self, slot: Slot, links: Links) -> Rendered:
        """The markup for a slot that the creative fits, tracked by `links`."""

    def variant(self, slot: Slot) -> Hashable:
        """What of the slot the rendering depends on: for slots with the same it differs in nothing but the links."""
