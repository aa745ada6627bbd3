"""One request on its way through the auction: what all its imps share, worked out once."""

from collections.abc import Callable

from bidder.auction.describe import describe
from bidder.auction.offer import Offer
from bidder.auction.pace import Purse, draw
from bidder.auction.publisher import Blocks
from bidder.auction.score import Facts, Predictor
from bidder.auction.snapshot import Block, Snapshot
from bidder.auction.terms import Convert
from bidder.auction.view import Values, View
from bidder.config.schema import Exchange
from bidder.domain.money import RATE_UNIT, Micros, to_account_up
from bidder.domain.reason import Reason
from bidder.privacy.verdict import Verdict
from openrtb import DecodeError
from openrtb.extensions import DSARequest, extension
from openrtb.imp import Imp
from openrtb.request import BidRequest


class Round:
    """The request, the configuration it is judged by, and the lines that already bid on one of its imps."""

    def __init__(
        self, snapshot: Snapshot, purse: Purse, predictor: Predictor, name: str, exchange: Exchange, currency: str
    ) -> None:
        self.snapshot = snapshot
        self.purse = purse
        self.predictor = predictor
        self.name = name
        self.exchange = exchange
        self.currency = currency
        self.rate = snapshot.rates[currency]
        self.at = _AUCTIONS.get(exchange.auction, 0)
        """The type of the auction: what the request says, or what the exchange is known to do."""
        self.convert = Convert(snapshot.rates, currency)
        self.secure = snapshot.settings.server.public_url.startswith("https:")
        """Whether our own trackers and click links may stand in markup that must load over HTTPS."""
        self._opened: dict[int, tuple[int, Reason]] = {}
        self.bidding: dict[object, int] = {}
        """Lines that already bid on an imp of this request, and what those bids hold together."""

    def admit(self, request: BidRequest, verdict: Verdict, now: float) -> "Round":
        """Take in the request; returns itself."""
        self.request = request
        self.at = self.at or request.at
        self.verdict = verdict
        self.view = View(request, self.name, now, personal=verdict.personal)
        self.blocks = Blocks(request, self.snapshot.advertiser_domains)
        self.dsa = _dsa_demand(request)
        self.lot = draw(request.id)
        self.test = request.test == 1
        self.values = self._asked(self.view)
        """What the request says about each attribute that some line names."""
        return self

    def _asked(self, view: View) -> list[Values]:
        """Each question is asked once, also where several attributes read the same answer."""
        answers: dict[Callable[[View], Values], Values] = {}
        values: list[Values] = []
        for attribute in self.snapshot.request_attributes:
            ask = attribute.values
            if ask not in answers:
                answers[ask] = ask(view)
            values.append(answers[ask])
        return values

    def open_lines(self, block: Block) -> tuple[int, Reason]:
        """The lines of a block that the request lets through, and the gate that closed where none is left."""
        known = self._opened.get(id(block))
        if known is None:
            known = self._opened[id(block)] = self._open(block)
        return known

    def _open(self, block: Block) -> tuple[int, Reason]:
        bits = block.live
        if not bits:
            return 0, block.idle
        for attribute, table, values in zip(
            self.snapshot.request_attributes, block.request_tables, self.values, strict=True
        ):
            bits &= table.accept(values)
            if not bits:
                return 0, self.reason_of(attribute.reason, personal=attribute.personal)
        return bits, Reason.BID

    def reason_of(self, reason: Reason, *, personal: bool) -> Reason:
        """The gate's reason, or that personal data may not be used to pass it."""
        return Reason.NO_PERSONAL_DATA if personal and not self.view.personal else reason

    def hold_of(self, wire: Micros) -> Micros:
        """What a bid at this price may cost at most, in the account currency."""
        return wire if self.rate == RATE_UNIT else to_account_up(wire, self.rate)

    def take(self, offer: Offer) -> None:
        """Remember that this offer will be made."""
        line = offer.candidate.line
        self.bidding[line] = self.bidding.get(line, 0) + offer.price_micros

    def facts_of(self, imp: Imp) -> Facts:
        """The facts a model scores by."""
        return describe(self.view, imp, self.at)


_AUCTIONS = {"first": 1, "second": 2}
_DSA_REQUIRED = (2, 3)


def _dsa_demand(request: BidRequest) -> DSARequest | None:
    """What must be told beside the ad, where a bid without `ext.dsa` is rejected (`regs.ext.dsa.dsarequired`)."""
    if request.regs is None or not request.regs.ext:
        return None
    try:
        dsa = extension(request.regs).dsa
    except DecodeError:
        return None  # what cannot be read demands nothing; the verdict on personal data is careful all the same
    return dsa if dsa is not None and dsa.dsarequired in _DSA_REQUIRED else None
