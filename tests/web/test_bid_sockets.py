"""The bid port over real sockets: whole answers, connections that stay, the order of things, draining."""

import asyncio
import gzip
import shutil
import ssl
import subprocess
from pathlib import Path

import pytest

from bidder.config.schema import Server
from bidder.processes.tls import tls_context
from bidder.web.bid_counts import NO_EXCHANGE
from bidder.web.bid_limits import Limits
from tests.web.bid_port import BID, NO_BID, SmallBrain, Stopwatch, bid_port, head, until

pytestmark = pytest.mark.usefixtures("transport")


async def test_a_bid_comes_back_over_a_socket() -> None:
    async with bid_port() as port, port.connected() as client:
        client.post()
        received = await client.receive()
    assert received.status == 200
    assert received.headers["content-type"] == "application/json"
    assert received.headers["x-openrtb-version"] == "2.6"
    assert received.headers["server"] == "bidder"


async def test_a_no_bid_has_neither_body_nor_length() -> None:
    async with bid_port() as port, port.connected() as client:
        client.post(NO_BID)
        received = await client.receive()
        client.post()
        assert (await client.receive()).status == 200
    assert received.status == 204
    assert not {"content-length", "content-type", "transfer-encoding"} & set(received.headers)


async def test_a_connection_serves_one_request_after_another() -> None:
    async with bid_port() as port, port.connected() as client:
        for body, status in [(BID, 200), (NO_BID, 204), (b"{", 400), (BID, 200)]:
            client.post(body)
            assert (await client.receive()).status == status
        assert port.server.counts.opened == 1


async def test_a_long_answer_travels_compressed() -> None:
    async with bid_port(SmallBrain(padding=20_000)) as port, port.connected() as client:
        client.post(headers=b"Accept-Encoding: gzip\r\n")
        received = await client.receive()
    assert received.headers["content-encoding"] == "gzip"
    assert len(gzip.decompress(received.body)) > 20_000


async def test_a_chunked_body_is_put_together() -> None:
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (BID[:5], BID[5:6], BID[6:])) + b"0\r\n\r\n"
    async with bid_port() as port:
        start = b"POST /openrtb2/adx HTTP/1.1\r\nHost: bid\r\nTransfer-Encoding: chunked\r\n\r\n"
        assert (await port.exchanged(start + chunks)).status == 200


async def test_a_query_and_an_absolute_target_do_not_hide_the_path() -> None:
    async with bid_port() as port:
        for target in (b"/openrtb2/adx?key=1&b=%00", b"http://bid/openrtb2/adx", b"http://bid/openrtb2/adx?x"):
            request = b"POST %s HTTP/1.1\r\nHost: bid\r\nContent-Length: %d\r\n\r\n%s" % (target, len(BID), BID)
            assert (await port.exchanged(request)).status == 200


async def test_health_checks_answer_to_get_and_head() -> None:
    async with bid_port() as port, port.connected() as client:
        client.send(b"GET /healthz HTTP/1.1\r\nHost: bid\r\n\r\n")
        assert (await client.receive())[::2] == (200, b"ok\n")
        client.send(b"HEAD /readyz HTTP/1.1\r\nHost: bid\r\n\r\n")
        received = await client.receive(has_body=False)
        assert (received.status, received.headers["content-length"]) == (200, "6")


async def test_arrival_is_when_the_bytes_came_not_when_their_turn_came() -> None:
    stopwatch = Stopwatch()

    def decide() -> None:
        stopwatch.now_s += 0.001

    brain = SmallBrain(before=decide)
    times = {"clock": lambda: 99 + stopwatch(), "stopwatch": stopwatch}
    async with bid_port(brain, **times) as port, port.connected() as client:
        client.send((head(len(BID)) + BID) * 2)
        await client.receive()
        await client.receive()
    (_, _, first_arrived, first_now), (_, _, second_arrived, second_now) = brain.asked
    assert first_arrived == second_arrived == pytest.approx(100)
    assert first_now < second_now


@pytest.mark.parametrize("jump_s", [86_400.0, -86_400.0])
async def test_a_time_of_day_that_jumps_amid_a_decision_costs_nothing_and_refuses_nobody(jump_s: float) -> None:
    wall = Stopwatch()

    def jump() -> None:
        wall.now_s += jump_s

    async with bid_port(SmallBrain(before=jump), clock=wall) as port, port.connected() as client:
        for _ in range(5):
            client.send((head(len(BID)) + BID) * 2)
            assert [(await client.receive()).status for _ in range(2)] == [200, 200]
            port.server.sweep()


