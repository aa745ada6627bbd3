"""A bid port for tests: a small brain, a handler with sane defaults, a server on a free port, a client of raw bytes."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import msgspec
import orjson

from bidder.answer import Answer
from bidder.clock import Clock
from bidder.domain.reason import Reason
from bidder.web.bid_app import BidServer
from bidder.web.bid_counts import BidCounts
from bidder.web.bid_handler import BidHandler, Dialect, Lane, Service
from bidder.web.bid_limits import Limits
from bidder.web.bid_reply import Reply
from bidder.web.bid_request_head import request_head
from bidder.web.listener.server import BidListener

MAX_BODY_BYTES = 4096
NOW_S = 1_700_000_000.0
BID = b'{"id":"1","imp":[{"id":"1"}]}'
NO_BID = b'{"id":"1","imp":[]}'

Server: type[BidListener] | type[BidServer] = BidListener
"""What `bid_port` runs; the fixture `transport` turns it to each in turn."""


class SmallBrain:
    """Bids one dollar on every imp; `padding` makes the answer longer, `before` runs in the middle of a decision."""

    def __init__(
        self, *, padding: int = 0, deadline_s: float = float("inf"), before: Callable[[], object] = lambda: None
    ) -> None:
        self.padding = padding
        self.deadline_s = deadline_s
        self.before = before
        self.asked: list[tuple[str, bytes, float, float]] = []

    def answer(self, exchange: str, body: bytes, arrived_s: float, now_s: float) -> Answer:
        self.asked.append((exchange, body, arrived_s, now_s))
        self.before()
        try:
            request = orjson.loads(body)
        except orjson.JSONDecodeError:
            return Answer(400, reason=Reason.MALFORMED)
        if not isinstance(request, dict):
            return Answer(400, reason=Reason.MALFORMED)
        bids = [{"id": "1", "impid": imp["id"], "price": 1.0, "adm": "a" * self.padding} for imp in request["imp"]]
        if not bids:
            return Answer(204, reason=Reason.NO_IMP, deadline_s=self.deadline_s)
        body = orjson.dumps({"id": request["id"], "seatbid": [{"bid": bids}]})
        return Answer(200, body, Reason.BID, self.deadline_s)

    def tick(self, now_s: float) -> None:
        """Nothing here depends on time."""


PLAIN_EXCHANGES = {"adx": Dialect("2.6", True, 0.2, 0.1), "old": Dialect("2.5", False, 0.2, 0.1)}


def service(
    brain: Any, counts: BidCounts, *, exchanges: dict[str, Dialect] | None = None, max_body_bytes: int = MAX_BODY_BYTES
) -> Service:
    """A live service: exchange `adx` speaks 2.6 and takes gzip, `old` speaks 2.5 and does not."""
    lanes = {
        name: Lane(name, dialect, counts.exchange(name)) for name, dialect in (exchanges or PLAIN_EXCHANGES).items()
    }
    return Service(brain, lanes, max_body_bytes)


def handler(
    brain: Any = None,
    *,
    clock: Clock = lambda: NOW_S,
    stopwatch: Clock = lambda: NOW_S,
    **settings: Any,
) -> BidHandler:
    """Its clocks stand still: nothing is late, however long the machine keeps a test waiting."""
    counts = BidCounts()
    return BidHandler(service(brain or SmallBrain(), counts, **settings), counts, clock, stopwatch)


def post(
    to: BidHandler, body: bytes = BID, *, exchange: str = "adx", arrived_s: float = NOW_S, **headers: str
) -> Reply:
    """The reply to a POST; header names are written with `_` for `-`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return to.handle(request_head("POST", f"/openrtb2/{exchange}", named), body, arrived_s)


class Received(NamedTuple):
    """One HTTP answer off the wire."""

    status: int
    headers: dict[str, str]
    body: bytes


