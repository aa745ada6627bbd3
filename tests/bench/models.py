"""Models: speed against `Booster.predict` and `orjson.loads`, and figures on public data against plain LightGBM."""

from collections.abc import Iterator
from math import nan

import lightgbm
import msgspec
import numpy as np
import orjson

from models.booster import Booster
from models.calibrate import Calibration
from models.dataset.read import Target, read
from models.dataset.rows import Dataset
from models.facts import FACTS, Facts
from models.features import CATALOGUE, Featuriser
from models.features.fit import fit
from models.features.kinds import Category, Feature
from models.figures import Metrics
from models.load import build
from models.manifest import MODEL, Lineage
from models.metrics import Outcomes, measure
from models.predictor import Model
from models.recipe import read_recipe
from models.scorer import Trees
from models.train import Task, train
from tests import shared
from tests.bench.measure import microseconds

COMMENT = """\
Every figure on data is of later rows than were learned from. Recipes are chosen inside the rows that are learned from:
four later stretches from 40 % of them on, each predicted from all before it, with several seeds. Figures of the test
rows were seen while the code took shape, so take them as somewhat optimistic. How it was chosen, and what is missed:

- clicks_to_installs: how often an address was seen before, as a bidder remembers it, in place of its count over all of
  training and without the hour, has 4 % less log loss in the training stretches (AUC .964 against .961, mean of three
  seeds), and in the test rows .962, .967 and .968 by seed, where the count had .945 to .951. Trees of 3 leaves have the
  same loss there and a lower AUC (.954).
- ipinyou_impressions_2821: counts of how common values are, rows drawn for each tree and 15 leaves have .645 in the
  training stretches; the same with 8 leaves .640, all rows for each tree .624, rates added .636, rates alone .619,
  categories as LightGBM splits them .52 to .54. In the test rows three seeds have .667, .647 and .666, so that the bar
  is met by the first of them and would be missed with another.
- Calibration is Platt's line or none, whichever predicts the later half best. To ask for a difference beyond one
  standard error foretells three of the four sets a little worse in the training stretches, so that is not done.
- ipinyou_2259_cran, predicted over actual: 3.2 % of the training rows are clicks and 4.2 % of the test rows, which is
  chance with 30 clicks: their rate alone makes .76. A base rate that forgets would have foretold the training stretches
  worse, whatever its half-life, there and on two of the other three sets; so there is none. Rates of earlier rows were
  chosen for their AUC in the stretches, .70 against .61; with counts added they have .68.
"""
BATCH = 16
LINEAGE = Lineage(parent=None, command="", commit=None, data={}, recipe={})
PLAIN_FEATURES = (
    "exchange",
    "domain",
    "tagid",
    "position",
    "slot_format",
    "creative",
    "region",
    "city",
    "os",
    "browser",
)


def rows() -> Iterator[tuple[str, str, str]]:
    """What was measured, the figure, and the bar."""
    yield from _scoring()
    yield from _featurisation()
    yield from _installs()
    yield from _clicks("ipinyou_2259_cran", ("train.20131019.tsv.gz",), 0.7)
    yield from _clicks("ipinyou_ctr_2997", ("train.fm.txt.gz", "featindex.fm.txt.gz"), 0.75)
    yield from _clicks("ipinyou_impressions_2821", ("imp.h18-21.tsv.gz", "clk.h18-21.tsv.gz"), 0.75)


# Speed


