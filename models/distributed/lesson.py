"""A lesson of rows in many places: features from merged counts, and a matrix for each partition that stays there.

As in `features.fit`, a row must not be told its own label: rows fall into folds, and the rates of a fold come from the
counts of the others.
"""

from typing import Any, NamedTuple

import numpy as np
from distributed import Future

from models.calibrate import Floats, log_odds
from models.dataset.rows import NEVER_MS, Dataset, thinned
from models.delay import LEAST_SHARE, Delays, estimate
from models.distributed.partitions import Partitions, Period
from models.errors import RecipeError
from models.features import Featuriser, Fitted
from models.features.fit import FOLDS, log_one_less, settled, tally
from models.features.kinds import Rate, Seen
from models.rates import RateTable, merged
from models.recipe import Recipe


class Plan(NamedTuple):
    """Which rows are learned from, and what of them is told."""

    period: Period
    delays: Delays
    recipe: Recipe


class Rows(NamedTuple):
    """The part of a lesson that lies with one partition."""

    matrix: Floats
    labels: Floats
    hidden: Floats
    """Log of the share of outcomes that shows at the age of a row."""


class Lesson(NamedTuple):
    """All that training takes."""

    plan: Plan
    fitted: tuple[Fitted, ...]
    positives: float
    base: float
    """Log-odds of the rate of all rows."""
    rows: list[Future]
    sizes: list[int]
    """Rows of each."""
    offset: float


class Counted(NamedTuple):
    """What one partition counts: a table for each fold and feature, and how many outcomes could show."""

    folds: list[dict[str, RateTable]]
    positives: float
    shown: float
    rows: int
    negative_rate: float


def lesson(partitions: Partitions, period: Period, recipe: Recipe) -> Lesson | None:
    """The lesson of a period; `None` where its outcomes are all the same. Raises `RecipeError`."""
    if recipe.encoding != "folds":
        raise RecipeError(f"on a cluster rates are encoded by folds; the recipe says encoding = {recipe.encoding!r}")
    hits = [each for each in partitions.of_each(_hits, period) if len(each)]
    if not hits:
        return None
    plan = Plan(period, _delays(hits, recipe, period.as_of_ms), recipe)
    counted: list[Counted] = partitions.of_each(_counted, plan)
    positives, rows = sum(each.positives for each in counted), sum(each.rows for each in counted)
    if not 0 < positives < rows:
        return None
    folds = [_merged([each.folds[fold] for each in counted]) for fold in range(FOLDS)]
    features = recipe.declared()
    ordered = Featuriser(settled(features, _merged(folds))).fitted
    others = [settled(features, _merged([*folds[:fold], *folds[fold + 1 :]])) for fold in range(FOLDS)]
    base = log_odds(min(max(positives / sum(each.shown for each in counted), 1e-7), 0.999))
    return Lesson(
        plan=plan,
        fitted=ordered,
        positives=positives,
        base=base,
        rows=partitions.left_there(_rows, plan, ordered, others),
        sizes=[each.rows for each in counted],
        offset=base + float(np.log(recipe.negative_rate * counted[0].negative_rate)),
    )


def learnable(data: Dataset, plan: Plan, number: int) -> tuple[Dataset, Floats]:
    """The rows of partition `number` that are old enough to tell anything and were not left out; and `Rows.hidden`."""
    known = plan.period.of(data)
    shares = plan.delays.share(plan.period.as_of_ms - known.at_ms)
    chosen = np.flatnonzero(shares >= LEAST_SHARE)
    if plan.recipe.negative_rate < 1:
        kept = thinned(known.labels[chosen], plan.recipe.negative_rate, plan.recipe.seed + number)
        chosen = chosen[kept]
    return known.take(chosen), np.log(shares[chosen])


def _hits(data: Dataset, _: int, period: Period) -> Any:
    found = period.of(data)
    hits = found.labels > 0
    return np.column_stack([found.at_ms[hits], found.known_ms[hits]])


def _delays(hits: list[Any], recipe: Recipe, as_of_ms: int) -> Delays:
    """From the outcomes of all partitions, which is all that the estimate reads."""
    if not recipe.delay_correction:
        return Delays()
    at_ms, known_ms = np.concatenate(hits).T
    return estimate(Dataset([{}] * len(at_ms), np.ones(len(at_ms)), at_ms, np.minimum(known_ms, NEVER_MS)), as_of_ms)


def _fold(size: int, plan: Plan, number: int) -> Any:
    return np.random.default_rng([plan.recipe.seed, number]).permutation(size) % FOLDS


def _counted(data: Dataset, number: int, plan: Plan) -> Counted:
    found, hidden = learnable(data, plan, number)
    fold = _fold(len(found), plan, number)
    features = plan.recipe.declared()
    return Counted(
        folds=[tally(features, found.take(np.flatnonzero(fold == each))) for each in range(FOLDS)],
        positives=float(found.labels.sum()),
        shown=float(np.exp(hidden).sum()),
        rows=len(found),
        negative_rate=found.negative_rate,
    )


def _merged(tallies: list[dict[str, RateTable]]) -> dict[str, RateTable]:
    return {name: merged([each[name] for each in tallies]) for name in tallies[0]}


def _rows(data: Dataset, number: int, plan: Plan, fitted: tuple[Fitted, ...], others: list[tuple[Fitted, ...]]) -> Rows:
    found, hidden = learnable(data, plan, number)
    matrix = Featuriser(fitted).matrix(found.facts)
    fold = _fold(len(found), plan, number)
    rates = [column for column, each in enumerate(fitted) if isinstance(each.feature, Rate)]
    for each, tables in enumerate(others):
        rows = np.flatnonzero(fold == each)
        if len(rows):
            told = Featuriser(tables).matrix([found.facts[row] for row in rows.tolist()])
            matrix[rows[:, None], rates] = told[:, rates]
    for column, each_fitted in enumerate(fitted):
        if isinstance(each_fitted.feature, Seen):
            matrix[:, column] = log_one_less(matrix[:, column])
    return Rows(matrix, found.labels, hidden)
