"""A connection of the bid port on aiohttp, with bounds on what a caller may hold and for how long.

What aiohttp answers by itself where bytes are no HTTP is answered here without a body and without a line in the log.
"""

import asyncio
from typing import Protocol

from aiohttp import web
from aiohttp.http_exceptions import BadHttpMessage, LineTooLong

from bidder.clock import Clock
from bidder.web.bid_limits import Limits
from bidder.web.open_connections import OpenConnections

TOO_MANY = "Too many headers received"
"""What aiohttp says of a head with more headers than it may have."""

TIMED_OUT = b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


class Owner(Protocol):
    """The server behind a connection."""

    limits: Limits
    open: "OpenConnections[Connection]"

    def broken(self, status: int) -> web.Response:
        """The answer to bytes that are no HTTP request."""

    def fault(self, error: BaseException | None) -> web.Response:
        """The answer where deciding failed through a fault of ours."""


class Connection(web.RequestHandler):
    """Knows when its bytes arrived, and since when its current request is under way."""

    __slots__ = ("_clock", "_owner", "_stopwatch", "arrived_s", "begun_s")

    def __init__(self, manager: web.Server, owner: Owner, clock: Clock, stopwatch: Clock) -> None:
        limits = owner.limits
        super().__init__(
            manager,
            loop=asyncio.get_running_loop(),
            keepalive_timeout=limits.idle_seconds,
            lingering_time=limits.linger_seconds,
            max_line_size=limits.url_bytes,
            max_field_size=limits.header_bytes,
            max_headers=limits.headers,
            access_log=None,  # type: ignore[arg-type]  # aiohttp's own way of turning it off
            auto_decompress=False,
        )
        self._owner = owner
        self._clock = clock
        self._stopwatch = stopwatch
        self.arrived_s = 0.0
        """When the latest bytes arrived, seconds since 1970 UTC."""
        self.begun_s = 0.0
        """When the current request began, by the stopwatch; 0 between two requests."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the connection, or close it where there are too many."""
        if self._owner.open.admit(self):
            super().connection_made(transport)
        else:
            transport.close()

    def connection_lost(self, exc: BaseException | None) -> None:
        """The other side is gone, or we closed."""
        self._owner.open.forget(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Note the time before anything else is done with the bytes."""
        if data:  # aiohttp calls this without any, too, to go on with what it has
            self.arrived_s = self._clock()
            self.begin()
        super().data_received(data)

    def begin(self) -> None:
        """A request is under way; also one that was waiting behind another."""
        if not self.begun_s:
            self.begun_s = self._stopwatch()

    async def finish_response(
        self, request: web.BaseRequest, resp: web.StreamResponse, start_time: float | None
    ) -> tuple[web.StreamResponse, bool]:
        """Write the answer; then the request is over."""
        written = await super().finish_response(request, resp, start_time)
        self.begun_s = 0.0
        return written

    def cut_off(self) -> None:
        """End a request that takes too long: 408 where it is not all there, silence where its answer is not read."""
        if self.writing_paused:
            self.abort()
        elif self.transport is not None:
            self.transport.write(TIMED_OUT)
            self.force_close()

    def abort(self) -> None:
        """Close at once, whatever has not been written."""
        transport = self.transport
        self.force_close()
        if transport is not None:
            transport.abort()

    def handle_error(
        self,
        request: web.BaseRequest,  # noqa: ARG002
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,  # noqa: ARG002
    ) -> web.StreamResponse:
        """The answer to what aiohttp could not parse, or could not get an answer for."""
        response = self._owner.broken(self._status(exc)) if status == 400 else self._owner.fault(exc)
        response.force_close()
        return response

    def log_exception(self, *args: object, **kw: object) -> None:
        """Callers that break off in the middle of a body are no news."""

    def _status(self, error: BaseException | None) -> int:
        if not isinstance(error, LineTooLong):
            return 431 if isinstance(error, BadHttpMessage) and error.message == TOO_MANY else 400
        return 414 if self.max_line_size in error.args else 431
