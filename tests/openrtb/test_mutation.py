"""The invariant of the codec: whatever bytes come in, one kind of error comes out, or an object, and soon.

Time is bounded in the processor's time of this process, with the slowest mutant tried again before it counts, so that a
busy machine does not decide the outcome.
"""

from collections.abc import Callable
from contextlib import suppress
from time import process_time
from typing import Any

import pytest

import openrtb
from openrtb import DecodeError
from openrtb.codec import MAX_OBJECTS
from openrtb.extensions import extension
from openrtb.native import NativeRequest
from tests import shared
from tests.openrtb import builders
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
        except DecodeError:
            found = None
        if process_time() - started > SLOWEST_S:
            assert seconds(read, body) < SLOWEST_S, f"slow: {body[:200]!r}"
        if found is None:
            refused += 1
        else:
            done += 1
            use(found)
    return done, refused


def seconds(read: Callable[[bytes], Any], body: bytes) -> float:
    started = process_time()
    with suppress(DecodeError):
        read(body)
    return process_time() - started


def use(document: Any) -> None:
    """What is read can be written and read again, asked for its extensions, and validated."""
    match document:
        case openrtb.BidRequest():
            assert openrtb.decode_request(openrtb.encode_request(document)) == document
            openrtb.validate_request(document)
            for imp in document.imp:
                extension(imp)
        case openrtb.BidResponse():
            assert openrtb.decode_response(openrtb.encode_response(document)) == document
            openrtb.validate_response(document, builders.request(), max_bytes=1_000)
        case NativeRequest():
            assert openrtb.decode_native_request(openrtb.encode_native_request(document)) == document
        case _:
            assert openrtb.decode_native_response(openrtb.encode_native_response(document)) == document


@pytest.mark.parametrize("kind", KINDS)
def test_a_broken_document_is_read_or_refused_and_nothing_else(kind: str) -> None:
    done, refused = attack(kind, seed=1, count=1_500)
    assert done > 100
    assert refused > 100


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize(
    ("kind", "count"),
    [("requests", 20_000), ("responses", 5_000), ("native requests", 1_000), ("native responses", 1_000)],
)
def test_two_hundred_thousand_broken_documents_are_read_or_refused(kind: str, count: int, seed: int) -> None:
    done, refused = attack(kind, seed=100 + seed, count=count)
    assert done + refused == count


def filled(head: bytes, item: bytes, tail: bytes, last: bytes | None = None) -> bytes:
    """As many of `item` as may be sent between head and tail, then `last`."""
    last = item if last is None else last
    room = (openrtb.MAX_BYTES - len(head + last + tail)) // (len(item) + 1)
    return head + (item + b",") * min(room, (MAX_OBJECTS - 20) // max(1, item.count(b"{"))) + last + tail


def repeated(head: bytes, item: bytes, count: int, tail: bytes) -> bytes:
    return head + b",".join([item] * count) + tail


CIDS = repeated(b'{"ext":{"cids":[', b"1", 3_900, b"]}}")
UNKNOWN = b",".join(b'"%x":1' % number for number in range(24_000))

HOSTILE = {
    "open arrays": b"[" * 250_000,
    "open objects": b'{"a":' * 50_000,
    "empty objects": b'{"imp":[' + b"{}," * 80_000 + b"{}]}",
    "as many imps as may be, each to mend": filled(b'{"imp":[', b'{"id":1}', b"]}"),
    "as many imps as may be, the last to mend": filled(b'{"imp":[', b"{}", b"]}", b'{"id":1}'),
    "as many formats as may be": filled(b'{"imp":[{"banner":{"format":[', b"{}", b"]}}]}"),
    "as many formats as may be far down, the last to mend": filled(
        b'{"imp":[{"video":{"companionad":[{"format":[', b"{}", b"]}]}}]}", b'{"w":"1"}'
    ),
    "as many nodes as may be in an old place, the last to mend": filled(
        b'{"source":{"ext":{"schain":{"nodes":[', b"{}", b"]}}}}", b'{"asi":1}'
    ),
    "as many identifiers as may be in an old place, the last to mend": filled(
        b'{"user":{"ext":{"eids":[', b"{}", b"]}}}", b'{"source":1}'
    ),
    "numbers without end for strings": filled(b'{"cur":[', b"1", b"]}"),
    "strings without end for numbers": filled(b'{"imp":[{"banner":{"battr":[', b'"1"', b"]}}]}"),
    "strings without end far down, the last to mend": filled(
        b'{"imp":[{"video":{"companionad":[{"mimes":[', b'""', b"]}]}}]}", b"1"
    ),
    "numbers for strings in many old places": repeated(b'{"site":{"content":{"data":[', CIDS, 33, b"]}}}"),
    "old names in many extensions": repeated(
        b'{"imp":[', b'{"ext":{"prebid":{"is_rewarded_inventory":"x"},"data":{"pbadslot":1},"gpid":1}}', 999, b"]}"
    ),
    "a name of the examples beside much else": filled(
        b'{"at":"1","device":{"geo":{"long":1}},"imp":[{"video":{"companionad":[', b"{}", b"]}}]}"
    ),
    "venues without end under the name of the examples": filled(b'{"dooh":{"venuetypeid":[', b"1", b"]}}"),
    "unknown members": b'{"at":"1",' + UNKNOWN + b"}",
    "unknown members far down": b'{"imp":[{"video":{"companionad":[{"format":[{"w":"1",' + UNKNOWN + b"}]}]}}]}",
    "the same member without end": filled(b'{"at":"1",', b'"at":1', b"}"),
    "one key": b'{"' + b"k" * 250_000 + b'":1}',
    "digits in a string": b'{"at":"' + b"9" * 250_000 + b'"}',
    "digits": b'{"at":' + b"9" * 250_000 + b"}",
    "white space to strip": b'{"at":"' + b" " * 250_000 + b'1"}',
    "nothing but escapes": b'{"id":"' + rb"\u0041" * 40_000 + b'","at":"1"}',
    "data to mend far down": filled(b'{"site":{"content":{"data":[', b'{"segment":[{"id":1}]}', b"]}}}"),
    "an extension": filled(b'{"imp":[{"ext":{"prebid":[', b"{}", b"]}}]}"),
}


@pytest.mark.slow
@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
def test_a_document_made_to_be_slow_is_done_with_in_time(body: bytes) -> None:
    read = KINDS["requests"][2]
    assert min(seconds(read, body) for _ in range(3)) < SLOWEST_S
