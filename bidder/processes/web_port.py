"""The web port of the control process: its routes put together, its server, its end."""

import asyncio
import socket
from collections.abc import Iterable
from typing import cast

from aiohttp import web
from msgspec import Struct

from bidder.clock import Clock
from bidder.config.schema import Config
from bidder.domain.ticket import Signer
from bidder.ledger.book import Book
from bidder.processes.journal import Journal
from bidder.processes.machine import affordable_connections
from bidder.processes.markups import Markups
from bidder.web.acknowledgement import Records
from bidder.web.billing import Billing
from bidder.web.control_app import Routes, control_app
from bidder.web.notice_routes import MAX_REQUEST_LINE, NoticeRoutes
from bidder.web.notices import Notices
from bidder.web.operations_gate import Token
from bidder.web.prices import Prices
from bidder.web.receipt import Counts
from bidder.web.tracking import Tracking

IDLE_SECONDS = 30.0
"""Also the longest that a caller may take to send the head of a request."""

BACKLOG = 1024

MOST_CONNECTIONS = 8192
"""Open at the same time, where the system gives descriptors for so many; who comes then is asked to call again."""

TOO_MANY = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


class Parts(Struct, frozen=True, kw_only=True):
    """What notices and tracking work with."""

    config: Config
    signer: Signer
    book: Book
    counts: Counts
    records: Records
    journal: Journal
    clock: Clock
    markups: Markups
    prices: Prices


def notice_routes(parts: Parts) -> NoticeRoutes:
    """Notices and tracking, which settle in the book."""
    signer, counts, records = parts.signer, parts.counts, parts.records
    billing = Billing(parts.book, counts, parts.prices)
    return NoticeRoutes(
        Notices(signer, billing, counts, parts.markups.of),
        Tracking(signer, billing, counts, parts.config.bidder.tickets.expire_hours * 3600),
        parts.journal,
        records,
        parts.clock,
    )


class WebPort:
    """The server of the web port."""

    def __init__(self, routes: Iterable[Routes], token: Token, close_seconds: float) -> None:
        """`token` opens what is for operations; `close_seconds`: how long what is under way may take at the end."""
        self._runner = web.AppRunner(
            control_app(routes, token),
            shutdown_timeout=close_seconds,
            access_log=None,
            keepalive_timeout=IDLE_SECONDS,
            max_line_size=MAX_REQUEST_LINE,
        )

        self._listening: asyncio.Server | None = None

    async def listen(self, bound: socket.socket) -> None:
        """Accept connections from now on."""
        await self._runner.setup()
        most = affordable_connections(MOST_CONNECTIONS)
        server = cast("web.Server", self._runner.server)

        def taken() -> asyncio.Protocol:
            return server() if len(server.connections) < most else _Refusal()

        self._listening = await asyncio.get_running_loop().create_server(taken, sock=bound, backlog=BACKLOG)

    async def close(self) -> None:
        """Stop listening, let what is under way finish, and close all connections."""
        if self._listening is not None:
            self._listening.close()
        await self._runner.cleanup()


class _Refusal(asyncio.Protocol):
    """A connection too many."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        out = cast("asyncio.Transport", transport)
        out.write(TOO_MANY)
        out.close()
