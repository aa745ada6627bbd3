"""The models of the running bidder as people and programs see and move them: `/api/models` and the metrics."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, NamedTuple

from msgspec import Struct

from bidder.config.schema import Models
from bidder.metrics import Samples
from bidder.processes.appraisal import Appraisal
from bidder.processes.appraisal_samples import appraisal_samples
from bidder.processes.appraising import Appraising
from bidder.processes.arms import Arm, Arms
from bidder.processes.canary_guard import Ended, Guard
from bidder.processes.lineup import Lineup, Version
from bidder.processes.model_finder import Wish
from bidder.processes.model_keeper import Keeper, named
from bidder.processes.refusals import Refusal
from models import pointers
from models.errors import RefusedError, StoreError
from models.manifest import Outcome
from models.pointers import Change
from models.store import Store


class Compared(Struct, frozen=True):
    """One side of a comparison."""

    version: str
    requests: int
    late: int
    arm: Arm
    calibration: float | None


class Comparison(Struct, frozen=True):
    """A canary against its champion, since the canary began."""

    share: float
    canary: Compared
    champion: Compared


class Insight(NamedTuple):
    """All who know something of models."""

    keeper: Keeper
    guard: Guard
    arms: Arms
    appraising: Appraising


class Post(Struct, frozen=True, kw_only=True):
    """What one named model does. Times are Unix seconds."""

    name: str
    outcome: str
    live: str | None
    """Its version that answers; None where none does."""
    answers: str | None
    """Who predicts the outcome, `NAME:VERSION`; None where the fixed probability does.

    Another model where the settings have come to name this one, and no version of it may serve yet.
    """
    awaited: list[str]
    """Versions of it that are being checked; what answered before goes on until then."""
    since: float | None
    champion: str | None
    """The version that its pointer names; `live` differs from it where it is refused, or still being checked."""
    previous: str | None
    versions: list[str]
    canary: Comparison | None
    canary_ended: Ended | None
    """The last canary that was rolled back, and why."""
    shadow: str | None
    arms: dict[str, Arm]
    """What became of the bids of each version, since it was first seen or the comparison with a canary began."""
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
    appraisal: Appraisal
    """What was found off the hot path: regret of the shadow and of haste, calibration, drift."""
    samples_dropped: int


class Desk:
    """Tells what the keeper does, and edits the pointers that it goes by."""

    def __init__(self, insight: Insight, models: Callable[[], Models]) -> None:
        self._keeper, self._guard, self._arms, self._appraising = insight
        self._models = models

    def status(self) -> Status:
        """Everything about the models at this moment. Reads files."""
        models, keeper = self._models(), self._keeper
        store = Store(Path(models.store))
        posts = [self._post(store, name, outcome) for outcome, name in named(models).items()]
        return Status(
            store=models.store,
            swaps=keeper.swaps,
            refusals=keeper.refusals.total,
            models=posts,
            appraisal=self._appraising.latest,
            samples_dropped=self._appraising.dropped,
        )

    async def promote(self, name: str, version: str, why: str) -> None:
        """Make a version the champion. Raises `RefusedError` with the reasons, `StoreError`."""
        directory = self._directory(name)
        await self._checked(name, version)
        pointers.promote(directory, version, why)
        self._keeper.nudge()

    async def rollback(self, name: str, why: str) -> None:
        """Make the previous version the champion again. Raises `RefusedError` with the reasons, `StoreError`."""
        directory = self._directory(name)
        previous = pointers.read(directory, "previous")
        if previous is not None:
            await self._checked(name, previous)
        pointers.rollback(directory, why)
        self._keeper.nudge()

    async def canary(self, name: str, version: str, share: float, why: str) -> None:
        """Let a version answer a share of the users. Raises `RefusedError`, `StoreError`."""
        directory = self._directory(name)
        if not 0 < share <= float(self._models().canary.max_share):
            raise StoreError(f"a canary's share is above 0, at most {self._models().canary.max_share}, found {share}")
        await self._checked(name, version)
        pointers.point(directory, "canary", version, share, why)
        self._keeper.nudge()

    async def shadow(self, name: str, version: str, why: str) -> None:
        """Score a version beside the champion. Raises `RefusedError`, `StoreError`."""
        directory = self._directory(name)
        await self._checked(name, version)
        pointers.point(directory, "shadow", version, None, why)
        self._keeper.nudge()

    def clear(self, name: str, role: Literal["shadow", "canary"], why: str) -> None:
        """Take a role away. Raises `StoreError`."""
        pointers.clear(self._directory(name), role, why)
        self._keeper.nudge()

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
            "bidder_model_awaited": [((version,), 1) for version in keeper.awaited],
            **self._arm_samples(),
            **appraisal_samples(self._appraising),
            "bidder_canary_rollbacks_total": list(self._guard.rollbacks.items()),
        }

    def _arm_samples(self) -> Samples:
        arms = [((model,), each) for model, each in self._arms.arms.items()]
        return {
            "bidder_model_bids_total": [(label, each.bids) for label, each in arms],
            "bidder_model_wins_total": [(label, each.wins) for label, each in arms],
            "bidder_model_spend_micros_total": [(label, each.spend_micros) for label, each in arms],
            "bidder_model_outcomes_total": [(label, each.outcomes) for label, each in arms],
            "bidder_model_expected_outcomes_total": [(label, each.expected) for label, each in arms],
            "bidder_predictor_requests_total": [((name,), each.requests) for name, each in self._guard.tallies()],
            "bidder_predictor_late_total": [((name,), each.late) for name, each in self._guard.tallies()],
        }

    def _comparison(self, outcome: Outcome) -> Comparison | None:
        lineup = self._keeper.lineup
        trial = lineup.canaries.get(outcome)
        if trial is None:
            return None
        sides = (self._compared(trial.version), self._compared(lineup.champions[outcome]))
        return Comparison(trial.share_ppb / 1e9, *sides)

    def _compared(self, version: Version) -> Compared:
        tally, arm = self._guard.side(version)
        return Compared(version.version, tally.requests, tally.late, arm, arm.calibration)

    def _post(self, store: Store, name: str, outcome: Outcome) -> Post:
        live = next((each for each in self._keeper.lineup.champions.values() if each.name == name), None)
        answers = answering(self._keeper.lineup, outcome)
        directory = store.root / name
        standing = self._keeper.refusals.standing.values()
        return Post(
            name=name,
            outcome=outcome,
            live=live.version if live is not None else None,
            answers=answers.label if answers is not None else None,
            awaited=sorted(each for each in self._keeper.awaited if each.partition(":")[0] == name),
            since=self._keeper.since.get(live.label) if live is not None else None,
            champion=_pointed(directory, "champion"),
            previous=_pointed(directory, "previous"),
            versions=store.versions(name),
            canary=self._comparison(outcome),
            canary_ended=self._guard.ended.get(name),
            shadow=_pointed(directory, "shadow"),
            arms={model: arm for model, arm in self._arms.arms.items() if name in _names(model)},
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
        outcome = next(outcome for outcome, each in named(models).items() if each == name)
        if reasons := Wish(name, outcome, models).refuses(verdict):
            raise RefusedError(f"{name}:{version}", reasons)


def answering(lineup: Lineup, outcome: Outcome) -> Version | None:
    """Who predicts an outcome; conversions of impressions and those of clicks stand in for each other."""
    for each in (outcome,) if outcome == "click" else (outcome, "conversion", "conversion_after_click"):
        if each in lineup.champions:
            return lineup.champions[each]
    return None


def _names(model: str) -> set[str]:
    """The models that a bid names: one, or the factors of a product."""
    return {part.partition(":")[0] for part in model.split("*")}


def _pointed(directory: Path, role: pointers.Role) -> str | None:
    """What a pointer says, also where it is nonsense, of which the refusals tell."""
    try:
        return pointers.read(directory, role)
    except StoreError:
        return None
