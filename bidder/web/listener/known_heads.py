"""Heads that were read before. The same bytes mean the same, so they are not parsed again.

An exchange sends the same head with every request, but for the digits of its Content-Length, and perhaps for lines that
say nothing about it, such as the id of a trace. A head is kept without the digits, and once more without what is in
such lines; what is found again then differs in nothing but a decimal number in the same place, and in text that is
allowed in any header. Only whole heads that the parser accepted are kept, so nothing is ever accepted here that would
not be accepted there.
"""

import re

from bidder.web.listener.head import END_OF_HEAD, WireHead
from bidder.web.listener.reading import Reading

LONGEST_BYTES = 2048
"""Less than any limit on a line of a head, so that lines may differ."""
MOST = 512
"""Heads kept. Where callers send ever new ones, all are forgotten now and then: cheaper than telling them apart."""

LENGTH = b"\r\nContent-Length: "
SMALL_LENGTH = b"\r\ncontent-length: "
MOST_DIGITS = 9

MUTE = re.compile(
    rb"\r\n(?:[Xx]-[!#$%&'*+\-.^_`|~0-9A-Za-z]*|[Tt]race(?:parent|state)|[Bb](?:3|aggage)|[Rr]equest-[Ii]d|[Dd]ate"
    rb"|[Uu]ser-[Aa]gent|[Ff]orwarded|[Vv]ia):[\t -~]*(?=\r\n|\Z)"
)
"""Lines whose text has no part in what is read of a head: neither llhttp nor `request_head` ask for it."""
BLANK = b"\r\n:"
"""Such a line without its text; no line that the parser accepts looks like this."""


class KnownHeads:
    """A bounded memory of heads with a Content-Length."""

    def __init__(self) -> None:
        self._heads: dict[bytes, WireHead] = {}
        self._blanked: dict[bytes, WireHead] = {}

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
        text = data[at:start] + data[stop:end]
        head = self._heads.get(text) or self._find_blanked(text)
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
        start = place + len(LENGTH)
        stop = data.find(b"\r\n", start)
        text = data[:start] + (data[stop:] if stop >= 0 else b"")
        _keep(self._heads, text, head)
        _keep(self._blanked, MUTE.sub(BLANK, text), head)

    def _find_blanked(self, text: bytes) -> WireHead | None:
        if len(text) > LONGEST_BYTES or not self._blanked:
            return None
        head = self._blanked.get(MUTE.sub(BLANK, text))
        if head is not None:
            _keep(self._heads, text, head)
        return head


def _keep(heads: dict[bytes, WireHead], text: bytes, head: WireHead) -> None:
    if len(heads) >= MOST:
        heads.clear()
    heads[text] = head
