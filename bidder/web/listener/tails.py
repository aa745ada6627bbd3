"""The last lines of every head: what depends on the connection and on the second, not on the answer."""

from email.utils import formatdate


class Tails:
    """Lines with the empty one at the end, good for one second (RFC 9110, section 6.6.1 on `Date`)."""

    __slots__ = ("close", "stay", "stay_old")

    def __init__(self, now_s: float) -> None:
        self.stay = f"Date: {formatdate(now_s, usegmt=True)}\r\n\r\n".encode("ascii")
        self.close = b"Connection: close\r\n" + self.stay
        self.stay_old = b"Connection: keep-alive\r\n" + self.stay
        """To HTTP/1.0, which stays only where it was told."""
