"""The bid port without its sockets: method, path, headers and body in, status, headers and body out.

    POST /openrtb2/{exchange}     a bid request (OpenRTB 2.x over HTTP, section 2): 200, 204 or 400
    GET  /healthz                 200 while the process answers at all
    GET  /readyz                  200 while it wants traffic, else 503

Any listener can stand in front: nothing here knows asyncio or an HTTP library.
"""

from collections.abc import Mapping
from typing import NamedTuple, Protocol

from bidder.answer import Answer, Brain
from bidder.clock import Clock, wall_s
from bidder.domain.reason import Reason
from bidder.web.bid_counts import NO_EXCHANGE, BidCounts, ExchangeCounts
from bidder.web.bid_headers import JSON, accepts_gzip, content_codings, declared_length, is_json
from bidder.web.gzip_body import CorruptError, TooLargeError, deflate, inflate

BIDS_PATH = "/openrtb2/"
WORTH_COMPRESSING_BYTES = 1024


class Headers(Protocol):
    """Request headers: a case-insensitive mapping, or a plain one with names in lower case."""

    def get(self, name: str, /) -> str | None:
        """The value of a header, `None` where it is absent."""


class Reply(NamedTuple):
    """An HTTP answer. Its headers are shared between replies: read them, never change them."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""


class Lane:
    """One exchange on the bid port: how its answers look and where they are counted."""

    __slots__ = ("_reasons", "bid_headers", "counts", "gzip", "gzip_headers", "latest_s", "name", "no_bid_headers")

    def __init__(self, name: str, *, version: str, gzip: bool, latest_s: float, counts: ExchangeCounts) -> None:
        """`latest_s`: seconds from arrival after which the exchange never reads an answer."""
        self.name = name
        self.gzip = gzip
        self.latest_s = latest_s
        self.counts = counts
        self.no_bid_headers = {"x-openrtb-version": version}
        self._reasons: dict[Reason, Mapping[str, str]] = {}
        self.bid_headers = {"content-type": JSON, **self.no_bid_headers}
        self.gzip_headers = {**self.bid_headers, "content-encoding": "gzip"}

    def refused(self, reason: Reason) -> Mapping[str, str]:
        """The headers of an answer without a bid, which tell the reason."""
        headers = self._reasons.get(reason)
        if headers is None:
            headers = self._reasons[reason] = {**self.no_bid_headers, "x-no-bid-reason": reason.label}
        return headers


class Service(NamedTuple):
    """What is live, swapped as a whole between two requests."""

    brain: Brain
    lanes: Mapping[str, Lane]
    max_body_bytes: int


class BidHandler:
    """Answers requests with the live service and counts what it answers."""

    def __init__(self, service: Service, counts: BidCounts, clock: Clock = wall_s) -> None:
        self.service = service
        self.counts = counts
        self.draining = False
        """True: `/readyz` fails, so that whoever sends traffic sends it elsewhere. Requests are still answered."""
        self.clock = clock
        self._nowhere = counts.exchange(NO_EXCHANGE)

    def handle(self, method: str, path: str, headers: Headers, body: bytes, arrived_s: float) -> Reply:
        """The reply to a whole request.

        `path` is without query, `body` as it was sent (at most one byte beyond the limit need be there), `arrived_s` is
        the moment of arrival in seconds since 1970 UTC. Never raises, and never a 5xx for what a caller can do.
        """
        service = self.service
        refusal = self.refusal(method, path, headers)
        if refusal is not None:
            return refusal
        lane = service.lanes[path[len(BIDS_PATH) :]]
        if len(body) > service.max_body_bytes:
            return _counted(lane.counts, TOO_LARGE)
        if content_codings(headers.get("content-encoding") or ""):
            try:
                body = inflate(body, service.max_body_bytes)
            except TooLargeError:
                return _counted(lane.counts, TOO_LARGE)
            except CorruptError:
                return self._malformed(lane)
        return self._decided(service.brain, lane, headers, body, arrived_s)

    def refusal(self, method: str, path: str, headers: Headers) -> Reply | None:
        """The reply where method, path and headers settle it, whatever the body; `None` where the body is needed."""
        if not path.startswith(BIDS_PATH):
            return self._probed(method, path)
        lane = self.service.lanes.get(path[len(BIDS_PATH) :])
        if lane is None:
            self.counts.reasons[Reason.UNKNOWN_EXCHANGE] += 1
            return _counted(self._nowhere, NOT_FOUND)
        refusal = _unfit(method, headers, self.service.max_body_bytes)
        return _counted(lane.counts, refusal) if refusal is not None else None

    def broken(self, status: int) -> Reply:
        """The reply to what is no HTTP request, as far as its listener could tell."""
        return _counted(self._nowhere, Reply(status, NO_HEADERS))

    def _decided(self, brain: Brain, lane: Lane, headers: Headers, body: bytes, arrived_s: float) -> Reply:
        answer = brain.answer(lane.name, body, arrived_s, self.clock())
        reply = _reply(answer, lane, headers)
        self._count(answer, lane, arrived_s)
        return reply

    def _count(self, answer: Answer, lane: Lane, arrived_s: float) -> None:
        finished_s = self.clock()
        lane.counts.statuses[answer.status] += 1
        lane.counts.bids += answer.reason is Reason.BID
        lane.counts.late += finished_s > min(answer.deadline_s, arrived_s + lane.latest_s)
        self.counts.reasons[answer.reason] += 1
        self.counts.observe(finished_s - arrived_s)

    def _malformed(self, lane: Lane) -> Reply:
        self.counts.reasons[Reason.MALFORMED] += 1
        return _counted(lane.counts, Reply(400, lane.no_bid_headers))

    def _probed(self, method: str, path: str) -> Reply:
        """Health checks, which are not counted, and paths that do not exist."""
        if path not in {"/healthz", "/readyz"}:
            return _counted(self._nowhere, NOT_FOUND)
        if method not in {"GET", "HEAD"}:
            return _counted(self._nowhere, Reply(405, {"allow": "GET, HEAD"}))
        if path == "/readyz" and self.draining:
            return Reply(503, PLAIN, b"draining\n")
        return Reply(200, PLAIN, b"ok\n" if path == "/healthz" else b"ready\n")


NO_HEADERS: Mapping[str, str] = {}
PLAIN = {"content-type": "text/plain"}
NOT_FOUND = Reply(404, NO_HEADERS)
NOT_POST = Reply(405, {"allow": "POST"})
TOO_LARGE = Reply(413, NO_HEADERS)
NOT_JSON = Reply(415, {"accept": JSON})
UNKNOWN_CODING = Reply(415, {"accept-encoding": "gzip"})
UNKNOWN_EXPECTATION = Reply(417, NO_HEADERS)


def _unfit(method: str, headers: Headers, max_body_bytes: int) -> Reply | None:
    """Why a request for an exchange's path is not read further."""
    if method != "POST":
        return NOT_POST
    if not is_json(headers.get("content-type") or JSON):
        return NOT_JSON
    if content_codings(headers.get("content-encoding") or "") not in {(), ("gzip",)}:
        return UNKNOWN_CODING
    if (headers.get("expect") or "100-continue").lower() != "100-continue":
        return UNKNOWN_EXPECTATION
    return TOO_LARGE if declared_length(headers.get("content-length")) > max_body_bytes else None


def _reply(answer: Answer, lane: Lane, headers: Headers) -> Reply:
    if answer.status != 200:
        return Reply(answer.status, lane.refused(answer.reason))
    body = answer.body
    if lane.gzip and len(body) > WORTH_COMPRESSING_BYTES and accepts_gzip(headers.get("accept-encoding") or ""):
        return Reply(200, lane.gzip_headers, deflate(body))
    return Reply(200, lane.bid_headers, body)


def _counted(counts: ExchangeCounts, reply: Reply) -> Reply:
    counts.statuses[reply.status] += 1
    return reply
