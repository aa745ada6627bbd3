"""The invariant of the codec: whatever bytes come in, one kind of error comes out, or an object, and soon.

Time is bounded in the processor's time of this process, with the slowest mutant tried again before it counts, so that a
busy machine does not decide the outcome.
"""

from collections.abc import Callable
from time import process_time
from typing import Any

import pytest

import openrtb
from openrtb import DecodeError
from openrtb.extensions import extension
from tests import shared
from tests.openrtb.mutation import broken

SLOWEST_S = 0.050


def corpus(name: str, kind: str) -> list[bytes]:
    return [body for record, body in shared.corpus_bodies(name) if record["kind"] == kind and body]


KINDS: dict[str, tuple[str, str, Callable[[bytes], Any]]] = {
    "requests": ("requests", "request", openrtb.decode_request),
    "responses": ("responses", "response", openrtb.decode_response),
    "native requests": ("requests", "native-request", openrtb.decode_native_request),
    "native responses": ("responses", "native-response", openrtb.decode_native_response),
}


def attack(kind: str, seed: int, count: int) -> tuple[int, int]:
    """Counts of the mutants read and refused; fails on any other exception and on a slow decode."""
    name, record_kind, read = KINDS[kind]
    done, refused = 0, 0
    for body in broken(corpus(name, record_kind), seed, count):
        started = process_time()
        try:
            found = read(body)
            done += 1
        except DecodeError:
            refused += 1
            found = None
        if process_time() - started > SLOWEST_S:
            assert seconds(read, body) < SLOWEST_S, f"slow: {body[:200]!r}"
        if kind == "requests" and found is not None:
            use(found)
    return done, refused


def seconds(read: Callable[[bytes], Any], body: bytes) -> float:
    started = process_time()
    with pytest.raises(DecodeError) if refuses(read, body) else pytest.MonkeyPatch.context():
        read(body)
    return process_time() - started


def refuses(read: Callable[[bytes], Any], body: bytes) -> bool:
    try:
        read(body)
    except DecodeError:
        return True
    return False


def use(request: openrtb.BidRequest) -> None:
    """What is read can be written, asked for its extensions and validated."""
    assert openrtb.decode_request(openrtb.encode_request(request)) is not None
    openrtb.validate_request(request)
    for imp in request.imp:
        extension(imp)


@pytest.mark.parametrize("kind", KINDS)
def test_a_broken_document_is_read_or_refused_and_nothing_else(kind: str) -> None:
    done, refused = attack(kind, seed=1, count=1_500)
    assert done > 100
    assert refused > 100


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize(("kind", "count"), [("requests", 20_000), ("responses", 5_000), ("native requests", 2_000)])
def test_two_hundred_thousand_broken_documents_are_read_or_refused(kind: str, count: int, seed: int) -> None:
    done, refused = attack(kind, seed=100 + seed, count=count)
    assert done + refused == count


HOSTILE = {
    "a quarter megabyte of open arrays": b"[" * 250_000,
    "imps without end": b'{"imp":[' + b"{}," * 80_000 + b"{}]}",
    "imps without end, each to mend": b'{"imp":[' + b'{"id":1},' * 25_000 + b"{}]}",
    "numbers without end for strings": b'{"cur":[' + b"1," * 120_000 + b"1]}",
    "one key of a quarter megabyte": b'{"' + b"k" * 250_000 + b'":1}',
    "one string of a quarter megabyte to mend": b'{"at":"' + b"9" * 250_000 + b'"}',
    "white space to strip": b'{"at":"' + b" " * 250_000 + b'1"}',
    "a quarter megabyte of digits": b'{"at":' + b"9" * 250_000 + b"}",
    "nothing but escapes": b'{"id":"' + rb"\u0041" * 40_000 + b'","at":"1"}',
    "mended far down": b'{"site":{"content":{"data":[' + b'{"segment":[{"id":1}]},' * 10_000 + b"{}]}}}",
    "an extension of a quarter megabyte": b'{"imp":[{"ext":{"prebid":[' + b"{}," * 80_000 + b"{}]}}]}",
    "many extensions": b'{"imp":[' + b'{"ext":{"prebid":1}},' * 900 + b"{}]}",
}


@pytest.mark.slow
@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
def test_a_document_made_to_be_slow_is_done_with_in_time(body: bytes) -> None:
    read = KINDS["requests"][2]
    assert min(seconds(read, body) for _ in range(3)) < SLOWEST_S
