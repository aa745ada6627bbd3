"""From rows to a version in the store: learned, measured on later rows, written, checked."""

from collections.abc import Mapping
from importlib.metadata import version as installed_version
from typing import Literal, NamedTuple

import msgspec
import numpy as np

from models import parity
from models.calibrate import Calibration
from models.dataset.rows import Dataset
from models.errors import DataError, RecipeError
from models.evaluate import Evaluation, evaluate
from models.features import Featuriser, Fitted
from models.features.fit import fit, matrix_of_new
from models.features.kinds import Rate, Seen
from models.figures import Metrics
from models.learn import Progress, learn
from models.load import build
from models.manifest import (
    MANIFEST,
    MODEL,
    PARITY,
    REPORT,
    Lineage,
    Manifest,
    Outcome,
    Window,
    encode,
    fingerprint,
    schema_hash,
)
from models.metrics import measure
from models.predictor import Model
from models.rates import NOTHING_SEEN, prior_rows, smoothed
from models.recipe import Recipe, usable
from models.report.page import page
from models.scorer import ConstantSettings, RateSettings
from models.sketch import sketches


class Task(NamedTuple):
    """What to train, and on what."""

    name: str
    outcome: Outcome
    recipe: Recipe
    train: Dataset
    test: Dataset | None
    """Later rows that are only measured on."""
    as_of_ms: int
    """When labels are looked up: what came later was not known."""
    resamples: int = 1000
    """Bootstrap samples behind the interval of the AUC."""
    parity_rows: int = parity.MOST_ROWS
    plots: bool = True
    """Whether the report has plots: their bytes depend on the version of matplotlib."""


class Fit(NamedTuple):
    """What training found, whatever the kind of model."""

    fitted: tuple[Fitted, ...]
    text: str
    offset: float
    calibration: Calibration
    later: Metrics | None = None
    """On rows of training that were predicted from earlier ones."""


class Trained(NamedTuple):
    """A version before it is in the store."""

    manifest: Manifest
    files: Mapping[str, bytes]
    metrics: Metrics


MeasuredOn = Literal["test", "later rows of training", "training rows"]


def train(task: Task, lineage: Lineage, progress: Progress) -> Trained:
    """Learn, measure and write down; the same bytes for the same task and lineage.

    Raises `DataError`, `RecipeError`.
    """
    recipe, left_out = usable(task.recipe, task.train)
    known = task.train.known_at(task.as_of_ms)
    found = _fit(task._replace(recipe=recipe), known, progress)
    window = Window(int(known.at_ms[0]), int(known.at_ms[-1]), len(known), known.positives)
    return conclude(task._replace(recipe=recipe), found, window, (left_out, lineage), progress)


def conclude(
    task: Task, found: Fit, window: Window, told: tuple[Mapping[str, str], Lineage], progress: Progress
) -> Trained:
    """Measure and write down what was found. `told` is which features were left out, and the lineage."""
    (left_out, lineage), recipe = told, task.recipe
    known = task.train.known_at(task.as_of_ms)
    spread = sketches([each.name for each in found.fitted], matrix_of_new(found.fitted, known))
    manifest = Manifest(
        name=task.name,
        kind=recipe.kind,
        outcome=task.outcome,
        features=found.fitted,
        schema=schema_hash(found.fitted),
        offset=found.offset,
        calibration=found.calibration,
        lightgbm=installed_version("lightgbm"),
        window=window,
        measured_on="training rows",
        metrics=Metrics.nothing(),
        probabilities=(0.0, 1.0),
        sketches=spread,
        left_out=dict(left_out),
        lineage=msgspec.structs.replace(lineage, recipe=msgspec.to_builtins(recipe)),
        files={},
    )
    model = build(task.name, manifest, found.text)
    progress("measuring", 0, 1)
    evaluation = evaluate(model, known if task.test is None else task.test, spread, task.resamples)
    metrics, measured_on = _metrics(task, found, evaluation)
    manifest = msgspec.structs.replace(manifest, metrics=metrics, measured_on=measured_on)
    report = page(f"Model {task.name}", about(manifest), evaluation, with_plots=task.plots)
    return _written(manifest, found.text, _proof(model, task, known), report)


