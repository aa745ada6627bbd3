"""Which model versions answer: the pointers of the store, as far as the versions that they name may serve.

A version that may not serve changes nothing: what answered before it goes on, and the reason is told. Pointers may be
edited by anybody at any time; they are looked at twice a second, and each version is checked once as it is on disk.
"""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import NamedTuple

import structlog

from bidder.clock import Clock
from bidder.config.schema import Models
from bidder.processes.lineup import Lineup, Version
from bidder.processes.model_checking import Checking
from bidder.processes.model_shelf import Shelf
from bidder.processes.refusals import Refusals
from bidder.processes.verdict import Verdict
from bidder.processes.worker_link import RefusedError, WorkerLostError
from models import pointers
from models.errors import ModelError, StoreError
from models.manifest import Outcome
from models.store import Store

POLL_SECONDS = 0.5

Swap = Callable[[Lineup], Awaitable[None]]
"""Makes a lineup live in all workers. Raises `RefusedError`, `WorkerLostError`."""

_log = structlog.get_logger()


class Wish(NamedTuple):
    """A model that the settings name."""

    name: str
    outcome: Outcome
    models: Models

    @property
    def directory(self) -> Path:
        """Where its versions are."""
        return Path(self.models.store) / self.name

    def label(self, version: str) -> str:
        """`NAME:VERSION`."""
        return f"{self.name}:{version}"


class Pointed(NamedTuple):
    """Versions by what they are to do."""

    champion: str | None
    """The newest one where no pointer names another."""
    previous: str | None
    newest: str | None


class Keeper:
    """Keeps the lineup in step with the store."""

    def __init__(self, checking: Checking, shelf: Shelf, clock: Clock) -> None:
        self.lineup = Lineup()
        """What is live."""
        self.since: dict[str, float] = {}
        """When each version that answers went live, by its label; Unix time."""
        self.swaps = 0
        self.refusals = Refusals(clock)
        self.checking = checking
        self._shelf = shelf
        self._recalled = shelf.recall()
        self._clock = clock
        self._failed = Lineup()
        """What the workers did not take."""
        self._looked_at: set[str] = set()
        self._turn = asyncio.Lock()

    async def follow(self, models: Callable[[], Models], swap: Swap) -> None:
        """Swap whenever another lineup is wanted."""
        while True:
            await self.step(models(), swap)
            await asyncio.sleep(POLL_SECONDS)

    async def step(self, models: Models, swap: Swap) -> None:
        """Look once, and swap where another lineup is wanted."""
        wanted = await self.wanted(models)
        if wanted == self.lineup or (wanted == self._failed and wanted.champions):
            return
        try:
            await swap(wanted)
        except RefusedError as error:
            self._failed = wanted
            for version in set(wanted.versions()) - set(self.lineup.versions()):
                self.refusals.refuse(version.label, (str(error),))
        except WorkerLostError as error:
            _log.warning("a swap of models is tried again", error=str(error))

    async def wanted(self, models: Models) -> Lineup:
        """The lineup by these settings and the pointers as they are."""
        async with self._turn:
            champions: dict[Outcome, Version] = {}
            self._looked_at = set()
            for outcome, name in named(models).items():
                version = await self._champion(Wish(name, outcome, models))
                if version is not None:
                    champions[outcome] = version
            self.refusals.keep(self._looked_at)
            return Lineup(champions)

    async def went_live(self, lineup: Lineup) -> None:
        """The workers have it."""
        if lineup == self.lineup:
            return
        before, now = ({each.label for each in every.versions()} for every in (self.lineup, lineup))
        self.lineup, self._failed = lineup, Lineup()
        self.since = {label: self.since.get(label, self._clock()) for label in now}
        self.swaps += 1
        try:
            await asyncio.to_thread(self._shelf.remember, lineup)
        except OSError as error:
            _log.error("the models that answer cannot be remembered for the next start", error=str(error))
        _log.info("models are live", versions=sorted(now), gone=sorted(before - now))

    async def _champion(self, wish: Wish) -> Version | None:
        """The champion where it may serve; else what answered before it, also before a restart; else the previous."""
        before = self._before(wish)
        self._looked_at.add(wish.name)
        try:
            pointed = await asyncio.to_thread(_pointed, wish)
        except (StoreError, OSError) as error:
            self.refusals.refuse(wish.name, (str(error),))
            return before
        self.refusals.forget(wish.name)
        if pointed.newest is not None and pointed.newest != pointed.champion:
            await self._verdict(wish, pointed.newest)
        found = await self._version(wish, pointed.champion)
        return found or before or await self._version(wish, pointed.previous)

    def _before(self, wish: Wish) -> Version | None:
        lineup = self.lineup if wish.outcome in self.lineup.champions else self._recalled
        before = lineup.champions.get(wish.outcome)
        return before if before is not None and before.name == wish.name else None

    async def _version(self, wish: Wish, version: str | None) -> Version | None:
        """A copy of the version where it may serve, else None, and the reason is told."""
        verdict = await self._verdict(wish, version) if version is not None else None
        if version is None or verdict is None:
            return None
        try:
            found = await asyncio.to_thread(self._shelf.take, wish.directory / version, verdict.fingerprint)
        except (OSError, ModelError) as error:
            self.refusals.refuse(wish.label(version), (str(error),))
            return None
        if found not in self._failed.champions.values():
            self.refusals.forget(found.label)
        return found

    async def _verdict(self, wish: Wish, version: str) -> Verdict | None:
        """The verdict on a version that may serve, else None, and the reason is told."""
        self._looked_at.add(wish.label(version))
        verdict = await self.checking.verdict(wish.directory / version, wish.models.limits)
        if verdict is None:
            return None
        reasons = verdict.reasons
        if not reasons and verdict.outcome != wish.outcome:
            reasons = (f"it predicts {verdict.outcome}, and it is named by models.{wish.outcome}",)
        if reasons:
            self.refusals.refuse(wish.label(version), reasons)
        return None if reasons else verdict


def named(models: Models) -> dict[Outcome, str]:
    """The name of the model of each outcome that has one."""
    names: dict[Outcome, str | None] = {
        "click": models.click,
        "conversion": models.conversion,
        "conversion_after_click": models.conversion_after_click,
    }
    return {outcome: name for outcome, name in names.items() if name is not None}


def _pointed(wish: Wish) -> Pointed:
    """Raises `StoreError`, `OSError`."""
    newest = next(reversed(Store(Path(wish.models.store)).versions(wish.name)), None)
    champion = pointers.read(wish.directory, "champion") or newest
    return Pointed(champion, pointers.read(wish.directory, "previous"), newest)
