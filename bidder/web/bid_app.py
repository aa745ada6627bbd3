"""The bid port on aiohttp: the reference that `listener` is held against, behind the same `BidHandler`."""

import asyncio
import socket
import ssl
from typing import cast

from aiohttp import StreamReader, web
from aiohttp.http_exceptions import HttpProcessingError

from bidder.clock import Clock, monotonic_s
from bidder.web.bid_app_connection import Connection
from bidder.web.bid_handler import BidHandler
from bidder.web.bid_headers import declared_length
from bidder.web.bid_limits import ConnectionCounts, Limits
from bidder.web.bid_reply import SERVER_NAME, Reply, ReplyHead
from bidder.web.bid_request_head import request_head
from bidder.web.open_connections import Faults, OpenConnections

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"

NO_BID = Reply(ReplyHead(204))
NOT_THERE = Reply(ReplyHead(400))
"""For a caller that broke off in the middle of its body; nobody reads it."""

DEFAULT_LIMITS = Limits()


class BidServer(web.Server):
    """Accepts connections on the bid port and answers what comes over them; made inside a running event loop."""

    def __init__(self, handler: BidHandler, limits: Limits = DEFAULT_LIMITS, stopwatch: Clock = monotonic_s) -> None:
        super().__init__(self._answer)
        self.handler = handler
        self.limits = limits
        self.counts = ConnectionCounts()
        self._stopwatch = stopwatch
        self.open: OpenConnections[Connection] = OpenConnections(limits.connections, self.counts)
        self._listener: asyncio.Server | None = None
        self._faults = Faults(self.counts, stopwatch)

    def __call__(self) -> Connection:
        """The protocol of a new connection."""
        return Connection(self, self, self.handler.clock, self._stopwatch)

    async def listen(self, bound: socket.socket, tls: ssl.SSLContext | None = None) -> None:
        """Accept connections from here on, encrypted where `tls` is given."""
        self._listener = await asyncio.get_running_loop().create_server(
            self, sock=bound, backlog=self.limits.backlog, ssl=tls
        )

    @property
    def open_connections(self) -> int:
        """How many there are."""
        return len(self.open)

    def sweep(self) -> None:
        """Cut off the callers whose request takes too long; to be called every now and then."""
        latest_s = self._stopwatch() - self.limits.request_seconds
        for connection in [each for each in self.open if 0 < each.begun_s < latest_s]:
            self.counts.timed_out += 1
            connection.cut_off()

    async def drain(self, seconds: float) -> None:
        """Stop listening, let what is under way finish for at most so many seconds, and close all connections."""
        self.handler.draining = True
        if self._listener is not None:
            self._listener.close()
        for connection in [each for each in self.open if not each.begun_s]:
            connection.force_close()
        await self.open.drain(seconds)

    def broken(self, status: int) -> web.Response:
        """The answer to bytes that are no HTTP request."""
        return _response(self.handler.broken(status), close=True)

    def fault(self, error: BaseException | None) -> web.Response:
        """The answer where deciding failed through a fault of ours: no bid. Callers never learn of it."""
        self._faults.note(error)
        return _response(NO_BID, close=True)

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        connection = cast("Connection", request.protocol)
        arrived_s = connection.arrived_s
        connection.begin()
        handler, content = self.handler, request.content
        head = request_head(request.method, _path(request), request.headers)
        if content.is_eof():
            body = content.read_nowait()
        else:
            refusal = handler.refusal(head, declared_length(request.headers.get("content-length")))
            if refusal is not None:
                return _response(refusal, close=True)
            try:
                body = await self._late_body(request, content)
            except (web.RequestPayloadError, HttpProcessingError):
                return self.broken(400)
            except ConnectionError:
                return _response(NOT_THERE, close=True)
        reply = handler.handle(head, body, arrived_s)
        return _response(reply, close=handler.draining or not content.is_eof())

    async def _late_body(self, request: web.BaseRequest, content: StreamReader) -> bytes:
        """A body that was not all there with the head, up to one byte more than is allowed."""
        if "expect" in request.headers and request.version >= (1, 1) and request.transport is not None:
            request.transport.write(CONTINUE)
        enough = self.handler.service.max_body_bytes + 1
        body = bytearray()
        while len(body) < enough and (chunk := await content.readany()):
            body += chunk
        return bytes(body[:enough])


def _path(request: web.BaseRequest) -> str:
    """The path as sent, without query; also of a target in absolute form (RFC 9112, section 3.2.2)."""
    target = request.raw_path
    return target.partition("?")[0] if target.startswith("/") else request.rel_url.raw_path


def _response(reply: Reply, *, close: bool) -> web.Response:
    response = web.Response(status=reply.status, headers=reply.headers, body=reply.body)
    response.headers["Server"] = SERVER_NAME
    if close:
        response.force_close()
    return response
