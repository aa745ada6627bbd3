"""From settings and pointers to versions that may serve; whatever may not is told as a refusal."""

import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple, TypeVar

from bidder.config.schema import Models
from bidder.processes.lineup import Trial, Version
from bidder.processes.model_checking import Checking
from bidder.processes.model_shelf import Shelf
from bidder.processes.refusals import Refusals
from bidder.processes.verdict import Verdict
from models import pointers
from models.errors import ModelError, StoreError
from models.manifest import Outcome
from models.pointers import Canary
from models.store import Store

PPB = 1_000_000_000

Pointer = TypeVar("Pointer", str, Canary)


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

    def refuses(self, verdict: Verdict) -> tuple[str, ...]:
        """Why a version with this verdict may not serve here."""
        if not verdict.reasons and verdict.outcome != self.outcome:
            return (f"it predicts {verdict.outcome}, and it is named as a model of {self.outcome}",)
        return verdict.reasons


class Pointed(NamedTuple):
    """Versions by what they are to do; None where a pointer cannot be read as well."""

    problems: list[str]
    """What is wrong with pointers."""
    champion: str | None
    """The newest one where there is no pointer."""
    previous: str | None
    newest: str | None
    shadow: str | None
    canary: Canary | None


class Found(NamedTuple):
    """Versions that may serve, by what they do."""

    champion: Version | None = None
    canary: Trial | None = None
    shadow: Version | None = None


class Finder:
    """Looks at one model after the other; between `begin` and `end`, all that are wanted."""

    def __init__(self, checking: Checking, shelf: Shelf, refusals: Refusals) -> None:
        self._checking = checking
        self._shelf = shelf
        self._refusals = refusals
        self.awaited: frozenset[str] = frozenset()
        """Versions of the last look whose check takes longer, or which are still being written."""
        self._looked_at: set[str] = set()
        self._awaited: set[str] = set()
        self._patience_s: float | None = None

    def begin(self, patience_s: float | None) -> None:
        """A look at all models begins, which waits that long for each check; None: until it ends."""
        self._looked_at, self._awaited, self._patience_s = set(), set(), patience_s

    def end(self) -> None:
        """What was not looked at is wanted no more."""
        self._refusals.keep(self._looked_at)
        self.awaited = frozenset(self._awaited)

    async def find(self, wish: Wish, before: Version | None) -> Found:
        """What may serve. The champion is `before` where its pointer names what may not, or else the previous one."""
        self._looked_at.add(wish.name)
        pointed = await asyncio.to_thread(_pointed, wish)
        if pointed.problems:
            self._refusals.refuse(wish.name, pointed.problems)
        else:
            self._refusals.forget(wish.name)
        champion = await self._version(wish, pointed.champion) or before
        champion = champion or await self._version(wish, pointed.previous)
        if pointed.newest is not None and pointed.newest != pointed.champion:
            await self._verdict(wish, pointed.newest)
        canary = await self._canary(wish, pointed.canary) if champion and champion.name == wish.name else None
        return Found(champion, canary, await self._version(wish, pointed.shadow))

    async def _canary(self, wish: Wish, canary: Canary | None) -> Trial | None:
        if canary is None:
            return None
        most = float(wish.models.canary.max_share)
        if canary.share > most:
            self._looked_at.add(wish.label(canary.version))
            reason = f"as a canary it asks for {canary.share:.4g} of the users, models.canary.max_share is {most:.4g}"
            self._refusals.refuse(wish.label(canary.version), (reason,))
            return None
        version = await self._version(wish, canary.version)
        return Trial(version, round(canary.share * PPB)) if version is not None else None

    async def _version(self, wish: Wish, version: str | None) -> Version | None:
        """A copy of the version where it may serve."""
        verdict = await self._verdict(wish, version) if version is not None else None
        if version is None or verdict is None:
            return None
        try:
            return await asyncio.to_thread(self._shelf.take, wish.directory / version, verdict.fingerprint)
        except (OSError, ModelError) as error:
            self._refusals.refuse(wish.label(version), (str(error),))
            return None

    async def _verdict(self, wish: Wish, version: str) -> Verdict | None:
        """The verdict on a version that may serve, else None, and the reason is told."""
        label = wish.label(version)
        self._looked_at.add(label)
        verdict = await self._checking.verdict(wish.directory / version, wish.models.limits, self._patience_s)
        if verdict is None:
            self._awaited.add(label)
            return None
        if reasons := wish.refuses(verdict):
            self._refusals.refuse(label, reasons)
            return None
        self._refusals.forget(label)
        return verdict


def _pointed(wish: Wish) -> Pointed:
    """Each pointer for itself: a mistake in one takes nothing from the others."""
    problems: list[str] = []

    def read(pointer: Callable[[Path], Pointer | None]) -> Pointer | None:
        try:
            return pointer(wish.directory)
        except (StoreError, OSError) as error:
            problems.append(str(error))
            return None

    champion = read(partial(pointers.read, role="champion"))
    certain = not problems
    newest = read(_newest)
    if newest is None and champion is None and not problems:
        problems.append(
            f"{wish.directory.absolute()} has no version: what predicted before, a model or the fixed probability, "
            "goes on until one is there"
        )
    return Pointed(
        champion=champion or newest if certain else None,
        previous=read(partial(pointers.read, role="previous")),
        newest=newest,
        shadow=read(partial(pointers.read, role="shadow")),
        canary=read(pointers.read_canary),
        problems=problems,
    )


def _newest(directory: Path) -> str | None:
    return next(reversed(Store(directory.parent).versions(directory.name)), None)
