"""A connection of the bid port. Most often a whole request comes in one piece and its answer leaves in one write."""

import asyncio
from typing import Protocol, cast

from bidder.web.bid_handler import BidHandler
from bidder.web.bid_limits import Limits
from bidder.web.bid_reply import Reply
from bidder.web.listener.broken import BrokenError
from bidder.web.listener.head import WireHead
from bidder.web.listener.known_heads import KnownHeads
from bidder.web.listener.placements import placement_of
from bidder.web.listener.reading import Reading
from bidder.web.listener.turns import Turns
from bidder.web.listener.wire import CONTINUE, TIMED_OUT, Tails, wired
from bidder.web.open_connections import OpenConnections

MOST_AHEAD_BYTES = 64 * 1024
"""Read ahead of the request under way before the caller is made to wait."""

IDLE, RECEIVING, WAITING, WRITING, LINGERING, GONE = range(6)
"""Nothing is under way; a request comes in; it waits for its answer; the answer leaves; it was refused and the rest of
it is thrown away; the connection is no more."""


class Owner(Protocol):
    """The server behind a connection."""

    handler: BidHandler
    limits: Limits
    known_heads: KnownHeads
    tails: Tails
    turns: Turns
    now_s: float
    """The time by the stopwatch, near enough for deadlines of seconds."""
    open: "OpenConnections[Connection]"

    def enqueue(self, connection: "Connection") -> None:
        """A connection has a whole request that waits for its answer; it may get it at once."""


