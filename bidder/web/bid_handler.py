"""The bid port without its sockets: the head and body of a request in, a reply out.

    POST /openrtb2/{exchange}     a bid request (OpenRTB 2.x over HTTP, section 2): 200, 204 or 400
    GET  /healthz                 200 while the process answers at all
    GET  /readyz                  200 while it wants traffic, else 503

Any listener can stand in front: nothing here knows asyncio or an HTTP library.
"""

from collections.abc import Mapping
from typing import NamedTuple, cast

from bidder.answer import Answer, Brain
from bidder.clock import Clock, monotonic_s, wall_s
from bidder.domain.reason import Reason
from bidder.web.bid_counts import NO_EXCHANGE, BidCounts, ExchangeCounts
from bidder.web.bid_headers import JSON
from bidder.web.bid_reply import Reply, ReplyHead
from bidder.web.bid_request_head import RequestHead
from bidder.web.gzip_body import CorruptError, TooLargeError, deflate, inflate

WORTH_COMPRESSING_BYTES = 1024


class Dialect(NamedTuple):
    """How an exchange is spoken to on the bid port."""

    version: str
    """Of OpenRTB."""
    gzip: bool
    """Whether answers may be compressed."""
    latest_s: float
    """Seconds from arrival after which it never reads an answer."""
    usual_s: float
    """Seconds from arrival after which it does not read the answer to a request that says nothing else."""


class Lane:
    """One exchange on the bid port: how its answers look and where they are counted."""

    __slots__ = ("_no_bids", "_version", "bid_head", "counts", "gzip", "gzip_head", "latest_s", "name", "usual_s")

    def __init__(self, name: str, dialect: Dialect, counts: ExchangeCounts) -> None:
        self.name = name
        self.gzip = dialect.gzip
        self.latest_s = dialect.latest_s
        self.usual_s = dialect.usual_s
        self.counts = counts
        self._version = {"x-openrtb-version": dialect.version}
        self._no_bids: dict[tuple[int, Reason], Reply] = {}
        self.bid_head = ReplyHead(200, {"content-type": JSON, **self._version}, empty=False)
        self.gzip_head = ReplyHead(200, {**self.bid_head.headers, "content-encoding": "gzip"}, empty=False)

    def no_bid(self, status: int, reason: Reason) -> Reply:
        """An answer without a bid and without a body, which tells the reason."""
        reply = self._no_bids.get((status, reason))
        if reply is None:
            head = ReplyHead(status, {**self._version, REASON_HEADER: reason.label})
            reply = self._no_bids[status, reason] = Reply(head)
        return reply


class Service(NamedTuple):
    """What is live, swapped as a whole between two requests."""

    brain: Brain
    lanes: Mapping[str, Lane]
    max_body_bytes: int


REASON_HEADER = "x-no-bid-reason"
PLAIN = {"content-type": "text/plain"}
ALIVE = Reply(ReplyHead(200, PLAIN, empty=False), b"ok\n")
READY = Reply(ReplyHead(200, PLAIN, empty=False), b"ready\n")
DRAINING = Reply(ReplyHead(503, PLAIN, empty=False), b"draining\n")
NOT_FOUND = Reply(ReplyHead(404))
NO_EXCHANGE_THERE = Reply(ReplyHead(404, {REASON_HEADER: Reason.UNKNOWN_EXCHANGE.label}))
NOT_GET = Reply(ReplyHead(405, {"allow": "GET, HEAD"}))
TOO_LARGE = Reply(ReplyHead(413))
BROKEN = {status: Reply(ReplyHead(status)) for status in (400, 414, 431)}


