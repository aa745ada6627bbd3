"""What strangers do to the bid port over real sockets: it is bounded, gets the right status, and harms nobody else."""

import asyncio
import gzip
from asyncio import IncompleteReadError

import pytest

from bidder.web.bid_app import BidServer
from bidder.web.bid_limits import Limits
from tests.web.bid_port import (
    BID,
    MAX_BODY_BYTES,
    BidPort,
    Delivery,
    RawClient,
    SmallBrain,
    bid_port,
    byte_by_byte,
    head,
    in_one_piece,
    request,
    until,
)

pytestmark = pytest.mark.usefixtures("transport")

GZIP = b"Content-Encoding: gzip\r\n"


START = b"POST /openrtb2/adx HTTP/1.1"
HOST = b"Host: bid"
LENGTH = b"Content-Length: %d" % len(BID)
CHUNKED_BID = b"%x\r\n%s\r\n0\r\n\r\n" % (len(BID), BID)


async def the_fate(port: BidPort, data: bytes) -> int:
    """The status that bytes get, 0 where the connection is closed instead; and the port lives on."""
    async with port.connected() as client:
        client.send(data)
        try:
            status = (await client.receive()).status
        except (IncompleteReadError, ConnectionError):
            status = 0
    assert await port.is_alive()
    return status


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"not gzip at all", 400),
        (gzip.compress(BID)[:-4], 400),
        (gzip.compress(gzip.compress(BID)), 400),
        (gzip.compress(BID) * 2, 400),
        (gzip.compress(b" " * 3_000_000), 413),
        (gzip.compress(gzip.compress(b" " * 30_000_000)), 413),
        (b"", 400),
    ],
    ids=["not gzip", "cut", "nested", "two members", "bomb", "nested bomb", "empty"],
)
async def test_bad_gzip(body: bytes, status: int) -> None:
    async with bid_port() as port:
        assert await the_fate(port, head(len(body), headers=GZIP) + body) == status


@pytest.mark.parametrize(
    ("header", "status"),
    [
        (b"Content-Type: text/html", 415),
        (b"Content-Type: multipart/form-data; boundary=x", 415),
        (b"Content-Type: \xff\xfe", 415),
        (b"Content-Encoding: br", 415),
        (b"Content-Encoding: gzip, gzip", 415),
        (b"Expect: a-miracle", 417),
    ],
)
async def test_headers_that_cannot_be_served(header: bytes, status: int) -> None:
    async with bid_port() as port:
        assert await the_fate(port, head(len(BID), headers=header + b"\r\n") + BID) == status


