"""A sketch tells the same spread from another one, missing values included."""

from math import nan

import numpy as np
import pytest

from models.sketch import population_stability, sketch

CHANCE = np.random.default_rng(1)
NORMAL = CHANCE.normal(size=20_000)


def test_the_same_spread_has_an_index_near_zero() -> None:
    assert population_stability(sketch(NORMAL), CHANCE.normal(size=20_000)) < 0.005


@pytest.mark.parametrize("other", [NORMAL + 1, NORMAL * 3, np.where(NORMAL > 0, nan, NORMAL), np.full(10, 9.0)])
def test_another_spread_has_a_large_one(other: np.ndarray) -> None:
    assert population_stability(sketch(NORMAL), other) > 0.25


def test_a_feature_of_two_values_is_told_by_their_shares() -> None:
    before, after = np.repeat([0.0, 1.0], [90, 10]), np.repeat([0.0, 1.0], [50, 50])
    assert population_stability(sketch(before), before) == pytest.approx(0.0, abs=1e-9)
    assert population_stability(sketch(before), after) > 0.25


def test_a_feature_that_was_always_missing_is_known_by_that() -> None:
    missing = np.full(10, nan)
    assert population_stability(sketch(missing), missing) == pytest.approx(0.0, abs=1e-9)
    assert population_stability(sketch(missing), NORMAL) > 0.25


def test_no_values_have_no_spread_to_compare() -> None:
    with pytest.raises(ValueError, match="at least one value"):
        population_stability(sketch(NORMAL), np.empty(0))
