"""The versions of a lineup, loaded and warm, as the engine asks them."""

from collections.abc import Mapping, MutableMapping
from decimal import Decimal
from zlib import crc32

from bidder.auction.choice import Always, Choice, Hurry, Shared, Trial
from bidder.auction.score import (
    GOALS,
    Estimate,
    FixedPredictor,
    GoalType,
    LastWord,
    ModelPredictor,
    Predictor,
    Remembering,
    Tally,
)
from bidder.config.schema import Goal, Prediction
from bidder.processes.lineup import Lineup, Version
from models.load import load_checked
from models.manifest import Outcome
from models.predictor import Model, Product

WARMING_ROWS = 50
LOOSEST = 2
"""How many times too high a ceiling may be."""

FIXED = "fixed:1"
HURRIED = "in a hurry "
"""Begins the name under which a quick predictor is counted."""

Ceilings = Mapping[GoalType, int]
"""A probability that is never exceeded, in parts per billion, by goal."""

Tallies = dict[str, Tally]
Versions = Mapping[Outcome, Version]
Loaded = MutableMapping[Version, Model]
"""Models at hand. A version is what its hash says, so one that is loaded need not be loaded again."""


def choice_of(lineup: Lineup, prediction: Prediction, tallies: Tallies, loaded: Loaded) -> Choice:
    """What scores requests. Raises `models.errors.RefusedError` where a version is not what was checked.

    Versions in `loaded` are used as they are, and the others put there.
    """
    made = Workshop(prediction, tallies, loaded)
    trials = list(lineup.canaries.items())
    predictors: list[Predictor] = []
    for place in range(1 << len(trials)):
        on_trial = {outcome: each.version for bit, (outcome, each) in enumerate(trials) if place >> bit & 1}
        predictors.append(made.predictor({**lineup.champions, **on_trial}))
    hurry = None
    if lineup.hurry_ms:
        predictors[0] = champion = Remembering(predictors[0])
        hurry = Hurry(lineup.hurry_ms / 1000, made.quick(lineup.quick, champion))
    shares = [Trial(crc32(trial.version.label.encode()), trial.share_ppb) for _, trial in trials]
    return Shared(predictors, shares, hurry) if shares or hurry is not None else Always(predictors[0])


def label_of(versions: Versions) -> str:
    """The name under which a predictor is counted."""
    return "+".join(sorted(each.label for each in versions.values())) or FIXED


def ceilings_of(predictors: Choice | Predictor) -> Ceilings:
    """The highest probability that they give, by goal."""
    return {goal: predictors.ceiling(Goal(type=goal, amount=Decimal(1))) for goal in GOALS}


def still_fit(sorted_by: Ceilings, found: Ceilings) -> bool:
    """Whether lines that were sorted by other ceilings need not be sorted again.

    Ceilings that are too high cost time, since the early stop comes later, but never the best bid.
    """
    return all(found[goal] <= sorted_by[goal] <= LOOSEST * found[goal] for goal in GOALS)


class Workshop:
    """Makes predictors, loading each version once."""

    def __init__(self, prediction: Prediction, tallies: Tallies, loaded: Loaded) -> None:
        self._prediction = prediction
        self._tallies = tallies
        self._loaded = loaded

    def predictor(self, versions: Versions) -> Predictor:
        """Models for the goals that have one. Raises `RefusedError`."""
        return self._of(versions, self._tally(label_of(versions)))

    def quick(self, versions: Versions, champion: Remembering) -> Predictor:
        """What predicts in a hurry: these models, or where there are none the champion's last word."""
        if versions:
            return self._of(versions, self._tally(HURRIED + label_of(versions)))
        return LastWord(champion, FixedPredictor(self._prediction), self._tally(f"{HURRIED}last word"))

    def _of(self, versions: Versions, tally: Tally) -> Predictor:
        if not versions:
            return FixedPredictor(self._prediction, tally)
        loaded = {outcome: self._load(version) for outcome, version in versions.items()}
        estimates: dict[GoalType, Estimate] = {}
        if "click" in loaded:
            estimates["cpc"] = Estimate(loaded["click"])
        if "conversion" in loaded:
            estimates["cpa"] = estimates["value"] = Estimate(loaded["conversion"])
        elif "conversion_after_click" in loaded and "click" in loaded:
            both = Product(loaded["click"], loaded["conversion_after_click"])
            estimates["cpa"] = estimates["value"] = Estimate(both)
        return ModelPredictor(estimates, FixedPredictor(self._prediction), tally)

    def _tally(self, label: str) -> Tally:
        return self._tallies.setdefault(label, Tally())

    def _load(self, version: Version) -> Model:
        model = self._loaded.get(version)
        if model is None:
            model = load_checked(version.path, version.fingerprint)
            for _ in range(WARMING_ROWS):  # so that no request pays for the first time
                model.probabilities({}, [{}])
            self._loaded[version] = model
        return model
