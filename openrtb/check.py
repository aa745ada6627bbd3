"""Checking files of bodies, one verdict for each: what `python -m openrtb check` does between reading and printing."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import chain, repeat, zip_longest
from typing import BinaryIO, Final, TypeVar

from msgspec import Struct

from openrtb.codec import MAX_BYTES, decode_request, decode_response
from openrtb.errors import DecodeError
from openrtb.request import BidRequest
from openrtb.validate import validate_request, validate_response
from openrtb.validate.finding import Finding, finding


class UnusableInputError(Exception):
    """The input leaves nothing to check, or nothing to check against. The message says what would be right."""


class Body(Struct, frozen=True):
    """One body of a file; `data` is cut short where `size` is beyond the limit of the reader."""

    line: int  # of its first byte, from 1
    data: bytes
    size: int  # bytes


class Checked(Struct, frozen=True):
    """The verdict on one body; `id` is `None` where the body cannot be read."""

    line: int
    id: str | None
    findings: list[Finding]


D = TypeVar("D")

_CHUNK = 1 << 16
_UNFINISHED: Final = (b"{", b"[", b",", b":")


def read_bodies(file: BinaryIO, *, max_bytes: int = MAX_BYTES) -> Iterator[Body]:
    """The bodies of an NDJSON file, or the only body of a file that spreads it over several lines.

    Which of both it is shows in the first line: the body goes on if that ends in the middle of an object or array.
    Blank lines are skipped. Little more than `max_bytes` bytes are held at a time, whatever the file is.
    """
    enough = max_bytes + len(b"\r\n")
    first = True
    for line, start in enumerate(iter(partial(file.readline, enough), b""), 1):
        rest = 0 if start.endswith(b"\n") else _length(_line(file))
        if not start.strip():
            continue
        if first and not rest and start.rstrip().endswith(_UNFINISHED):
            start += file.read(enough)  # noqa: PLW2901
            rest = _length(iter(partial(file.read, _CHUNK), b""))
        first = False
        data = start if rest else start.rstrip()
        yield Body(line, data, len(data) + rest)


def _line(file: BinaryIO) -> Iterator[bytes]:
    """What is left of the line, in chunks."""
    while chunk := file.readline(_CHUNK):
        yield chunk
        if chunk.endswith(b"\n"):
            return


def _length(chunks: Iterable[bytes]) -> int:
    """The bytes in all chunks, without the white space at the end."""
    length, last = 0, b""
    for chunk in chunks:
        length += len(chunk)
        last = chunk
    return length - len(last) + len(last.rstrip())


def check_requests(bodies: Iterable[Body], *, max_bytes: int = MAX_BYTES) -> Iterator[Checked]:
    """The findings of `validate_request` on each body, or one finding `decode` on a body that cannot be read."""
    for body in bodies:
        try:
            request = _decode(body, decode_request, max_bytes)
        except DecodeError as error:
            yield _unreadable(body, error)
        else:
            yield Checked(body.line, request.id, validate_request(request))


def check_responses(
    bodies: Iterable[Body], requests: Iterable[BidRequest], *, max_bytes: int | None = None
) -> Iterator[Checked]:
    """The findings of `validate_response` on each body and its request, or `decode` as for requests.

    `requests` holds one for all bodies, or one for each in the same order. Raises `UnusableInputError` as soon as
    their number turns out to be another. `max_bytes` is the largest body the receiver takes.
    """
    for body, request in _pairs(bodies, iter(requests)):
        try:
            response = _decode(body, decode_response, max(MAX_BYTES, max_bytes or 0))
        except DecodeError as error:
            yield _unreadable(body, error)
        else:
            findings = [*_size(body, max_bytes), *validate_response(response, request)]
            yield Checked(body.line, response.id, findings)


def read_requests(bodies: Iterable[Body]) -> Iterator[BidRequest]:
    """The requests that responses are checked against. Raises `UnusableInputError` for one that cannot be read."""
    for body in bodies:
        try:
            yield _decode(body, decode_request, MAX_BYTES)
        except DecodeError as error:
            raise UnusableInputError(f"the request on line {body.line} cannot be read: {error}") from error


def _decode(body: Body, decode: Callable[..., D], max_bytes: int) -> D:
    if body.size > max_bytes:
        raise DecodeError(f"expected at most {max_bytes} bytes, found {body.size}")
    return decode(body.data, max_bytes=max_bytes)


def _size(body: Body, max_bytes: int | None) -> Iterator[Finding]:
    """The size as sent, which `validate_response` cannot know."""
    if max_bytes is not None and body.size > max_bytes:
        yield finding("response-size", "$", f"{body.size} bytes; the receiver takes {max_bytes}")


def _unreadable(body: Body, error: DecodeError) -> Checked:
    return Checked(body.line, None, [Finding("decode", error.path, "error", error.message)])


def _pairs(bodies: Iterable[Body], requests: Iterator[BidRequest]) -> Iterator[tuple[Body, BidRequest]]:
    first, second = next(requests, None), next(requests, None)
    if first is None:
        raise UnusableInputError("there is no request to check the responses against")
    if second is None:
        yield from zip(bodies, repeat(first), strict=False)
        return
    for body, request in zip_longest(bodies, chain([first, second], requests)):
        if body is None or request is None:
            more = "responses than requests" if request is None else "requests than responses"
            raise UnusableInputError(f"there are more {more}; give one request, or one for each response")
        yield body, request