def _scoring() -> Iterator[tuple[str, str, str]]:
    width, request_width = 34, 26
    chance = np.random.default_rng(1)
    matrix = chance.normal(size=(20_000, width))
    matrix[chance.random(matrix.shape) < 0.05] = nan
    labels = (np.nansum(matrix[:, 24:28], axis=1) + chance.normal(size=len(matrix)) > 1).astype(float)
    parameters = {"objective": "binary", "num_leaves": 31, "num_threads": 1, "verbose": -1}
    reference = lightgbm.train(parameters, lightgbm.Dataset(matrix, labels), 100)
    text, batch = reference.model_to_string(), matrix[:BATCH]
    singles = [batch[index : index + 1] for index in range(BATCH)]
    trees, booster = Trees(text, request_width), Booster(text)
    request, candidates = batch[0, :request_width].tolist(), batch[:, request_width:].tolist()

    def fast() -> None:
        trees.begin(request)
        for candidate in candidates:
            trees.score(candidate)

    took = microseconds(
        {
            "predict": lambda: [reference.predict(row) for row in singles],
            "predict, one thread": lambda: [reference.predict(row, num_threads=1) for row in singles],
            "fast": fast,
            "matrix": lambda: booster.scores(batch),
        },
        number=10,
        rounds=60,
    )
    for name, what in (("fast", "single-row fast configuration"), ("matrix", "one matrix call")):
        yield (
            f"scoring of {BATCH} rows, 100 x 31: {what}",
            f"{took[name] / BATCH:.2f} µs a row, {took['predict'] / took[name]:.1f} x faster",
            ">= 8 x",
        )
    single = took["predict, one thread"]
    figure = f"fast {single / took['fast']:.1f} x, matrix {single / took['matrix']:.1f} x"
    yield "the same against Booster.predict(num_threads=1)", figure, ""
    raw = np.asarray(reference.predict(matrix, raw_score=True, num_threads=1))
    yield "largest difference from Booster.predict", f"{np.abs(booster.scores(matrix) - raw).max():.1e}", "<= 1e-12"


def _featurisation() -> Iterator[tuple[str, str, str]]:
    features = {name: CATALOGUE[name] for name in read_recipe("events").features}
    request: Facts = {
        name: "a" if known.type == "text" else 3 for name, known in FACTS.items() if known.scope == "request"
    }
    candidates: list[Facts] = [
        {"campaign": f"c{number % 12}", "creative": f"k{number}", "format": "banner", "deal": None, "frequency": 2}
        for number in range(BATCH)
    ]
    learned = [{**request, **candidate} for candidate in candidates] * 20
    data = Dataset(learned, np.arange(len(learned)) % 5 == 0.0, np.arange(len(learned)), np.arange(len(learned)))
    featuriser = Featuriser(fit(features, data))
    body = shared.path("bench/request_3k.json").read_bytes().strip()

    def featurise() -> None:
        featuriser.request(request)
        for candidate in candidates:
            featuriser.candidate(request, candidate)

    took = microseconds({"orjson": lambda: orjson.loads(body), "featurise": featurise})
    ratio = took["featurise"] / took["orjson"]
    yield (
        f"features of a request with {BATCH} candidates, {featuriser.request_width} + {featuriser.candidate_width}",
        f"{took['featurise']:.1f} µs, {8 * ratio:.1f} where orjson.loads takes 8",
        "<= 25",
    )
    text = _trees_over(featuriser, data)
    model = Model("m:1", "click", (featuriser, Trees(text, featuriser.request_width), 0.0, Calibration("platt", 0.9)))
    took = microseconds({"all": lambda: model.probabilities(request, candidates), "orjson": lambda: orjson.loads(body)})
    yield "facts to probabilities of 16 candidates", f"{took['all'] / took['orjson']:.1f} x orjson.loads", ""


def _trees_over(featuriser: Featuriser, data: Dataset) -> str:
    """100 trees of 31 leaves over noise, with as many columns as there are features."""
    noise = np.random.default_rng(2).normal(size=(5000, featuriser.width))
    labels = (noise[:, 0] + noise[:, -1] > 0.5).astype(float)
    parameters = {"objective": "binary", "num_leaves": 31, "num_threads": 1, "verbose": -1}
    return str(lightgbm.train(parameters, lightgbm.Dataset(noise, labels), 100).model_to_string())


# Figures on data


