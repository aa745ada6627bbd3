"""The web port of the control process: its routes put together, its server, its end."""

import socket

from aiohttp import web

from bidder.clock import wall_s
from bidder.config.schema import Config
from bidder.domain.ticket import Signer
from bidder.ledger.book import Book
from bidder.processes.records import Records
from bidder.web.billing import Billing
from bidder.web.control_app import Operations, control_app
from bidder.web.notice_routes import MAX_REQUEST_LINE, NoticeRoutes
from bidder.web.notices import Notices
from bidder.web.receipt import Counts
from bidder.web.tracking import Tracking

IDLE_SECONDS = 30.0
"""Also the longest that a caller may take to send the head of a request."""

BACKLOG = 1024


def notice_routes(config: Config, signer: Signer, book: Book, records: Records, counts: Counts) -> NoticeRoutes:
    """Notices and tracking, which settle in `book` and count in `counts`."""
    billing = Billing(book, counts)
    return NoticeRoutes(
        Notices(signer, billing, counts, lambda _: None),
        Tracking(signer, billing, counts, config.bidder.tickets.expire_hours * 3600),
        records,
        wall_s,
    )


class WebPort:
    """The server of the web port."""

    def __init__(self, notices: NoticeRoutes, operations: Operations, close_seconds: float) -> None:
        """`close_seconds`: how long what is under way may take once the port closes."""
        self._runner = web.AppRunner(
            control_app([notices, operations]),
            shutdown_timeout=close_seconds,
            access_log=None,
            keepalive_timeout=IDLE_SECONDS,
            max_line_size=MAX_REQUEST_LINE,
        )

    async def listen(self, bound: socket.socket) -> None:
        """Accept connections from now on."""
        await self._runner.setup()
        await web.SockSite(self._runner, bound, backlog=BACKLOG).start()

    async def close(self) -> None:
        """Stop listening, let what is under way finish, and close all connections."""
        await self._runner.cleanup()