async def test_a_fault_in_the_decision_is_a_no_bid_that_tells_nothing() -> None:
    async with bid_port(SmallBrain(before=lambda: 1 // 0)) as port:
        received = await port.exchanged(head(len(BID)) + BID)
        assert (received.status, received.body) == (204, b"")
        assert port.server.counts.faults == 1


async def test_draining_closes_idle_connections_and_refuses_new_ones() -> None:
    async with bid_port() as port, port.connected() as idle:
        idle.post()
        await idle.receive()
        await port.server.drain(5)
        assert await idle.is_closed()
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", port.port)


async def test_draining_lets_a_request_that_has_begun_finish_and_then_closes() -> None:
    async with bid_port() as port, port.connected() as client:
        client.send(head(len(BID)) + BID[:10])
        await port.until_begun()
        drained = asyncio.ensure_future(port.server.drain(5))
        await asyncio.sleep(0)
        client.send(BID[10:])
        received = await client.receive()
        assert (received.status, received.headers["connection"]) == (200, "close")
        assert await client.is_closed()
        await drained


async def test_draining_ends_at_its_bound_though_a_request_never_ends() -> None:
    async with bid_port() as port, port.connected() as client:
        client.send(head(len(BID)) + BID[:10])
        await port.until_begun()
        await port.server.drain(0.01)
        assert await client.is_closed()


async def test_while_draining_every_answer_asks_the_caller_to_leave() -> None:
    async with bid_port() as port, port.connected() as client:
        port.server.handler.draining = True
        client.post()
        assert (await client.receive()).headers["connection"] == "close"
        assert await client.is_closed()


async def test_connections_beyond_the_limit_are_closed_at_once_and_the_others_live_on() -> None:
    async with bid_port(limits=Limits(connections=2)) as port, port.connected() as first, port.connected() as second:
        for client in (first, second):
            client.post()
            await client.receive()
        async with port.connected() as third:
            assert await third.is_closed()
        assert port.server.counts.refused == 1
        first.post()
        assert (await first.receive()).status == 200


async def test_a_connection_that_goes_makes_room() -> None:
    async with bid_port(limits=Limits(connections=1)) as port:
        for _ in range(3):
            async with port.connected() as client:
                client.post(headers=b"Connection: close\r\n")
                await client.receive()
                assert await client.is_closed()
        assert (port.server.counts.opened, port.server.counts.refused) == (3, 0)


async def test_a_caller_that_breaks_off_in_the_middle_of_its_body_is_no_fault() -> None:
    async with bid_port() as port:
        async with port.connected() as client:
            client.send(head(len(BID)) + BID[:10])
            await port.until_begun()
        await until(lambda: not port.server.open_connections)
        assert await port.is_alive()
        assert port.server.counts.faults == 0
        assert port.counts.exchanges[NO_EXCHANGE].statuses[400] == 0


async def test_the_bid_port_speaks_tls_where_it_has_a_certificate(tmp_path: Path) -> None:
    certificate, key = self_signed(tmp_path)
    server_side = tls_context(Server(tls_certificate=str(certificate), tls_key=str(key)))
    caller_side = ssl.create_default_context(cafile=str(certificate))
    brain = SmallBrain(padding=300_000)
    async with bid_port(brain, tls=server_side) as port, port.connected(tls=caller_side) as client:
        for _ in range(3):
            client.post()
            assert (await client.receive()).status == 200
        client.post(headers=b"Connection: close\r\n")
        assert len((await client.receive()).body) > 300_000
        assert await client.is_closed()


async def test_bytes_in_the_clear_do_not_disturb_a_port_that_speaks_tls(tmp_path: Path) -> None:
    certificate, key = self_signed(tmp_path)
    server_side = tls_context(Server(tls_certificate=str(certificate), tls_key=str(key)))
    async with bid_port(tls=server_side) as port, port.connected() as client:
        client.post()
        with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
            await client.receive()
        assert port.server.counts.faults == 0


def self_signed(directory: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1, and its key."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl, which makes certificates for tests, is not installed")
    certificate, key = directory / "certificate.pem", directory / "key.pem"
    made = ["-keyout", key, "-out", certificate, "-subj", "/CN=bid", "-addext", "subjectAltName=IP:127.0.0.1"]
    ec = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
    subprocess.run(["openssl", "req", "-x509", *ec, "-noenc", *made], check=True, capture_output=True)
    return certificate, key
