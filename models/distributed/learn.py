"""Trees on a cluster through `lightgbm.dask`: stopped and calibrated on later rows than they learned from, as alone.

The steps are those of `models.learn`. How many trees are best is found afterwards, from the loss of each number of
them, since `lightgbm.dask` does not stop early.
"""

import logging
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import dask.array as da
import lightgbm
import numpy as np
from dask import delayed
from distributed import Client, Future
from lightgbm.dask import DaskLGBMRegressor
from msgspec.structs import replace

from models.calibrate import Calibration, Floats, choose
from models.dataset.rows import Dataset
from models.distributed.lesson import Lesson, Plan, Rows, learnable, lesson
from models.distributed.partitions import Partitions, Period
from models.errors import DataError
from models.features import Featuriser, Fitted
from models.learn import FEW_TREES, FIRST_SHARE, LEAST_POSITIVES, Progress
from models.metrics import Outcomes
from models.recipe import Recipe

_OF_THE_CLUSTER = re.compile(r"^\[(machines|local_listen_port|num_machines|time_out|num_threads): .*\]\n", re.MULTILINE)
_quiet = logging.getLogger("models.distributed.lightgbm")
_quiet.setLevel(logging.ERROR)
lightgbm.register_logger(_quiet)  # else ports and parameters are told on standard output, which is the command's


class Learned(NamedTuple):
    """A fitted model before it is written down."""

    fitted: tuple[Fitted, ...]
    text: str
    positives: int
    offset: float
    calibration: Calibration
    later: Outcomes | None
    """Rows that were predicted from earlier ones."""


class Later(NamedTuple):
    """Rows later than those of their trees, with what the trees say of them; one entry a row."""

    at_ms: Floats
    scores: Floats
    hidden: Floats
    labels: Floats
    weights: Floats


class Stretch(NamedTuple):
    """Trees, and a later period with the loss on its rows tree by tree."""

    text: str
    lesson: Lesson
    period: Period
    losses: Floats


def learn(partitions: Partitions, recipe: Recipe, period: Period, progress: Progress) -> Learned:
    """Fit features, trees and calibration. Raises `DataError` where there are too few positives, `RecipeError`."""
    progress("counting", 0, recipe.folds + 1)
    whole = lesson(partitions, period, recipe)
    if whole is None or whole.positives < LEAST_POSITIVES:
        raise DataError(f"training needs at least {LEAST_POSITIVES} positives and one negative")
    stretches = []
    for number, (earlier, later) in enumerate(_stretches(partitions, recipe, period)):
        progress("later rows predicted from earlier ones", number, recipe.folds + 1)
        taught = lesson(partitions, earlier, recipe)
        if taught is not None:
            text = _boost(partitions.client, taught, recipe.rounds)
            plan = whole.plan._replace(period=later)
            losses = np.sum(partitions.of_each(_losses, plan, taught.fitted, text, taught.offset), axis=0)
            stretches.append(Stretch(text, taught, later, losses))
    progress("fitting all rows", recipe.folds, recipe.folds + 1)
    trees = _trees(stretches)
    text = _boost(partitions.client, whole, trees)
    progress("fitted", recipe.folds + 1, recipe.folds + 1)
    ahead = _ahead(partitions, whole, stretches, trees)
    calibration = choose(*ahead, recipe.calibration) if ahead is not None else Calibration()
    if ahead is not None:
        ahead = ahead._replace(probabilities=calibration.probabilities(ahead.probabilities))
    return Learned(
        fitted=whole.fitted,
        text=text,
        positives=int(whole.positives),
        offset=whole.offset,
        calibration=calibration,
        later=ahead,
    )


def _stretches(partitions: Partitions, recipe: Recipe, period: Period) -> Iterator[tuple[Period, Period]]:
    """Later stretches of the period, each with all before it and the labels known when it begins."""
    times = partitions.at_ms[: int(np.searchsorted(partitions.at_ms, period.to_ms))]
    edges = (np.linspace(FIRST_SHARE, 1.0, recipe.folds + 1) * len(times)).astype(np.intp)
    bounds = [*times[edges[:-1]].tolist(), period.to_ms]
    for begins_ms, ends_ms in pairwise(bounds):
        yield Period(period.from_ms, begins_ms, begins_ms), Period(begins_ms, ends_ms, period.as_of_ms)