def _fit(task: Task, known: Dataset, progress: Progress) -> Fit:
    recipe = task.recipe
    match recipe.kind:
        case "lightgbm":
            learned = learn(task.train, recipe, task.as_of_ms, progress)
            later = None if learned.later is None else measure(learned.later, task.resamples)
            lesson = learned.lesson
            return Fit(lesson.fitted, learned.text, lesson.offset, learned.calibration, later)
        case "rates":
            return _rates(recipe, known)
        case "constant":
            if not known.positives:
                raise DataError("a constant is the share of positives, and there are none")
            settings = ConstantSettings(known.positives / len(known))
            offset = float(np.log(known.negative_rate))
            return Fit((), _json(settings), offset, Calibration())


def _rates(recipe: Recipe, known: Dataset) -> Fit:
    declared = recipe.declared()
    if len(declared) != 1 or not isinstance(rate := next(iter(declared.values())), Rate):
        raise RecipeError(f"smoothed rates go by one feature that is a rate, found {', '.join(declared)}")
    (name,) = declared
    seen = Seen(facts=rate.facts)
    fitted = Featuriser(fit({name: rate, f"{name.removesuffix('_rate')}_seen": seen}, known)).fitted
    overall = smoothed(float(len(known)), float(known.positives), *NOTHING_SEEN)
    settings = RateSettings(recipe.bonus, prior_rows(rate.prior_positives, overall))
    return Fit(fitted, _json(settings), float(np.log(known.negative_rate)), Calibration())


def _metrics(task: Task, found: Fit, evaluation: Evaluation) -> tuple[Metrics, MeasuredOn]:
    if task.test is not None:
        return evaluation.metrics, "test"
    return (evaluation.metrics, "training rows") if found.later is None else (found.later, "later rows of training")


def _proof(model: Model, task: Task, known: Dataset) -> parity.Parity:
    rows = parity.sample(known if task.test is None else task.test, task.parity_rows)
    matrix = model.featuriser.matrix(rows.facts)
    read = sorted({name for each in model.featuriser.fitted for name in each.feature.facts})
    facts = [{name: row.get(name) for name in read} for row in rows.facts]
    return parity.Parity(facts, matrix, model.of_matrix(matrix), rows.labels, rows.weights)


def _written(manifest: Manifest, text: str, proof: parity.Parity, report: str) -> Trained:
    manifest = msgspec.structs.replace(
        manifest, probabilities=(float(proof.probabilities.min()), float(proof.probabilities.max()))
    )
    files = {
        MODEL: text.encode(),
        PARITY: parity.encode(proof),
        REPORT: report.encode(),
    }
    manifest = msgspec.structs.replace(manifest, files={name: fingerprint(data) for name, data in files.items()})
    return Trained(manifest, {**files, MANIFEST: encode(manifest)}, manifest.metrics)


def about(manifest: Manifest) -> dict[str, str]:
    """What a report says of the model it is about."""
    window = manifest.window
    return {
        "kind": manifest.kind,
        "predicts": manifest.outcome.replace("_", " "),
        "learned from": f"{window.rows:,} rows, {window.positives:,} positives",
        "window": f"{_utc(window.from_ms)} to {_utc(window.to_ms)} UTC",
        "figures on": manifest.measured_on,
        "calibration": manifest.calibration.method,
        "features": str(len(manifest.features)),
        "left out": "; ".join(f"{name}: {why}" for name, why in manifest.left_out.items()) or "nothing",
    }


def _utc(at_ms: int) -> str:
    return str(np.datetime64(at_ms, "ms").astype("datetime64[m]")).replace("T", " ")


def _json(settings: msgspec.Struct) -> str:
    return msgspec.json.encode(settings).decode() + "\n"
