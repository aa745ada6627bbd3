"""Scores become probabilities that come true as often as they say."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from models.calibrate import Calibration, choose, isotonic, log_odds, logistic, logistics, platt, undo_downsampling

CHANCE = np.random.default_rng(3)
SCORES = CHANCE.normal(-3, 1.5, 20_000)


def outcomes(odds: np.ndarray) -> np.ndarray:
    return (np.random.default_rng(4).random(len(odds)) < logistics(odds)).astype(float)


ONES = np.ones(len(SCORES))
PLATT = platt(SCORES, outcomes(0.5 * SCORES + 1), ONES)
ISOTONIC = isotonic(SCORES, outcomes(np.minimum(SCORES, -3.0)), ONES)


def test_platt_finds_the_line_that_made_the_outcomes() -> None:
    assert PLATT.slope == pytest.approx(0.5, abs=0.03)
    assert PLATT.intercept == pytest.approx(1.0, abs=0.1)


def test_platt_moves_little_where_there_are_few_positives() -> None:
    few = platt(np.array([-3.0, -3.0, -2.0]), np.array([0.0, 0.0, 1.0]), np.ones(3))
    assert few.slope == pytest.approx(1.0, abs=0.15)


def test_isotonic_rises_and_follows_the_outcomes() -> None:
    knots = ISOTONIC.knots
    assert all(low[0] < high[0] and low[1] < high[1] for low, high in pairwise(knots))
    found = ISOTONIC.probabilities(np.array([-4.0, -2.0, -1.0]))
    np.testing.assert_allclose(found, logistics(np.array([-4.0, -3.0, -3.0])), rtol=0.3)


@given(
    st.lists(st.tuples(st.floats(-20, 20), st.booleans(), st.floats(0.1, 10)), min_size=1, max_size=40),
    st.floats(-30, 30),
)
@example([(-1.0, False, 1.0), (0.0, True, 1.0), (1e-116, False, 2.0)], 0.0)
def test_isotonic_never_falls_whatever_the_rows(rows: list[tuple[float, bool, float]], score: float) -> None:
    scores, labels, weights = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    calibration = isotonic(scores, labels, weights)
    apply = calibration.function()
    low, high = calibration.probabilities(np.array([score, score + 1]))
    assert 0 < apply(score) <= apply(score + 1) < 1
    assert 0 < low <= high < 1


@pytest.mark.parametrize("calibration", [Calibration(), PLATT, ISOTONIC], ids=["none", "platt", "isotonic"])
def test_one_score_and_many_give_the_same_probability(calibration: Calibration) -> None:
    scores = np.linspace(-40, 40, 401)
    single = list(map(calibration.function(), scores.tolist()))
    np.testing.assert_allclose(single, calibration.probabilities(scores), rtol=0, atol=1e-14)


def test_the_method_that_predicts_later_rows_best_is_chosen() -> None:
    tilted = choose(SCORES, outcomes(0.5 * SCORES + 1), ONES, ("none", "platt"))
    bent = choose(SCORES, outcomes(np.minimum(SCORES, -3.0)), ONES, ("none", "platt", "isotonic"))
    assert (tilted.method, bent.method) == ("platt", "isotonic")


def test_scores_that_are_right_are_left_alone_where_nothing_else_may_be_chosen() -> None:
    assert choose(SCORES, outcomes(SCORES), ONES, ("none",)) == Calibration()


def test_no_method_is_tried_without_positives_to_judge_it_by() -> None:
    assert choose(SCORES, np.zeros(len(SCORES)), ONES, ("none", "platt")).method == "none"


@given(st.floats(1e-6, 1 - 1e-6), st.floats(0.001, 1))
def test_the_correction_for_downsampling_is_the_probability_among_all_rows(p: float, kept: float) -> None:
    sampled = p / (p + (1 - p) * kept)
    assert undo_downsampling(sampled, kept) == pytest.approx(p, rel=1e-9)
    assert logistic(log_odds(sampled) + np.log(kept)) == pytest.approx(p, rel=1e-6)


@given(st.floats(-700, 700))
def test_the_logistic_function_is_finite_everywhere(odds: float) -> None:
    assert 0 <= logistic(odds) <= 1
    assert logistic(odds) + logistic(-odds) == pytest.approx(1)
