"""One request, put together from the pieces in which it comes. Bytes only: no socket, no clock."""

from bidder.web.bid_limits import Limits
from bidder.web.listener.broken import BrokenError
from bidder.web.listener.chunked import ChunkedBody
from bidder.web.listener.head import END_OF_HEAD, HeadReader, WireHead

EMPTY_LINE = b"\r\n"


class Reading:
    """A request on its way in. It begins with the first byte, and ends where its body does."""

    def __init__(self, limits: Limits, most_bytes: int) -> None:
        """`most_bytes`: the longest body that anybody wants."""
        self.head: WireHead | None = None
        """Once it is all there."""
        self.head_bytes = b""
        """The head as sent, up to its empty line."""
        self.body = b""
        """Once it is all there; with one byte more than the most where a chunked one has no end in sight."""
        self.rest = b""
        """What was fed beyond the end of the request."""
        self.is_whole = False
        self._reader = HeadReader(limits)
        self._most_bytes = most_bytes
        self._data = bytearray()
        self._read = 0
        """Bytes of `_data` that the reader of the head knows."""
        self._chunks: ChunkedBody | None = None

    @property
    def is_cut_short(self) -> bool:
        """Whether the body goes on, though this is all of it that is kept."""
        return self._chunks is not None and self._chunks.is_too_long

    def feed(self, data: bytes) -> None:
        """The next piece. Raises `BrokenError`."""
        if self.head is None:
            self._data += data
            self._take_head()
        elif self._chunks is not None:
            self._take_chunks(data)
        else:
            self._data += data
            self._take_sized()

    def _take_head(self) -> None:
        if self._read == 0 and not self._begins():
            return
        data = self._data
        end = data.find(END_OF_HEAD, max(0, self._read - len(END_OF_HEAD) + 1))
        stop = end + len(END_OF_HEAD) if end >= 0 else len(data)
        self._reader.feed(bytes(data[self._read : stop]))
        self._read = stop
        if end < 0:
            return
        self.head = self._reader.head()
        self.head_bytes = bytes(data[:end])
        del data[:stop]
        if self.head.chunked:
            self._chunks = ChunkedBody(self._most_bytes)
            self._take_chunks(bytes(data))
        else:
            self._take_sized()

    def _begins(self) -> bool:
        """Whether there is a first byte. Empty lines before it are skipped (RFC 9112, section 2.2)."""
        data = self._data
        while data.startswith(EMPTY_LINE):
            del data[: len(EMPTY_LINE)]
        if not data or data == b"\r":
            return False
        if not b"A"[0] <= data[0] <= b"Z"[0]:
            raise BrokenError(400, "no method")
        return True

    def _take_chunks(self, data: bytes) -> None:
        chunks = self._chunks
        if chunks is not None and chunks.feed(data):
            self.body, self.rest, self.is_whole = bytes(chunks.content), chunks.rest, True

    def _take_sized(self) -> None:
        data, length = self._data, self.head.length if self.head is not None else 0
        if len(data) >= length:
            self.body, self.rest, self.is_whole = bytes(data[:length]), bytes(data[length:]), True
