"""Media files of video and audio ads, and which of them a player can play."""

from collections.abc import Sequence

from msgspec import Struct

from bidder.auction.creative.slot import Pixels, Slot
from openrtb.enums import DeliveryMethods

_DELIVERIES = {
    "streaming": frozenset({DeliveryMethods.STREAMING}),
    "progressive": frozenset({DeliveryMethods.PROGRESSIVE, DeliveryMethods.DOWNLOAD}),
}


class File(Struct, frozen=True):
    """One media file; `type` is in lower case, `kbps` its bit rate in kbit/s."""

    url: str
    type: str
    kbps: int
    delivery: str
    size: Pixels | None

    def decodes(self, slot: Slot) -> bool:
        """Whether the player takes its type and fetches it that way; a slot that says nothing takes all."""
        if slot.mimes and self.type not in slot.mimes:
            return False
        return not slot.delivery or not _DELIVERIES[self.delivery].isdisjoint(slot.delivery)

    def plays(self, slot: Slot) -> bool:
        """Whether the player takes it, bit rate included."""
        if not self.decodes(slot) or (slot.min_kbps is not None and self.kbps < slot.min_kbps):
            return False
        return slot.max_kbps is None or self.kbps <= slot.max_kbps


def accepted_protocol(protocols: Sequence[int], usual: int, slot: Slot) -> int | None:
    """The first of `protocols` that the slot takes; `usual` where it does not say, `None` where it takes none."""
    if not slot.protocols:
        return usual if usual in protocols else None
    for code in protocols:
        if code in slot.protocols:
            return code
    return None
