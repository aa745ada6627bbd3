"""The bytes of a segment file, pure: a header, then frames.

    header   6 bytes magic, 2 bytes version
    frame    4 bytes length of the payload, 4 bytes CRC-32, payload          integers little-endian

The checksum starts from the length, so that it covers it too. A frame is never empty: a run of zeros, which file
systems leave behind after a power cut, is no frame.
"""

from enum import Enum
from struct import Struct
from typing import NamedTuple
from zlib import crc32

MAGIC = b"BIDSEG"
VERSION = 1
HEADER = MAGIC + VERSION.to_bytes(2, "little")

MAX_PAYLOAD_BYTES = 8 << 20
"""Longer records are refused by the writer; a reader that meets such a length knows it for damage."""

_PREFIX = Struct("<II")
PREFIX_BYTES = _PREFIX.size


class Fault(Enum):
    """Why the bytes after the last whole frame are not one."""

    HEADER = "not the header of a segment of this version"
    INCOMPLETE = "incomplete record"
    LENGTH = "impossible record length"
    CHECKSUM = "checksum mismatch"


class Frames(NamedTuple):
    """The whole frames at the start of some bytes."""

    payloads: list[tuple[int, memoryview]]
    """Each with the offset of its frame."""
    end: int
    """Offset after the last whole frame."""
    fault: Fault | None
    """What stands at `end`; None where the bytes end there."""


def frame(payload: bytes) -> bytes:
    """A payload framed. Raises `ValueError` where it is empty or longer than `MAX_PAYLOAD_BYTES`."""
    size = len(payload)
    if not 0 < size <= MAX_PAYLOAD_BYTES:
        raise ValueError(f"a record has 1 to {MAX_PAYLOAD_BYTES} bytes, found {size}")
    return _PREFIX.pack(size, crc32(payload, size)) + payload


def first_frame_bytes(data: bytes) -> int:
    """How many bytes the frame that `data` starts with says it has; 0 where that cannot be known or believed."""
    if len(data) < PREFIX_BYTES:
        return 0
    size: int = _PREFIX.unpack_from(data)[0]
    return size + PREFIX_BYTES if size <= MAX_PAYLOAD_BYTES else 0


def unframe(data: bytes, start: int = 0) -> Frames:
    """The whole frames of `data` from offset `start`, up to its end or the first fault."""
    view = memoryview(data)
    payloads: list[tuple[int, memoryview]] = []
    while start < len(data):
        payload = _payload_at(view, start)
        if isinstance(payload, Fault):
            return Frames(payloads, start, payload)
        payloads.append((start, payload))
        start += PREFIX_BYTES + len(payload)
    return Frames(payloads, start, None)


def _payload_at(data: memoryview, start: int) -> memoryview | Fault:
    if len(data) - start < PREFIX_BYTES:
        return Fault.INCOMPLETE
    size, checksum = _PREFIX.unpack_from(data, start)
    if not 0 < size <= MAX_PAYLOAD_BYTES:
        return Fault.LENGTH
    body = start + PREFIX_BYTES
    payload = data[body : body + size]
    if len(payload) < size:
        return Fault.INCOMPLETE
    return payload if crc32(payload, size) == checksum else Fault.CHECKSUM
