"""The versions of a lineup, loaded and warm, as the engine asks them."""

from collections.abc import Mapping
from decimal import Decimal

from bidder.auction.choice import Always, Choice
from bidder.auction.score import GOALS, Estimate, FixedPredictor, GoalType, ModelPredictor, Predictor
from bidder.config.schema import Goal, Prediction
from bidder.processes.lineup import Lineup, Version
from models.load import load_checked
from models.manifest import Outcome
from models.predictor import Model, Product

WARMING_ROWS = 50
LOOSEST = 2
"""How many times too high a ceiling may be."""

Ceilings = Mapping[GoalType, int]
"""A probability that is never exceeded, in parts per billion, by goal."""


def choice_of(lineup: Lineup, prediction: Prediction) -> Choice:
    """What scores requests. Raises `models.errors.RefusedError` where a version is not what was checked."""
    fixed = FixedPredictor(prediction)
    return Always(_predictor(lineup.champions, fixed))


def ceilings_of(predictors: Choice) -> Ceilings:
    """The highest probability that they give, by goal."""
    return {goal: predictors.ceiling(Goal(type=goal, amount=Decimal(1))) for goal in GOALS}


def still_fit(sorted_by: Ceilings, found: Ceilings) -> bool:
    """Whether lines that were sorted by other ceilings need not be sorted again.

    Ceilings that are too high cost time, since the early stop comes later, but never the best bid.
    """
    return all(found[goal] <= sorted_by[goal] <= LOOSEST * found[goal] for goal in GOALS)


def _predictor(versions: Mapping[Outcome, Version], fixed: FixedPredictor) -> Predictor:
    if not versions:
        return fixed
    loaded = {outcome: _warm(load_checked(version.path, version.fingerprint)) for outcome, version in versions.items()}
    estimates: dict[GoalType, Estimate] = {}
    if "click" in loaded:
        estimates["cpc"] = Estimate(loaded["click"])
    if "conversion" in loaded:
        estimates["cpa"] = estimates["value"] = Estimate(loaded["conversion"])
    elif "conversion_after_click" in loaded and "click" in loaded:
        estimates["cpa"] = estimates["value"] = Estimate(Product(loaded["click"], loaded["conversion_after_click"]))
    return ModelPredictor(estimates, fixed)


def _warm(model: Model) -> Model:
    """Score a little, so that no request pays for the first time."""
    for _ in range(WARMING_ROWS):
        model.probabilities({}, [{}])
    return model
