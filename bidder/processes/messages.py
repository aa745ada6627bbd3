"""What control and workers tell each other over a socket pair.

control ─ Start ─▶                      once
        ─ Load ──▶ ◀─ Loaded | Refused   compiled aside; nothing changes yet
        ─ Flip ──▶ ◀─ Flipped            all loaded it: it is live between two requests
        ─ Drop ──▶                      some could not: forget it
                   ◀─ Report             once a second, all counts since the worker started
                   ◀─ Markup | Sample    now and then, on the way
        ─ Drain ─▶                      fail readiness, finish, end
"""

import asyncio
import contextlib
import socket
import struct
from typing import Generic, TypeAlias, TypeVar

import msgspec

from bidder.auction.score import Tally
from bidder.brain import FunnelCounts
from bidder.events.recorder import Counts as RecordCounts
from bidder.ledger.board import Shape
from bidder.processes.appraisal import Sample
from bidder.processes.collector import CollectorCounts
from bidder.processes.lineup import Lineup
from bidder.web.bid_counts import BidCounts
from bidder.web.bid_limits import ConnectionCounts, Limits


class Start(msgspec.Struct, frozen=True, tag=True):
    """What a worker is, for its whole life."""

    worker: int
    host: str
    port: int
    state: str
    """The state directory."""
    web_url: str
    """Where the web port is."""
    keys: tuple[bytes, ...]
    """Secrets that tickets are signed with; the first one signs."""
    board: Shape
    segment_bytes: int
    life: int
    """Which life of the worker this is, for its tickets."""
    limits: Limits = Limits()


class Load(msgspec.Struct, frozen=True, tag=True):
    """Compile this configuration with these models aside; what is live already is taken over."""

    generation: int
    path: str
    """A file that `handover` wrote."""
    models: Lineup = Lineup()
    """The versions that it predicts with."""
    edit: int = 0
    """The generation that brought the configuration; a swap of models keeps it."""


class Flip(msgspec.Struct, frozen=True, tag=True):
    """Answer with this generation from here on."""

    generation: int


class Drop(msgspec.Struct, frozen=True, tag=True):
    """This generation will not go live."""

    generation: int


class Drain(msgspec.Struct, frozen=True, tag=True):
    """End."""

    grace_s: float
    """How long to go on as before, but for failing readiness."""
    seconds: float
    """How long what is under way may take after that."""


class Loaded(msgspec.Struct, frozen=True, tag=True):
    """The generation is compiled and waits."""

    generation: int


class Refused(msgspec.Struct, frozen=True, tag=True):
    """The generation cannot be compiled here."""

    generation: int
    why: str


class Flipped(msgspec.Struct, frozen=True, tag=True):
    """The generation is live here."""

    generation: int


class WorkerCounts(msgspec.Struct):
    """All that a worker counted since it started; every number only grows."""

    bids: BidCounts = msgspec.field(default_factory=BidCounts)
    connections: ConnectionCounts = msgspec.field(default_factory=ConnectionCounts)
    funnels: FunnelCounts = msgspec.field(default_factory=FunnelCounts)
    records: RecordCounts = msgspec.field(default_factory=RecordCounts)
    predictors: dict[str, Tally] = {}
    """By the versions that they are made of."""
    collector: CollectorCounts = msgspec.field(default_factory=CollectorCounts)


class WorkerGauges(msgspec.Struct, frozen=True):
    """How a worker is at the moment."""

    connections: int = 0
    lag_s: float = 0.0
    """The longest that the event loop kept a timer waiting since the last report."""
    pending_events: int = 0
    """Events that are not yet in a segment."""
    events_failing: bool = False
    """Whether bids cannot be recorded, and are not made."""
    pause_s: float = 0.0
    """The longest pause of the garbage collector since the last report."""
    resident_bytes: int = 0
    """What the process holds of the machine's memory."""


class Report(msgspec.Struct, frozen=True, tag=True):
    """Counts and gauges of a worker."""

    counts: WorkerCounts
    gauges: WorkerGauges


class Markup(msgspec.Struct, frozen=True, tag=True):
    """What the win notice of a bid returns, sent before the bid itself is."""

    bid_id: int
    expires_s: int
    text: str


ToWorker: TypeAlias = Start | Load | Flip | Drop | Drain
FromWorker: TypeAlias = Loaded | Refused | Flipped | Report | Markup | Sample

Sent = TypeVar("Sent")
Received = TypeVar("Received")

_PREFIX = struct.Struct(">I")
_encode = msgspec.msgpack.Encoder().encode


class Pipe(Generic[Sent, Received]):
    """One end of a socket pair. Messages arrive whole and in order, or the other side is gone."""

    def __init__(self, decoder: "msgspec.msgpack.Decoder[Received]", streams: "Streams") -> None:
        self._decode = decoder.decode
        self._reader, self._writer = streams

    def send(self, message: Sent) -> None:
        """Send without waiting; a message to a side that is gone is lost."""
        if not self._writer.transport.is_closing():
            body = _encode(message)
            self._writer.write(_PREFIX.pack(len(body)) + body)

    async def receive(self) -> Received | None:
        """The next message; None once the other side is gone."""
        try:
            prefix = await self._reader.readexactly(_PREFIX.size)
            return self._decode(await self._reader.readexactly(_PREFIX.unpack(prefix)[0]))
        except (asyncio.IncompleteReadError, ConnectionError):
            return None

    @property
    def pending_bytes(self) -> int:
        """How much was sent and is not on its way yet."""
        return self._writer.transport.get_write_buffer_size()

    async def flush(self) -> None:
        """Return when all that was sent is on its way, or the other side is gone."""
        with contextlib.suppress(ConnectionError):
            await self._writer.drain()

    def close(self) -> None:
        """Let go of this end, by which the other side learns that we are gone."""
        self._writer.close()


Streams: TypeAlias = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def control_end(sock: socket.socket) -> Pipe[ToWorker, FromWorker]:
    """Control's end of a pair."""
    return Pipe(msgspec.msgpack.Decoder(FromWorker), await asyncio.open_unix_connection(sock=sock))


async def worker_end(sock: socket.socket) -> Pipe[FromWorker, ToWorker]:
    """The worker's end of a pair."""
    return Pipe(msgspec.msgpack.Decoder(ToWorker), await asyncio.open_unix_connection(sock=sock))
