"""Watches over canaries: each is compared with its champion, and taken away where it does harm."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import structlog
from msgspec import Struct

from bidder.auction.score import Tally
from bidder.clock import Clock
from bidder.config.schema import Models
from bidder.processes.arms import Arm, Arms
from bidder.processes.canary import Breach, Side, breach
from bidder.processes.lineup import Lineup, Trial, Version
from bidder.processes.predictors import HURRIED
from bidder.processes.totals import added
from models import pointers
from models.errors import StoreError
from models.manifest import Outcome

Tallies = Callable[[], Mapping[str, Tally]]
"""What all workers counted, by the versions of a predictor."""

_log = structlog.get_logger()


class Ended(Struct, frozen=True):
    """A canary that was rolled back. `at` is Unix time in seconds."""

    version: str
    at: float
    cause: str
    """`late`, `calibration` or `spend`."""
    why: str


class Guard:
    """Compares from the moment at which a canary or its champion last changed."""

    def __init__(self, arms: Arms, tallies: Tallies, clock: Clock) -> None:
        self.ended: dict[str, Ended] = {}
        """The last canary of each model that was rolled back, by the model's name."""
        self.rollbacks: Counter[tuple[str, str]] = Counter()
        """By name and cause."""
        self._arms = arms
        self._tallies = tallies
        self._clock = clock
        self._compared: Mapping[Outcome, tuple[Trial, Version]] = {}
        self._at_start: Mapping[str, Tally] = {}

    def look(self, lineup: Lineup, models: Models) -> None:
        """Judge each canary of the live lineup, and take the role of those that do harm."""
        compared = {outcome: (trial, lineup.champions[outcome]) for outcome, trial in lineup.canaries.items()}
        if compared != self._compared:
            self._compared, self._at_start = compared, dict(self._tallies())
            self._arms.restart(int(self._clock() * 1000))
            return
        for trial, champion in compared.values():
            found = breach(self.side(trial.version), self.side(champion), models.canary)
            if found is not None:
                self._roll_back(Path(models.store), trial.version, found)

    def tallies(self) -> Iterable[tuple[str, Tally]]:
        """What all workers counted, by the versions of a predictor."""
        return self._tallies().items()

    def side(self, version: Version) -> Side:
        """What is known of a version since the comparison began."""
        tally, arm = Tally(), Arm()
        for label, each in self._tallies().items():
            if not label.startswith(HURRIED) and version.label in label.split("+"):
                start = self._at_start.get(label, Tally())
                tally = added(tally, Tally(max(each.requests - start.requests, 0), max(each.late - start.late, 0)))
        for model, bids in self._arms.arms.items():
            if version.label in model.split("*"):
                arm = added(arm, bids)
        return Side(tally, arm)

    def _roll_back(self, store: Path, version: Version, found: Breach) -> None:
        directory = store / version.name
        try:
            if pointers.read_canary(directory) is None or pointers.read(directory, "canary") != version.version:
                return  # somebody was faster; the swap is under way
            pointers.clear(directory, "canary", f"rolled back, {found.cause}: {found.why}")
        except (StoreError, OSError) as error:
            _log.error("a canary cannot be rolled back", version=version.label, why=found.why, error=str(error))
            return
        self.ended[version.name] = Ended(version.version, self._clock(), found.cause, found.why)
        self.rollbacks[version.name, found.cause] += 1
        _log.error("a canary was rolled back", version=version.label, cause=found.cause, why=found.why)
