"""The figures are those of their definitions."""

from itertools import product
from math import log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.metrics import Outcomes, auc, auc_interval, calibration_bins, log_loss, measure, normalised_entropy


def outcomes(*rows: tuple[float, float], weights: list[float] | None = None) -> Outcomes:
    probabilities, labels = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    return Outcomes(probabilities, labels, np.ones(len(rows)) if weights is None else np.array(weights))


@given(st.lists(st.tuples(st.sampled_from([0.1, 0.2, 0.3, 0.4]), st.sampled_from([0.0, 1.0])), min_size=2))
def test_auc_is_the_share_of_pairs_in_the_right_order(rows: list[tuple[float, float]]) -> None:
    positives = [p for p, label in rows if label]
    negatives = [p for p, label in rows if not label]
    pairs = [(up > down) + (up == down) / 2 for up, down in product(positives, negatives)]
    found = auc(outcomes(*rows))
    assert found == (pytest.approx(sum(pairs) / len(pairs)) if pairs else None)


def test_a_row_that_stands_for_two_counts_twice() -> None:
    once = [(0.1, 0.0), (0.2, 1.0), (0.3, 0.0)]
    doubled = outcomes(*once, weights=[1, 1, 2])
    assert auc(doubled) == auc(outcomes(*once, once[2]))
    assert log_loss(doubled) == pytest.approx(log_loss(outcomes(*once, once[2])))


def test_always_saying_the_rate_has_normalised_entropy_one() -> None:
    assert normalised_entropy(outcomes((0.25, 1.0), (0.25, 0.0), (0.25, 0.0), (0.25, 0.0))) == pytest.approx(1.0)


def test_log_loss_is_the_mean_surprise() -> None:
    assert log_loss(outcomes((0.5, 1.0), (0.25, 0.0))) == pytest.approx(-(log(0.5) + log(0.75)) / 2)


def test_certainty_that_was_wrong_costs_much_but_not_everything() -> None:
    assert 20 < log_loss(outcomes((0.0, 1.0))) < 21


def test_figures_of_rows_without_positives_are_absent_not_wrong() -> None:
    found = measure(outcomes((0.1, 0.0), (0.2, 0.0)))
    assert (found.auc, found.auc_interval, found.normalised_entropy, found.predicted_over_actual) == (None,) * 4


def test_the_interval_of_a_ratio_is_that_of_its_poisson_count() -> None:
    found = measure(outcomes(*[(0.1, 1.0)] * 10, *[(0.1, 0.0)] * 90), resamples=0)
    assert found.predicted_over_actual == pytest.approx(1.0)
    assert found.predicted_over_actual_interval == pytest.approx((10 / 18.390, 10 / 4.795), rel=1e-3)


def test_the_bootstrap_interval_holds_the_true_auc_about_as_often_as_it_says() -> None:
    chance = np.random.default_rng(2)
    hits = 0
    for seed in range(60):
        labels = np.repeat([1.0, 0.0], [40, 200])
        scores = chance.normal(labels, 1.0)
        low, high = auc_interval(Outcomes(scores, labels, np.ones(240)), 200, seed) or (1.0, 0.0)
        hits += low <= 0.760 <= high  # the AUC of two unit normals a standard deviation apart
    assert hits >= 52


def test_bins_hold_about_as_many_expected_positives_and_every_row_once() -> None:
    chance = np.random.default_rng(2)
    probabilities = chance.beta(1, 20, 5000)
    bins = calibration_bins(Outcomes(probabilities, (chance.random(5000) < probabilities) * 1.0, np.ones(5000)), 5)
    assert sum(rows for *_, rows in bins) == 5000
    expected = [mean * rows for mean, _, _, rows in bins]
    assert max(expected) / min(expected) < 1.1
    assert [mean for mean, *_ in bins] == sorted(mean for mean, *_ in bins)
