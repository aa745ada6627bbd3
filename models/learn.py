"""LightGBM on a dataset: stopped and calibrated on later rows than it learned from, then fitted on all rows."""

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any, NamedTuple

import lightgbm
import numpy as np

from models.calibrate import Calibration, Floats, choose, log_odds
from models.dataset.rows import Dataset, thinned
from models.delay import LEAST_SHARE, Delays, estimate
from models.errors import DataError
from models.features import Featuriser, Fitted
from models.features.fit import fit, training_matrix
from models.metrics import Outcomes
from models.recipe import Recipe

LEAST_POSITIVES = 10
FEW_TREES = 50
"""Trees where no later stretch could be predicted to say how many are best."""
FIRST_SHARE = 0.4
"""The share of rows before the first stretch that is predicted."""

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how many steps are done and how many there are."""


class Learned(NamedTuple):
    """A fitted model before it is written down."""

    lesson: "Lesson"
    """Of all rows."""
    text: str
    calibration: Calibration
    later: Outcomes | None
    """The rows that were predicted from earlier ones, which calibration was fitted on."""


class Seen(NamedTuple):
    """Rows old enough to tell anything, and for each the log of the share of outcomes that shows at its age."""

    data: Dataset
    hidden: Floats


class Lesson(NamedTuple):
    """Rows as LightGBM takes them: each starts from the log-odds of the base rate and of what its age hides."""

    fitted: tuple[Fitted, ...]
    matrix: Floats
    labels: Floats
    base: float
    start: Floats
    offset: float
    """Log-odds to add to the score of the trees: of the base rate, and log of the share of negatives kept."""


class Stretch(NamedTuple):
    """Rows that are later than those of their booster, and the loss on them tree by tree."""

    booster: lightgbm.Booster
    matrix: Floats
    later: Seen
    losses: Floats


def learn(data: Dataset, recipe: Recipe, as_of_ms: int, progress: Progress) -> Learned:
    """Fit features, trees and calibration with the labels known at `as_of_ms`.

    Raises `DataError` where there are too few positives, `RecipeError` for unknown features.
    """
    known = data.known_at(as_of_ms)
    if known.positives < LEAST_POSITIVES or known.positives == len(known):
        raise DataError(
            f"training needs at least {LEAST_POSITIVES} positives and one negative, found {known.positives} positives "
            f"in {len(known)} rows"
        )
    seen = _seen(known, recipe, as_of_ms)
    stretches: list[Stretch] = []
    for begins_ms, earlier, later in _stretches(data, seen, recipe.folds):
        progress("later rows predicted from earlier ones", len(stretches), recipe.folds + 1)
        stretches.append(_predict(_lesson(_seen(earlier, recipe, begins_ms), recipe), later, recipe))
    progress("fitting all rows", recipe.folds, recipe.folds + 1)
    trees = _trees(stretches)
    lesson = _lesson(seen, recipe)
    text = _boost(lesson, recipe, trees).model_to_string()
    progress("fitted", recipe.folds + 1, recipe.folds + 1)
    ahead = _later(stretches, trees, lesson.offset)
    if ahead is None:
        return Learned(lesson, text, Calibration(), None)
    calibration = choose(*ahead, recipe.calibration)
    return Learned(lesson, text, calibration, ahead._replace(probabilities=calibration.probabilities(ahead[0])))


def _seen(known: Dataset, recipe: Recipe, as_of_ms: int) -> Seen:
    delays = estimate(known, as_of_ms) if recipe.delay_correction else Delays()
    shares = delays.share(as_of_ms - known.at_ms)
    old_enough = np.flatnonzero(shares >= LEAST_SHARE)
    return Seen(known.take(old_enough), np.log(shares[old_enough]))


def _stretches(data: Dataset, seen: Seen, folds: int) -> Iterator[tuple[int, Dataset, Seen]]:
    """When each later stretch begins, the rows before it with the labels known then, and its rows."""
    edges = (np.linspace(FIRST_SHARE, 1.0, folds + 1) * len(seen.data)).astype(np.intp)
    for start, stop in pairwise(edges.tolist()):
        begins_ms = int(seen.data.at_ms[start])
        earlier = data.slice(0, int(np.searchsorted(data.at_ms, begins_ms))).known_at(begins_ms)
        if 0 < earlier.positives < len(earlier):
            yield begins_ms, earlier, Seen(seen.data.slice(start, stop), seen.hidden[start:stop])


def _lesson(seen: Seen, recipe: Recipe) -> Lesson:
    data, hidden = seen
    if recipe.negative_rate < 1:
        kept = thinned(data.labels, recipe.negative_rate, recipe.seed)
        data, hidden = data.take(kept), hidden[kept]
    fitted = Featuriser(fit(recipe.declared(), data)).fitted
    base = log_odds(min(max(data.positives / float(np.exp(hidden).sum()), 1e-7), 0.999))
    return Lesson(
        fitted=fitted,
        matrix=training_matrix(fitted, data, recipe.encoding, recipe.seed),
        labels=data.labels,
        base=base,
        start=base + hidden,
        offset=base + float(np.log(recipe.negative_rate * data.negative_rate)),
    )


def _predict(lesson: Lesson, later: Seen, recipe: Recipe) -> Stretch:
    matrix = Featuriser(lesson.fitted).matrix(later.data.facts)
    # The lesson's own base, since what LightGBM is stopped by is the loss on rows as they were thinned.
    start = lesson.offset + later.hidden
    curve: dict[str, Any] = {}
    booster = _boost(lesson, recipe, recipe.rounds, (matrix, later.data.labels, start), curve)
    return Stretch(booster, matrix, later, np.array(curve["later"]["binary_logloss"]))


def _boost(
    lesson: Lesson,
    recipe: Recipe,
    trees: int,
    later: tuple[Floats, Floats, Floats] | None = None,
    curve: dict[str, Any] | None = None,
) -> lightgbm.Booster:
    names = tuple(each.name for each in lesson.fitted)
    rows = lightgbm.Dataset(
        lesson.matrix,
        lesson.labels,
        init_score=lesson.start,
        feature_name=list(names),
        categorical_feature=recipe.categories(names),
        params=recipe.parameters(names),
    )
    if later is None or curve is None:
        return lightgbm.train(recipe.parameters(names), rows, trees)
    matrix, labels, start = later
    return lightgbm.train(
        recipe.parameters(names),
        rows,
        trees,
        valid_sets=[rows.create_valid(matrix, labels, init_score=start, params=recipe.parameters(names))],
        valid_names=["later"],
        callbacks=[
            lightgbm.early_stopping(recipe.patience, verbose=False),
            lightgbm.record_evaluation(curve),
        ],
    )


def _trees(stretches: list[Stretch]) -> int:
    """The number of trees with the least loss over all stretches together."""
    if not stretches:
        return FEW_TREES
    shortest = min(len(stretch.losses) for stretch in stretches)
    total = sum(len(stretch.matrix) * stretch.losses[:shortest] for stretch in stretches)
    return int(np.argmin(total)) + 1


def _later(stretches: list[Stretch], trees: int, offset: float) -> Outcomes | None:
    """The scores of all rows that were predicted from earlier ones, as they would be from the base of all rows.

    Each stretch had the base rate of its time. The model that serves has that of all rows, so it is from there that
    its calibration must start: else a rate that rose during training would be corrected for twice.
    """
    if not stretches:
        return None
    scores: list[Floats] = [
        np.asarray(each.booster.predict(each.matrix, raw_score=True, num_iteration=trees)) for each in stretches
    ]
    return Outcomes(
        np.concatenate([score + offset + each.later.hidden for score, each in zip(scores, stretches, strict=True)]),
        np.concatenate([each.later.data.labels for each in stretches]),
        np.concatenate([each.later.data.weights for each in stretches]),
    )
