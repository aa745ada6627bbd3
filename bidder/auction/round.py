"""One request on its way through the auction: what all its imps share, worked out once."""

from bidder.auction.keys import Values
from bidder.auction.line import Line
from bidder.auction.market import Market
from bidder.auction.offer import Offer
from bidder.auction.pace import PPB, Purse, takes_part
from bidder.auction.publisher import blocks_of
from bidder.auction.score import Predictor
from bidder.auction.snapshot import Block, Snapshot
from bidder.auction.source import remember
from bidder.auction.view import View
from bidder.domain.money import RATE_UNIT, Micros, to_account_up
from bidder.domain.reason import Reason
from openrtb import DecodeError
from openrtb.extensions import DSARequest, extension
from openrtb.request import BidRequest, Regs

_BID = Reason.BID


class Round:
    """The request, the configuration it is judged by, and the lines that already bid on one of its imps."""

    __slots__ = (
        "_alone",
        "_keys",
        "_opened",
        "_values",
        "at",
        "bidding",
        "blocks",
        "dsa",
        "lot",
        "market",
        "predictor",
        "purse",
        "rate",
        "request",
        "secure",
        "snapshot",
        "test",
        "view",
    )

    def __init__(self, snapshot: Snapshot, market: Market, view: View, purse: Purse, predictor: Predictor) -> None:
        request: BidRequest = view.request
        self.snapshot = snapshot
        self.market = market
        self.view = view
        self.purse = purse
        self.predictor = predictor
        self.request = request
        self.rate = market.rate
        self.at = market.at or request.at
        """The type of the auction: what the request says, or what the exchange is known to do."""
        self.blocks = blocks_of(request, snapshot)
        self.dsa = _dsa_demand(request.regs) if request.regs is not None and request.regs.ext else None
        self.lot = view.lot
        self.test = request.test == 1
        self.secure = snapshot.secure
        self.bidding: dict[object, int] = {}
        """Lines that already bid on an imp of this request, and what those bids hold together."""
        self._opened: dict[Block, tuple[int, Reason]] = {}
        self._keys = [source.read(view) for source in snapshot.attributes.sources]
        self._alone: list[Values] | None = None
        self._values: list[Values] | None = None

    @property
    def values(self) -> list[Values]:
        """What the request says about each attribute that some line names."""
        if self._values is None:
            self._values = [attribute.values(self.view) for attribute in self.snapshot.request_attributes]
        return self._values

    def open_lines(self, block: Block) -> tuple[int, Reason]:
        """The lines of a block that the request lets through, and the gate that closed where none is left."""
        known = self._opened.get(block)
        if known is None:
            bits = self._open(block)
            known = self._opened[block] = (bits, _BID if bits else self._closed_by(block))
        return known

    def _open(self, block: Block) -> int:
        """By what the block remembers of requests that said the same; only what never comes again is looked up."""
        bits = block.live
        for source, key, answers in zip(self.snapshot.attributes.sources, self._keys, block.answers):  # noqa: B905
            accepted = answers.get(key)
            if accepted is None:
                accepted = source.answer(self.view, block.request_tables)
                remember(answers, key, accepted)
            bits &= accepted
        if bits and self.snapshot.attributes.alone:
            bits &= self._accepted_alone(block)
        return bits

    def _accepted_alone(self, block: Block) -> int:
        alone = self.snapshot.attributes.alone
        if self._alone is None:
            self._alone = [attribute.values(self.view) for _, attribute in alone]
        bits = -1
        for (place, _), values in zip(alone, self._alone, strict=True):
            bits &= block.request_tables[place].accept(values)
        return bits

    def _closed_by(self, block: Block) -> Reason:
        """The gate behind which no line of the block is left."""
        bits = block.live
        if not bits:
            return block.idle
        for attribute, table in zip(self.snapshot.request_attributes, block.request_tables, strict=True):
            bits &= table.accept(attribute.values(self.view))
            if not bits:
                return self.reason_of(attribute.reason, personal=attribute.personal)
        raise AssertionError("what a block remembers is what its tables say")

    def reason_of(self, reason: Reason, *, personal: bool) -> Reason:
        """The gate's reason, or that personal data may not be used to pass it."""
        return Reason.NO_PERSONAL_DATA if personal and not self.view.personal else reason

    def holds_back(self, line: Line) -> bool:
        """Whether pacing lets this request pass by."""
        throttle_ppb = min(line.throttle_ppb, self.purse.throttle_ppb(line.slot))
        return throttle_ppb < PPB and not takes_part(self.lot, line.salt, throttle_ppb)

    def hold_of(self, wire: Micros) -> Micros:
        """What a bid at this price may cost at most, in the account currency."""
        return wire if self.rate == RATE_UNIT else to_account_up(wire, self.rate)

    def take(self, offer: Offer) -> None:
        """Remember that this offer will be made."""
        line = offer.candidate.line
        self.bidding[line] = self.bidding.get(line, 0) + offer.price_micros


_DSA_REQUIRED = (2, 3)


def _dsa_demand(regs: Regs) -> DSARequest | None:
    """What must be told beside the ad, where a bid without `ext.dsa` is rejected (`regs.ext.dsa.dsarequired`)."""
    try:
        dsa = extension(regs).dsa
    except DecodeError:
        return None  # what cannot be read demands nothing; the verdict on personal data is careful all the same
    return dsa if dsa is not None and dsa.dsarequired in _DSA_REQUIRED else None
