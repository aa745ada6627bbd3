"""The appraiser's work on one stage: requests played, impressions scored, features watched."""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path

from msgspec.structs import replace

from bidder.auction.compile import successor
from bidder.auction.score import GOALS, GoalType, Predictor, Remembering
from bidder.auction.snapshot import Snapshot
from bidder.config.schema import Config
from bidder.ledger.board import Board
from bidder.processes.appraisal import Aftermath, Appraisal, Calibration, Sample, Shown, Stage
from bidder.processes.handover import Parcel, read
from bidder.processes.lines import change, lines_of
from bidder.processes.lineup import Version
from bidder.processes.market import Market
from bidder.processes.paced_purse import PacedPurse
from bidder.processes.predictors import Workshop, ceilings_of
from bidder.processes.rehearsal import Pair, play
from bidder.processes.slices import at_once
from models import parity
from models.drift import Drift, Watch
from models.load import build
from models.manifest import MANIFEST, MODEL, PARITY, Outcome, decode
from models.predictor import Model
from openrtb import DecodeError, decode_request

GOALS_OF: Mapping[Outcome, tuple[GoalType, ...]] = {"click": ("cpc",), "conversion": ("cpa", "value")}
"""Whose probabilities a model alone gives; conversions after clicks are judged as part of their product only."""

MOST_DRIFTS = 50
SHOWN_PSI = 0.1
"""Features that drift less are not told."""

Versions = Mapping[Outcome, Version]


class Scored:
    """A version on the impressions of the sample, and the features it sees there."""

    def __init__(self, outcome: Outcome, version: Version) -> None:
        """Raises `OSError`, `models.errors.ModelError`."""
        manifest = decode((version.path / MANIFEST).read_bytes())
        self.version, self.outcome, self.goals = version, outcome, GOALS_OF.get(outcome, ())
        self.model: Model = build(version.label, manifest, (version.path / MODEL).read_text(encoding="utf-8"))
        proof = parity.decode((version.path / PARITY).read_bytes(), 1 << 30)
        self.watch = Watch(self.model.featuriser, manifest.sketches, proof.facts)
        self.shown = self.outcomes = 0
        self.expected = 0.0

    def take_in(self, aftermath: Aftermath) -> None:
        """Rows are what they are in training: impressions, or clicks for conversions after them."""
        for row in aftermath.clicked if self.outcome == "conversion_after_click" else aftermath.shown:
            self._see(row)
        self.outcomes += sum(aftermath.hits.get(goal, 0) for goal in self.goals)

    def _see(self, shown: Shown) -> None:
        """Its features whatever its goal is, as training does, and what is said of its goal."""
        self.watch.see(shown.exchange, shown.facts)
        if shown.goal in self.goals:
            self.shown += 1
            self.expected += self.model.probabilities(shown.facts, [shown.facts])[0]

    @property
    def calibration(self) -> Calibration:
        """What came of what it says."""
        return Calibration(self.version.label, self.shown, self.expected, self.outcomes)


class Staged:
    """Everything on one stage."""

    def __init__(self, stage: Stage) -> None:
        """Raises `OSError`, `msgspec.DecodeError`, `models.errors.ModelError`, `WrongBoardError`."""
        lineup = stage.lineup
        config, parcels = read(Path(stage.path))
        made = Workshop(config.bidder.prediction, {}, {})
        champion = Remembering(made.predictor(lineup.champions))
        shadow = made.predictor({**lineup.champions, **stage.shadows}) if stage.shadows else None
        quick = made.quick(lineup.quick, champion) if lineup.hurry_ms else None
        others = [each for each in (shadow, quick) if each is not None]
        self._snapshot = _snapshot(config, parcels, [champion, *others])
        self._max_bytes = config.bidder.server.max_body_bytes
        purse = PacedPurse(Board.open(Path(stage.board), stage.shape))
        first = play(self._snapshot, purse, champion)
        self._shadow, self._hurry = (
            Pair(first, play(self._snapshot, purse, each)) if each is not None else None for each in (shadow, quick)
        )
        self._champions = [Scored(outcome, version) for outcome, version in lineup.champions.items()]
        self._others = [Scored(outcome, version) for outcome, version in stage.shadows.items()]

    def play(self, sample: Sample, market: Market) -> None:
        """Play a request with all that are on the stage."""
        try:
            request = decode_request(sample.body, max_bytes=self._max_bytes)
        except DecodeError:
            return
        self._snapshot.refresh(sample.at_s)
        for pair in (self._shadow, self._hurry):
            if pair is not None:
                pair.compare(request, sample.exchange, sample.at_s, market.curve(sample.exchange))

    def take_in(self, aftermath: Aftermath) -> None:
        """Score what was shown, and count what came of it."""
        for scored in (*self._champions, *self._others):
            scored.take_in(aftermath)

    def appraisal(self, market: Market) -> Appraisal:
        """What was found so far."""
        return Appraisal(
            shadow=self._shadow.totals.regret() if self._shadow is not None else None,
            hurry=self._hurry.totals.regret() if self._hurry is not None else None,
            calibration=[each.calibration for each in (*self._champions, *self._others) if each.goals],
            drift={each.version.label: _farthest(each.watch.drifts()) for each in self._champions},
            bids_met=market.met,
        )


def _snapshot(config: Config, parcels: Iterable[Parcel], predictors: Iterable[Predictor]) -> Snapshot:
    """The live configuration, its lines sorted by the most that any predictor may say; nothing is evaluated in full."""
    recording = replace(config.bidder.recording, full_evaluation_rate=Decimal(0))
    config = replace(config, bidder=replace(config.bidder, recording=recording))
    found = [ceilings_of(each) for each in predictors]
    ceilings = {goal: max(each[goal] for each in found) for goal in GOALS}
    held = lines_of(parcels, {}, lambda goal: ceilings[goal.type], at_once)
    return successor(None, config, *change({}, held), at_once)


def _farthest(drifts: Iterator[Drift]) -> list[Drift]:
    told = [each for each in drifts if each.alarm or each.psi > SHOWN_PSI]
    return sorted(told, key=lambda each: (not each.alarm, -each.psi))[:MOST_DRIFTS]
