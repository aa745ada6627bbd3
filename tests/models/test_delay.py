"""Outcomes still to come are allowed for, not taken for negatives."""

from dataclasses import replace

import msgspec
import numpy as np
import pytest

from models.delay import Delays, estimate
from models.load import build
from tests.models.build import MINUTE_MS, NOON_MS, QUICK, rows, trained, world


def test_delays_are_estimated_as_if_all_had_been_seen() -> None:
    """Half the delays are long; late rows show only the short ones, and a plain histogram would believe them."""
    chance = np.random.default_rng(5)
    delays = np.where(chance.random(6000) < 0.5, 10, 300) * MINUTE_MS
    data = rows([1.0] * 6000, minutes=(np.arange(6000) // 10).tolist())
    as_of_ms = int(data.at_ms[-1])
    known = replace(data, known_ms=data.at_ms + delays).known_at(as_of_ms)
    found = estimate(known, as_of_ms)
    seen = known.known_ms[known.labels > 0] - known.at_ms[known.labels > 0]
    assert found.share(np.array([10 * MINUTE_MS]))[0] == pytest.approx(0.5, abs=0.03)
    assert (seen <= 10 * MINUTE_MS).mean() > 0.6


def test_the_share_of_outcomes_rises_from_nothing_to_all() -> None:
    delays = Delays((10, 20), (0.4, 1.0))
    assert delays.share(np.array([0, 9, 10, 15, 20, 99])).tolist() == [0.0, 0.0, 0.4, 0.4, 1.0, 1.0]


def test_without_outcomes_nothing_is_allowed_for() -> None:
    data = rows([0.0, 0.0])
    assert estimate(data, NOON_MS).share(np.array([0, 1])).tolist() == [1.0, 1.0]


def test_probabilities_are_right_although_late_outcomes_are_missing_from_training() -> None:
    """A sixth of the outcomes has not come when training looks: without the correction that much is missing."""
    data, truth = world(12_000, delay_min=480)
    ratios = []
    for correction in (True, False):
        version = trained(data, msgspec.structs.replace(QUICK, delay_correction=correction, calibration=("none",)))
        model = build("ctr:1", version.manifest, version.files["model.txt"].decode())
        ratios.append(model.of_rows(data.facts).mean() / truth.mean())
    assert ratios[0] == pytest.approx(1.0, abs=0.08)
    assert ratios[1] < 0.9
