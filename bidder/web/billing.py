"""The one place where a call from outside becomes spend."""

from msgspec import Struct

from bidder.domain.links import PRICE, Kind
from bidder.domain.money import to_account_up
from bidder.domain.outcome import Outcome
from bidder.domain.ticket import Ticket
from bidder.events.schema import Notice
from bidder.ledger.book import Book
from bidder.web.notice_query import Query
from bidder.web.receipt import Counts
from openrtb.macros import Price, PriceKind, read_price

MAX_TEXT_CHARS = 64
"""Texts from outside are recorded up to this length."""

OF_PRICE = {
    PriceKind.AUDIT: Outcome.AUDIT,
    PriceKind.EMPTY: Outcome.EMPTY,
    PriceKind.UNEXPANDED: Outcome.UNEXPANDED,
    PriceKind.NOT_A_NUMBER: Outcome.NOT_A_NUMBER,
    PriceKind.NEGATIVE: Outcome.NEGATIVE,
    PriceKind.NON_FINITE: Outcome.NON_FINITE,
    PriceKind.OUT_OF_RANGE: Outcome.OUT_OF_RANGE,
}
"""The outcome where the price is none."""

_INT64 = 2**63 - 1


class Settlement(Struct, frozen=True):
    """How billing a bid ended."""

    outcome: Outcome
    notice: Notice
    """The record: `price_micros` is what was booked, `price_text` what was claimed."""

    @property
    def money(self) -> Notice | None:
        """The notice, where money moved: it must not be lost."""
        return self.notice if self.outcome.counts or self.outcome is Outcome.LATE else None

    @property
    def telemetry(self) -> tuple[Notice, ...]:
        """The notice, where no money moved."""
        return () if self.money else (self.notice,)


class Billing:
    """Bills bids in the book, at the event that their exchange bills on."""

    def __init__(self, book: Book, counts: Counts) -> None:
        self.book = book
        self._counts = counts

    def settle(self, ticket: Ticket, query: Query, now_s: float) -> Settlement:
        """Bill the bid at the price in the query. Whoever calls has seen the ticket's billable event."""
        text = query.text(PRICE)
        price = read_price(text)
        clearing = clearing_micros(price, ticket.rate)
        if ticket.test:
            outcome = Outcome.TEST
        elif query.came_twice(PRICE):
            outcome = Outcome.AMBIGUOUS
        elif clearing is None:
            outcome = OF_PRICE[price.kind]
        else:
            outcome = self.book.bill(ticket, clearing, now_s)
            clearing = min(clearing, ticket.price_micros)
        self._counts[Kind.BILLING, outcome] += 1
        return Settlement(outcome, _billing_notice(ticket, outcome, clearing, text, now_s))


def clearing_micros(price: Price, rate: int) -> int | None:
    """A price from a notice as micros of the account currency for one impression, rounded up; None where it is none.

    Up, so that the book never has less than the exchange bills; a bid comes back as at most its own price.
    """
    return None if price.cpm_micros is None else -(-to_account_up(price.cpm_micros, rate) // 1000)


def recordable(micros: int | None) -> int | None:
    """The amount, if a record can hold it: an absurd claim is no amount."""
    return micros if micros is not None and micros <= _INT64 else None


def _billing_notice(ticket: Ticket, outcome: Outcome, clearing: int | None, text: str, now_s: float) -> Notice:
    return Notice(
        at_ms=int(now_s * 1000),
        kind="billing",
        bid_id=ticket.bid_id,
        campaign=ticket.campaign,
        creative=ticket.creative,
        exchange=ticket.exchange,
        outcome=outcome,
        price_micros=recordable(clearing),
        price_text=text[:MAX_TEXT_CHARS],
        test=ticket.test,
    )
