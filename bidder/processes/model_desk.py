"""The models of the running bidder as people and programs see and move them: `/api/models` and the metrics."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from msgspec import Struct

from bidder.config.schema import Models
from bidder.metrics import Samples
from bidder.processes.lineup import Version
from bidder.processes.model_keeper import Keeper, named
from bidder.processes.refusals import Refusal
from models import pointers
from models.errors import RefusedError, StoreError
from models.pointers import Change
from models.store import Store


class Post(Struct, frozen=True, kw_only=True):
    """What one named model does. Times are Unix seconds."""

    name: str
    outcome: str
    live: str | None
    """The version that answers; None where the fixed probability does."""
    since: float | None
    champion: str | None
    """The version that its pointer names; `live` differs from it where it is refused."""
    previous: str | None
    versions: list[str]
    about: dict[str, Any]
    """What the live version is and how good it was in training."""
    refused: list[Refusal]
    """Why versions of it may not serve."""
    history: list[Change]
    """The last changes of roles, the newest last."""


class Status(Struct, frozen=True, kw_only=True):
    """What `/api/models` says."""

    store: str
    swaps: int
    """How often the versions that answer changed since the start."""
    refusals: int
    models: list[Post]


class Desk:
    """Tells what the keeper does, and edits the pointers that it goes by."""

    def __init__(self, keeper: Keeper, models: Callable[[], Models]) -> None:
        self._keeper = keeper
        self._models = models

    def status(self) -> Status:
        """Everything about the models at this moment. Reads files."""
        models, keeper = self._models(), self._keeper
        store = Store(Path(models.store))
        posts = [self._post(store, name, outcome) for outcome, name in named(models).items()]
        return Status(store=models.store, swaps=keeper.swaps, refusals=keeper.refusals.total, models=posts)

    async def promote(self, name: str, version: str, why: str) -> None:
        """Make a version the champion. Raises `RefusedError` with the reasons, `StoreError`."""
        directory = self._directory(name)
        await self._checked(name, version)
        pointers.promote(directory, version, why)

    async def rollback(self, name: str, why: str) -> None:
        """Make the previous version the champion again. Raises `StoreError`."""
        pointers.rollback(self._directory(name), why)

    def samples(self) -> Samples:
        """For the table of metrics."""
        keeper = self._keeper
        answering = keeper.lineup.champions.items()
        return {
            "bidder_model_info": [((outcome, each.name, each.version), 1) for outcome, each in answering],
            "bidder_model_swaps_total": [((), keeper.swaps)],
            "bidder_model_checks_total": [((), keeper.checking.checks)],
            "bidder_model_refusals_total": [((), keeper.refusals.total)],
            "bidder_model_refused": [((version,), 1) for version in keeper.refusals.standing],
        }

    def _post(self, store: Store, name: str, outcome: str) -> Post:
        live = next((each for each in self._keeper.lineup.champions.values() if each.name == name), None)
        directory = store.root / name
        standing = self._keeper.refusals.standing.values()
        return Post(
            name=name,
            outcome=outcome,
            live=live.version if live is not None else None,
            since=self._keeper.since.get(live.label) if live is not None else None,
            champion=_pointed(directory, "champion"),
            previous=_pointed(directory, "previous"),
            versions=store.versions(name),
            about=self._about(live),
            refused=[each for each in standing if each.version.partition(":")[0] == name],
            history=pointers.history(directory),
        )

    def _about(self, version: Version | None) -> dict[str, Any]:
        return self._keeper.checking.about.get(version.fingerprint, {}) if version is not None else {}

    def _directory(self, name: str) -> Path:
        if name not in named(self._models()).values():
            raise StoreError(f"bidder.toml names no model {name}")
        return Path(self._models().store) / name

    async def _checked(self, name: str, version: str) -> None:
        models = self._models()
        directory = Store(Path(models.store)).directory(name, version)
        verdict = await self._keeper.checking.verdict(directory, models.limits)
        if verdict is None:
            raise StoreError(f"{name}:{version} is still being written")
        if verdict.reasons:
            raise RefusedError(f"{name}:{version}", verdict.reasons)


def _pointed(directory: Path, role: pointers.Role) -> str | None:
    """What a pointer says, also where it is nonsense, of which the refusals tell."""
    try:
        return pointers.read(directory, role)
    except StoreError:
        return None
