"""HTTP/1.1 as far as a client of a bid port needs it: requests with a sized body, answers with a sized body."""

from typing import NamedTuple

END_OF_HEAD = b"\r\n\r\n"
REASON_HEADER = b"\r\nx-no-bid-reason: "


class UnreadableError(ValueError):
    """Bytes that are no HTTP answer with a known length."""


class Answer(NamedTuple):
    """A whole answer."""

    status: int
    reason: str
    """Why there is no bid, as the bidder says it in `x-no-bid-reason`; empty where it does not."""
    body: bytes
    keeps_open: bool


def post(authority: str, path: str, body: bytes, headers: str = "") -> bytes:
    """A POST of JSON. `headers` are further lines, each ended by CR LF."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {authority}\r\nContent-Type: application/json\r\n"
        f"x-openrtb-version: 2.6\r\n{headers}Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode("ascii") + body


def read_answer(data: bytes) -> Answer | None:
    """The answer that `data` is; `None` where more is to come. Raises `UnreadableError`."""
    end = data.find(END_OF_HEAD)
    if end < 0:
        return None
    head = data[:end].lower()
    if head[:7] != b"http/1." or not head[9:12].isdigit():
        raise UnreadableError(f"no status line: {data[:40]!r}")
    status = int(head[9:12])
    start = end + len(END_OF_HEAD)
    size = 0 if status == 204 else _declared(head)
    if len(data) < start + size:
        return None
    if len(data) > start + size:
        raise UnreadableError(f"{len(data) - start - size} bytes beyond the declared length")
    return Answer(status, _reason(head), data[start:], b"\r\nconnection: close" not in head)


def _declared(head: bytes) -> int:
    before, _, rest = head.partition(b"\r\ncontent-length:")
    text = rest.partition(b"\r\n")[0].strip()
    if not text.isdigit():
        raise UnreadableError(f"no Content-Length in {before[:200]!r}")
    return int(text)


def _reason(head: bytes) -> str:
    place = head.find(REASON_HEADER)
    return head[place + len(REASON_HEADER) :].partition(b"\r\n")[0].decode("ascii", "replace") if place >= 0 else ""
