"""Impressions, clicks and conversions, as browsers and advertisers report them. Pure.

Anybody who saw the ad has these URLs, so they count at most once for each bid, and move money only where the exchange
bills on the pixel. A click leads to the landing page that was signed for its creative, or nowhere.
"""

from bidder.domain.landing import with_parameter
from bidder.domain.links import CLICK_ID, EVENT, LANDING, LANDING_TAG, PRICE, REFERENCE, VALUE, Kind
from bidder.domain.outcome import Outcome
from bidder.domain.ticket import Billable, Forged, Signer, Ticket
from bidder.events.schema import Click, Conversion, Impression
from bidder.web.billing import MAX_TEXT_CHARS, Billing
from bidder.web.notice_query import Query
from bidder.web.receipt import Counts, Receipt, refusal
from bidder.web.tracking_memory import Memory
from openrtb.macros import PriceKind, read_price

REMEMBERED = 1 << 18


class Tracking:
    """Receives what browsers and advertisers report."""

    def __init__(self, signer: Signer, billing: Billing, counts: Counts, window_s: int) -> None:
        """`window_s`: how long after the bid a report still counts."""
        self.counts = counts
        self._signer = signer
        self._billing = billing
        self._window_s = window_s
        self._seen = {kind: Memory(REMEMBERED) for kind in (Kind.IMPRESSION, Kind.CLICK, Kind.CONVERSION)}

    def receive(self, kind: Kind, text: str, raw_query: str, now_s: float) -> Receipt:
        """One call of `/KIND/TEXT?RAW_QUERY`, where the kind is IMPRESSION, CLICK or CONVERSION."""
        receipt = self._receipt(kind, text, raw_query, now_s)
        self.counts[kind, receipt.outcome] += 1
        return receipt

    def _receipt(self, kind: Kind, text: str, raw_query: str, now_s: float) -> Receipt:
        try:
            ticket = self._signer.read(text, kind.use)
            query = Query(raw_query)
        except Forged as forged:
            return refusal(forged.outcome)
        except ValueError:
            return refusal(Outcome.OVERSIZED)
        match kind:
            case Kind.IMPRESSION:
                return self._impression(ticket, query, now_s)
            case Kind.CLICK:
                return self._click(ticket, text, query, now_s)
            case Kind.CONVERSION:
                return self._conversion(ticket, query, now_s)
            case Kind.WIN | Kind.BILLING | Kind.LOSS:
                raise ValueError(f"{kind!r} is not reported by browsers or advertisers")

    def _impression(self, ticket: Ticket, query: Query, now_s: float) -> Receipt:
        audit = read_price(query.text(PRICE)).kind is PriceKind.AUDIT
        outcome = Outcome.AUDIT if audit else self._judged(Kind.IMPRESSION, ticket, ticket.bid_id, now_s)
        impression = _event(Impression, ticket, outcome, now_s)
        if ticket.billable is not Billable.IMPRESSION:
            return Receipt(status=200, outcome=outcome, bid_id=ticket.bid_id, events=(impression,))
        settled = self._billing.settle(ticket, query, now_s)
        events = (impression, *settled.telemetry)
        return Receipt(status=200, outcome=outcome, bid_id=ticket.bid_id, events=events, money=settled.money)

    def _click(self, ticket: Ticket, text: str, query: Query, now_s: float) -> Receipt:
        landing, tag = query.text(LANDING), query.text(LANDING_TAG)
        if not self._signer.is_landing_of(ticket.campaign, ticket.creative, landing, tag):
            return refusal(Outcome.BAD_LANDING)
        outcome = self._judged(Kind.CLICK, ticket, ticket.bid_id, now_s)
        return Receipt(
            status=302,
            outcome=outcome,
            bid_id=ticket.bid_id,
            events=(_event(Click, ticket, outcome, now_s),),
            location=with_parameter(landing, CLICK_ID, text),
        )

    def _conversion(self, ticket: Ticket, query: Query, now_s: float) -> Receipt:
        event, reference = _words(query.text(EVENT)), _words(query.text(REFERENCE))
        if query.came_twice(EVENT, VALUE, REFERENCE):
            outcome = Outcome.AMBIGUOUS
        else:
            outcome = self._judged(Kind.CONVERSION, ticket, (ticket.bid_id, event, reference), now_s)
        conversion = Conversion(
            at_ms=int(now_s * 1000),
            bid_id=ticket.bid_id,
            campaign=ticket.campaign,
            creative=ticket.creative,
            exchange=ticket.exchange,
            outcome=outcome,
            value_micros=read_price(query.text(VALUE)).cpm_micros,  # millionths, of whatever the number is
            event=event,
            reference=reference,
            test=ticket.test,
        )
        return Receipt(status=204, outcome=outcome, bid_id=ticket.bid_id, events=(conversion,))

    def _judged(self, kind: Kind, ticket: Ticket, key: object, now_s: float) -> Outcome:
        if ticket.test:
            return Outcome.TEST
        if now_s >= ticket.at_s + self._window_s:
            return Outcome.EXPIRED
        return Outcome.COUNTED if self._seen[kind].is_new(key) else Outcome.REPEATED


def _event(event: type[Impression | Click], ticket: Ticket, outcome: Outcome, now_s: float) -> Impression | Click:
    return event(
        at_ms=int(now_s * 1000),
        bid_id=ticket.bid_id,
        campaign=ticket.campaign,
        creative=ticket.creative,
        exchange=ticket.exchange,
        outcome=outcome,
        test=ticket.test,
    )


def _words(text: str) -> str:
    """An advertiser's word as records keep it: printable, of bounded length."""
    return "".join(filter(str.isprintable, text[:MAX_TEXT_CHARS]))
