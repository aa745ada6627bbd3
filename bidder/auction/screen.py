"""Whether a request is one to look at: the exchange known and on, time left, an imp, a currency, our seat allowed."""

from bidder.auction.market import Market
from bidder.auction.snapshot import Snapshot
from bidder.config.schema import Exchange
from bidder.domain.reason import Reason
from openrtb.request import BidRequest


def screen(snapshot: Snapshot, name: str, request: BidRequest) -> Market | Reason:
    """The market to bid in, or why the request is not looked at. `name` is that of the exchange."""
    exchange = snapshot.exchanges.get(name)
    if exchange is None:
        return Reason.UNKNOWN_EXCHANGE
    if not exchange.enabled:
        return Reason.EXCHANGE_DISABLED
    if not request.id:
        return Reason.INVALID_REQUEST
    if not request.imp:
        return Reason.NO_IMP
    if (request.wseat or request.bseat) and not _seat_allowed(request, exchange.seat):
        return Reason.SEAT_NOT_ALLOWED
    for market in snapshot.markets[name]:
        if not request.cur or market.currency in request.cur:
            return market
    return Reason.NO_CURRENCY


def deadline_s(exchange: Exchange, request: BidRequest, arrived_s: float) -> float:
    """When the answer must leave us: what the exchange waits, less the time on the wire, from arrival (`tmax`)."""
    wait_ms = min(request.tmax or exchange.default_tmax_ms, exchange.deadline_ms) - exchange.network_margin_ms
    return arrived_s + wait_ms / 1000


def _seat_allowed(request: BidRequest, seat: str | None) -> bool:
    """A seat that was never agreed cannot stand on a list (2.6, 3.2.1 `wseat`, `bseat`)."""
    if request.wseat and (seat is None or seat not in request.wseat):
        return False
    return not (request.bseat and seat is not None and seat in request.bseat)
