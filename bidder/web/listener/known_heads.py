"""Heads that were read before. The same bytes mean the same, so they are not parsed again.

An exchange sends the same head with every request, but for the digits of its Content-Length. A head is kept without
them; what is found again then differs in nothing but a decimal number in the same place. Only whole heads that the
parser accepted are kept, so nothing is ever accepted here that would not be accepted there.
"""

from bidder.web.listener.head import END_OF_HEAD, WireHead
from bidder.web.listener.reading import Reading

LONGEST_BYTES = 2048
MOST = 512
"""Heads kept. Where callers send ever new ones, all are forgotten now and then: cheaper than telling them apart."""

LENGTH = b"\r\nContent-Length: "
SMALL_LENGTH = b"\r\ncontent-length: "
MOST_DIGITS = 9


class KnownHeads:
    """A bounded memory of heads with a Content-Length."""

    def __init__(self) -> None:
        self._heads: dict[bytes, WireHead] = {}

    def __len__(self) -> int:
        return len(self._heads)

    def find(self, data: bytes, at: int) -> tuple[WireHead, bytes, int] | None:
        """Head, body and end of the request that begins at `at`, where all of it is there and its head is known."""
        end = data.find(END_OF_HEAD, at)
        if end < 0:
            return None
        place = data.find(LENGTH, at, end)
        if place < 0:
            place = data.find(SMALL_LENGTH, at, end)
            if place < 0:
                return None
        start = place + len(LENGTH)
        stop = data.find(b"\r\n", start, end + 2)
        head = self._heads.get(data[at:start] + data[stop:end])
        if head is None:
            return None
        digits = data[start:stop]
        if not digits.isdigit() or len(digits) > MOST_DIGITS:
            return None
        begin = end + len(END_OF_HEAD)
        over = begin + int(digits)
        return (head, data[begin:over], over) if over <= len(data) else None

    def learn(self, reading: Reading) -> None:
        """Keep the head of a request that was read."""
        data, head = reading.head_bytes, reading.head
        place = max(data.find(LENGTH), data.find(SMALL_LENGTH))  # there is but one
        if head is None or place < 0 or len(data) > LONGEST_BYTES:
            return
        if len(self._heads) >= MOST:
            self._heads.clear()
        start = place + len(LENGTH)
        stop = data.find(b"\r\n", start)
        self._heads[data[:start] + (data[stop:] if stop >= 0 else b"")] = head
