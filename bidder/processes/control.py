"""The control process: it owns configuration, money, records and workers, and ends them in order.

This is the composition root: the one place that knows every part, builds it and connects it.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from functools import partial

import structlog

from bidder.clock import wall_s
from bidder.domain.ticket import Signer
from bidder.events.recorder import Limits as RecordLimits
from bidder.events.recorder import Recorder, RecordError
from bidder.events.schema import Event
from bidder.ledger.store import StoreError
from bidder.processes.agreements import agreements
from bidder.processes.appraisal import Stage
from bidder.processes.campaign_tally import CampaignTally
from bidder.processes.control_web import Desks, web_port
from bidder.processes.given import Given
from bidder.processes.lineup import Lineup
from bidder.processes.markups import Markups
from bidder.processes.messages import Start
from bidder.processes.model_checking import Checking
from bidder.processes.model_keeper import Keeper
from bidder.processes.model_shelf import Shelf
from bidder.processes.model_watch import ModelWatch
from bidder.processes.money import Money
from bidder.processes.pacer import Pacer
from bidder.processes.places import greeting
from bidder.processes.records import Records
from bidder.processes.reload import Reloader
from bidder.processes.rolling import Rolling
from bidder.processes.rollout import Followers, Rollout, Sources
from bidder.processes.samples import requests_by_exchange, total_of
from bidder.processes.supervisor import Generation, Supervisor
from bidder.processes.web_port import WebPort
from bidder.processes.worker_link import WorkerLink, begin
from bidder.web.prices import Prices

RECORD_SECONDS = 1.0
LONGEST_GRACE_SECONDS = 1.0
"""Between failing readiness and refusing connections."""

_log = structlog.get_logger()


class Control:
    """The parts of the control process, connected."""

    def __init__(self, given: Given) -> None:
        """Raises `OSError`, `StateError`, `StoreError`, `WriterBusyError`."""
        config, state, workers = given.live.config, given.state, given.workers
        secrets = [key.encode() for key in config.bidder.tickets.keys]
        self._given = given
        self._keys = tuple(secrets or [state.ticket_key()])
        self._limits = RecordLimits(segment_bytes=config.bidder.recording.segment_megabytes << 20)
        self._draining = False
        self._stopping = given.stopping
        self._markups = Markups()
        self._tally = CampaignTally(wall_s)
        self._prices = Prices(agreements(config, given.settings.config))
        self._records = Records(Recorder(state.segments / "control", self._limits), wall_s)
        self._money = Money(state, config, workers)
        self._treasury = self._money.treasury
        self._rolling = Rolling(state.directory, self._money.rollable)
        self._pacer = Pacer(
            state.pacing,
            self._treasury.board,
            self._treasury.book,
            lambda: requests_by_exchange(self._supervisor),
        )
        self._keeper = Keeper(Checking(), Shelf(state.models), wall_s)
        self._watch = ModelWatch(self._keeper, lambda: total_of(self._supervisor).predictors, wall_s)
        self._supervisor = Supervisor(workers, self._spawn, Generation(1, state.live(1)), self._markups.keep)
        self._supervisor.sample = self._watch.appraising.sample
        self._rollout = Rollout(
            Sources(given.settings.config, config, state),
            self._keeper,
            self._supervisor,
            Followers(self._treasury, self._pacer, self._prices),
        )
        self._reloader = Reloader(given.live, self._rollout.publish, wall_s, self._records.append)
        self._web = self._web_port()

    async def run(self) -> None:
        """Serve until a signal says to stop, or something makes going on impossible; then drain, and raise that.

        Raises `RecordError` where the last of what was taken could not be written.
        """
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, partial(self._signalled, number))
        asyncio.get_running_loop().add_reader(self._given.leash, self._end_at_once, 1)
        await self._web.listen(self._given.places.web)
        first = await self._keeper.wanted(self._reloader.config.bidder.models)
        self._supervisor.live = self._supervisor.live.with_models(1, first)
        supervising = asyncio.ensure_future(self._supervisor.run())
        work = (
            self._money.keep(self._hear_of),
            self._keep_records(),
            self._pace(),
            self._rolling.run(),
            self._start(),
            self._keep_models(),
        )
        working = [asyncio.ensure_future(each) for each in work]
        stopping = asyncio.ensure_future(self._stopping.wait())
        await asyncio.wait([supervising, stopping, *working], return_when=asyncio.FIRST_COMPLETED)
        await self._drain(supervising, working)
        failures = await self._close()
        for each in (supervising, *working):
            if not each.cancelled():
                each.result()
        if failures:
            unwritten = "; ".join(map(str, failures))
            raise RecordError(f"stopped, but what came last, and was not acknowledged, is not written: {unwritten}")
        _log.info("stopped")

    async def _spawn(self, worker: int) -> WorkerLink:
        places, begun = self._given.places, self._given.begun
        process = begun.pop() if begun else await begin()
        start = Start(
            worker=worker,
            host=places.host,
            port=places.bid_port,
            state=str(self._given.state.directory),
            web_url=places.web_url,
            keys=self._keys,
            board=self._treasury.board.shape,
            segment_bytes=self._limits.segment_bytes,
            life=await self._money.begin_life(worker),
        )
        return process.start(start)

    def _web_port(self) -> WebPort:
        desks = Desks(
            money=self._money,
            records=self._records,
            markups=self._markups,
            prices=self._prices,
            pacer=self._pacer,
            tally=self._tally,
            models=self._watch.desk(lambda: self._reloader.config.bidder.models),
            supervisor=self._supervisor,
            reloader=self._reloader,
        )
        return web_port(self._given, Signer(self._keys), desks, self._is_ready, self._heard)

    def _is_ready(self) -> bool:
        return not self._draining and self._supervisor.serving > 0

    async def _start(self) -> None:
        """Wait for the workers, say where everything is, and follow the edits from there on."""
        await self._supervisor.all_serving()
        os.write(self._given.ready, b"1")
        await self._keeper.went_live(self._supervisor.live.models)
        if self._given.greets:
            sys.stdout.write(greeting(self._given.places, self._reloader.config.exchanges))
            sys.stdout.flush()
        self._money.tell_bounds(self._supervisor.serving, self._reloader.config.bidder.account.currency)
        _log.info("ready", workers=self._supervisor.serving, digest=self._reloader.config.digest)
        await self._reloader.follow(self._given.edits)

    async def _keep_models(self) -> None:
        """Once all workers answer, swap models whenever their pointers say so."""
        await self._supervisor.all_serving()
        while True:
            models = self._reloader.config.bidder.models
            await self._keeper.step(models, self._swap)
            await self._watch.look(models, self._stage())
            await self._keeper.pause()

    def _stage(self) -> Stage | None:
        """What there is to appraise; nothing where no model answers."""
        board = self._money.treasury.board
        live, keeper = self._supervisor.live, self._keeper
        if not keeper.lineup.champions:
            return None
        return Stage(str(live.path), str(self._given.state.board), board.shape, keeper.lineup, keeper.shadows)

    async def _swap(self, models: Lineup) -> None:
        await self._rollout.swap(models, self._reloader.next_number)

    def _heard(self, event: Event) -> None:
        """What is said of a bid on the web port."""
        self._pacer.records.notice(event)
        self._watch.take_in([event])
        self._tally.take_in([event])

    async def _hear_of(self, events: Sequence[Event]) -> None:
        """What the workers recorded since the last round of money, and which is booked."""
        self._pacer.read(events)
        self._watch.take_in(events)
        self._tally.take_in(events)
        await self._pacer.hurry(wall_s())

    async def _pace(self) -> None:
        while True:
            await asyncio.sleep(self._pacer.step_seconds)
            await self._pacer.step(wall_s())

    async def _keep_records(self) -> None:
        while True:
            await asyncio.sleep(RECORD_SECONDS)
            self._markups.expire(wall_s())
            await self._money.commit()
            try:
                await self._records.commit()
            except RecordError as error:
                _log.error("events cannot be recorded", error=str(error))

    def _signalled(self, number: signal.Signals) -> None:
        if self._stopping.is_set():
            self._end_at_once(128 + number)
        _log.info("stopping; a second signal ends everything at once", signal=number.name)
        self._stopping.set()

    def _end_at_once(self, code: int) -> None:
        self._supervisor.kill()
        self._rolling.kill()
        self._keeper.checking.kill()
        self._watch.appraising.kill()
        os._exit(code)

    async def _drain(self, supervising: asyncio.Future[None], working: Sequence[asyncio.Future[None]]) -> None:
        """Readiness fails first, then workers finish, then the web port, which took their notices up to here."""
        self._draining = True
        seconds = self._reloader.config.bidder.server.drain_seconds
        grace_s = min(LONGEST_GRACE_SECONDS, seconds / 5)
        self._supervisor.drain(grace_s, seconds * 0.6 - grace_s)
        await asyncio.wait([supervising], timeout=seconds * 0.7)
        self._supervisor.kill()
        await asyncio.wait([supervising])
        await self._web.close()
        for each in working:
            each.cancel()
        await asyncio.wait(working)
        self._rolling.kill()
        self._keeper.checking.kill()
        self._watch.appraising.kill()
        await self._pacer.save()

    async def _close(self) -> list[Exception]:
        """Write the last of money and of events, and let go of both; why that was not possible."""
        failures: list[Exception] = []
        for closing in (self._money.close(), self._records.close()):
            try:
                await closing
            except (RecordError, StoreError, OSError) as error:
                failures.append(error)
        return failures
