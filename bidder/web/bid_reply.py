"""Answers of the bid port. Status line and headers are made once, also as bytes: an answer costs no formatting."""

from collections.abc import Mapping
from http import HTTPStatus

import msgspec

SERVER_NAME = "bidder"

NO_HEADERS: Mapping[str, str] = {}


class ReplyHead:
    """Status and headers, shared between replies."""

    __slots__ = ("headers", "status", "wire")

    def __init__(self, status: int, headers: Mapping[str, str] = NO_HEADERS, *, empty: bool = True) -> None:
        """`empty`: replies with this head have no body, and say so where the status does not (RFC 9110, 8.6)."""
        self.status = status
        self.headers = headers
        self.wire = _wire(status, headers, says_empty=empty and status != HTTPStatus.NO_CONTENT)
        """Status line and headers for HTTP/1.1, each line ended, without those that depend on connection and body."""


class Reply(msgspec.Struct, frozen=True, gc=False):
    """An HTTP answer. Its head is shared between replies: read it, never change it."""

    head: ReplyHead
    body: bytes = b""

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.head.status

    @property
    def headers(self) -> Mapping[str, str]:
        """All headers but those that the transport adds: length, date, connection, server."""
        return self.head.headers


def _wire(status: int, headers: Mapping[str, str], *, says_empty: bool) -> bytes:
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}", f"Server: {SERVER_NAME}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if says_empty:
        lines.append("Content-Length: 0")
    return "".join(f"{line}\r\n" for line in lines).encode("latin-1")
