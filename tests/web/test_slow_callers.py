"""Thousands of callers that send slowly or not at all, and a drain in the middle of traffic."""

import asyncio
import socket
import sys
from asyncio import IncompleteReadError
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from types import FrameType
from typing import Any

import pytest

from bidder.web.bid_limits import Limits
from bidder.web.listener.server import MOST_ENDED
from tests.web.bid_port import BID, BidPort, SmallBrain, bid_port, head, until

SLOW = 5_000
LIVE = 300
ROUNDS = 5
TraceFunction = Callable[[FrameType, str, Any], Any]
HALF = head(len(BID)) + BID[:7]


@asynccontextmanager
async def slow_callers(port: BidPort, number: int) -> AsyncIterator[list[socket.socket]]:
    """Connections that each hold half a request."""
    with ExitStack() as held:
        socks = [held.enter_context(socket.socket()) for _ in range(number)]
        for some in range(0, number, 100):
            await asyncio.gather(*(send_half(port, sock) for sock in socks[some : some + 100]))
        await port.until_begun(number)
        yield socks


async def send_half(port: BidPort, sock: socket.socket) -> None:
    sock.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(sock, ("127.0.0.1", port.port))
    await loop.sock_sendall(sock, HALF)


async def lines_of_live_requests(port: BidPort) -> int:
    """How many lines run for some live requests, both sides together: the least of some rounds."""
    counted = list[int]()
    async with port.connected() as client:
        for _ in range(ROUNDS):
            with lines_run() as lines:
                for _ in range(LIVE):
                    client.post()
                    assert (await client.receive()).status == 200
            counted.append(lines.total())
    return min(counted)


@contextmanager
def lines_run() -> Iterator[Counter[str]]:
    """Counts the lines that this thread runs meanwhile, and the functions that it enters and leaves."""
    counts = Counter[str]()

    def count(_frame: FrameType, event: str, _arg: object) -> TraceFunction:
        counts[event] += 1
        return count

    before = sys.gettrace()
    sys.settrace(count)
    try:
        yield counts
    finally:
        sys.settrace(before)


@pytest.mark.slow
async def test_five_thousand_slow_callers_cost_live_traffic_nothing() -> None:
    brain = SmallBrain()
    async with bid_port(brain, limits=Limits(connections=SLOW + 10)) as port:
        alone = await lines_of_live_requests(port)
        async with slow_callers(port, SLOW) as socks:
            assert await lines_of_live_requests(port) < alone + LIVE, "not a line more for each"
            assert len(brain.asked) == 2 * ROUNDS * LIVE
            port.stopwatch.now_s += 11
            for cut in range(1, SLOW // MOST_ENDED + 1):
                port.server.sweep()
                assert port.server.counts.timed_out == cut * MOST_ENDED, "never so many at once that others wait long"
            assert await port.is_alive()
            for sock in socks:
                assert sock.recv(20).startswith(b"HTTP/1.1 408")


@pytest.mark.usefixtures("transport")
async def test_a_drain_in_the_middle_of_traffic_loses_no_request() -> None:
    async with bid_port() as port:
        calling = [asyncio.ensure_future(calls_until_told_to_leave(port)) for _ in range(20)]
        await until(lambda: port.counts.exchanges["adx"].statuses[200] > 200)
        port.server.handler.draining = True
        sent = sum(await asyncio.gather(*calling))
        await port.server.drain(5)
        assert port.counts.exchanges["adx"].statuses[200] == sent
        assert port.server.open_connections == 0


async def calls_until_told_to_leave(port: BidPort) -> int:
    """One request after another; how many there were, each of them answered."""
    sent = 0
    async with port.connected() as client:
        while True:
            client.post()
            sent += 1
            try:
                received = await client.receive()
            except (IncompleteReadError, ConnectionError) as error:
                raise AssertionError(f"request {sent} got no answer") from error
            assert received.status == 200
            if received.headers.get("connection") == "close":
                return sent
