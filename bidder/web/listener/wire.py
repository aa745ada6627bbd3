"""What leaves a connection, in bytes."""

from email.utils import formatdate

from bidder.web.bid_reply import Reply
from bidder.web.listener.head import WireHead

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
TIMED_OUT = b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


class Tails:
    """The last lines of every head, with the empty one at the end: what depends on the connection and on the second.

    Good for one second (RFC 9110, section 6.6.1 on `Date`).
    """

    __slots__ = ("close", "stay", "stay_old")

    def __init__(self, now_s: float) -> None:
        self.stay = f"Date: {formatdate(now_s, usegmt=True)}\r\n\r\n".encode("ascii")
        self.close = b"Connection: close\r\n" + self.stay
        self.stay_old = b"Connection: keep-alive\r\n" + self.stay
        """To HTTP/1.0, which stays only where it was told."""


def wired(reply: Reply, head: WireHead | None, tail: bytes) -> bytes:
    """A reply with the tail that its connection gets; to a HEAD without its body (RFC 9110, section 9.3.2)."""
    body = reply.body
    if not body:
        return reply.head.wire + tail
    length = b"Content-Length: %d\r\n" % len(body)
    if head is not None and head.request.method == "HEAD":
        body = b""
    return b"".join((reply.head.wire, length, tail, body))
