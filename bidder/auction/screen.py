"""Whether a request is one to look at: the exchange known and on, time left, an imp, a currency, our seat allowed."""

from bidder.auction.snapshot import Snapshot
from bidder.config.schema import Exchange
from bidder.domain.reason import Reason
from openrtb.request import BidRequest


def screen(snapshot: Snapshot, exchange: Exchange | None, request: BidRequest) -> Reason:
    """`Reason.BID` for a request to look at, else why not."""
    if exchange is None:
        return Reason.UNKNOWN_EXCHANGE
    if not exchange.enabled:
        return Reason.EXCHANGE_DISABLED
    if not request.id:
        return Reason.INVALID_REQUEST
    if not request.imp:
        return Reason.NO_IMP
    if not _seat_allowed(request, exchange.seat):
        return Reason.SEAT_NOT_ALLOWED
    return Reason.BID if currency_of(snapshot, exchange, request) else Reason.NO_CURRENCY


def deadline_s(exchange: Exchange, request: BidRequest, arrived_s: float) -> float:
    """When the answer must leave us: what the exchange waits, less the time on the wire, from arrival (`tmax`)."""
    wait_ms = min(request.tmax or exchange.default_tmax_ms, exchange.deadline_ms) - exchange.network_margin_ms
    return arrived_s + wait_ms / 1000


def currency_of(snapshot: Snapshot, exchange: Exchange, request: BidRequest) -> str | None:
    """The currency to bid in: the first agreed with the exchange that the request allows and a rate is known for."""
    return next(
        (
            currency
            for currency in exchange.currencies
            if currency in snapshot.rates and (not request.cur or currency in request.cur)
        ),
        None,
    )


def _seat_allowed(request: BidRequest, seat: str | None) -> bool:
    """A seat that was never agreed cannot stand on a list (2.6, 3.2.1 `wseat`, `bseat`)."""
    if request.wseat and (seat is None or seat not in request.wseat):
        return False
    return not (request.bseat and seat is not None and seat in request.bseat)
