"""A bid worker: an event loop that answers on the shared bid port, as control tells it over its socket.

Started by control as `python -m bidder.processes.worker FD`. It lives as long as control does: when the socket closes,
it finishes what it has begun and ends.
"""

import asyncio
import signal
import socket
import sys
from pathlib import Path

import msgspec
import structlog
import uvloop

from bidder.clock import monotonic_s, wall_s
from bidder.config.schema import Server
from bidder.domain.ticket import Signer
from bidder.events.recorder import Limits as RecordLimits
from bidder.events.segment import WriterBusyError
from bidder.ledger.board import Board, WrongBoardError
from bidder.ledger.purse import Purse
from bidder.processes.collector import Collector
from bidder.processes.compile import WorkerContext, went_live
from bidder.processes.generations import Generation, compile_aside, let_go, service
from bidder.processes.logs import configure_logs
from bidder.processes.machine import affordable_connections, pin, resident_bytes
from bidder.processes.messages import (
    Drain,
    Drop,
    Flip,
    Flipped,
    FromWorker,
    Load,
    Loaded,
    Pipe,
    Refused,
    Report,
    Start,
    ToWorker,
    WorkerCounts,
    WorkerGauges,
    worker_end,
)
from bidder.processes.ports import shared
from bidder.processes.tailing import worker_name
from bidder.processes.tls import tls_context
from bidder.processes.worker_records import WorkerRecords
from bidder.web.bid_handler import BidHandler, Service
from bidder.web.bid_port import BidPort, bid_port

TICK_SECONDS = 0.1
TICKS_PER_REPORT = 10
LONE_SECONDS = 0.3
"""How long to finish when control is gone: the next one waits for the end of all workers before it bids."""

_log = structlog.get_logger()


