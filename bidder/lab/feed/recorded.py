"""Files of recorded requests, of every format known, as bodies to post and what a bidder should answer to them."""

import gzip
import zlib
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import BinaryIO, Final, Literal, cast

import msgspec
from msgspec import Raw, Struct

from bidder.lab.feed import bid_requests_2012, bid_requests_2016
from openrtb import DecodeError, decode_request, encode_request
from openrtb.check import Body, read_bodies
from openrtb.request import BidRequest

Expected = Literal["answer", "refusal"]
"""What is right: an answer (200 with a valid response, or 204), or a refusal (400) of what is malformed."""

TO_BIDDER: Final = "to-bidder"
"""The role of a request that a bidder's endpoint receives; other roles are what exchanges receive, and examples."""

MAX_LINE_BYTES: Final = 8 * 1024 * 1024
_GZIP = b"\x1f\x8b"


class UnusableInputError(Exception):
    """A file that cannot be read as recorded requests. The message names file and line and what was found."""


class Recorded(Struct, frozen=True):
    """One request to post."""

    source: str  # where it is from: the id in the corpus, else "file:line"
    role: str
    basic: bool | None  # whether the corpus found the body well-formed; `None` where a file does not say
    body: bytes
    expected: Expected


class CorpusLine(Struct):
    """A line of the corpus of OpenRTB bodies."""

    id: str
    kind: str
    role: str
    body: Raw
    roles: list[str] = []
    basic: bool | None = None


Reader = Callable[[bytes, str], Recorded | None]
"""Makes a request of a line and its "file:line"; `None` for a line that holds something else."""


def recorded(path: Path) -> Iterator[Recorded]:
    """The requests of a file, in its order, read as they are asked for.

    The first line tells the format, whatever the file is called: the corpus of OpenRTB bodies, the recorded sets of
    2012 and 2016, or OpenRTB itself, one body a line or a single one; each may be gzipped. OpenRTB bodies are passed on
    byte for byte, malformed ones included. Raises `UnusableInputError`, and `OSError` where the file cannot be opened.
    """
    with path.open("rb") as file:
        try:
            yield from _requests(read_bodies(_unzipped(file), max_bytes=MAX_LINE_BYTES), path.name)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise UnusableInputError(f"{path.name}: broken gzip data: {error}") from error


def _unzipped(file: BinaryIO) -> BinaryIO:
    zipped = file.read(len(_GZIP)) == _GZIP
    file.seek(0)
    return cast("BinaryIO", gzip.GzipFile(fileobj=file)) if zipped else file


def _requests(bodies: Iterator[Body], name: str) -> Iterator[Recorded]:
    first = next(bodies, None)
    if first is None:
        return
    read = _reader(first.data)
    for body in chain([first], bodies):
        place = f"{name}:{body.line}"
        if body.size > len(body.data):
            raise UnusableInputError(f"{place}: {body.size} bytes, expected at most {MAX_LINE_BYTES}")
        try:
            request = read(body.data, place)
        except msgspec.DecodeError as error:
            raise UnusableInputError(f"{place}: not of the format of line {first.line}: {error}") from error
        if request is not None:
            yield request


def _reader(line: bytes) -> Reader:
    try:
        keys = msgspec.json.decode(line, type=dict[str, Raw]).keys()
    except msgspec.DecodeError:
        return _openrtb
    return next((reader for wanted, reader in _READERS if wanted <= keys), _openrtb)


def _corpus(line: bytes, _: str) -> Recorded | None:
    """A body with the characters its source gave it. Where it is a string, that is the text to post."""
    found = _corpus_line(line)
    if found.kind != "request":
        return None
    body = bytes(found.body)
    if body.startswith(b'"'):
        body = msgspec.json.decode(body, type=str).encode(errors="surrogatepass")
    role = TO_BIDDER if TO_BIDDER in found.roles else found.role
    return Recorded(found.id, role, found.basic, body, "answer" if found.basic else expected(body))


def _openrtb(line: bytes, place: str) -> Recorded:
    return Recorded(place, TO_BIDDER, None, line, expected(line))


def _mapped(bid_request: Callable[[bytes], BidRequest]) -> Reader:
    def read(line: bytes, place: str) -> Recorded:
        return Recorded(place, TO_BIDDER, None, encode_request(bid_request(line)), "answer")

    return read


def expected(body: bytes) -> Expected:
    """A body is malformed where it is no bid request, or where nobody can answer it for want of an `id` or an `imp`.

    Anything milder, such as an imp without a media type, is no reason to refuse the request: 204 says as much.
    """
    try:
        request = decode_request(body)
    except DecodeError:
        return "refusal"
    return "answer" if request.id and request.imp else "refusal"


_corpus_line = msgspec.json.Decoder(CorpusLine).decode
_READERS: Final[tuple[tuple[frozenset[str], Reader], ...]] = (
    (frozenset({"kind", "role", "body"}), _corpus),
    (frozenset({"exchange", "spots"}), _mapped(bid_requests_2012.bid_request)),
    (frozenset({"imp", "is_test"}), _mapped(bid_requests_2016.bid_request)),
)
"""The attributes by which a line of each format is known, and how it is read."""
