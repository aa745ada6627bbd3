"""Thousands of callers that send slowly or not at all, and a drain in the middle of traffic."""

import asyncio
import socket
import time
from asyncio import IncompleteReadError
from contextlib import closing

import pytest

from bidder.web.bid_limits import Limits
from bidder.web.listener.server import MOST_ENDED
from tests.web.bid_port import BID, BidPort, SmallBrain, bid_port, head, until

SLOW = 5_000
LIVE = 300
ROUNDS = 5
HALF = head(len(BID)) + BID[:7]


async def slow_caller(port: BidPort) -> socket.socket:
    """A connection that holds half a request."""
    sock = socket.socket()
    sock.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(sock, ("127.0.0.1", port.port))
    await loop.sock_sendall(sock, HALF)
    return sock


async def live_cpu_us(port: BidPort) -> float:
    """Processor time of one live request, both sides together: the least of some rounds."""
    least = float("inf")
    async with port.connected() as client:
        for _ in range(ROUNDS):
            started_s = time.process_time()
            for _ in range(LIVE):
                client.post()
                assert (await client.receive()).status == 200
            least = min(least, time.process_time() - started_s)
    return least / LIVE * 1e6


@pytest.mark.slow
async def test_five_thousand_slow_callers_cost_live_traffic_nothing() -> None:
    brain = SmallBrain()
    async with bid_port(brain, limits=Limits(connections=SLOW + 10)) as port:
        alone_us = await live_cpu_us(port)
        socks: list[socket.socket] = []
        for _ in range(SLOW // 100):
            socks += await asyncio.gather(*(slow_caller(port) for _ in range(100)))
        await port.until_begun(SLOW)
        crowded_us = await live_cpu_us(port)
        print(f"a live request: {alone_us:.0f} us alone, {crowded_us:.0f} us among {SLOW:,} slow callers")
        assert len(brain.asked) == 2 * ROUNDS * LIVE
        assert crowded_us < 1.5 * alone_us
        port.stopwatch.now_s += 11
        for cut in range(1, SLOW // MOST_ENDED + 1):
            port.server.sweep()
            assert port.server.counts.timed_out == cut * MOST_ENDED, "never so many at once that others wait for long"
        assert await port.is_alive()
        for sock in socks:
            with closing(sock):
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
