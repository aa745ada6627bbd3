"""On which rows a live model is watched: those that training has of its outcome."""

from pathlib import Path

import pytest

from bidder.events.schema import Facts
from bidder.processes.appraisal import Aftermath, Shown
from bidder.processes.lineup import Version
from bidder.processes.stage import Scored
from models.drift import LEAST_ROWS
from models.manifest import Outcome
from tests.models.build import stored, trained, world

ELSEWHERE: Facts = {"exchange": "new", "tagid": "nowhere", "os": "none", "hour": 3}


def scored(tmp_path: Path, outcome: Outcome) -> Scored:
    store = stored(tmp_path / "store", trained(world()[0].slice(0, 1500), outcome=outcome))
    return Scored(outcome, Version("ctr", "1", str(store.directory("ctr", "1")), ""))


def rows(goal: str, count: int = LEAST_ROWS) -> list[Shown]:
    return [Shown("new", goal, ELSEWHERE)] * count


@pytest.mark.parametrize(
    ("outcome", "shown", "clicked", "watched"),
    [
        ("click", rows("cpc"), [], True),
        ("click", rows("cpm"), [], True),
        ("click", [], rows("cpc"), False),
        ("conversion_after_click", [], rows("cpa"), True),
        ("conversion_after_click", [], rows("cpm"), True),
        ("conversion_after_click", rows("cpa"), [], False),
    ],
)
def test_drift_is_watched_on_impressions_and_for_conversions_after_clicks_on_clicks_whatever_their_goal(
    tmp_path: Path, outcome: Outcome, shown: list[Shown], clicked: list[Shown], watched: bool
) -> None:
    version = scored(tmp_path, outcome)
    version.take_in(Aftermath([], shown, {}, clicked))
    assert any(each.alarm for each in version.watch.drifts()) == watched


def test_a_model_is_held_to_the_outcomes_of_its_goals_and_one_of_conversions_after_clicks_to_none(
    tmp_path: Path,
) -> None:
    aftermath = Aftermath([], rows("cpc", 3) + rows("cpa", 5), {"cpc": 2, "cpa": 1}, rows("cpa", 1))
    clicks, conversions = scored(tmp_path / "a", "click"), scored(tmp_path / "b", "conversion_after_click")
    for each in (clicks, conversions):
        each.take_in(aftermath)
    assert (clicks.calibration.shown, clicks.calibration.outcomes) == (3, 2)
    assert clicks.calibration.expected > 0
    assert (conversions.calibration.shown, conversions.calibration.outcomes) == (0, 0)