class RawClient:
    """Bytes to and from one connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    def send(self, data: bytes) -> None:
        self.writer.write(data)

    def post(self, body: bytes = BID, *, exchange: str = "adx", headers: bytes = b"") -> None:
        """Send one whole request."""
        self.send(head(len(body), exchange=exchange, headers=headers) + body)

    async def receive(self, *, has_body: bool = True) -> Received:
        """The next answer. Raises `IncompleteReadError` where the connection closes instead."""
        start = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        status_line, *lines = start.removesuffix("\r\n\r\n").split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        length = int(headers.get("content-length", "0")) if has_body else 0
        return Received(int(status_line.split(" ")[1]), headers, await self.reader.readexactly(length))

    async def is_closed(self) -> bool:
        """Waits for the end of the connection; whether it ended without further bytes."""
        try:
            return await self.reader.read(1) == b""
        except ConnectionError:
            return True


def head(length: int, *, exchange: str = "adx", headers: bytes = b"") -> bytes:
    """The head of a POST with a body of `length` bytes."""
    line = f"POST /openrtb2/{exchange} HTTP/1.1\r\nHost: bid\r\nContent-Length: {length}\r\n".encode()
    return line + headers + b"\r\n"


def request(*lines: bytes, body: bytes = BID, end: bytes = b"\r\n") -> bytes:
    """A request of exactly these lines."""
    return end.join([*lines, b"", b""]) + body


Delivery = Callable[["RawClient", bytes], Awaitable[None]]
"""A way for bytes to travel."""


async def in_one_piece(client: RawClient, data: bytes) -> None:
    client.send(data)


async def byte_by_byte(client: RawClient, data: bytes) -> None:
    """Each byte in a turn of its own, until the other side has closed."""
    for byte in data:
        if client.reader.at_eof() or client.writer.is_closing():
            return
        client.send(b"%c" % byte)
        await asyncio.sleep(0)


class Stopwatch:
    """A clock turned by hand."""

    def __init__(self) -> None:
        self.now_s = 1.0

    def __call__(self) -> float:
        return self.now_s


class BidPort:
    """A running server."""

    def __init__(self, server: BidListener | BidServer, port: int, stopwatch: Stopwatch) -> None:
        self.server = server
        self.port = port
        self.stopwatch = stopwatch

    @property
    def counts(self) -> BidCounts:
        return self.server.handler.counts

    async def until_begun(self, requests: int = 1) -> None:
        """Lets the loop run until so many requests are under way."""
        await until(lambda: sum(bool(each.begun_s) for each in self.server.connections) >= requests)

    @asynccontextmanager
    async def connected(self, tls: ssl.SSLContext | None = None) -> AsyncIterator[RawClient]:
        """A client on a connection of its own."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, limit=1 << 22, ssl=tls)
        try:
            yield RawClient(reader, writer)
        finally:
            writer.close()

    async def exchanged(self, data: bytes) -> Received:
        """The answer to bytes sent on a connection of their own."""
        async with self.connected() as client:
            client.send(data)
            return await client.receive()

    async def is_alive(self) -> bool:
        """Whether a plain request on another connection gets its bid."""
        async with self.connected() as client:
            client.post()
            return (await client.receive()).status == 200


@asynccontextmanager
async def bid_port(
    brain: Any = None, *, limits: Limits | None = None, tls: ssl.SSLContext | None = None, **settings: Any
) -> AsyncIterator[BidPort]:
    """A server on a free port of this machine; the stopwatch of its limits is turned by hand."""
    stopwatch = Stopwatch()
    serving = handler(brain, **settings)
    server = Server(serving, limits or Limits(), stopwatch)
    bound = socket.create_server(("127.0.0.1", 0))
    await server.listen(bound, tls)
    try:
        yield BidPort(server, bound.getsockname()[1], stopwatch)
    finally:
        await server.drain(0)


async def until(condition: Callable[[], object]) -> None:
    """Lets the loop run until something is so."""
    while not condition():  # noqa: ASYNC110
        await asyncio.sleep(0)


def decoded(body: bytes) -> Any:
    return msgspec.json.decode(body)
