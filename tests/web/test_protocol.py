"""HTTP/1.1 and 1.0 as callers may speak it, however the bytes are cut: the same answers in the same order."""

import gzip

import pytest

from tests.web.bid_port import (
    BID,
    MAX_BODY_BYTES,
    NO_BID,
    Delivery,
    RawClient,
    bid_port,
    byte_by_byte,
    head,
    in_one_piece,
    request,
)

pytestmark = pytest.mark.usefixtures("transport")

START = b"POST /openrtb2/adx HTTP/1.1"
HOST = b"Host: bid"
LENGTH = b"Content-Length: %d" % len(BID)
CHUNKED = b"Transfer-Encoding: chunked"
ZIPPED = gzip.compress(BID)


def chunks(*parts: bytes, trailers: bytes = b"") -> bytes:
    """A chunked body."""
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n" + trailers + b"\r\n"


CASES: dict[str, tuple[bytes, list[int]]] = {
    "a sized body": (request(START, HOST, LENGTH), [200]),
    "no body": (request(START, HOST, body=b""), [400]),
    "an empty body": (request(START, HOST, b"Content-Length: 0", body=b""), [400]),
    "a length with zeros in front": (request(START, HOST, b"Content-Length: 00%d" % len(BID)), [200]),
    "names in small letters": (request(START, b"host: bid", b"content-length: %d" % len(BID)), [200]),
    "names in odd letters": (request(START, b"hOST: bid", b"cOnTeNt-LeNgTh: %d" % len(BID)), [200]),
    "no space behind the colon": (request(START, b"Host:bid", b"Content-Length:%d" % len(BID)), [200]),
    "much space around the value": (request(START, HOST, b"Content-Length:   %d  " % len(BID)), [200]),
    "the length before the host": (request(START, LENGTH, HOST), [200]),
    "empty lines in front": (b"\r\n\r\n" + request(START, HOST, LENGTH), [200]),
    "one chunk": (request(START, HOST, CHUNKED, body=chunks(BID)), [200]),
    "many chunks": (request(START, HOST, CHUNKED, body=chunks(*(b"%c" % byte for byte in BID))), [200]),
    "Chunked in large letters": (request(START, HOST, b"transfer-encoding: CHUNKED", body=chunks(BID)), [200]),
    "a chunk size in large letters with zeros": (
        request(START, HOST, CHUNKED, body=b"00%X\r\n%s\r\n0\r\n\r\n" % (len(BID), BID)),
        [200],
    ),
    "trailers": (request(START, HOST, CHUNKED, body=chunks(BID, trailers=b"X-Sum: 1\r\nX-More: 2\r\n")), [200]),
    "gzip": (request(START, HOST, b"Content-Length: %d" % len(ZIPPED), b"Content-Encoding: gzip", body=ZIPPED), [200]),
    "gzip in chunks": (
        request(START, HOST, CHUNKED, b"Content-Encoding: gzip", body=chunks(ZIPPED[:7], ZIPPED[7:])),
        [200],
    ),
    "a continue that nobody waits for": (request(START, HOST, LENGTH, b"Expect: 100-continue"), [200]),
    "three in a row": (
        request(START, HOST, LENGTH) + head(len(NO_BID)) + NO_BID + request(START, HOST, LENGTH),
        [200, 204, 200],
    ),
    "chunked, then sized, then chunked": (
        request(START, HOST, CHUNKED, body=chunks(BID))
        + request(START, HOST, LENGTH)
        + request(START, HOST, CHUNKED, body=chunks(NO_BID)),
        [200, 200, 204],
    ),
    "a bad body between good ones": (
        request(START, HOST, LENGTH) + head(1) + b"{" + request(START, HOST, LENGTH),
        [200, 400, 200],
    ),
    "another path between good ones": (
        request(START, HOST, LENGTH) + request(b"GET /nowhere HTTP/1.1", HOST, body=b"") + request(START, HOST, LENGTH),
        [200, 404, 200],
    ),
    "1.0 that asks to stay": (
        request(b"POST /openrtb2/adx HTTP/1.0", LENGTH, b"Connection: keep-alive") * 2,
        [200, 200],
    ),
}

MANNERS = pytest.mark.parametrize("sent", [in_one_piece, byte_by_byte], ids=["in one piece", "byte by byte"])


async def final_status(client: RawClient) -> int:
    """Of the next answer, without what says that one will come."""
    status = (await client.receive()).status
    return status if status != 100 else (await client.receive()).status


@MANNERS
@pytest.mark.parametrize(("data", "statuses"), CASES.values(), ids=CASES)
async def test_requests_are_understood_and_the_connection_stays(
    data: bytes, statuses: list[int], sent: Delivery
) -> None:
    async with bid_port() as port, port.connected() as client:
        for _ in range(2):  # heads that were seen before are read another way
            await sent(client, data)
            assert [await final_status(client) for _ in statuses] == statuses
        assert port.server.counts.opened == 1


@MANNERS
@pytest.mark.parametrize(("data", "statuses"), CASES.values(), ids=CASES)
async def test_a_request_behind_others_is_answered_behind_them(
    data: bytes, statuses: list[int], sent: Delivery
) -> None:
    async with bid_port() as port, port.connected() as client:
        await sent(client, data + b"GET /healthz HTTP/1.1\r\nHost: bid\r\nConnection: close\r\n\r\n")
        assert [await final_status(client) for _ in statuses] == statuses
        assert (await client.receive()).body == b"ok\n"
        assert await client.is_closed()


@MANNERS
@pytest.mark.parametrize(
    ("extra_bytes", "status"), [(-1, 200), (0, 200), (1, 413)], ids=["one less", "the most", "one more"]
)
@pytest.mark.parametrize("framing", ["sized", "chunked", "gzip"])
async def test_the_limit_on_bodies_is_exact(framing: str, extra_bytes: int, status: int, sent: Delivery) -> None:
    body = BID.ljust(MAX_BODY_BYTES + extra_bytes)
    zipped = gzip.compress(body)
    data = {
        "sized": request(START, HOST, b"Content-Length: %d" % len(body), body=body),
        "chunked": request(START, HOST, CHUNKED, body=chunks(body[:1000], body[1000:])),
        "gzip": request(START, HOST, b"Content-Length: %d" % len(zipped), b"Content-Encoding: gzip", body=zipped),
    }[framing]
    async with bid_port() as port, port.connected() as client:
        await sent(client, data)
        assert (await client.receive()).status == status
        assert await port.is_alive()


async def test_every_answer_tells_the_time_and_the_server() -> None:
    async with bid_port() as port, port.connected() as client:
        for body in (BID, NO_BID, b"{"):
            client.post(body)
            headers = (await client.receive()).headers
            assert headers["date"].endswith(" GMT")
            assert headers["server"] == "bidder"