def _boost(client: Client, taught: Lesson, trees: int) -> str:
    """The model file, without what it says of the cluster."""
    recipe, names = taught.plan.recipe, [each.name for each in taught.fitted]
    filled = [(rows, size) for rows, size in zip(taught.rows, taught.sizes, strict=True) if size]
    columns = [
        _gathered(filled, part, width) for part, width in (("matrix", len(names)), ("labels", None), ("start", None))
    ]
    parameters = {name: value for name, value in recipe.parameters(tuple(names)).items() if name != "num_threads"}
    regressor = DaskLGBMRegressor(client=client, n_estimators=trees, tree_learner="data", **parameters)
    matrix, labels, start = columns
    categories = recipe.categories(tuple(names))
    regressor.fit(
        matrix, labels, init_score=start + taught.base, feature_name=names, categorical_feature=categories or "auto"
    )
    return _OF_THE_CLUSTER.sub("", regressor.booster_.model_to_string())


def _gathered(filled: list[tuple[Future, int]], part: str, width: int | None) -> da.Array:
    """A column or the matrix of all partitions as one array that stays on the workers."""
    shapes = [(size,) if width is None else (size, width) for _, size in filled]
    blocks = [delayed(_part)(rows, part) for rows, _ in filled]
    return da.concatenate(
        [da.from_delayed(block, shape, np.float64) for block, shape in zip(blocks, shapes, strict=True)]
    ).persist()


def _part(rows: Rows, part: str) -> Floats:
    return rows.hidden if part == "start" else getattr(rows, part)


def _scored(data: Dataset, number: int, plan: Plan, fitted: tuple[Fitted, ...]) -> tuple[Dataset, Floats, Floats]:
    """The rows of a later period, what hides their outcomes, and their floats. None is left out of them."""
    found, hidden = learnable(data, plan._replace(recipe=replace(plan.recipe, negative_rate=1.0)), number)
    return found, hidden, Featuriser(fitted).matrix(found.facts)


def _losses(data: Dataset, number: int, plan: Plan, fitted: tuple[Fitted, ...], text: str, offset: float) -> Floats:
    """The loss on the rows of a partition after each tree."""
    found, hidden, matrix = _scored(data, number, plan, fitted)
    booster = lightgbm.Booster(model_str=text)
    score, losses = offset + hidden, []
    for tree in range(booster.num_trees()):
        if len(found):
            score = score + np.asarray(booster.predict(matrix, raw_score=True, start_iteration=tree, num_iteration=1))
        losses.append(float(np.logaddexp(0.0, np.where(found.labels > 0, -score, score)).sum()))
    return np.array(losses)


def _trees(stretches: list[Stretch]) -> int:
    """The number of trees with the least loss over all stretches together. Trees end early where no split is left."""
    if not stretches:
        return FEW_TREES
    shortest = min(len(each.losses) for each in stretches)
    return int(np.argmin(np.sum([each.losses[:shortest] for each in stretches], axis=0))) + 1


def _ahead(partitions: Partitions, whole: Lesson, stretches: list[Stretch], trees: int) -> Outcomes | None:
    """The scores of all rows that were predicted from earlier ones, from the base of all rows (see `models.learn`)."""
    found: list[Later] = []
    for each in stretches:
        plan = whole.plan._replace(period=each.period)
        found.extend(partitions.of_each(_later, plan, each.lesson.fitted, each.text, trees))
    if not found:
        return None
    at_ms, scores, hidden, labels, weights = (np.concatenate(column) for column in zip(*found, strict=True))
    order = np.argsort(at_ms, kind="stable")
    return Outcomes((scores + hidden + whole.offset)[order], labels[order], weights[order])


def _later(data: Dataset, number: int, plan: Plan, fitted: tuple[Fitted, ...], text: str, trees: int) -> Later:
    found, hidden, matrix = _scored(data, number, plan, fitted)
    booster = lightgbm.Booster(model_str=text)
    scores = np.asarray(booster.predict(matrix, raw_score=True, num_iteration=trees)) if len(found) else hidden
    return Later(found.at_ms.astype(np.float64), scores, hidden, found.labels, found.weights)
