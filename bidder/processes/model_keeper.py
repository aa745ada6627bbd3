"""Which model versions answer: the pointers of the store, as far as the versions that they name may serve.

A version that may not serve changes nothing: what answered before goes on, and the reason is told. So it does while a
check takes long, also where an edit names another model, so that the edit need not wait. Pointers may be edited by
anybody at any time; they are looked at twice a second, and each version is checked once as it is on disk.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeAlias

import structlog

from bidder.clock import Clock
from bidder.config.schema import Models, NearDeadline
from bidder.processes.lineup import Lineup, Trial, Version
from bidder.processes.model_checking import Checking
from bidder.processes.model_finder import Finder, Wish
from bidder.processes.model_shelf import Shelf
from bidder.processes.refusals import Refusals
from bidder.processes.worker_link import RefusedError, WorkerLostError
from models.manifest import Outcome

POLL_SECONDS = 0.5
PATIENCE_SECONDS = 0.4
"""How long edits, other swaps and judgements of canaries wait for the check of a version."""

Champions: TypeAlias = Mapping[Outcome, Version]

Swap = Callable[[Lineup], Awaitable[None]]
"""Makes a lineup live in all workers. Raises `RefusedError`, `WorkerLostError`."""

_log = structlog.get_logger()


class Keeper:
    """Keeps the lineup in step with the store."""

    def __init__(self, checking: Checking, shelf: Shelf, clock: Clock) -> None:
        self.lineup = Lineup()
        """What is live."""
        self.shadows: Mapping[Outcome, Version] = {}
        """What is scored beside the champions, never bid with."""
        self.since: dict[str, float] = {}
        """When each version that answers went live, by its label; Unix time."""
        self.swaps = 0
        self.refusals = Refusals(clock)
        self.awaited: frozenset[str] = frozenset()
        """Versions that may serve once their check ends; what answered before them goes on until then."""
        self.checking = checking
        self._finder = Finder(checking, shelf, self.refusals)
        self._shelf = shelf
        self._before = shelf.recall()
        """What answers, or did before a restart."""
        self._clock = clock
        self._failed: Lineup | None = None
        """What the workers did not take."""
        self._turn = asyncio.Lock()
        self._nudged = asyncio.Event()

    def nudge(self) -> None:
        """Pointers have changed: `pause` is over."""
        self._nudged.set()

    async def pause(self) -> None:
        """Until it is time to look again."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(POLL_SECONDS):
                await self._nudged.wait()
        self._nudged.clear()

    async def step(self, models: Models, swap: Swap) -> None:
        """Look once, and swap where another lineup is wanted."""
        wanted = await self.wanted(models, PATIENCE_SECONDS)
        if wanted == self._failed:
            return
        self._failed = None
        self.refusals.pin({})
        if wanted == self.lineup:
            return
        try:
            await swap(wanted)
        except RefusedError as error:
            self._failed = wanted
            new = set(wanted.versions()) - set(self.lineup.versions())
            self.refusals.pin({version.label: str(error) for version in new})
        except WorkerLostError as error:
            _log.warning("a swap of models is tried again", error=str(error))

    async def wanted(self, models: Models, patience_s: float | None = None) -> Lineup:
        """The lineup by these settings and the pointers as they are.

        Where the check of a version takes longer than `patience_s`, without it: it is wanted once it is checked.
        """
        async with self._turn:
            self._finder.begin(patience_s)
            champions: dict[Outcome, Version] = {}
            canaries: dict[Outcome, Trial] = {}
            shadows: dict[Outcome, Version] = {}
            for outcome, name in named(models).items():
                found = await self._finder.find(Wish(name, outcome, models), self._before.champions.get(outcome))
                if found.champion is not None:
                    champions[outcome] = found.champion
                if found.canary is not None and found.canary.version != found.champion:
                    canaries[outcome] = found.canary
                if found.shadow is not None and found.shadow != found.champion:
                    shadows[outcome] = found.shadow
            quick = await self._quick(models)
            self._finder.end()
            if shadows != self.shadows:
                _log.info("models are scored beside them", shadows=sorted(each.label for each in shadows.values()))
            self.shadows = shadows
            self._tell_awaited()
            return Lineup(
                with_conversions(champions, models, self._before.champions),
                canaries,
                models.near_deadline.below_ms,
                quick,
            )

    async def went_live(self, lineup: Lineup) -> None:
        """The workers have it."""
        self._before = lineup
        if lineup == self.lineup:
            return
        before, now = ({each.label for each in every.versions()} for every in (self.lineup, lineup))
        self.lineup, self._failed = lineup, None
        self.since = {label: self.since.get(label, self._clock()) for label in now}
        self.swaps += 1
        try:
            await asyncio.to_thread(self._shelf.remember, lineup, list(self.shadows.values()))
        except OSError as error:
            _log.error("the models that answer cannot be remembered for the next start", error=str(error))
        _log.info("models are live", versions=sorted(now), gone=sorted(before - now))

    async def _quick(self, models: Models) -> dict[Outcome, Version]:
        if not models.near_deadline.below_ms:
            return {}
        quick: dict[Outcome, Version] = {}
        for outcome, name in named(models.near_deadline).items():
            found = await self._finder.find(Wish(name, outcome, models), self.lineup.quick.get(outcome))
            if found.champion is not None:
                quick[outcome] = found.champion
        return quick

    def _tell_awaited(self) -> None:
        awaited, self.awaited = self.awaited, self._finder.awaited
        if self.awaited - awaited:
            answering = sorted(each.label for each in self._before.champions.values())
            _log.info(
                "models are being checked; what answered before goes on until then",
                versions=sorted(self.awaited),
                answering=answering or "fixed probabilities",
            )


def with_conversions(champions: Champions, models: Models, before: Champions) -> Champions:
    """With what predicted conversions before, until what the settings name for them may serve.

    An edit may go from a model of conversions to one of conversions after clicks, or back, and from one outcome of a
    lineup to another.
    """
    named_one = models.conversion is not None or models.conversion_after_click is not None
    answered = "conversion" in champions or champions.keys() >= {"click", "conversion_after_click"}
    return {**before, **champions} if named_one and not answered else champions


def named(models: Models | NearDeadline) -> dict[Outcome, str]:
    """The name of the model of each outcome that has one."""
    names: dict[Outcome, str | None] = {
        "click": models.click,
        "conversion": models.conversion,
        "conversion_after_click": models.conversion_after_click,
    }
    return {outcome: name for outcome, name in names.items() if name is not None}
