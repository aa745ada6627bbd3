"""The head of a request, as far as the bid port cares: made from method, path and headers, and good for any body."""

from typing import Protocol

import msgspec

from bidder.web.bid_headers import JSON, accepts_gzip, content_codings, is_json
from bidder.web.bid_reply import Reply, ReplyHead

BIDS_PATH = "/openrtb2/"

NOT_POST = Reply(ReplyHead(405, {"allow": "POST"}))
NOT_JSON = Reply(ReplyHead(415, {"accept": JSON}))
UNKNOWN_CODING = Reply(ReplyHead(415, {"accept-encoding": "gzip"}))
UNKNOWN_EXPECTATION = Reply(ReplyHead(417))


class Headers(Protocol):
    """Request headers: a case-insensitive mapping, or a plain one with names in lower case."""

    def get(self, name: str, /) -> str | None:
        """The value of a header, `None` where it is absent."""


class RequestHead(msgspec.Struct, frozen=True):
    """What a head says. The same method, path and headers make the same one, so it may be kept and used again."""

    method: str
    path: str
    """Without query."""
    exchange: str | None
    """What follows `/openrtb2/`; `None` on any other path."""
    unfit: Reply | None
    """Why a request for an exchange is not read further, if so."""
    gzipped: bool
    """Whether the body is."""
    accepts_gzip: bool
    """Whether the answer may be."""


def request_head(method: str, path: str, headers: Headers) -> RequestHead:
    """The head of a request; `path` is without query."""
    return RequestHead(
        method,
        path,
        path[len(BIDS_PATH) :] if path.startswith(BIDS_PATH) else None,
        _unfit(method, headers),
        bool(content_codings(headers.get("content-encoding") or "")),
        accepts_gzip(headers.get("accept-encoding") or ""),
    )


def _unfit(method: str, headers: Headers) -> Reply | None:
    if method != "POST":
        return NOT_POST
    if not is_json(headers.get("content-type") or JSON):
        return NOT_JSON
    if content_codings(headers.get("content-encoding") or "") not in {(), ("gzip",)}:
        return UNKNOWN_CODING
    if (headers.get("expect") or "100-continue").lower() != "100-continue":
        return UNKNOWN_EXPECTATION
    return None
