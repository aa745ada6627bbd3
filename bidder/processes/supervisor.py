"""All workers: kept alive, and moved from one configuration to the next together."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import NamedTuple

import structlog

from bidder.clock import monotonic_s
from bidder.processes.appraisal import Sample
from bidder.processes.lineup import Lineup
from bidder.processes.messages import Load, Markup, Report, WorkerCounts, WorkerGauges
from bidder.processes.totals import added
from bidder.processes.worker_link import RefusedError, WorkerLink, WorkerLostError

LOAD_SECONDS = 600.0
"""The longest that workers may take to compile a configuration."""

FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 2.0
"""Of the five seconds after which bids are to resume, loading takes the rest."""

ATTEMPTS = 5
"""A worker that ended so often before all were ready will not be."""

STEADY_SECONDS = 30.0
"""A worker that lived this long was not started in vain: the next one comes without a pause again."""

_log = structlog.get_logger()


Spawn = Callable[[int], Awaitable[WorkerLink]]
"""Starts the process of a worker, by its number."""


class StartError(Exception):
    """The workers cannot be started; the message says why."""


class Generation(NamedTuple):
    """A number, the file by which workers get the configuration, and the models that they predict with."""

    number: int
    path: Path
    models: Lineup = Lineup()
    edit: int | None = None
    """The generation that brought the configuration; None: this one."""

    @property
    def load(self) -> Load:
        """What workers are told."""
        return Load(self.number, str(self.path), self.models, self.number if self.edit is None else self.edit)

    def with_models(self, number: int, models: Lineup) -> "Generation":
        """The same configuration with other models."""
        return Generation(number, self.path, models, self.load.edit)


class Numbers:
    """What one worker counted, over all its lives."""

    def __init__(self) -> None:
        self._before = WorkerCounts()
        self._latest = WorkerCounts()
        self.gauges = WorkerGauges()

    @property
    def counts(self) -> WorkerCounts:
        """Since control started."""
        return added(self._before, self._latest)

    def take(self, report: Report) -> None:
        """The latest of this life."""
        self._latest, self.gauges = report.counts, report.gauges

    def end_life(self) -> None:
        """The next report counts from zero again."""
        self._before, self._latest, self.gauges = self.counts, WorkerCounts(), WorkerGauges()


class Supervisor:
    """Starts workers, starts them again when they end, and rolls configurations out to all of them or none."""

    def __init__(self, workers: int, spawn: Spawn, live: Generation, keep: Callable[[Markup], None]) -> None:
        """`keep` takes the markups that workers send."""
        self.live = live
        self.numbers = [Numbers() for _ in range(workers)]
        self.restarts = 0
        self._spawn = spawn
        self._keep = keep
        self.sample: Callable[[Sample], None] = lambda _: None
        """Takes the requests that workers hand on."""
        self._alive: dict[int, WorkerLink] = {}
        self._serving: dict[int, WorkerLink] = {}
        self._rolling = asyncio.Lock()
        self._changed = asyncio.Condition()
        self._failure: str | None = None
        self._ending = asyncio.Event()

    @property
    def serving(self) -> int:
        """How many workers answer requests."""
        return len(self._serving)

    @property
    def pids(self) -> dict[int, int]:
        """Process ids of the workers there are, by worker."""
        return {worker: link.pid for worker, link in self._alive.items()}

    async def run(self) -> None:
        """Keep all workers alive until `drain`."""
        async with asyncio.TaskGroup() as tasks:
            for worker in range(len(self.numbers)):
                tasks.create_task(self._keep_alive(worker))

    async def all_serving(self) -> None:
        """Return when every worker answers requests. Raises `StartError` where that will not be."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._failure or self.serving == len(self.numbers))
        if self._failure:
            raise StartError(self._failure)

    async def roll_out(self, coming: Generation) -> None:
        """Make a configuration live in all workers, once all have compiled it; where one cannot, in none.

        Raises `RefusedError`; `WorkerLostError` where a worker ended meanwhile, and trying again may help.
        """
        async with self._rolling:
            links = list(self._serving.values())
            if not links:
                raise WorkerLostError("no worker is there to compile it")
            await self._load(links, coming)
            self.live = coming
            await asyncio.gather(*(link.flip(coming.number) for link in links), return_exceptions=True)

    def drain(self, grace_s: float, seconds: float) -> None:
        """Have all workers end: they go on for the grace, then finish. When they are gone, `run` returns."""
        self._ending.set()
        for link in self._alive.values():
            link.drain(grace_s, seconds)

    def kill(self) -> None:
        """End all workers now."""
        self._ending.set()
        for link in self._alive.values():
            link.kill()

    async def _load(self, links: list[WorkerLink], coming: Generation) -> None:
        loading = [link.load(coming.load) for link in links]
        try:
            async with asyncio.timeout(LOAD_SECONDS):
                found = await asyncio.gather(*loading, return_exceptions=True)
        except TimeoutError:
            found = [RefusedError(f"a worker took more than {LOAD_SECONDS:g} s to compile it")]
        errors = [error for error in found if error is not None]
        if errors:
            for link in links:
                link.drop(coming.number)
            raise next((error for error in errors if isinstance(error, RefusedError)), errors[0])

    async def _keep_alive(self, worker: int) -> None:
        in_vain = 0
        while not self._ending.is_set():
            began_s = monotonic_s()
            code = await self._live_once(worker)
            if self._ending.is_set():
                return
            in_vain = 0 if monotonic_s() - began_s >= STEADY_SECONDS else in_vain + 1
            if in_vain == ATTEMPTS:
                await self._announce(
                    f"worker {worker} ended {ATTEMPTS} times, at last with code {code}; its log says why"
                )
            pause_s = min(FIRST_PAUSE_SECONDS * 2**in_vain, LONGEST_PAUSE_SECONDS)
            _log.error("a worker ended; another one is started", worker=worker, code=code, pause_s=pause_s)
            self.restarts += 1
            await self._pause(pause_s)

    async def _live_once(self, worker: int) -> int | None:
        """One process from start to end; its exit code, None where there is none to be had."""
        try:
            link = await self._spawn(worker)
        except OSError as error:
            _log.error("a worker cannot be started", worker=worker, error=str(error))
            return None
        self._alive[worker] = link
        if self._ending.is_set():
            link.kill()
        bringing_up = asyncio.ensure_future(self._bring_up(link))
        await link.listen(self.numbers[worker].take, self._keep, self.sample)
        self._serving.pop(worker, None)
        bringing_up.cancel()
        await asyncio.wait([bringing_up])
        if not self._ending.is_set():
            link.kill()
        code = await link.end()
        del self._alive[worker]
        self.numbers[worker].end_life()
        return code

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._ending.wait()

    async def _bring_up(self, link: WorkerLink) -> None:
        """Have a new worker answer with the live configuration."""
        try:
            async with self._rolling:
                live = self.live
                await link.load(live.load)
                await link.flip(live.number)
                self._serving[link.worker] = link
            await self._announce(None)
        except RefusedError as error:
            await self._announce(str(error))
            link.kill()
        except WorkerLostError:
            return

    async def _announce(self, failure: str | None) -> None:
        """Tell who waits for the start; only the first failure counts."""
        async with self._changed:
            self._failure = self._failure or failure
            self._changed.notify_all()