NO_CLEAN_HTTP = {
    "length and chunked": request(START, HOST, LENGTH, b"Transfer-Encoding: chunked", body=CHUNKED_BID),
    "chunked and length": request(START, HOST, b"Transfer-Encoding: chunked", LENGTH, body=CHUNKED_BID),
    "two lengths": request(START, HOST, LENGTH, b"Content-Length: 5"),
    "the same length twice": request(START, HOST, LENGTH, LENGTH),
    "a list of lengths": request(START, HOST, b"Content-Length: %d, %d" % (len(BID), len(BID))),
    "a signed length": request(START, HOST, b"Content-Length: +%d" % len(BID)),
    "a negative length": request(START, HOST, b"Content-Length: -1"),
    "a length in hex": request(START, HOST, b"Content-Length: 0x1d"),
    "a length with an underscore": request(START, HOST, b"Content-Length: 2_9"),
    "a length beyond 64 bits": request(START, HOST, b"Content-Length: 184467440737095516160"),
    "a folded header": request(START, HOST, b"X-A: b\r\n folded", LENGTH),
    "a folded length": request(START, HOST, b"Content-Length:\r\n 29"),
    "space before the colon": request(START, HOST, b"Content-Length : %d" % len(BID)),
    "bare line feeds": request(START, HOST, LENGTH, end=b"\n"),
    "a bare carriage return": request(START, HOST, b"X-A: b\rTransfer-Encoding: chunked", LENGTH),
    "a zero byte in a value": request(START, HOST, b"X-A: b\0c", LENGTH),
    "a header without colon": request(START, HOST, b"X-A", LENGTH),
    "a header without name": request(START, HOST, b": x", LENGTH),
    "two hosts": request(START, HOST, b"Host: other", LENGTH),
    "no host": request(START, LENGTH),
    "chunked twice": request(START, HOST, b"Transfer-Encoding: chunked, chunked", body=CHUNKED_BID),
    "chunked is not last": request(START, HOST, b"Transfer-Encoding: chunked, identity", body=CHUNKED_BID),
    "chunked in disguise": request(START, HOST, b"Transfer-Encoding: xchunked", body=CHUNKED_BID),
    "a bad chunk size": request(START, HOST, b"Transfer-Encoding: chunked", body=b"zz\r\n" + BID),
    "a signed chunk size": request(START, HOST, b"Transfer-Encoding: chunked", body=b"+1d\r\n" + BID),
    "a huge chunk size": request(START, HOST, b"Transfer-Encoding: chunked", body=b"f" * 17 + b"\r\n" + BID),
    "more in a chunk than its size": request(START, HOST, b"Transfer-Encoding: chunked", body=b"3\r\n" + BID),
    "a bare feed behind a chunk size": request(START, HOST, b"Transfer-Encoding: chunked", body=b"1d\n" + BID),
    "no version": request(b"POST /openrtb2/adx"),
    "version 0.9": request(b"POST /openrtb2/adx HTTP/0.9", HOST, LENGTH),
    "version 3": request(b"POST /openrtb2/adx HTTP/3.0", HOST, LENGTH),
    "an unknown method": request(b"BREW /openrtb2/adx HTTP/1.1", HOST, LENGTH),
    "a method in small letters": request(b"post /openrtb2/adx HTTP/1.1", HOST, LENGTH),
    "a method of a thousand letters": request(b"P" * 1000 + b" /openrtb2/adx HTTP/1.1", HOST, LENGTH),
    "no path": request(b"POST HTTP/1.1", HOST, LENGTH),
    "a TLS hello": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 64,
    "HTTP/2 by prior knowledge": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "noise": bytes(range(256)) * 8,
}

AIOHTTP_WAITS = {
    "no version",
    "version 0.9",
    "a bad chunk size",
    "a signed chunk size",
    "a huge chunk size",
    "more in a chunk than its size",
    "a bare feed behind a chunk size",
}


@pytest.mark.parametrize("sent", [in_one_piece, byte_by_byte], ids=["in one piece", "byte by byte"])
@pytest.mark.parametrize(("name", "data"), NO_CLEAN_HTTP.items(), ids=NO_CLEAN_HTTP)
async def test_what_is_no_clean_http_is_refused_and_nothing_of_it_taken_for_a_second_request(
    name: str, data: bytes, sent: Delivery, transport: type
) -> None:
    if transport is BidServer and sent is byte_by_byte and name in AIOHTTP_WAITS:
        pytest.skip("aiohttp, fed byte by byte, refuses this only when its time is over")
    brain = SmallBrain()
    async with bid_port(brain) as port, port.connected() as client:
        await sent(client, data + head(len(BID)) + BID)
        received = await client.receive()
        assert received.status == 400, name
        assert received.body == b""
        assert await client.is_closed()
        assert brain.asked == []
        assert await port.is_alive()


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "LINK", "PROPFIND"])
async def test_other_methods_get_405(method: str) -> None:
    async with bid_port() as port:
        received = await port.exchanged(request(b"%s /openrtb2/adx HTTP/1.1" % method.encode(), HOST, LENGTH))
        assert (received.status, received.headers["allow"]) == (405, "POST")


async def test_a_tunnel_is_not_opened() -> None:
    async with bid_port() as port:
        assert await the_fate(port, b"CONNECT example.com:443 HTTP/1.1\r\nHost: example.com\r\n\r\n") == 404


async def test_an_upgrade_is_ignored() -> None:
    async with bid_port() as port:
        upgrade = request(START, HOST, LENGTH, b"Connection: Upgrade", b"Upgrade: websocket", b"Sec-WebSocket-Key: x")
        assert await the_fate(port, upgrade) == 200


async def test_one_header_of_a_megabyte_gets_431() -> None:
    async with bid_port() as port:
        assert await the_fate(port, request(START, HOST, LENGTH, b"X-A: " + b"a" * 1_000_000)) == 431


async def test_a_megabyte_of_headers_gets_431() -> None:
    async with bid_port() as port:
        many = [b"X-%d: %s" % (number, b"a" * 1000) for number in range(1000)]
        assert await the_fate(port, request(START, HOST, LENGTH, *many)) == 431


