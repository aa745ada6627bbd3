"""Whether a model version may serve: every reason why not, found before it is asked about a single bid.

Files are looked at from the cheapest property to the dearest, and nothing is loaded whose hash, size or shape is wrong.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import numpy as np

from models import parity as parity_file
from models.calibrate import Floats
from models.errors import ModelError, RefusedError
from models.facts import FACTS, Facts
from models.features import CATALOGUE
from models.features.kinds import Rate, Seen
from models.features.sound import flaws
from models.limits import DEFAULT_LIMITS, Limits
from models.load import build
from models.manifest import FORMAT, HASHED, MANIFEST, MODEL, PARITY, REPORT, Manifest, decode, fingerprint, schema_hash
from models.parity import Parity
from models.predictor import Model
from models.trees import tree_problems

TOLERANCE = 1e-9
_TIMED_ROWS = 256
_TIMED_TURNS = 5


def load(directory: Path, limits: Limits = DEFAULT_LIMITS) -> Model:
    """The model of a version directory, checked. Raises `RefusedError` with every reason that was found."""
    name = f"{directory.parent.name}:{directory.name}"
    try:
        return _load(directory, limits)
    except RefusedError:
        raise
    except (ModelError, ValueError, OSError) as error:
        raise RefusedError(name, [str(error)]) from error


def _load(directory: Path, limits: Limits) -> Model:
    name = f"{directory.parent.name}:{directory.name}"
    problems = list(_file_problems(directory, limits))
    if problems:
        raise RefusedError(name, problems)
    with _naming(MANIFEST):
        manifest = decode((directory / MANIFEST).read_bytes())
    problems = list(_manifest_problems(directory, manifest, limits))
    if problems:
        raise RefusedError(name, problems)
    with _naming(MODEL):
        model = build(name, manifest, (directory / MODEL).read_text(encoding="utf-8"))
    with _naming(PARITY):
        rows = parity_file.decode((directory / PARITY).read_bytes(), limits.parity_bytes)
    problems = list(_parity_problems(model, manifest, rows, limits))
    if problems:
        raise RefusedError(name, problems)
    return model


@contextmanager
def _naming(file: str) -> Iterator[None]:
    """Whatever is wrong while a file is read is said with its name."""
    try:
        yield
    except (ModelError, ValueError, OSError) as error:
        raise ModelError(f"{file}: {error}") from error


def _file_problems(directory: Path, limits: Limits) -> Iterator[str]:
    """A version is four plain files: what a link leads to may change, and what else lies there nobody vouches for."""
    most = {
        MODEL: limits.model_bytes,
        MANIFEST: limits.manifest_bytes,
        PARITY: limits.parity_bytes,
        REPORT: limits.report_bytes,
    }
    if directory.is_symlink():
        yield "the version is a link, expected a directory"
    for extra in sorted(path.name for path in directory.iterdir() if path.name not in most and path.name[0] != "."):
        yield f"{extra} is no file of a version, which has {', '.join(most)}"
    for file, most_bytes in most.items():
        path = directory / file
        if path.is_symlink():
            yield f"{file} is a link, expected a file"
        elif path.is_dir():
            yield f"{file} is a directory, expected a file"
        elif not path.is_file():
            yield f"{file} is missing"
        elif path.stat().st_size > most_bytes:
            yield f"{file} has {path.stat().st_size} bytes, at most {most_bytes} are allowed"


def _manifest_problems(directory: Path, manifest: Manifest, limits: Limits) -> Iterator[str]:
    if manifest.format != FORMAT:
        yield f"{MANIFEST} has format {manifest.format}, this program reads {FORMAT}"
    if manifest.name != directory.parent.name:
        yield f"{MANIFEST} is of the model {manifest.name}, and lies under {directory.parent.name}"
    if set(manifest.files) != set(HASHED):
        yield f"{MANIFEST} has hashes of {', '.join(sorted(manifest.files))}, expected {', '.join(sorted(HASHED))}"
    for file in HASHED:
        found = fingerprint((directory / file).read_bytes())
        if found != manifest.files.get(file):
            yield f"{file} has the hash {found}, {MANIFEST} says {manifest.files.get(file)}"
    yield from _feature_problems(manifest, limits)
    if any(low[0] >= high[0] or low[1] >= high[1] for low, high in pairwise(manifest.calibration.knots)):
        yield "the knots of the calibration do not rise"
    if manifest.kind == "lightgbm":
        names = [each.name for each in manifest.features]
        with _naming(MODEL):
            text = (directory / MODEL).read_text(encoding="utf-8")
        yield from (f"{MODEL}: {why}" for why in tree_problems(text, names, limits.trees, limits.leaves))


def _feature_problems(manifest: Manifest, limits: Limits) -> Iterator[str]:
    if len(manifest.features) > limits.features:
        yield f"{len(manifest.features)} features, at most {limits.features} are allowed"
    if schema_hash(manifest.features) != manifest.schema:
        yield f"the features have the hash {schema_hash(manifest.features)}, {MANIFEST} says {manifest.schema}"
    if manifest.kind == "rates" and [type(each.feature) for each in manifest.features] != [Rate, Seen]:
        yield f"a model of rates goes by a rate and how often it was seen, found {len(manifest.features)} features"
    for each in manifest.features:
        declared = CATALOGUE.get(each.name)
        if declared is None:
            yield f"the catalogue has no feature called {each.name}"
        elif declared != each.feature:
            yield f"the feature {each.name} is declared as {each.feature}, the catalogue says {declared}"
        elif any(fact not in FACTS for fact in each.feature.facts):
            yield f"the feature {each.name} reads an unknown fact"
        else:
            yield from flaws(each)


def _parity_problems(model: Model, manifest: Manifest, rows: Parity, limits: Limits) -> Iterator[str]:
    matrix = model.featuriser.matrix(rows.facts)
    if matrix.shape != rows.rows.shape:
        yield f"the facts of {PARITY} become {matrix.shape} floats, rows by features, and {rows.rows.shape} in training"
        return
    differing = np.argwhere(~np.isclose(matrix, rows.rows, rtol=0, atol=0, equal_nan=True)).tolist()
    if differing:
        row, column = differing[0]
        what = (
            f"row {row}, {manifest.features[column].name}: {matrix[row, column]}, in training {rows.rows[row, column]}"
        )
        yield f"the facts of {PARITY} become other floats than they did in training, {len(differing)} of them ({what})"
        return
    found = model.of_matrix(matrix)
    served = np.array([model.probabilities(facts, [facts])[0] for facts in rows.facts])
    if not (np.isfinite(found).all() and np.isfinite(served).all()):
        without = int((~(np.isfinite(found) & np.isfinite(served))).sum())
        yield f"{without} of {len(found)} parity rows have no probability (NaN), expected one for each"
        return
    for said, what in ((found, "together"), (served, "one by one")):
        worst = float(np.abs(said - rows.probabilities).max())
        if not worst <= TOLERANCE:
            yield f"parity rows scored {what} are off by up to {worst:.3g}, at most {TOLERANCE} is allowed"
    yield from _range_problems(model, manifest, found)
    yield from _calibration_problems(rows, found, limits)
    yield from _time_problems(model, rows, limits)


def _range_problems(model: Model, manifest: Manifest, found: Floats) -> Iterator[str]:
    low, high = float(found.min()), float(found.max())
    least, most = manifest.probabilities
    if not 0 <= low <= high <= 1:
        yield f"probabilities lie from {low} to {high}, allowed is 0 to 1"
    elif low < least - TOLERANCE or high > most + TOLERANCE:
        yield f"probabilities lie from {low} to {high}, {MANIFEST} says {least} to {most}"
    if not model.ceiling >= high - TOLERANCE:
        yield f"the ceiling {model.ceiling} is below a probability of {high}"


def _calibration_problems(rows: Parity, found: Floats, limits: Limits) -> Iterator[str]:
    """Positives are counted as a Poisson number around what was predicted."""
    from scipy.special import pdtr, pdtrc  # noqa: PLC0415 - a quarter second that whoever never checks must not wait

    expected = float((found * rows.weights).sum())
    actual = float((rows.labels * rows.weights).sum())
    # Poisson: the chance of at most as many, and of at least as many.
    chance = min(pdtr(actual, expected), pdtrc(actual - 1, expected) if actual > 0 else 1.0)
    if chance < limits.least_chance:
        what = f"{expected:.1f} positives were predicted on the parity rows and {actual:.0f} are there"
        yield f"{what}: the chance of that is {chance:.1g}, at least {limits.least_chance:g} is expected"


def _time_problems(model: Model, rows: Parity, limits: Limits) -> Iterator[str]:
    facts = rows.facts[:_TIMED_ROWS]
    least_us = min(_microseconds(model, facts) for _ in range(_TIMED_TURNS))
    if least_us > limits.row_us:
        yield f"a row takes {least_us:.0f} µs, at most {limits.row_us:.0f} are allowed"


def _microseconds(model: Model, facts: Sequence[Facts]) -> float:
    started = time.process_time_ns()
    for each in facts:
        model.begin(each)
        model.probabilities(each, [each])
    return (time.process_time_ns() - started) / 1000 / len(facts)
