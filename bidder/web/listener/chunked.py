"""A chunked body (RFC 9112, section 7.1), read in pieces of any size."""

import re

from bidder.web.listener.broken import BrokenError

LONGEST_LINE_BYTES = 256
"""Of a chunk size with its extensions, and of a trailer."""
MOST_TRAILERS = 16

_SIZE = re.compile(rb"([0-9A-Fa-f]{1,8})(?:;[\t -~]*)?")
_TRAILER = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[\t -~\x80-\xff]*")


class ChunkedBody:
    """Puts a body together. Extensions and trailers are checked for form, and dropped."""

    def __init__(self, most_bytes: int) -> None:
        """No more than `most_bytes + 1` bytes of content are kept; a body that is longer is over at that point."""
        self.content = bytearray()
        self.rest = b""
        """What was fed beyond the end."""
        self._most_bytes = most_bytes
        self._data = b""
        self._left = 0
        """Bytes of the current chunk that are still to come."""
        self._in_chunk = False
        self._in_trailers = False
        self._trailers = 0

    @property
    def is_too_long(self) -> bool:
        """Whether there is more than the most."""
        return len(self.content) > self._most_bytes

    def feed(self, data: bytes) -> bool:
        """The next piece; whether the body is over. Raises `BrokenError`."""
        self._data += data
        while not self.is_too_long:
            if self._in_chunk:
                if not self._take_chunk():
                    return False
            else:
                line = self._take_line()
                if line is None:
                    return False
                if self._is_last(line):
                    self.rest, self._data = self._data, b""
                    return True
        return True

    def _take_chunk(self) -> bool:
        """Whether the chunk is whole, with the line end behind it."""
        part = self._data[: self._left]
        self.content += part[: self._most_bytes + 1 - len(self.content)]
        self._left -= len(part)
        self._data = self._data[len(part) :]
        if self._left:
            return False
        end = self._data[:2]
        if not b"\r\n".startswith(end):
            raise BrokenError(400, "a chunk does not end where its size says")
        if len(end) < 2:
            return False
        self._data = self._data[2:]
        self._in_chunk = False
        return True

    def _take_line(self) -> bytes | None:
        line, end, rest = self._data.partition(b"\r\n")
        if len(line) > LONGEST_LINE_BYTES:
            raise BrokenError(400, f"a line of more than {LONGEST_LINE_BYTES} bytes between chunks")
        if not end:
            if b"\n" in line or b"\r" in line[:-1]:
                raise BrokenError(400, "a bare line end between chunks")
            return None
        self._data = rest
        return line

    def _is_last(self, line: bytes) -> bool:
        """Take in a line: a chunk size, a trailer, or the empty line that ends the body."""
        if self._in_trailers:
            self._trailers += 1
            if line and (self._trailers > MOST_TRAILERS or not _TRAILER.fullmatch(line)):
                raise BrokenError(400, "bad trailers")
            return not line
        size = _SIZE.fullmatch(line)
        if size is None:
            raise BrokenError(400, f"{line[:40]!r} is no chunk size")
        self._left = int(size[1], 16)
        self._in_chunk = self._left > 0
        self._in_trailers = self._left == 0
        return False
