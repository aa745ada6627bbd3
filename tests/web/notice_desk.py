"""Notices and tracking for tests: one campaign with a budget, a clock turned by hand, and records in lists."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, NamedTuple
from urllib.parse import quote

from aiohttp import web

from bidder.domain.links import Kind, LinkBuilder, landing_query
from bidder.domain.ticket import Ticket, Use
from bidder.events.recorder import RecordError
from bidder.events.schema import Event, Notice
from bidder.ledger.account import Account, Budget
from bidder.ledger.book import Book
from bidder.ledger.entry import Entry
from bidder.ledger.store import StoreError
from bidder.web.billing import Billing
from bidder.web.notice_routes import MAX_REQUEST_LINE, NoticeRoutes
from bidder.web.notices import Notices
from bidder.web.prices import Prices
from bidder.web.receipt import Counts, Receipt
from bidder.web.tracking import Tracking
from tests.domain.tickets import LANDING, LIFE, NOW_S, signer, ticket

WINDOW_S = 72 * 3600
BUDGET = 1_000_000


class Records:
    """Events in a list."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def append(self, event: Event) -> None:
        self.events.append(event)


class Journal:
    """Lines of the book in a list; the disk can be made to refuse, or to wait."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.unsafe: set[int] = set()
        self.is_full = False
        self.broken = self.unreadable = False
        self.asked: asyncio.Queue[None] = asyncio.Queue()
        self.disk = asyncio.Event()
        self.disk.set()

    def post(self, entry: Entry) -> None:
        self.entries.append(entry)
        self.unsafe.add(entry.bid_id)

    def is_billed(self, bid_id: int) -> bool:
        if self.unreadable:
            raise StoreError("the disk cannot be read")
        return any((entry.bid_id, entry.kind) == (bid_id, "bill") for entry in self.entries)

    async def safe(self, bid_id: int) -> None:
        if bid_id not in self.unsafe:
            return
        self.asked.put_nowait(None)
        await self.disk.wait()
        if self.broken:
            raise RecordError("the disk is broken")
        self.unsafe.discard(bid_id)


class Desk:
    """Notices, tracking and the book behind them."""

    def __init__(
        self, markup_of: Callable[[Ticket], str | None] = lambda _: None, prices: Prices | None = None
    ) -> None:
        self.now_s = float(NOW_S)
        self.signer = signer()
        self.journal = Journal()
        self.book = Book(opened_s=NOW_S, late_s=3600, post=self.journal.post, is_billed=self.journal.is_billed)
        self.book.begin_life(LIFE)
        self.book.fund(ticket().campaign, Budget(BUDGET))
        self.book.grant(ticket().campaign, BUDGET)
        self.counts = Counts()
        billing = Billing(self.book, self.counts, prices)
        self.notices = Notices(self.signer, billing, self.counts, markup_of)
        self.tracking = Tracking(self.signer, billing, self.counts, WINDOW_S)

    @property
    def account(self) -> Account:
        self.book.audit()
        return self.book.accounts[ticket().campaign]

    def money(self) -> tuple[int, int]:
        """Spent, and claimed late."""
        return self.account.spent, self.account.late

    def text(self, kind: Kind, bid: Ticket | None = None) -> str:
        """The ticket as it stands in the URL of a kind."""
        signed = self.signer.sign(bid or ticket())
        return signed.notice if kind.use is Use.NOTICE else signed.tracking

    def call(self, kind: Kind, query: str = "", bid: Ticket | None = None, *, text: str | None = None) -> Receipt:
        """What calling a URL leads to; the ticket is that of `bid`, unless there is a `text` for it."""
        desk = self.notices if kind.use is Use.NOTICE else self.tracking
        return desk.receive(kind, self.text(kind, bid) if text is None else text, query, self.now_s)

    def counted(self) -> dict[str, int]:
        """The counts, as `kind outcome`."""
        return {f"{kind} {outcome}": count for (kind, outcome), count in self.counts.items()}


def click_query(desk: Desk, landing: str = LANDING, **changes: Any) -> str:
    """The query of the click URL of a ticket's creative."""
    bid = ticket(**changes)
    return landing_query(desk.signer, bid.campaign, bid.creative, landing)[1:]


def forged_click_query(desk: Desk, landing: str, signed: str = LANDING) -> str:
    """A query that leads to `landing` with the proof of another page."""
    bid = ticket()
    return f"to={quote(landing, safe='')}&sig={desk.signer.sign_landing(bid.campaign, bid.creative, signed)}"


def outcomes(events: tuple[Event, ...]) -> list[tuple[str, str]]:
    """Kind and outcome of each event."""
    return [
        (event.kind if isinstance(event, Notice) else type(event).__name__.lower(), getattr(event, "outcome", ""))
        for event in events
    ]


class Response(NamedTuple):
    """One HTTP answer off the wire."""

    status: int
    headers: dict[str, str]
    body: bytes


class WebPort:
    """The routes on a real socket."""

    def __init__(self, desk: Desk, records: Records, port: int) -> None:
        self.desk = desk
        self.records = records
        self.port = port
        self.links = LinkBuilder("").links(desk.signer.sign(ticket()), "?" + click_query(desk))

    async def get(self, target: str) -> Response:
        return await self.send("GET", target)

    async def send(self, method: str, target: str, body: bytes = b"", headers: str = "") -> Response:
        """Send one request, its target byte for byte as it is."""
        length = f"Content-Length: {len(body)}\r\n" if body else ""
        head = f"{method} {target} HTTP/1.1\r\nHost: bidder\r\nConnection: close\r\n{length}{headers}\r\n"
        return await self.exchange(head.encode("latin-1") + body)

    async def exchange(self, data: bytes) -> Response:
        """The answer to bytes sent on a connection of their own."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(data)
            head, _, body = (await reader.read()).partition(b"\r\n\r\n")
        finally:
            writer.close()
        status_line, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        return Response(int(status_line.split(" ")[1]), headers, body)


@asynccontextmanager
async def web_port(desk: Desk | None = None) -> AsyncIterator[WebPort]:
    """A server on a free port of this machine."""
    desk, records = desk or Desk(), Records()
    app = web.Application()
    NoticeRoutes(desk.notices, desk.tracking, desk.journal, records, lambda: desk.now_s).add_to(app.router)
    runner = web.AppRunner(app, access_log=None, max_line_size=MAX_REQUEST_LINE, lingering_time=0.05)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield WebPort(desk, records, runner.addresses[0][1])
    finally:
        await runner.cleanup()