class Connection(asyncio.Protocol):
    """Has at most one request under way, so answers keep the order of requests."""

    __slots__ = (
        "_ahead", "_at", "_has_ended", "_reading", "_reads_on", "_server", "_transport", "arrived_s", "body", "head",
        "since_s", "state", "whole_s", "writing_paused",
    )  # fmt: skip

    def __init__(self, server: Owner) -> None:
        self._server = server
        self._transport: asyncio.Transport | None = None
        self._reading: Reading | None = None
        self._ahead = b""
        self._at = 0
        """What was read beyond the request under way, and how much of that is done with."""
        self._reads_on = True
        self._has_ended = False
        self.writing_paused = False
        self.state = IDLE
        self.since_s = server.now_s
        """Since when it is in this state, by the stopwatch; waiting and writing count from the first byte."""
        self.arrived_s = 0.0
        """When the latest bytes arrived, by the stopwatch."""
        self.head: WireHead | None = None
        self.body = b""
        self.whole_s = 0.0
        """The request that waits, and when the last of it arrived."""

    @property
    def begun_s(self) -> float:
        """When the request under way began, by the stopwatch; 0 where there is none."""
        return self.since_s if self.state in {RECEIVING, WAITING, WRITING} else 0.0

    @property
    def placement(self) -> bytes:
        """What the request that waits is for, as far as a glance tells."""
        return placement_of(self.body)

    @property
    def is_alone(self) -> bool:
        """Whether nothing was read beyond the request that waits."""
        return not self._ahead

    # what the event loop calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the connection, or close it where there are too many."""
        self._transport = cast("asyncio.Transport", transport)
        if not self._server.open.admit(self):
            self.close()

    def connection_lost(self, exc: BaseException | None) -> None:  # noqa: ARG002
        """The other side is gone, or we closed."""
        self.state, self._transport = GONE, None
        self._server.open.forget(self)

    def data_received(self, data: bytes) -> None:
        """Bytes of a request, of several, or of what is none."""
        self.arrived_s = self._server.turns.arrival_s()
        state = self.state
        if state == IDLE:
            self._begin(data, 0)
        elif state == RECEIVING:
            self._go_on(data)
        elif state in {WAITING, WRITING}:
            self._ahead, self._at = self._ahead[self._at :] + data, 0
            if len(self._ahead) > MOST_AHEAD_BYTES:
                self._read_on(False)

    def eof_received(self) -> bool:
        """The caller sends no more. What it still waits for is sent, then the connection closes."""
        self._has_ended = True
        return self.state in {WAITING, WRITING}

    def pause_writing(self) -> None:
        """The caller does not read: nothing more is answered."""
        self.writing_paused = True
        self._read_on(False)

    def resume_writing(self) -> None:
        """The caller reads again."""
        self.writing_paused = False
        self._read_on(True)
        if self.state == WRITING:
            self._finish()

    # a request from its first byte to its answer

    def _begin(self, data: bytes, at: int) -> None:
        server = self._server
        self.since_s = server.now_s
        found = server.known_heads.find(data, at)
        if found is not None:
            self.head, self.body, end = found
            if end < len(data):
                self._ahead, self._at = data, end
            self._wait()
        else:
            self.state = RECEIVING
            self._reading = Reading(server.limits, server.handler.service.max_body_bytes)
            self._go_on(data[at:])

    def _go_on(self, data: bytes) -> None:
        reading = cast("Reading", self._reading)
        had_head = reading.head is not None
        try:
            reading.feed(data)
        except BrokenError as error:
            self._refuse(self._server.handler.broken(error.status))
            return
        if reading.is_whole:
            self.head, self.body, self._ahead, self._at = reading.head, reading.body, reading.rest, 0
            self._reading = None
            self._server.known_heads.learn(reading)
            self._wait()
        elif reading.head is not None and not had_head:
            self._judge(reading.head)

    def _judge(self, head: WireHead) -> None:
        """The head is there, and the body is not."""
        self.head = head
        refusal = self._server.handler.refusal(head.request, head.length)
        if refusal is not None:
            self._refuse(refusal)
        elif head.expects:
            cast("asyncio.Transport", self._transport).write(CONTINUE)

    def _wait(self) -> None:
        self.state = WAITING
        self.whole_s = self.arrived_s
        self._server.enqueue(self)

    def answer(self, reply: Reply, *, then_close: bool) -> None:
        """Send the reply to the request that waits, and go on with the next."""
        transport, head = self._transport, cast("WireHead", self.head)
        if transport is None:
            return
        self.body = b""
        tails = self._server.tails
        if then_close or not head.stays:
            transport.write(wired(reply, head, tails.close))
            self._leave()
            return
        transport.write(wired(reply, head, tails.stay_old if head.old else tails.stay))
        if self.writing_paused:
            self.state = WRITING
        else:
            self._finish()

    def _finish(self) -> None:
        """The answer is on its way; the next request may already be there."""
        self.state = IDLE
        self.since_s = self._server.now_s
        if self._ahead:
            data, at = self._ahead, self._at
            self._ahead, self._at = b"", 0
            self._read_on(True)
            self._begin(data, at)
        if self._has_ended and self.state != WAITING:
            self.close()

    def _refuse(self, reply: Reply) -> None:
        """Answer before the request is all there; nothing after it can be read as a request any more."""
        if self._transport is not None:
            self._transport.write(wired(reply, self.head, self._server.tails.close))
            self._linger()

    def _leave(self) -> None:
        """Close, once the answer is sent."""
        if self._ahead:
            self._linger()
        else:
            self.state = LINGERING
            self.close()

    def _linger(self) -> None:
        """End our side, and read on until the caller ends its own: closing before would take the answer from it."""
        transport = cast("asyncio.Transport", self._transport)
        self.state, self._reading, self._ahead = LINGERING, None, b""
        self.since_s = self._server.now_s
        self._read_on(True)
        if transport.can_write_eof() and not self._has_ended:
            transport.write_eof()
        else:
            transport.close()

    # the ends of a connection

    def cut_off(self) -> None:
        """End a request that takes too long: 408 where it is not all there, silence where its answer is not read."""
        if self.writing_paused or self._transport is None:
            self.abort()
        else:
            self._transport.write(TIMED_OUT)
            self._linger()

    def close(self) -> None:
        """Close after what has been written."""
        if self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        """Close at once, whatever has not been written."""
        if self._transport is not None:
            self._transport.abort()

    def _read_on(self, reads: bool) -> None:
        if reads != self._reads_on and self._transport is not None:
            self._reads_on = reads
            if reads:
                self._transport.resume_reading()
            else:
                self._transport.pause_reading()
