"""What the media objects of an imp ask for, remembered: the same placement asks for the same again and again.

For each placement it is also known which lines of a block may run there, and which of their creatives fit. What is
remembered is bounded, and forgotten as a whole where there is too much of it.
"""

from collections.abc import Iterator, Sequence

import msgspec

from bidder.auction.attributes import ImpAttribute
from bidder.auction.creative import Prepared, Slot, fitting, slots_of
from bidder.auction.imp_values import first_size
from bidder.auction.line import Line
from bidder.auction.snapshot import Block, Snapshot
from bidder.domain.reason import Reason
from openrtb.imp import Imp
from openrtb.request import BidRequest

MOST_PLACEMENTS = 1024
MOST_CHOICES = 256
LONGEST_KEY = 2048
"""Bytes; what is longer is not remembered."""

Fitting = Sequence[Prepared] | Reason
"""The creatives of a line that fit a slot, or why none does."""

_encode = msgspec.json.Encoder().encode


class Placement:
    """The slots of an imp at one exchange."""

    __slots__ = ("_accepted", "_attributes", "_exchange", "_fitting", "first_size", "formats", "pod", "slots", "values")

    def __init__(self, attributes: Sequence[ImpAttribute], exchange: str, imp: Imp, request: BidRequest) -> None:
        self.slots: list[Slot] = slots_of(imp, request)
        self.formats = tuple([slot.format for slot in self.slots])
        self.pod = self.slots[0] if len(self.slots) == 1 and self.slots[0].pod_s is not None else None
        """The slot that several bids may share: a dynamic pod with nothing else beside it."""
        self.values = [each.values(imp) for each in attributes]
        """What the imp says about each attribute of imps that some line names."""
        self.first_size = first_size(imp)
        self._attributes = attributes
        self._exchange = exchange
        self._accepted: dict[Block, int] = {}
        self._fitting: dict[tuple[Line, str, str | None], Fitting] = {}

    def accepted(self, block: Block) -> int:
        """The lines of a block that may run here."""
        bits = self._accepted.get(block)
        if bits is None:
            bits = -1
            for _, lines in (*self.targeting(block), *self.creatives(block)):
                bits &= lines
            self._accepted[block] = bits
        return bits

    def targeting(self, block: Block) -> Iterator[tuple[Reason, int]]:
        """The lines that want such an imp, attribute by attribute."""
        for attribute, table, values in zip(self._attributes, block.imp_tables, self.values, strict=True):
            yield attribute.reason, table.accept(values)

    def creatives(self, block: Block) -> Iterator[tuple[Reason, int]]:
        """The lines that have something to show here, by format and by size."""
        yield Reason.NO_CREATIVE_OF_FORMAT, block.formats.naming(self.formats)
        if self.formats and self.formats[0] == "banner":
            yield Reason.CREATIVE_SIZE, self._sized(block, self.slots[0])

    def _sized(self, block: Block, banner: Slot) -> int:
        """Lines with a banner of an offered size, or able to answer in another format of the imp."""
        if not banner.sizes or banner.flexible:
            return -1
        lines = block.sizes.accept(banner.sizes)
        return lines | block.formats.naming(self.formats[1:]) if len(self.formats) > 1 else lines

    def fitting(self, line: Line, slot: Slot, deal: str | None) -> Fitting:
        """The creatives of a line that fit one of the slots, in the open auction or on a deal."""
        key = (line, slot.format, deal)
        found = self._fitting.get(key)
        if found is None:
            if len(self._fitting) >= MOST_CHOICES:
                self._fitting.clear()
            deals = (deal,) if deal is not None else ()
            found = self._fitting[key] = fitting(line.creatives[slot.format], slot, self._exchange, deals)
        return found


def placement_of(snapshot: Snapshot, exchange: str, imp: Imp, request: BidRequest) -> Placement:
    """The placement that an imp of this request is."""
    media = (imp.banner, imp.video, imp.audio, imp.native)
    key = exchange, _encode((media, imp.secure, imp.instl, imp.rwdd, request.wlang, request.wlangb))
    placement = snapshot.placements.get(key)
    if placement is None:
        placement = Placement(snapshot.imp_attributes, exchange, imp, request)
        if len(snapshot.placements) >= MOST_PLACEMENTS:
            snapshot.placements.clear()
        if len(key[1]) <= LONGEST_KEY:
            snapshot.placements[key] = placement
    return placement