async def test_a_huge_url_gets_414() -> None:
    async with bid_port() as port:
        assert await the_fate(port, request(b"POST /openrtb2/%s HTTP/1.1" % (b"a" * 100_000), HOST, LENGTH)) == 414


@pytest.mark.parametrize("extra", [b"", b"Expect: 100-continue\r\n"])
async def test_a_huge_body_gets_413_from_its_length_alone(extra: bytes) -> None:
    async with bid_port() as port, port.connected() as client:
        client.send(head(10**12, headers=extra))
        received = await client.receive()
        assert (received.status, received.headers["connection"]) == (413, "close")


async def test_a_chunked_body_without_end_gets_413_once_it_is_too_long() -> None:
    async with bid_port() as port, port.connected() as client:
        client.send(request(START, HOST, b"Transfer-Encoding: chunked", body=b""))
        for _ in range(MAX_BODY_BYTES // 1000 + 1):
            client.send(b"3e8\r\n" + b" " * 1000 + b"\r\n")
        assert (await client.receive()).status == 413


async def test_a_body_of_the_greatest_length_in_single_byte_chunks_is_read() -> None:
    body = BID + b" " * (MAX_BODY_BYTES - len(BID))
    chunks = b"".join(b"1\r\n%c\r\n" % byte for byte in body) + b"0\r\n\r\n"
    async with bid_port() as port:
        assert await the_fate(port, request(START, HOST, b"Transfer-Encoding: chunked", body=chunks)) == 200


async def test_continue_is_said_once_to_who_waits_for_it() -> None:
    async with bid_port() as port, port.connected() as client:
        client.send(head(len(BID), headers=b"Expect: 100-continue\r\n"))
        assert (await client.receive()).status == 100
        client.send(BID)
        assert (await client.receive()).status == 200


async def test_continue_is_not_said_where_the_body_is_refused_anyway() -> None:
    async with bid_port() as port, port.connected() as client:
        client.send(head(len(BID), exchange="unknown", headers=b"Expect: 100-continue\r\n"))
        assert (await client.receive()).status == 404


async def test_continue_is_not_said_to_http_1_0() -> None:
    async with bid_port() as port, port.connected() as client:
        client.send(request(b"POST /openrtb2/adx HTTP/1.0", LENGTH, b"Expect: 100-continue", body=BID[:5]))
        client.send(BID[5:])
        assert (await client.receive()).status == 200


async def test_http_1_0_is_answered_and_closed_unless_it_asks_to_stay() -> None:
    async with bid_port() as port:
        async with port.connected() as client:
            client.send(request(b"POST /openrtb2/adx HTTP/1.0", LENGTH))
            assert (await client.receive()).status == 200
            assert await client.is_closed()
        async with port.connected() as client:
            for _ in range(2):
                client.send(request(b"POST /openrtb2/adx HTTP/1.0", LENGTH, b"Connection: keep-alive"))
                assert (await client.receive()).status == 200


async def test_a_hundred_pipelined_requests_get_a_hundred_answers_in_order() -> None:
    async with bid_port() as port, port.connected() as client:
        for number in range(100):
            client.post(b'{"id":"%d","imp":[{"id":"1"}]}' % number)
        for number in range(100):
            assert b'"id":"%d"' % number in (await client.receive()).body


async def test_noise_on_a_connection_that_was_clean_so_far_ends_it() -> None:
    async with bid_port() as port, port.connected() as client:
        client.post()
        assert (await client.receive()).status == 200
        client.send(b"\r\n\r\nnoise noise\r\n\r\n")
        assert (await client.receive()).status == 400
        assert await client.is_closed()


async def test_half_requests_held_open_are_cut_off_and_live_traffic_never_notices() -> None:
    halves = [b"", b"P", START, request(START, HOST, LENGTH, body=b""), head(len(BID)) + BID[:5]]
    async with bid_port(limits=Limits(request_seconds=10)) as port:
        clients = [port.connected() for _ in halves * 5]
        opened: list[RawClient] = [await each.__aenter__() for each in clients]
        for client, half in zip(opened, halves * 5, strict=True):
            client.send(half)
        begun = 4 * 5
        await port.until_begun(begun)
        port.stopwatch.now_s += 9
        port.server.sweep()
        assert (port.server.counts.timed_out, await port.is_alive()) == (0, True)
        port.stopwatch.now_s += 2
        port.server.sweep()
        assert port.server.counts.timed_out == begun
        for client, half in zip(opened, halves * 5, strict=True):
            if half:
                assert (await client.receive()).status == 408
                assert await client.is_closed()
        assert await port.is_alive()
        for each in clients:
            await each.__aexit__(None, None, None)


async def test_a_body_that_drips_is_cut_off_however_steadily_it_drips() -> None:
    async with bid_port(limits=Limits(request_seconds=10)) as port, port.connected() as client:
        client.send(head(len(BID)))
        for byte in BID[:11]:
            client.send(b"%c" % byte)
            await port.until_begun()
            port.stopwatch.now_s += 1
            port.server.sweep()
        assert (await client.receive()).status == 408
        assert await port.is_alive()


async def test_a_caller_that_never_reads_is_cut_off_and_holds_no_more_than_its_buffers() -> None:
    brain = SmallBrain(padding=1_000_000)
    async with bid_port(brain, limits=Limits(request_seconds=10)) as port, port.connected() as client:
        client.writer.transport.pause_reading()  # type: ignore[attr-defined]
        for _ in range(64):
            client.post()
        await until(lambda: any(each.writing_paused for each in port.server.connections))
        answered = len(brain.asked)
        assert answered < 64
        port.stopwatch.now_s += 11
        port.server.sweep()
        await until(lambda: not port.server.open_connections)
        assert port.server.counts.timed_out == 1
        assert len(brain.asked) == answered
        assert await port.is_alive()


def zipped(content: bytes) -> bytes:
    body = gzip.compress(content)
    return head(len(body), headers=GZIP) + body


ABUSE = {
    "noise": b"\xff" * 5000,
    "a huge body": head(10**9) + b"x" * 5000,
    "broken gzip": head(60, headers=GZIP) + b"\x1f\x8b" + b"x" * 58,
    "nested gzip": zipped(gzip.compress(BID)),
    "a gzip bomb": zipped(b" " * 10_000_000),
    "a nested bomb": zipped(gzip.compress(b" " * 30_000_000)),
    "a wrong content type": head(len(BID), headers=b"Content-Type: text/html\r\n") + BID,
    "a header without end": START + b"\r\nX-A: " + b"a" * 60_000,
    "a header of a megabyte": request(START, HOST, LENGTH, b"X-A: " + b"a" * 1_000_000),
    "a megabyte of headers": request(START, HOST, LENGTH, *[b"X-%d: %s" % (n, b"a" * 1000) for n in range(1000)]),
    "two lengths of a body": request(START, HOST, LENGTH, b"Transfer-Encoding: chunked", body=CHUNKED_BID),
    "pipelined rubbish": b"GET / HTTP/1.1\r\n\r\n" * 200,
    "a pipeline": (head(len(BID)) + BID) * 50,
    "continue and nothing more": head(len(BID), headers=b"Expect: 100-continue\r\n"),
    "half a request": head(len(BID)) + BID[:5],
}


@pytest.mark.parametrize("kind", ABUSE)
async def test_abuse_of_a_kind_by_many_leaves_live_traffic_unharmed(kind: str) -> None:
    await live_traffic_is_unharmed_by([ABUSE[kind]] * 20)


async def test_abuse_of_all_kinds_at_once_leaves_live_traffic_unharmed() -> None:
    await live_traffic_is_unharmed_by([*ABUSE.values()] * 10)


async def live_traffic_is_unharmed_by(abuse: list[bytes]) -> None:
    """While so many abuse the port, a plain caller gets each of its bids, and nothing was a fault of ours."""
    async with bid_port() as port:
        abusers = [asyncio.ensure_future(the_end_of(port, each)) for each in abuse]
        async with port.connected() as client:
            for _ in range(200):
                client.post()
                assert (await client.receive()).status == 200
        await asyncio.gather(*abusers)
        assert port.server.counts.faults == 0
        assert await port.is_alive()


async def the_end_of(port: BidPort, data: bytes) -> None:
    """Send bytes and read until the other side closes."""
    async with port.connected() as client:
        client.send(data)
        client.writer.write_eof()
        try:
            while await client.reader.read(65536):
                pass
        except ConnectionError:
            return