def _installs() -> Iterator[tuple[str, str, str]]:
    data = read(
        "installs", [shared.path("data/clicks_to_installs/clicks.first70000.csv.gz")], Target("conversion_after_click")
    )
    learned, test = data.slice(0, 49_000), data.slice(49_000, len(data))
    found = _measured(learned, test)
    yield from _figures("clicks_to_installs", found, ">= 0.96", "")


def _clicks(name: str, files: tuple[str, ...], share: float) -> Iterator[tuple[str, str, str]]:
    data = read("ipinyou", [shared.path(f"data/{name}/{file}") for file in files], Target("click"))
    for fact, why in data.withheld.items():
        yield f"{name}: {fact} refused", why, ""
    if name == "ipinyou_impressions_2821":  # hours 18 to 20, then 21
        first = sum(facts["hour"] < 21 for facts in data.facts)  # type: ignore[operator]
    elif name == "ipinyou_ctr_2997":  # hours 16 to 18, then 19
        first = sum(facts["hour"] < 19 for facts in data.facts)  # type: ignore[operator]
    else:
        first = round(share * len(data))
    learned, test = data.slice(0, first), data.slice(first, len(data))
    plain, found = _plain(learned, test), _measured(learned, test)
    bar = ">= .661" if name == "ipinyou_impressions_2821" else ""
    yield from _figures(name, found, bar, f"< {plain.normalised_entropy:.3f}")
    yield f"{name}: plain LightGBM", _auc(plain), f"NE {plain.normalised_entropy:.3f}"


def _figures(name: str, found: Metrics, auc_bar: str, entropy_bar: str) -> Iterator[tuple[str, str, str]]:
    low, high = found.predicted_over_actual_interval or (nan, nan)
    yield f"{name}: AUC, {found.rows:,} rows, {found.positives} positives", _auc(found), auc_bar
    yield f"{name}: predicted over actual", f"{found.predicted_over_actual:.2f} [{low:.2f}, {high:.2f}]", "0.8-1.25"
    yield f"{name}: normalised entropy", f"{found.normalised_entropy:.3f}", entropy_bar


def _auc(found: Metrics) -> str:
    low, high = found.auc_interval or (nan, nan)
    return f"{found.auc:.3f} [{low:.3f}, {high:.3f}]"


def _measured(learned: Dataset, test: Dataset) -> Metrics:
    """As `model train --train-rows N` measures: labels as known when the last row of training came."""
    task = Task("bench", "click", read_recipe(learned.form), learned, test, int(learned.at_ms[-1]))
    version = train(task, LINEAGE, lambda *_: None)
    model = build("bench:1", version.manifest, version.files[MODEL].decode())
    return measure(Outcomes(model.of_rows(test.facts), test.labels, test.weights))


def _plain(learned: Dataset, test: Dataset) -> Metrics:
    """LightGBM as it comes, 100 trees on raw columns: categories as they are, numbers as they are, no tags."""
    names = {f"{name}_category" for name in PLAIN_FEATURES}
    features: dict[str, Feature] = {
        name: msgspec.structs.replace(_category(name), min_rows=1, max_values=1 << 20) for name in sorted(names)
    }
    features |= {name: CATALOGUE[name] for name in ("bidfloor", "height", "hour", "width")}
    featuriser = Featuriser(fit(features, learned))
    categories = [place for place, name in enumerate(featuriser.names) if name in names]
    rows_ = lightgbm.Dataset(featuriser.matrix(learned.facts), learned.labels, categorical_feature=categories)
    booster = lightgbm.train({"objective": "binary", "num_threads": 1, "verbose": -1}, rows_, 100)
    found = np.asarray(booster.predict(featuriser.matrix(test.facts), num_threads=1))
    return measure(Outcomes(found, test.labels, test.weights))


def _category(name: str) -> Category:
    feature = CATALOGUE[name]
    assert isinstance(feature, Category)
    return feature
