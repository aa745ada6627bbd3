"""Win, billing and loss notices, as the exchange calls them (OpenRTB 2.6, sections 3.2.8, 4.2.4 and 4.4). Pure.

Whatever a genuine notice says, the exchange gets an acknowledgement, since sending it again would not help. Repeats,
tests, and prices that are none do nothing but count.
"""

from collections.abc import Callable

from bidder.domain.links import LOSS_REASON, MIN_TO_WIN, PRICE, Kind
from bidder.domain.outcome import Outcome
from bidder.domain.ticket import Billable, Forged, Signer, Ticket
from bidder.events.schema import Notice, NoticeKind
from bidder.web.billing import MAX_TEXT_CHARS, Billing, recordable
from bidder.web.notice_query import Query
from bidder.web.prices import Told, plain
from bidder.web.receipt import Counts, Receipt, refusal
from openrtb.enums import LossReasonCodes
from openrtb.macros import PriceKind, read_price

_BID_WON = int(LossReasonCodes.BID_WON)

MarkupOf = Callable[[Ticket], str | None]
"""The markup that the win notice of a bid returns; None for exchanges that got it in the bid."""


class Notices:
    """Receives the notices of the exchange, and keeps the book by them."""

    def __init__(self, signer: Signer, billing: Billing, counts: Counts, markup_of: MarkupOf) -> None:
        self.counts = counts
        self._signer = signer
        self._billing = billing
        self._markup_of = markup_of

    def receive(self, kind: Kind, text: str, raw_query: str, now_s: float) -> Receipt:
        """One call of `/KIND/TEXT?RAW_QUERY`, where the kind is WIN, BILLING or LOSS.

        A call of the win notice that gives a reason for a loss is a loss.
        """
        try:
            ticket = self._signer.read(text, kind.use)
            query = Query(raw_query)
        except Forged as forged:
            receipt = refusal(forged.outcome)
        except ValueError:
            receipt = refusal(Outcome.OVERSIZED)
        else:
            if kind is Kind.WIN and _may_tell_a_loss(query):
                kind, receipt = Kind.LOSS, self._lose(ticket, query, now_s, _unclear(query))
            else:
                receipt = self._receipt(kind, ticket, query, now_s)
        if receipt.outcome.refused or kind is not Kind.BILLING:  # what `Billing` judges, it counts
            self.counts[kind, receipt.outcome] += 1
        return receipt

    def _receipt(self, kind: Kind, ticket: Ticket, query: Query, now_s: float) -> Receipt:
        match kind:
            case Kind.WIN:
                return self._win(ticket, query, now_s)
            case Kind.BILLING:
                return self._bill(ticket, query, now_s)
            case Kind.LOSS:
                return self._lose(ticket, query, now_s)
            case Kind.IMPRESSION | Kind.CLICK | Kind.CONVERSION:
                raise ValueError(f"{kind!r} is not a notice of the exchange")

    def _win(self, ticket: Ticket, query: Query, now_s: float) -> Receipt:
        told = self._billing.prices.read(query.text(PRICE), ticket, now_s)
        outcome = _judged_win(ticket, query, told) or self._billing.book.win(ticket, now_s)
        win = self._notice("win", ticket, query, outcome, now_s)
        markup = self._markup_of(ticket)
        status = 204 if markup is None else 200
        if ticket.billable is not Billable.NURL:
            return Receipt(status=status, outcome=outcome, bid_id=ticket.bid_id, events=(win,), body=markup)
        settled = self._billing.settle(ticket, query, now_s)
        events = (win, *settled.telemetry)
        return Receipt(
            status=status, outcome=outcome, bid_id=ticket.bid_id, events=events, money=settled.money, body=markup
        )

    def _bill(self, ticket: Ticket, query: Query, now_s: float) -> Receipt:
        if ticket.billable is not Billable.BURL:
            self.counts[Kind.BILLING, Outcome.NOT_BILLABLE] += 1
            notice = self._notice("billing", ticket, query, Outcome.NOT_BILLABLE, now_s)
            return Receipt(status=204, outcome=Outcome.NOT_BILLABLE, bid_id=ticket.bid_id, events=(notice,))
        settled = self._billing.settle(ticket, query, now_s)
        return Receipt(
            status=204,
            outcome=settled.outcome,
            bid_id=ticket.bid_id,
            events=settled.telemetry,
            money=settled.money,
        )

    def _lose(self, ticket: Ticket, query: Query, now_s: float, unclear: Outcome | None = None) -> Receipt:
        outcome = _judged_loss(ticket, query) or unclear or self._billing.book.lose(ticket, now_s)
        loss = self._notice("loss", ticket, query, outcome, now_s)
        return Receipt(status=204, outcome=outcome, bid_id=ticket.bid_id, events=(loss,))

    def _notice(self, kind: NoticeKind, ticket: Ticket, query: Query, outcome: Outcome, now_s: float) -> Notice:
        text = query.text(PRICE)
        least = plain(read_price(query.text(MIN_TO_WIN)), ticket.rate)
        return Notice(
            at_ms=int(now_s * 1000),
            kind=kind,
            bid_id=ticket.bid_id,
            campaign=ticket.campaign,
            creative=ticket.creative,
            exchange=ticket.exchange,
            outcome=outcome,
            price_micros=recordable(self._billing.prices.read(text, ticket, now_s).micros),
            price_text=text[:MAX_TEXT_CHARS],
            loss_reason=_code(query.text(LOSS_REASON)),
            min_to_win_micros=recordable(least.micros),
            test=ticket.test,
        )


def _judged_win(ticket: Ticket, query: Query, told: Told) -> Outcome | None:
    """Why a win is none; None where it is one. An exchange may withhold the price."""
    if ticket.test:
        return Outcome.TEST
    if query.came_twice(PRICE):
        return Outcome.AMBIGUOUS
    return None if told.outcome in {Outcome.EMPTY, Outcome.COUNTED} else told.outcome


def _may_tell_a_loss(query: Query) -> bool:
    """Whether a call of the win notice has a reason other than 0, Bid Won (OpenRTB 2.6, list Loss Reason Codes)."""
    reason = query.text(LOSS_REASON)
    return query.came_twice(LOSS_REASON) or (reason != "" and _code(reason) != _BID_WON)


def _unclear(query: Query) -> Outcome | None:
    """Why a call of the win notice tells neither a win nor a loss for sure; None where it tells a loss."""
    return None if _code(query.text(LOSS_REASON)) is not None else Outcome.NOT_A_NUMBER


def _judged_loss(ticket: Ticket, query: Query) -> Outcome | None:
    """Why a loss is none; None where it is one. Reason and price may be withheld, but not left as macros."""
    if ticket.test:
        return Outcome.TEST
    if query.came_twice(LOSS_REASON, PRICE):
        return Outcome.AMBIGUOUS
    kinds = {read_price(query.text(name)).kind for name in (LOSS_REASON, PRICE)}
    if PriceKind.AUDIT in kinds:
        return Outcome.AUDIT
    return Outcome.UNEXPANDED if PriceKind.UNEXPANDED in kinds else None


def _code(text: str) -> int | None:
    """A code of the list Loss Reason Codes, or of the exchange's own."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 6 else None
