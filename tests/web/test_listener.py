"""What the listener does beyond the protocol: known heads, requests in pieces, callers that end their side."""

import contextlib
from collections.abc import Iterable

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bidder.web.bid_limits import Limits
from bidder.web.listener.broken import BrokenError
from bidder.web.listener.known_heads import MOST, KnownHeads
from bidder.web.listener.reading import Reading
from tests.web.bid_port import BID, MAX_BODY_BYTES, bid_port, head, request

START = b"POST /openrtb2/adx HTTP/1.1"
HOST = b"Host: bid"
CHUNKED = request(
    START, HOST, b"Transfer-Encoding: chunked", body=b"5\r\n" + BID[:5] + b"\r\n18\r\n" + BID[5:] + b"\r\n0\r\n\r\n"
)
SIZED = head(len(BID)) + BID


def read(pieces: Iterable[bytes]) -> Reading:
    reading = Reading(Limits(), MAX_BODY_BYTES)
    for piece in pieces:
        if reading.is_whole:
            reading.rest += piece
        else:
            reading.feed(piece)
    return reading


def spoilt(place: int, put: bytes) -> bytes:
    """A good request with other bytes in one place."""
    return SIZED[:place] + put + SIZED[place + len(put) :]


def known(data: bytes) -> KnownHeads:
    """Heads that know the one of a request."""
    heads = KnownHeads()
    heads.learn(read([data]))
    return heads


@given(data=st.sampled_from([SIZED, CHUNKED]), cuts=st.sets(st.integers(1, 160)), behind=st.binary(max_size=9))
def test_a_request_is_the_same_however_it_is_cut(data: bytes, cuts: set[int], behind: bytes) -> None:
    stream = data + behind
    ends = [*sorted(cut for cut in cuts if cut < len(stream)), len(stream)]
    reading = read(stream[start:end] for start, end in zip([0, *ends], ends, strict=False))
    assert (reading.is_whole, reading.body, reading.rest) == (True, BID, behind)


@given(data=st.binary(max_size=300) | st.builds(spoilt, st.integers(0, 80), st.binary(max_size=5)))
def test_whatever_comes_is_read_or_refused(data: bytes) -> None:
    with contextlib.suppress(BrokenError):
        reading = read([data])
        assert not reading.is_whole or reading.body + reading.rest in data


@given(place=st.integers(0, len(SIZED)), put=st.binary(max_size=4), cut=st.integers(0, 4))
def test_a_known_head_is_found_only_where_reading_it_finds_the_same(place: int, put: bytes, cut: int) -> None:
    data = SIZED[:place] + put + SIZED[place + cut :]
    found = known(SIZED).find(data, 0)
    if found is not None:
        reading = read([data])
        assert reading.head is not None
        assert found[0] == msgspec.structs.replace(reading.head, length=len(BID))
        assert found[1:] == (reading.body, len(data) - len(reading.rest))


def test_a_known_head_is_found_whatever_the_length_of_its_body() -> None:
    longer = BID + b" " * 100
    found = known(SIZED).find(head(len(longer)) + longer, 0)
    assert found is not None
    assert found[1] == longer


TRACED = [START, HOST, b"X-Request-Id: 77", b"traceparent: 00-4bf9-00f0-01", b"Content-Length: %d" % len(BID)]


@given(place=st.integers(0, 140), put=st.binary(max_size=4), cut=st.integers(0, 4))
def test_a_head_is_known_but_for_its_mute_lines_only_where_reading_it_finds_the_same(
    place: int, put: bytes, cut: int
) -> None:
    sent = request(*TRACED)
    data = sent[:place] + put + sent[place + cut :]
    found = known(sent).find(data, 0)
    if found is not None:
        reading = read([data])
        assert reading.head is not None
        assert found[0] == msgspec.structs.replace(reading.head, length=len(BID))
        assert found[1:] == (reading.body, len(data) - len(reading.rest))


@pytest.mark.parametrize("line", [b"X-Request-Id: 78", b"x-b3-traceid: 1", b"X-Empty:", b"Date: Sun, 22 Nov 2026"])
def test_a_head_that_differs_in_the_text_of_a_mute_line_is_known(line: bytes) -> None:
    lines = [*TRACED[:2], line, *TRACED[3:]]
    found = known(request(*TRACED)).find(request(*lines), 0)
    assert found is not None
    assert found[1] == BID


@pytest.mark.parametrize(
    "line",
    [b"Expect: 100-continue", b"Connection: close", b"Content-Encoding: gzip", b"X-Bad: \x01", b"X Bad: 1", b" X-A: 1"],
)
def test_a_line_that_says_something_or_is_no_header_is_never_mute(line: bytes) -> None:
    assert known(request(*TRACED)).find(request(*TRACED[:2], line, *TRACED[3:]), 0) is None


@pytest.mark.parametrize(
    "length", [b"", b"+29", b"2_9", b"29 ", b"0x1d", b"-1", b"9" * 5000, b"29\r\nContent-Length: 29"]
)
def test_a_length_that_is_no_plain_number_is_not_found(length: bytes) -> None:
    assert known(SIZED).find(request(START, HOST, b"Content-Length: " + length), 0) is None


def test_ever_new_heads_are_forgotten_again() -> None:
    heads = KnownHeads()
    for number in range(MOST * 3):
        start = b"POST /openrtb2/adx?id=%d HTTP/1.1" % number
        heads.learn(read([request(start, HOST, b"Content-Length: %d" % len(BID))]))
        assert len(heads) <= MOST


async def test_a_caller_that_ends_its_side_still_gets_its_answers() -> None:
    async with bid_port() as port, port.connected() as client:
        for _ in range(3):
            client.post()
        client.writer.write_eof()
        for _ in range(3):
            assert (await client.receive()).status == 200
        assert await client.is_closed()
