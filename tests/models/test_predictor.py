"""Serving is training's arithmetic, only faster."""

import gc
from math import nan
from pathlib import Path

import lightgbm
import numpy as np
import pytest

from models.booster import Booster, BoosterError
from models.calibrate import Calibration
from models.facts import FACTS, Facts
from models.features import Featuriser
from models.load import build
from models.predictor import Model, Product
from models.scorer import Constant, Rates, Trees
from models.train import Trained
from tests.models.build import facts, world

CHANCE = np.random.default_rng(1)
MATRIX = CHANCE.normal(size=(3000, 12))
MATRIX[CHANCE.random(MATRIX.shape) < 0.1] = nan
LABELS = (np.nansum(MATRIX[:, :3], axis=1) + CHANCE.normal(size=3000) > 1).astype(float)
REFERENCE = lightgbm.train(
    {"objective": "binary", "num_leaves": 31, "num_threads": 1, "verbose": -1}, lightgbm.Dataset(MATRIX, LABELS), 100
)
TEXT = REFERENCE.model_to_string()
EXPECTED = np.asarray(REFERENCE.predict(MATRIX, raw_score=True, num_threads=1))


def served(version: Trained) -> Model:
    return build("ctr:1", version.manifest, version.files["model.txt"].decode())


# LightGBM


def test_a_matrix_scores_as_lightgbm_says() -> None:
    np.testing.assert_allclose(Booster(TEXT).scores(MATRIX), EXPECTED, rtol=0, atol=1e-12)


def test_rows_one_by_one_score_as_lightgbm_says() -> None:
    booster = Booster(TEXT)
    scores = []
    for row in MATRIX[:200].tolist():
        booster.row[:] = row
        scores.append(booster.score())
    np.testing.assert_allclose(scores, EXPECTED[:200], rtol=0, atol=1e-12)


@pytest.mark.parametrize("request_width", [0, 5, 12])
def test_a_row_in_two_parts_scores_as_the_whole(request_width: int) -> None:
    trees = Trees(TEXT, request_width)
    trees.begin(MATRIX[0, :request_width].tolist())
    assert trees.score(MATRIX[0, request_width:].tolist()) == pytest.approx(EXPECTED[0], abs=1e-12)


def test_no_row_exceeds_the_highest_score() -> None:
    assert Booster(TEXT).highest >= EXPECTED.max()


def test_effects_and_gains_are_lightgbms() -> None:
    booster = Booster(TEXT)
    contributions = np.asarray(REFERENCE.predict(MATRIX[:50], pred_contrib=True, num_threads=1))
    np.testing.assert_allclose(booster.effects(MATRIX[:50]), contributions[:, :-1], atol=1e-12)
    np.testing.assert_allclose(booster.gains(), REFERENCE.feature_importance("gain"))


def test_no_rows_have_no_scores() -> None:
    assert Booster(TEXT).scores(np.empty((0, 12))).tolist() == []


@pytest.mark.parametrize("text", ["", "nonsense", TEXT[:200]])
def test_a_text_that_is_no_model_is_refused(text: str) -> None:
    with pytest.raises(BoosterError, match="LGBM_BoosterLoadModelFromString"):
        Booster(text)


def test_boosters_come_and_go_without_keeping_memory() -> None:
    """A leak of the model would show as hundreds of megabytes."""
    Booster(TEXT)
    before = _resident_bytes()
    for _ in range(200):
        Booster(TEXT)
    gc.collect()
    assert _resident_bytes() - before < 40 << 20


def _resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


# Models


def test_candidates_get_what_their_rows_get(version: Trained) -> None:
    model = served(version)
    data, _ = world(50)
    for row in data.facts:
        request = {name: fact for name, fact in row.items() if FACTS[name].scope == "request"}
        candidates: list[Facts] = [{"campaign": f"c-{number}"} for number in range(4)]
        apart = model.probabilities(request, candidates)
        together = model.of_rows([{**request, **candidate} for candidate in candidates])
        np.testing.assert_allclose(apart, together, rtol=0, atol=1e-12)


def test_probabilities_are_near_the_truth(version: Trained) -> None:
    data, truth = world()
    found = served(version).of_rows(data.facts)
    assert np.corrcoef(found, truth)[0, 1] > 0.9
    assert found.mean() == pytest.approx(truth.mean(), rel=0.15)


def test_candidates_with_the_same_row_are_scored_once(version: Trained) -> None:
    model = served(version)
    scored: list[tuple[float, ...]] = []
    score = model.scorer.score
    model.scorer.score = lambda row: (scored.append(tuple(row)), score(row))[1]  # type: ignore[method-assign]
    found = model.probabilities(facts(), [{"campaign": "c-1"}, {"campaign": "c-2"}, {"campaign": "c-1"}])
    assert found[0] == found[2] != found[1]
    assert len(scored) == 2


def test_no_candidates_have_no_probabilities(version: Trained) -> None:
    assert served(version).probabilities(facts(), []) == []


def test_no_probability_exceeds_the_ceiling(version: Trained) -> None:
    model = served(version)
    data, _ = world(500, seed=99)
    assert model.of_rows(data.facts).max() <= model.ceiling < 1


def test_a_falling_calibration_has_no_ceiling_but_one() -> None:
    falling = Model("m:1", "click", (Featuriser([]), Constant('{"probability":0.1}'), 0.0, Calibration("platt", -1.0)))
    assert falling.ceiling == 1.0


# Other kinds


def test_a_constant_says_the_same_of_everything() -> None:
    model = Model("m:1", "click", (Featuriser([]), Constant('{"probability":0.002}'), 0.0, Calibration()))
    assert model.probabilities(facts(), [{}, {"campaign": "c"}]) == pytest.approx([0.002, 0.002])


def test_what_was_never_seen_is_raised_by_the_bonus_and_what_is_known_is_not() -> None:
    rates = Rates('{"bonus":0.5,"half_rows":100}')
    found = 1 / (1 + np.exp(-rates.scores(np.array([[0.01, 0.0], [0.01, np.log1p(100)], [0.01, np.log1p(1e9)]]))))
    np.testing.assert_allclose(found, [0.015, 0.0125, 0.01], rtol=1e-6)


def test_a_product_multiplies_a_click_and_a_conversion_after_it() -> None:
    def constant(outcome: str, probability: float) -> Model:
        return Model("m:1", outcome, (Featuriser([]), Constant(f'{{"probability":{probability}}}'), 0.0, Calibration()))

    product = Product(constant("click", 0.1), constant("conversion_after_click", 0.2))
    assert product.probabilities(facts(), [{}]) == pytest.approx([0.02])
    assert product.of_rows([facts()]) == pytest.approx([0.02])
    assert product.ceiling == pytest.approx(0.02)
    with pytest.raises(ValueError, match="click and conversion_after_click, found click and click"):
        Product(constant("click", 0.1), constant("click", 0.2))
