"""The routes of notices and tracking on aiohttp: sockets, bodies and headers around `Notices` and `Tracking`.

GET and POST are the same, but for conversions, which also take their parameters from the form that a server posts.
Paths that are none of ours are 404, other methods 405; HEAD is one of them, since looking is not reporting.
"""

import asyncio
from binascii import a2b_base64
from collections.abc import Awaitable, Callable, Mapping
from functools import partial

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from bidder.clock import Clock
from bidder.domain.links import Kind
from bidder.events.recorder import RecordError
from bidder.ledger.store import StoreError
from bidder.web.acknowledgement import Journal, Records
from bidder.web.notices import Notices
from bidder.web.receipt import Receipt
from bidder.web.tracking import Tracking

MAX_REQUEST_LINE = 16_384
"""Of the server that has these routes (`max_line_size`), so that click URLs fit."""

MAX_FORM_BYTES = 8_192
FORM_SECONDS = 5.0
FORM = "application/x-www-form-urlencoded"

RETRY_AFTER_SECONDS = 1

PIXEL = a2b_base64("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
"""A transparent GIF of one pixel."""

_HEADERS: Mapping[str, str] = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
_FORGETTABLE = (web.RequestPayloadError, HttpProcessingError, ConnectionError)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class NoticeRoutes:
    """Answers on the web port what exchanges, browsers and advertisers call."""

    def __init__(self, notices: Notices, tracking: Tracking, journal: Journal, records: Records, clock: Clock) -> None:
        self._notices = notices
        self._tracking = tracking
        self._journal = journal
        self._records = records
        self._clock = clock

    def add_to(self, router: web.UrlDispatcher) -> None:
        """Add a route for each kind and method."""
        for kind in Kind:
            handler: Handler = partial(self._conversion if kind is Kind.CONVERSION else self._answer, kind)
            for method in ("GET", "POST"):
                router.add_route(method, f"/{kind}/{{ticket}}", handler)

    async def _answer(self, kind: Kind, request: web.Request, form: str = "") -> web.StreamResponse:
        if self._journal.is_full:
            return _call_again()
        desk = self._tracking if kind in _TRACKED else self._notices
        query = request.rel_url.raw_query_string
        parameters = f"{query}&{form}" if form else query
        try:
            receipt = desk.receive(kind, request.match_info["ticket"], parameters, self._clock())
            if receipt.bid_id is not None:
                await self._journal.safe(receipt.bid_id)
        except (RecordError, StoreError):
            return _call_again()
        for event in receipt.all_events:  # after the commit, so that no record tells of money that is not in the ledger
            self._records.append(event)
        return _response(
            receipt, pixel=kind is Kind.IMPRESSION or (kind is Kind.CONVERSION and request.method == "GET")
        )

    async def _conversion(self, kind: Kind, request: web.Request) -> web.StreamResponse:
        if not request.body_exists:
            return await self._answer(kind, request)
        if request.content_type != FORM or "Content-Encoding" in request.headers:
            return _closing(415)
        try:
            async with asyncio.timeout(FORM_SECONDS):
                form = await _form(request)
        except TimeoutError:
            return _closing(408)
        except _FORGETTABLE:
            return _closing(400)
        return await self._answer(kind, request, form) if form is not None else _closing(413)


_TRACKED = {Kind.IMPRESSION, Kind.CLICK, Kind.CONVERSION}


async def _form(request: web.Request) -> str | None:
    """The body, percent-encoded as it is; None where it is too long."""
    body = bytearray()
    while chunk := await request.content.readany():
        body += chunk
        if len(body) > MAX_FORM_BYTES:
            return None
    return body.decode("latin-1")


def _call_again() -> web.Response:
    """The fault is ours alone to answer for: the sender has to call again, and no other status says so."""
    return web.Response(status=503, headers={"Retry-After": str(RETRY_AFTER_SECONDS)})


def _response(receipt: Receipt, *, pixel: bool) -> web.Response:
    headers = dict(_HEADERS)
    if receipt.location is not None:
        headers["Location"] = receipt.location
    if receipt.body is not None:
        return web.Response(
            status=receipt.status, headers=headers, text=receipt.body, content_type=_media_type(receipt.body)
        )
    if pixel and receipt.status < 300:
        return web.Response(status=200, headers=headers, body=PIXEL, content_type="image/gif")
    return web.Response(status=receipt.status, headers=headers)


def _media_type(markup: str) -> str:
    """What markup is, by how it begins: VAST or DAAST, native JSON, or HTML."""
    start = markup.lstrip()[:5]
    if start.startswith(("<?xml", "<VAST", "<DAAS")):
        return "application/xml"
    return "application/json" if start.startswith("{") else "text/html"


def _closing(status: int) -> web.Response:
    response = web.Response(status=status)
    response.force_close()
    return response
