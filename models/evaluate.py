"""A model against what came: figures over all rows, by slices, feature by feature, and against its training."""

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from msgspec import Struct

from models.calibrate import Floats
from models.dataset.rows import Dataset
from models.facts import Fact
from models.figures import Metrics
from models.metrics import Outcomes, calibration_bins, measure, predicted_over_actual, select
from models.predictor import Model
from models.scorer import Trees
from models.sketch import Sketch, population_stability

SLICED_BY = ("exchange", "environment", "format", "campaign", "creative", "publisher", "domain", "size", "position",
             "device_type", "os", "country", "region", "hour")  # fmt: skip
VALUES_OF_A_SLICE = 6
BINS = 8
_EXPLAINED_ROWS = 2000


class Slice(Struct, frozen=True):
    """Rows with one value of a fact."""

    fact: str
    value: Fact
    rows: int
    positives: int
    predicted: float
    """Positives that were expected."""
    predicted_over_actual: float | None


class Importance(Struct, frozen=True):
    """What a feature is worth: the gain of its splits as a share, and its mean effect on a row in log-odds."""

    feature: str
    gain_share: float
    mean_effect: float


class Drift(Struct, frozen=True):
    """How far the values of a feature lie from those of training (population stability index)."""

    feature: str
    index: float


class Evaluation(NamedTuple):
    """All that is known about a model on some rows."""

    metrics: Metrics
    outcomes: Outcomes
    bins: list[tuple[float, float, int, int]]
    """Mean probability, rate, positives and rows."""
    slices: list[Slice]
    importances: list[Importance]
    drifts: list[Drift]


def evaluate(model: Model, data: Dataset, sketches: dict[str, Sketch], resamples: int = 1000) -> Evaluation:
    """Score the rows and compare. The labels are taken as final."""
    matrix = model.featuriser.matrix(data.facts)
    outcomes = Outcomes(model.of_matrix(matrix), data.labels, data.weights)
    return Evaluation(
        metrics=measure(outcomes, resamples),
        outcomes=outcomes,
        bins=calibration_bins(outcomes, BINS),
        slices=list(_slices(data, outcomes)),
        importances=_importances(model, matrix),
        drifts=_drifts(model, matrix, sketches),
    )


def _slices(data: Dataset, outcomes: Outcomes) -> Iterator[Slice]:
    for fact in SLICED_BY:
        values = [facts.get(fact) for facts in data.facts]
        common = [value for value, _ in Counter(values).most_common(VALUES_OF_A_SLICE)]
        if len(common) < 2:
            continue
        for value in common:
            chosen = select(outcomes, np.array([index for index, each in enumerate(values) if each == value]))
            yield Slice(
                fact=fact,
                value=value,
                rows=len(chosen.labels),
                positives=int(chosen.labels.sum()),
                predicted=float((chosen.weights * chosen.probabilities).sum()),
                predicted_over_actual=predicted_over_actual(chosen),
            )


def _importances(model: Model, matrix: Floats) -> list[Importance]:
    if not isinstance(model.scorer, Trees):
        return []
    rows = matrix[np.unique(np.linspace(0, len(matrix) - 1, min(_EXPLAINED_ROWS, len(matrix))).astype(np.intp))]
    gains, effects = model.scorer.booster.gains(), np.abs(model.scorer.booster.effects(rows)).mean(axis=0)
    whole = gains.sum() or 1.0
    found = [
        Importance(name, float(gain / whole), float(effect))
        for name, gain, effect in zip(model.featuriser.names, gains, effects, strict=True)
    ]
    return sorted(found, key=lambda each: (-each.gain_share, each.feature))


def _drifts(model: Model, matrix: Floats, sketches: dict[str, Sketch]) -> list[Drift]:
    found = [
        Drift(name, population_stability(sketches[name], matrix[:, column]))
        for column, name in enumerate(model.featuriser.names)
        if name in sketches
    ]
    return sorted(found, key=lambda each: (-each.index, each.feature))
