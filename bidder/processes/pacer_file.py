"""What pacing has learned, in a file of the state directory. Without it a restart only costs learning.

    PACING 2 \\n  HASH (16 bytes, BLAKE2b of all that follows)  msgpack of `Kept`

It is written aside and moved into its place, so that it is there whole or not at all; a hash tells whether it is.
"""

from hashlib import blake2b
from pathlib import Path

import msgspec
from msgspec import Struct

from bidder.pacing.exchanges import Watched
from bidder.pacing.memory import Memory

HEAD = b"PACING 2\n"
HASH_BYTES = 16


class Kept(Struct, frozen=True):
    """What a restart has to know."""

    lines: dict[str, Memory] = {}
    """By campaign."""
    exchanges: dict[str, Watched] = {}
    """By name."""


class UnusableError(Exception):
    """The file is torn, damaged, or of another version."""


def save(path: Path, kept: Kept) -> None:
    """Write the file, whole or not at all. Raises `OSError`."""
    body = msgspec.msgpack.encode(kept)
    aside = path.with_suffix(".new")
    aside.write_bytes(HEAD + _hash(body) + body)
    aside.replace(path)


def load(path: Path) -> Kept:
    """What was kept; nothing where there is no file. Raises `UnusableError`, `OSError`."""
    if not path.exists():
        return Kept()
    data = path.read_bytes()
    body = data[len(HEAD) + HASH_BYTES :]
    if not data.startswith(HEAD):
        raise UnusableError(f"{path}: begins with {data[: len(HEAD)]!r}, {HEAD!r} is needed")
    if data[len(HEAD) : len(HEAD) + HASH_BYTES] != _hash(body):
        raise UnusableError(f"{path}: torn or damaged, {len(data)} bytes")
    try:
        return msgspec.msgpack.decode(body, type=Kept)
    except msgspec.DecodeError as error:
        raise UnusableError(f"{path}: {error}") from error


def _hash(body: bytes) -> bytes:
    return blake2b(body, digest_size=HASH_BYTES).digest()
