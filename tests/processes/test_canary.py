"""When a canary has to go, and that it does."""

import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from random import Random

import msgspec
import pytest

from bidder.auction.score import Tally
from bidder.config.schema import Canary, Models
from bidder.processes.arms import Arm, Arms
from bidder.processes.canary import Side, breach
from bidder.processes.canary_guard import Guard
from bidder.processes.lineup import Lineup, Trial, Version
from models import pointers
from tests.processes.test_arms import NOW_MS, bid, billed, clicked

LIMITS = Canary()


def side(requests: int = 10_000, late: int = 0, **arm: float) -> Side:
    return Side(Tally(requests, late), Arm(**arm))  # type: ignore[arg-type]


def arm(wins: int, price: int) -> dict[str, float]:
    return {"wins": wins, "spend_micros": wins * price, "spend_squares": wins * price * price}


def cause(canary: Side, champion: Side, limits: Canary = LIMITS) -> str | None:
    found = breach(canary, champion, limits)
    return found.cause if found is not None else None


def test_a_canary_that_does_as_its_champion_does_stays() -> None:
    same = side(late=20, expected=100.0, outcomes=104, shown=4000, **arm(3000, 500))
    assert cause(same, same) is None
    assert cause(side(0), side(0)) is None


def test_answers_that_come_too_late_more_often_than_allowed_end_it() -> None:
    assert cause(side(1000, 60), side(19_000, 190)) == "late"
    assert cause(side(1000, 15), side(19_000, 190)) is None
    assert cause(side(20, 2), side(380, 0)) is None, "two of twenty may be chance"


def test_outcomes_far_from_what_was_predicted_end_it() -> None:
    champion = side(expected=1000.0, outcomes=1010)
    assert cause(side(expected=200.0, outcomes=50), champion) == "calibration"
    assert cause(side(expected=50.0, outcomes=200), champion) == "calibration"
    assert cause(side(expected=100.0, outcomes=60), champion) is None, "within the factor"
    assert cause(side(expected=4.0, outcomes=0), champion) is None, "too few to tell"


def test_a_canary_does_not_answer_for_what_hits_the_champion_as_well() -> None:
    assert cause(side(expected=200.0, outcomes=50), side(expected=2000.0, outcomes=500)) is None


def test_spending_far_more_a_request_than_the_champion_ends_it() -> None:
    champion = side(95_000, **arm(9500, 500))
    assert cause(side(5000, **arm(500, 1200)), champion) == "spend"
    assert cause(side(5000, **arm(500, 600)), champion) is None
    assert cause(side(50, **arm(10, 5000)), champion) is None, "too few wins to tell"


def test_what_ends_it_is_a_setting() -> None:
    strict = Canary(calibration=Decimal("1.1"), spend=Decimal("1.01"))
    calm = side(expected=1000.0, outcomes=700)
    assert cause(calm, side(expected=1000.0, outcomes=1000)) is None
    assert cause(calm, side(expected=1000.0, outcomes=1000), strict) == "calibration"


@pytest.mark.parametrize("seed", range(5))
def test_chance_alone_does_not_end_a_canary_though_it_is_looked_at_thousands_of_times(seed: int) -> None:
    chance = Random(seed)
    ours, theirs = (Side(Tally(), Arm()) for _ in range(2))
    for _ in range(20_000):
        now = ours if chance.random() < 0.05 else theirs
        now.tally.requests += 1
        now.tally.late += chance.random() < 0.01
        if chance.random() < 0.2:
            price = int(chance.expovariate(1 / 500))
            now.arm.wins += 1
            now.arm.spend_micros += price
            now.arm.spend_squares += price * price
            now.arm.expected += 0.02
            now.arm.outcomes += chance.random() < 0.02
        assert breach(ours, theirs, LIMITS) is None


CHAMPION, TRIED = (Version("ctr", number, "", "") for number in ("1", "2"))
LINEUP = Lineup({"click": CHAMPION}, {"click": Trial(TRIED, 50_000_000)})


class Watched:
    """A guard over one canary, and what workers count."""

    def __init__(self, store: Path) -> None:
        (store / "ctr").mkdir()
        pointers.promote(store / "ctr", "1")
        pointers.point(store / "ctr", "canary", "2", 0.05)
        self.directory = store / "ctr"
        self.models = Models(store=str(store), click="ctr")
        self.arms = Arms()
        self.tallies: Mapping[str, Tally] = {"ctr:1": Tally(5000), "ctr:2": Tally(100, 90)}
        self.guard = Guard(self.arms, lambda: self.tallies, lambda: NOW_MS / 1000)
        self.look()

    def look(self, lineup: Lineup = LINEUP) -> None:
        self.guard.look(lineup, self.models)

    def outcomes(self, of: int) -> None:
        """Two hundred impressions of the canary for which a quarter of clicks was predicted, and what came."""
        numbers = range(200)
        self.arms.take_in(event for number in numbers for event in (bid(number, "ctr:2"), billed(number)))
        self.arms.take_in(clicked(number) for number in numbers[:of])


def test_a_canary_that_predicts_wrongly_loses_its_pointer_and_history_metric_and_api_say_why(tmp_path: Path) -> None:
    watched = Watched(tmp_path)
    watched.outcomes(of=2)
    watched.look()
    assert pointers.read_canary(watched.directory) is None
    change = json.loads((watched.directory / "history").read_text().splitlines()[-1])
    why = (
        "50.0 clicks or conversions were predicted of 200 impressions and 2 came; "
        "models.canary.calibration allows a factor of 2"
    )
    assert (change["before"], change["why"]) == ("2 5%", f"rolled back, calibration: {why}")
    assert watched.guard.rollbacks == {("ctr", "calibration"): 1}
    assert watched.guard.ended["ctr"].why == why
    watched.look()
    assert watched.guard.rollbacks.total() == 1


def test_what_was_counted_before_the_canary_began_is_not_held_against_it(tmp_path: Path) -> None:
    watched = Watched(tmp_path)
    watched.outcomes(of=50)
    watched.tallies = {"ctr:1": Tally(25_000), "ctr:2": Tally(1100, 90)}
    watched.look()
    assert watched.guard.side(TRIED).tally == Tally(1000, 0)
    assert pointers.read_canary(watched.directory) is not None


def test_a_comparison_begins_anew_with_another_champion(tmp_path: Path) -> None:
    watched = Watched(tmp_path)
    watched.outcomes(of=2)
    champions = {outcome: msgspec.structs.replace(each, version="4") for outcome, each in LINEUP.champions.items()}
    swapped = Lineup(champions, LINEUP.canaries)
    watched.look(swapped)
    assert watched.arms.arms == {}
    watched.look(swapped)
    assert pointers.read_canary(watched.directory) is not None


def test_a_canary_that_somebody_replaced_meanwhile_is_left_alone(tmp_path: Path) -> None:
    watched = Watched(tmp_path)
    watched.outcomes(of=2)
    pointers.point(watched.directory, "canary", "3", 0.05)
    watched.look()
    assert pointers.read(watched.directory, "canary") == "3"