class Worker:
    """One worker, between its first message and its end."""

    def __init__(self, pipe: Pipe[FromWorker, ToWorker], start: Start) -> None:
        """Raises `OSError`, `WrongBoardError`, `WriterBusyError`."""
        state = Path(start.state)
        self._pipe = pipe
        self._start = start
        self.counts = WorkerCounts()
        self._board = Board.open(state / "board", start.board)
        self._purse = Purse(self._board, start.worker)
        limits = RecordLimits(segment_bytes=start.segment_bytes)
        directory = state / "segments" / worker_name(start.worker)
        self._records = WorkerRecords(directory, limits, self._board, self._purse)
        self.counts.records = self._records.counts
        self._context = WorkerContext(
            start.worker,
            self._purse,
            Signer(start.keys),
            self._records.append,
            self.counts.funnels,
            pipe.send,
            start.life,
            start.web_url,
            self.counts.predictors,
            pipe.send,
        )
        self._waiting: Generation | None = None
        self._live: Generation | None = None
        self._letting_go: asyncio.Future[None] | None = None
        self._server: BidPort | None = None
        self._lag_s = 0.0
        self._collector = Collector()
        self.counts.collector = self._collector.counts
        self._ended = False

    async def run(self) -> None:
        """Do what control says until it says to end, or is gone."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._tick_until_the_end())
            tasks.create_task(self._write_until_the_end())
            await self._finish(await self._obey(tasks))
            self._ended = True
        self._records.close()
        self._report()

    async def _obey(self, tasks: asyncio.TaskGroup) -> Drain:
        while True:
            match await self._pipe.receive():
                case Load() as load:
                    tasks.create_task(self._load(load))
                case Flip(generation):
                    await self._flip(generation)
                case Drop():
                    self._waiting = None
                case Drain() as drain:
                    return drain
                case Start() | None:
                    _log.warning("control is gone; the worker ends")
                    return Drain(0.0, LONE_SECONDS)

    async def _load(self, load: Load) -> None:
        compiling = asyncio.ensure_future(compile_aside(load, self._live, self._context))
        await asyncio.wait([compiling])
        error = compiling.exception()
        if error is None:
            self._waiting = compiling.result()
            self._pipe.send(Loaded(load.generation))
        else:  # of whatever kind: the configuration is refused, the live one stays, and control has the error
            _log.error("a generation cannot be compiled", generation=load.generation, exc_info=error)
            self._pipe.send(Refused(load.generation, f"{type(error).__name__}: {error}"))

    async def _flip(self, number: int) -> None:
        waiting = self._waiting
        if waiting is None or waiting.load.generation != number:
            return
        edited = self._live is None or self._live.load.path != waiting.load.path
        replaced = [self._live] if self._live is not None else []
        self._live, self._waiting = waiting, None
        self._records.forget_places()
        await self._serve(service(waiting, self.counts.bids), waiting.config.bidder.server)
        self._purse.load(waiting.load.edit, waiting.slots)
        if edited and self._start.worker == 0:  # one record is enough
            self._records.append(went_live(number, waiting.brain, wall_s()))
        self._pipe.send(Flipped(number))
        if replaced:
            self._letting_go = asyncio.ensure_future(let_go(replaced))

    async def _serve(self, live: Service, settings: Server) -> None:
        if self._server is not None:
            self._server.handler.service = live
            return
        if settings.pin_workers:
            pin(self._start.worker)
        limits = self._start.limits
        limits = msgspec.structs.replace(limits, connections=affordable_connections(limits.connections))
        handler = BidHandler(live, self.counts.bids)
        self._server = bid_port(settings.bid_transport, handler, limits, self._collector.between_requests)
        self.counts.connections = self._server.counts
        await self._server.listen(shared(self._start.host, self._start.port), tls_context(settings))

    async def _tick_until_the_end(self) -> None:
        ticks = 0
        while not self._ended:
            due_s = monotonic_s() + TICK_SECONDS
            await asyncio.sleep(TICK_SECONDS)
            self._lag_s = max(self._lag_s, monotonic_s() - due_s)
            self._tick(wall_s())
            ticks += 1
            if ticks % TICKS_PER_REPORT == 0:
                self._report()

    def _tick(self, now_s: float) -> None:
        self._purse.beat(int(now_s * 1000))
        self._purse.answer_recalls()
        self._records.watch()
        if self._live is not None:
            self._live.brain.tick(now_s)
        if self._server is not None:
            self._server.sweep()
        self._collector.tick()

    async def _write_until_the_end(self) -> None:
        while not self._ended:
            await asyncio.sleep(TICK_SECONDS)
            await self._records.write()

    def _report(self) -> None:
        gauges = WorkerGauges(
            connections=self._server.open_connections if self._server is not None else 0,
            lag_s=self._lag_s,
            pending_events=self._records.pending,
            events_failing=self._records.is_failing,
            pause_s=self._collector.longest_s,
            resident_bytes=resident_bytes(),
        )
        self._pipe.send(Report(self.counts, gauges))
        self._lag_s = self._collector.longest_s = 0.0

    async def _finish(self, drain: Drain) -> None:
        if self._server is not None:
            self._server.handler.draining = True
            await asyncio.sleep(drain.grace_s)
            await self._server.drain(drain.seconds)


async def _work(fd: int) -> int:
    """The life of the process; its exit code."""
    pipe = await worker_end(socket.socket(fileno=fd))
    start = await pipe.receive()
    if not isinstance(start, Start):
        return 0
    configure_logs(f"worker-{start.worker}")
    try:
        worker = Worker(pipe, start)
    except (OSError, WrongBoardError, WriterBusyError) as error:
        _log.error("a worker cannot use the state directory", state=start.state, error=str(error))
        return 1
    await worker.run()
    await pipe.flush()
    return 0


def main() -> None:
    """The process. Signals are control's to receive: a worker ends when it is told to, or when control is gone."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    sys.exit(uvloop.run(_work(int(sys.argv[1]))))


if __name__ == "__main__":
    main()
