"""Gzip in both directions, with a bound on what inflates."""

import zlib

_GZIP = 16 + zlib.MAX_WBITS
_FAST = 1  # a few kilobytes of repetitive JSON: higher levels cost more time than they save bytes


class TooLargeError(Exception):
    """What inflates is longer than allowed."""


class CorruptError(Exception):
    """The bytes are not one whole gzip member."""


def inflate(data: bytes, max_bytes: int) -> bytes:
    """The content of one gzip member (RFC 1952), of which at most `max_bytes + 1` bytes are ever held.

    Raises `TooLargeError`, `CorruptError`. Only one member: a series of tiny ones costs more to read than it carries.
    """
    member = zlib.decompressobj(_GZIP)
    try:
        content = member.decompress(data, max_bytes + 1)
    except zlib.error as error:
        raise CorruptError(str(error)) from error
    if len(content) > max_bytes:
        raise TooLargeError
    if not member.eof or member.unused_data:
        raise CorruptError("bytes are missing at the end" if not member.eof else "bytes follow the end")
    return content


def deflate(content: bytes) -> bytes:
    """`content` as one gzip member, the same bytes for the same content."""
    member = zlib.compressobj(_FAST, zlib.DEFLATED, _GZIP)
    return member.compress(content) + member.flush()
