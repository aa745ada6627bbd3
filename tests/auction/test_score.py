"""What models say, as the auction counts it: integers, cut to the ceiling, from one predictor a request."""

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from math import nan
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bidder.auction.choice import Hurry, Shared, Trial
from bidder.auction.score import PPB, Estimate, FixedPredictor, ModelPredictor
from bidder.config.schema import Goal, Prediction
from models.facts import Facts
from tests.auction.builders import NAME, NOW, body, brain, campaign, decide, engine, imp, request

CLICK = Goal(type="cpc", amount=Decimal(1))
FIXED = FixedPredictor(Prediction())


class Said:
    """A model that says what it is told to, and remembers what it was asked."""

    outcome = "click"

    def __init__(self, *probabilities: float, ceiling: float = 0.5, name: str = "ctr:1") -> None:
        self.name, self.ceiling = name, ceiling
        self.asked: list[tuple[Facts, Sequence[Facts]]] = []
        self._probabilities = probabilities

    def probabilities(self, facts: Facts, candidates: Sequence[Facts]) -> list[float]:
        self.asked.append((facts, candidates))
        return [self._probabilities[place % len(self._probabilities)] for place in range(len(candidates))]

    def of_rows(self, rows: Sequence[Facts]) -> Any:
        raise NotImplementedError


def clicks(*probabilities: float, **options: Any) -> ModelPredictor:
    """A predictor with a model of clicks alone."""
    return ModelPredictor({"cpc": Estimate(Said(*probabilities, **options))}, FIXED)


def test_a_model_prices_the_goal_that_it_predicts() -> None:
    line = campaign(goal=CLICK, max_cpm=Decimal(1000))
    (bid,) = decide(request(), line, predictor=clicks(0.0025)).bids
    assert bid.offer.probability_ppb == 2_500_000
    assert bid.offer.price_micros == 2500


def test_goals_without_a_model_keep_their_fixed_probability() -> None:
    action = campaign(goal=Goal(type="cpa", amount=Decimal(20)), max_cpm=Decimal(1000))
    (bid,) = decide(request(), action, predictor=clicks(0.0025)).bids
    assert bid.offer.probability_ppb == Prediction().conversion * PPB


def test_a_model_is_asked_with_the_facts_that_the_bid_records() -> None:
    said = Said(0.01)
    predictor = ModelPredictor({"cpc": Estimate(said)}, FIXED)
    deciding, recorded = brain(campaign(goal=CLICK), predictor=predictor)
    assert deciding.answer(NAME, msgspec.json.encode(body()), NOW, NOW).status == 200
    ((facts, (candidate,)),) = said.asked
    assert recorded[0].facts == {**facts, **candidate}
    assert (recorded[0].model, recorded[0].probability) == ("ctr:1", 0.01)


def test_the_request_facts_of_an_imp_are_one_mapping_for_all_its_batches_and_another_for_each_imp() -> None:
    said = Said(0.001)
    predictor = ModelPredictor({"cpc": Estimate(said)}, FIXED)
    lines = [campaign(id=f"c{number}", goal=CLICK, several_imps=True) for number in range(8)]
    engine(*lines, predictor=predictor).bid(request(imp=[imp(), imp(id="2")]), NAME, NOW, NOW)
    assert len(said.asked) > 2
    assert len({id(facts) for facts, _ in said.asked}) == 2


@pytest.mark.parametrize(("said", "counted"), [(0.7, PPB // 2), (0.5, PPB // 2), (nan, 0), (-0.1, 0)])
def test_what_no_probability_is_counts_as_none_and_what_exceeds_the_ceiling_as_the_ceiling(
    said: float, counted: int
) -> None:
    assert Estimate(Said(said, ceiling=0.5)).probabilities({}, [{}]) == [counted]


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12), st.floats(1e-6, 1))
def test_stopping_early_finds_what_looking_at_everything_finds_whatever_a_model_says(
    said: list[float], ceiling: float
) -> None:
    lines = [
        campaign(id=f"c{number}", goal=Goal(type="cpc", amount=Decimal(number + 1)), max_cpm=Decimal(10**6))
        for number in range(12)
    ]
    deciding = engine(*lines, predictor=Uneven(said, ceiling), rate="1")
    funnel = deciding.bid(request(), NAME, NOW, NOW).funnel
    assert funnel is not None
    assert funnel.disagreements == 0


def test_a_trial_gets_its_share_of_users_and_a_user_stays_with_it() -> None:
    champion, canary = clicks(0.1), clicks(0.2, name="ctr:2")
    choice = Shared([champion, canary], [Trial(12345, PPB // 10)], None)
    arms = {user: of_user(choice, user) for user in range(4000)}
    assert 300 < Counter(arms.values())[canary] < 500
    assert all(of_user(choice, user, id="another") is arm for user, arm in arms.items())


def test_where_the_person_may_not_be_known_the_request_decides() -> None:
    champion, canary = clicks(0.1), clicks(0.2, name="ctr:2")
    choice = Shared([champion, canary], [Trial(12345, PPB // 2)], None)
    found = {choice.of(request(id=str(number), user={"id": "u"}), 1.0, personal=False) for number in range(50)}
    assert found == {champion, canary}


def test_two_trials_divide_the_users_independently() -> None:
    predictors = [clicks(0.1 * (place + 1)) for place in range(4)]
    choice = Shared(predictors, [Trial(1, PPB // 2), Trial(2**31 + 77, PPB // 2)], None)
    shares = Counter(of_user(choice, user) for user in range(4000))
    assert all(800 < shares[each] < 1200 for each in predictors)


def test_the_ceiling_is_that_of_whatever_may_answer() -> None:
    champion, canary, quick = (clicks(0.1, ceiling=most) for most in (0.1, 0.2, 0.3))
    assert Shared([champion, canary], [Trial(1, 0)], None).ceiling(CLICK) == 200_000_000
    assert Shared([champion], [], Hurry(0.01, quick)).ceiling(CLICK) == 300_000_000


def test_a_request_with_little_time_left_gets_the_quick_predictor() -> None:
    champion, quick = clicks(0.1), clicks(0.2)
    choice = Shared([champion], [], Hurry(0.010, quick))
    assert choice.of(request(), 0.0099, personal=True) is quick
    assert choice.of(request(), 0.0100, personal=True) is champion


class Uneven(ModelPredictor):
    """Says something else for each campaign."""

    def __init__(self, said: list[float], ceiling: float) -> None:
        super().__init__({"cpc": Estimate(ByCampaign(said, ceiling))}, FIXED)


class ByCampaign(Said):
    def __init__(self, said: list[float], ceiling: float) -> None:
        super().__init__(ceiling=ceiling)
        self._said = said

    def probabilities(self, facts: Facts, candidates: Sequence[Facts]) -> list[float]:  # noqa: ARG002
        return [self._said[int(str(each["campaign"])[1:]) % len(self._said)] for each in candidates]


def of_user(choice: Shared, user: int, **changes: Any) -> Any:
    return choice.of(request(**{"user": {"id": f"user-{user}"}, **changes}), 1.0, personal=True)
