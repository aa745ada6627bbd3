"""Drift is found where values have moved, named by feature and source, and not where chance explains it."""

from collections.abc import Iterable, Mapping

import numpy as np
import pytest

from models.drift import LEAST_ROWS, Drift, Watch
from models.facts import Fact
from models.features import CATALOGUE, Featuriser, Fitted
from models.sketch import sketches
from tests.models.build import facts

TAGS = ("top", "side", "foot")


def rows(count: int, seed: int, exchange: str = "plain", **changes: Fact) -> list[dict[str, Fact]]:
    """Rows with a floor around 1 and one of three placements."""
    chance = np.random.default_rng(seed)
    return [
        facts(exchange=exchange, bidfloor=float(floor), tagid=TAGS[tag]) | changes
        for floor, tag in zip(chance.gamma(4, 0.25, count), chance.integers(3, size=count), strict=True)
    ]


FEATURISER = Featuriser(
    [
        Fitted("bidfloor", CATALOGUE["bidfloor"]),
        Fitted("exchange_category", CATALOGUE["exchange_category"], vocabulary=(("plain",), ("strange",))),
        Fitted("tagid_category", CATALOGUE["tagid_category"], vocabulary=tuple((tag,) for tag in TAGS)),
    ]
)


def watch(trained: list[dict[str, Fact]]) -> Watch:
    return Watch(FEATURISER, sketches(FEATURISER.names, FEATURISER.matrix(trained)), trained)


def alarms(watching: Watch, seen: Iterable[Mapping[str, Fact]]) -> dict[tuple[str, str], Drift]:
    for each in seen:
        watching.see(str(each["exchange"]), each)
    return {(each.feature, each.source): each for each in watching.drifts() if each.alarm}


TRAINED = rows(1500, seed=1) + rows(500, seed=2, exchange="strange")


@pytest.mark.parametrize("seed", range(10, 20))
def test_more_of_the_same_is_no_alarm_however_small_the_sample(seed: int) -> None:
    assert alarms(watch(TRAINED), rows(LEAST_ROWS, seed) + rows(400, seed, exchange="strange")) == {}


def test_the_feature_and_the_exchange_that_changed_are_named_and_no_other() -> None:
    changed = [each | {"bidfloor": float(each["bidfloor"] or 0) * 3} for each in rows(500, 3, exchange="strange")]
    found = alarms(watch(TRAINED), rows(500, seed=4) + changed)
    assert list(found) == [("bidfloor", "strange")]
    assert found["bidfloor", "strange"].psi > 1


def test_a_fact_that_is_no_longer_sent_is_an_alarm() -> None:
    assert list(alarms(watch(TRAINED), rows(500, 5, bidfloor=None))) == [("bidfloor", "plain")]


def test_values_that_training_did_not_see_are_counted() -> None:
    new = rows(300, seed=6) + rows(100, seed=7, tagid="sticky")
    found = alarms(watch(TRAINED), new)["tagid_category", "plain"]
    assert (found.unseen, found.unseen_trained, found.rows) == (0.25, 0.0, 400)


def test_an_exchange_that_training_did_not_know_is_compared_with_all_rows() -> None:
    assert ("exchange_category", "new") in alarms(watch(TRAINED), rows(300, seed=8, exchange="new"))


def test_too_few_rows_tell_nothing() -> None:
    assert alarms(watch(TRAINED), rows(LEAST_ROWS - 1, seed=9, bidfloor=99.0)) == {}
