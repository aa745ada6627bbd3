"""The listener: accepts connections on the bid port, answers their requests in turns, and bounds what callers hold."""

import asyncio
import socket
import ssl
from collections.abc import Callable
from typing import cast

from bidder.clock import Clock, monotonic_s, wall_s
from bidder.domain.reason import Reason
from bidder.web.bid_handler import BidHandler
from bidder.web.bid_limits import ConnectionCounts, Limits
from bidder.web.bid_reply import Reply, ReplyHead
from bidder.web.listener.admission import Admission, Taken
from bidder.web.listener.connection import IDLE, LINGERING, WAITING, Connection
from bidder.web.listener.head import WireHead
from bidder.web.listener.known_heads import KnownHeads
from bidder.web.listener.lane import Lane, Times, Verdict
from bidder.web.listener.turns import Turns
from bidder.web.listener.wire import Tails
from bidder.web.open_connections import Faults, OpenConnections

SCAN_SECONDS = 0.5
"""Between two looks at all connections for those that take too long."""
MOST_ENDED = 100
"""Connections that one look ends: thousands at once would keep all others waiting. The others are ended by the next."""

DECIDE, SHED = Verdict.DECIDE, Verdict.SHED
DEFAULT_LIMITS = Limits()
NO_BID = Reply(ReplyHead(204))


class BidListener:
    """Made inside a running event loop. `sweep` is to be called several times a second."""

    def __init__(
        self,
        handler: BidHandler,
        limits: Limits = DEFAULT_LIMITS,
        stopwatch: Clock = monotonic_s,
        at_rest: Callable[[], None] = lambda: None,
    ) -> None:
        """`stopwatch` is for the limits of connections; `at_rest` is called when no request waits."""
        self.handler = handler
        self.limits = limits
        self.counts = ConnectionCounts()
        self.known_heads = KnownHeads()
        self.turns = Turns(self._serve, at_rest, handler.stopwatch)
        self.tails = Tails(wall_s())
        self.now_s = stopwatch()
        """The stopwatch at the latest sweep: near enough for deadlines of seconds, and free."""
        self._stopwatch = stopwatch
        self._scanned_s = self.now_s
        self._admission: Admission[Connection] = Admission()
        self._learn()
        self.open: OpenConnections[Connection] = OpenConnections(limits.connections, self.counts)
        self._listener: asyncio.Server | None = None
        self._faults = Faults(self.counts, stopwatch)

    async def listen(self, bound: socket.socket, tls: ssl.SSLContext | None = None) -> None:
        """Accept connections from here on, encrypted where `tls` is given."""
        self._listener = await asyncio.get_running_loop().create_server(
            lambda: Connection(self), sock=bound, backlog=self.limits.backlog, ssl=tls
        )

    @property
    def connections(self) -> list[Connection]:
        """Those that are open."""
        return list(self.open)

    @property
    def open_connections(self) -> int:
        """How many there are."""
        return len(self.open)

    def sweep(self) -> None:
        """Move the clocks on, and end the connections that take too long."""
        self.now_s = now_s = self._stopwatch()
        self.tails = Tails(wall_s())
        self._learn()
        if now_s - self._scanned_s >= SCAN_SECONDS and self._scan(now_s) < MOST_ENDED:
            self._scanned_s = now_s

    async def drain(self, seconds: float) -> None:
        """Stop listening, let what is under way finish for at most so many seconds, and close all connections."""
        self.handler.draining = True
        if self._listener is not None:
            self._listener.close()
        for connection in self.open:
            if connection.state == IDLE:
                connection.close()
        await self.open.drain(seconds)

    # what connections call

    def enqueue(self, connection: Connection) -> None:
        """A connection has a whole request that waits for its answer; there may be too many of them."""
        lane = self._admission.add(cast("WireHead", connection.head).request.exchange, connection)
        if lane is not None:
            connection.answer(self._turn_away(connection, lane, SHED), then_close=self.handler.draining)

    def _serve(self, now_s: float) -> float | None:
        """Answer the next request; the time after that, None where none waits."""
        taken = self._admission.take(now_s)
        if taken is None:
            return None
        connection = taken.item
        if connection.state != WAITING:  # gone meanwhile
            return now_s
        reply = self._decide(taken, now_s) if taken.verdict is DECIDE else self._turn_away(*taken)
        connection.answer(reply, then_close=self.handler.draining)
        finished_s = self.handler.stopwatch()
        self._admission.spent(taken, finished_s - now_s)
        return finished_s

    def _decide(self, taken: Taken[Connection], now_s: float) -> Reply:
        connection, lane, _ = taken
        handler, body = self.handler, connection.body
        arrived_s = handler.clock() - (now_s - connection.whole_s)
        bid_before_micros = handler.bid_micros
        try:
            reply = handler.handle(cast("WireHead", connection.head).request, body, arrived_s)
        except Exception as error:  # noqa: BLE001 - a defect of ours ends one decision, not the worker
            return self._fault(error)
        if lane.notes_placement():
            lane.placements.decided(connection.placement, handler.bid_micros - bid_before_micros, now_s)
        return reply

    def _turn_away(self, connection: Connection, lane: Lane[Connection], verdict: Verdict) -> Reply:
        head = cast("WireHead", connection.head)
        reason = Reason.TOO_LATE if verdict is Verdict.LATE else Reason.SHEDDING_LOAD
        return self.handler.turn_away(head.request, len(connection.body), reason, round(lane.worth_micros(connection)))

    def _fault(self, error: Exception) -> Reply:
        """The answer where deciding failed through a fault of ours: no bid. Callers never learn of it."""
        self._faults.note(error)
        return NO_BID

    def _learn(self) -> None:
        lanes = self.handler.service.lanes
        self._admission.configure({name: Times(lane.latest_s, lane.usual_s) for name, lane in lanes.items()})
        self._admission.learn({name: lane.counts.bid_micros for name, lane in lanes.items()}, self._stopwatch())

    def _scan(self, now_s: float) -> int:
        """How many connections were ended since they took too long."""
        ended = 0
        for connection in self.open:
            if self._ends(connection, now_s - connection.since_s):
                ended += 1
                if ended >= MOST_ENDED:
                    break
        return ended

    def _ends(self, connection: Connection, age_s: float) -> bool:
        limits = self.limits
        if connection.state == IDLE:
            if age_s <= limits.idle_seconds:
                return False
            connection.state, connection.since_s = LINGERING, self.now_s  # until what it was sent is sent
            connection.close()
        elif connection.state == LINGERING:
            if age_s <= limits.linger_seconds:
                return False
            connection.abort()
        elif age_s <= limits.request_seconds:
            return False
        else:
            self.counts.timed_out += 1
            connection.cut_off()
        return True