class BidHandler:
    """Answers requests with the live service and counts what it answers."""

    def __init__(
        self, service: Service, counts: BidCounts, clock: Clock = wall_s, stopwatch: Clock = monotonic_s
    ) -> None:
        self.service = service
        self.counts = counts
        self.draining = False
        """True: `/readyz` fails, so that whoever sends traffic sends it elsewhere. Requests are still answered."""
        self.clock = clock
        """The time of day, which may jump."""
        self.stopwatch = stopwatch
        """Measures how long requests wait and what they take."""
        self.bid_micros = 0
        """The sum of all prices that were bid, micros per impression."""
        self._nowhere = counts.exchange(NO_EXCHANGE)

    def handle(self, head: RequestHead, body: bytes, arrived_s: float) -> Reply:
        """The reply to a whole request.

        `body` is as it was sent (at most one byte beyond the limit need be there), `arrived_s` is the moment of arrival
        in seconds since 1970 UTC. Never a 5xx for what a caller can do.
        """
        refusal = self.refusal(head, len(body))
        if refusal is not None:
            return refusal
        service = self.service
        lane = service.lanes[head.exchange or ""]
        if head.gzipped:
            try:
                body = inflate(body, service.max_body_bytes)
            except TooLargeError:
                return _counted(lane.counts, TOO_LARGE)
            except CorruptError:
                return self._malformed(lane)
        answer = service.brain.answer(lane.name, body, arrived_s, self.clock())
        reply = _reply(answer, lane, head)
        self._count(answer, lane, arrived_s)
        return reply

    def refusal(self, head: RequestHead, length: int) -> Reply | None:
        """The reply where head and length of the body settle it; `None` where the body is needed."""
        service = self.service
        lane = service.lanes.get(head.exchange or "")
        if lane is None:
            return self._elsewhere(head)
        if head.unfit is not None:
            return _counted(lane.counts, head.unfit)
        return _counted(lane.counts, TOO_LARGE) if length > service.max_body_bytes else None

    def turn_away(self, head: RequestHead, length: int, reason: Reason, value_micros: int) -> Reply:
        """The reply to a request that is not looked at, for want of time; `value_micros`: what it might have bid."""
        lane = self.service.lanes.get(head.exchange or "")
        if lane is None or head.unfit is not None or length > self.service.max_body_bytes:
            return cast("Reply", self.refusal(head, length))
        counts = lane.counts
        counts.turned_away += 1
        counts.turned_away_micros += value_micros
        counts.statuses[204] += 1
        self.counts.reasons[reason] += 1
        return lane.no_bid(204, reason)

    def broken(self, status: int) -> Reply:
        """The reply to what is no HTTP request, as far as its listener could tell: 400, 414 or 431."""
        return _counted(self._nowhere, BROKEN[status])

    def _count(self, answer: Answer, lane: Lane, arrived_s: float) -> None:
        finished_s = self.clock()
        counts = lane.counts
        counts.statuses[answer.status] += 1
        if answer.reason is Reason.BID:
            counts.bids += 1
            counts.bid_micros += answer.bid_micros
            self.bid_micros += answer.bid_micros
        if finished_s > answer.deadline_s or finished_s > arrived_s + lane.latest_s:
            counts.late += 1
        self.counts.reasons[answer.reason] += 1
        self.counts.observe(finished_s - arrived_s)

    def _malformed(self, lane: Lane) -> Reply:
        self.counts.reasons[Reason.MALFORMED] += 1
        return _counted(lane.counts, lane.no_bid(400, Reason.MALFORMED))

    def _elsewhere(self, head: RequestHead) -> Reply:
        """Health checks, which are not counted, unknown exchanges, and paths that do not exist."""
        if head.exchange is not None:
            self.counts.reasons[Reason.UNKNOWN_EXCHANGE] += 1
            return _counted(self._nowhere, NO_EXCHANGE_THERE)
        if head.path not in {"/healthz", "/readyz"}:
            return _counted(self._nowhere, NOT_FOUND)
        if head.method not in {"GET", "HEAD"}:
            return _counted(self._nowhere, NOT_GET)
        if head.path == "/readyz":
            return DRAINING if self.draining else READY
        return ALIVE


def _reply(answer: Answer, lane: Lane, head: RequestHead) -> Reply:
    if answer.status != 200:
        return lane.no_bid(answer.status, answer.reason)
    body = answer.body
    if lane.gzip and head.accepts_gzip and len(body) > WORTH_COMPRESSING_BYTES:
        return Reply(lane.gzip_head, deflate(body))
    return Reply(lane.bid_head, body)


def _counted(counts: ExchangeCounts, reply: Reply) -> Reply:
    counts.statuses[reply.head.status] += 1
    return reply
