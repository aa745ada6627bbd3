"""The one place where a call from outside becomes spend."""

from typing import NamedTuple

from msgspec import Struct

from bidder.domain.links import PRICE, Kind
from bidder.domain.outcome import Outcome
from bidder.domain.ticket import Ticket
from bidder.events.schema import Notice
from bidder.ledger.account import fee_micros
from bidder.ledger.book import Book
from bidder.web.notice_query import Query
from bidder.web.prices import Prices
from bidder.web.receipt import Counts

MAX_TEXT_CHARS = 64
"""Texts from outside are recorded up to this length."""

_INT64 = 2**63 - 1


class Booked(NamedTuple):
    """What was billed, and what is owed on top. Micros."""

    clearing: int | None
    fee: int


class Settlement(Struct, frozen=True):
    """How billing a bid ended."""

    outcome: Outcome
    notice: Notice
    """The record: `price_micros` is what was booked, `price_text` what was claimed."""

    @property
    def money(self) -> Notice | None:
        """The notice, where money moved."""
        return self.notice if self.outcome.counts or self.outcome is Outcome.LATE else None

    @property
    def telemetry(self) -> tuple[Notice, ...]:
        """The notice, where no money moved."""
        return () if self.money else (self.notice,)


class Billing:
    """Bills bids in the book, at the event that their exchange bills on."""

    def __init__(self, book: Book, counts: Counts, prices: Prices | None = None) -> None:
        self.book = book
        self.prices = prices or Prices()
        self._counts = counts

    def settle(self, ticket: Ticket, query: Query, now_s: float) -> Settlement:
        """Bill the bid at the price in the query. Whoever calls has seen the ticket's billable event."""
        text = query.text(PRICE)
        clearing, outcome = self.prices.read(text, ticket, now_s)
        fee = 0
        if ticket.test:
            outcome = Outcome.TEST
        elif query.came_twice(PRICE):
            outcome = Outcome.AMBIGUOUS
        elif clearing is not None:
            fee_ppb = self.prices.fee_ppb(ticket.exchange)
            outcome = self.book.bill(ticket, clearing, now_s, fee_ppb)
            clearing = min(clearing, ticket.price_micros)
            fee = fee_micros(clearing, fee_ppb) if outcome.counts else 0
        self._counts[Kind.BILLING, outcome] += 1
        return Settlement(outcome, _billing_notice(ticket, outcome, Booked(clearing, fee), text, now_s))


def recordable(micros: int | None) -> int | None:
    """The amount, if a record can hold it: an absurd claim is no amount."""
    return micros if micros is not None and micros <= _INT64 else None


def _billing_notice(ticket: Ticket, outcome: Outcome, booked: Booked, text: str, now_s: float) -> Notice:
    return Notice(
        at_ms=int(now_s * 1000),
        kind="billing",
        bid_id=ticket.bid_id,
        campaign=ticket.campaign,
        creative=ticket.creative,
        exchange=ticket.exchange,
        outcome=outcome,
        price_micros=recordable(booked.clearing),
        price_text=text[:MAX_TEXT_CHARS],
        fee_micros=booked.fee,
        test=ticket.test,
    )
