"""The head of a request on the wire: read by llhttp (through httptools), then judged once more for what it frames.

Where a body ends must not be a matter of opinion between us and a proxy in front of us (RFC 9112, sections 6.1 and
11.2): whatever could be read in two ways is refused.
"""

from urllib.parse import urlsplit

import msgspec
from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser

from bidder.web.bid_limits import Limits
from bidder.web.bid_request_head import RequestHead, request_head
from bidder.web.listener.broken import BrokenError

END_OF_HEAD = b"\r\n\r\n"
MOST_DIGITS = 15
"""Of a length: a petabyte, far beyond any limit on bodies."""


class WireHead(msgspec.Struct, frozen=True):
    """A whole head."""

    request: RequestHead
    length: int
    """Bytes of the body; 0 where it is chunked."""
    chunked: bool
    stays: bool
    """Whether the connection may carry another request after this one."""
    old: bool
    """HTTP/1.0."""
    expects: bool
    """Whether the caller waits for `100 Continue` before it sends the body."""


class HeadReader:
    """Reads one head, in pieces of any size. Raises `BrokenError` as soon as it cannot become a good one."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._parser = HttpRequestParser(self)
        self._url = b""
        self._headers: list[tuple[bytes, bytes]] = []
        self._longest = 0
        self._unfinished_bytes = 0
        self._begun = 0
        self._overrun = False
        self._complete = False
        self._stays = False

    def feed(self, data: bytes) -> None:
        """The next piece, up to the end of the head and no further."""
        self._unfinished_bytes += len(data)
        try:
            self._parser.feed_data(data)
        except HttpParserUpgrade:  # asked for, and ignored
            pass
        except HttpParserError as error:
            raise BrokenError(400, str(error)) from error
        self._check_limits()

    def head(self) -> WireHead:
        """The whole head, once all of it was fed."""
        if not self._complete or self._begun > 1 or self._overrun:
            raise BrokenError(400, "the head ends elsewhere than at its first empty line")
        headers = self._joined()
        version = self._parser.get_http_version()
        chunked = _is_chunked(headers, version)
        method = self._parser.get_method().decode("ascii")
        return WireHead(
            request=request_head(method, _path(self._url), headers),
            length=_length(headers),
            chunked=chunked,
            stays=self._stays,
            old=version == "1.0",
            expects="expect" in headers and version == "1.1",
        )

    def _joined(self) -> dict[str, str]:
        """Headers by name in small letters; several of one name as one (RFC 9110, section 5.3)."""
        headers: dict[str, str] = {}
        for each, value in self._headers:
            name, text = each.decode("latin-1").lower(), value.decode("latin-1").strip(" \t")
            if name in headers and name in {"host", "content-length", "transfer-encoding"}:
                raise BrokenError(400, f"{name} twice")
            headers[name] = f"{headers[name]}, {text}" if name in headers else text
        version = self._parser.get_http_version()
        if version not in {"1.0", "1.1"}:
            raise BrokenError(400, f"HTTP {version}")
        if version == "1.1" and "host" not in headers:
            raise BrokenError(400, "no Host (RFC 9112, section 3.2)")
        return headers

    def _check_limits(self) -> None:
        limits = self._limits
        if len(self._url) > limits.url_bytes:
            raise BrokenError(414, f"a target of more than {limits.url_bytes} bytes")
        if self._longest > limits.header_bytes or self._unfinished_bytes > limits.url_bytes + limits.header_bytes:
            raise BrokenError(431, f"a header of more than {limits.header_bytes} bytes")
        if len(self._headers) > limits.headers:
            raise BrokenError(431, f"more than {limits.headers} headers")

    # what the parser calls

    def on_message_begin(self) -> None:
        """A head begins."""
        self._begun += 1

    def on_url(self, url: bytes) -> None:
        """The target, or a piece of it."""
        self._url += url

    def on_header(self, name: bytes, value: bytes | None) -> None:
        """A whole header."""
        value = value or b""
        self._headers.append((name, value))
        self._longest = max(self._longest, len(name) + len(value))
        self._unfinished_bytes = 0

    def on_headers_complete(self) -> None:
        """The empty line was read. The parser forgets the head when the message is over, which may be here."""
        self._complete = True
        self._stays = self._parser.should_keep_alive()

    def on_body(self, _body: bytes) -> None:
        """There is no body in a head."""
        self._overrun = True


def _is_chunked(headers: dict[str, str], version: str) -> bool:
    """Whether the body is. Raises `BrokenError` for any other coding, also before it (RFC 9112, section 6.1)."""
    coding = headers.get("transfer-encoding")
    if coding is None:
        return False
    if coding.lower() != "chunked" or "content-length" in headers or version == "1.0":
        raise BrokenError(400, f"Transfer-Encoding {coding!r}, where only chunked alone is known")
    return True


def _length(headers: dict[str, str]) -> int:
    text = headers.get("content-length", "0")
    if not (text.isascii() and text.isdigit()):
        raise BrokenError(400, f"Content-Length {text!r}, where digits are due")
    return int(text) if len(text) <= MOST_DIGITS else 10**MOST_DIGITS


def _path(target: bytes) -> str:
    """The path as sent, without query; also of a target in absolute form (RFC 9112, section 3.2.2)."""
    text = target.decode("latin-1")
    if text.startswith("/"):
        return text.partition("?")[0]
    try:
        return urlsplit(text).path
    except ValueError as error:
        raise BrokenError(400, f"the target {text!r} is no URL") from error
