"""What holds for every configuration and every request."""

import json
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, event, given, settings

from bidder.auction import arrange
from bidder.auction.decision import Decision
from bidder.config.schema import Campaign, Creative, Pacing
from bidder.domain.reason import Reason
from bidder.events import schema as events
from bidder.explain import explain
from openrtb import decode_response, validate_response
from openrtb.request import BidRequest
from tests.auction import builders, oracle
from tests.auction.builders import NAME, NOW, furthest
from tests.auction.scenarios import RATES, Scenario, scenarios

Check = Callable[[Scenario], None]
Test = Callable[[int], None]


QUIET = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
)


def holds(fast: int, slow: int, most: int = 60) -> Callable[[Check], Test]:
    """Tries a check on `fast` scenarios of up to `most` campaigns, and on `slow` ones in the slow suite."""

    def decorate(check: Check) -> Test:
        @pytest.mark.parametrize("count", [fast, pytest.param(slow, marks=pytest.mark.slow)])
        def test(count: int) -> None:
            given(scenarios(most))(settings(QUIET, max_examples=count)(check))()

        return test

    return decorate


def answered(scenario: Scenario, rate: str = "0") -> tuple[Any, dict[str, Any]]:
    """The answer, and its body as JSON."""
    brain, _ = scenario.brain(rate)
    answer = brain.answer(NAME, scenario.body, NOW, NOW)
    return answer, json.loads(answer.body) if answer.body else {}


def creatives_of(scenario: Scenario) -> dict[str, Creative]:
    return {f"{each.id}:{ad.id}": ad for each in scenario.campaigns for ad in each.creatives}


def campaign_of(scenario: Scenario, bid: dict[str, Any]) -> Campaign:
    return next(each for each in scenario.campaigns if each.id == bid["cid"])


def imp_of(scenario: Scenario, bid: dict[str, Any]) -> dict[str, Any]:
    return next(each for each in scenario.request["imp"] if each["id"] == bid["impid"])


def essence(decision: Decision) -> list[tuple[object, ...]]:
    """What makes up the bids of a decision."""
    return [
        (
            bid.imp.id,
            bid.offer.candidate.line.id,
            bid.offer.candidate.creative.id,
            bid.offer.candidate.deal.id if bid.offer.candidate.deal is not None else None,
            bid.offer.candidate.slot.format,
            bid.offer.price_micros,
            bid.offer.wire_micros,
        )
        for bid in decision.bids
    ]


@holds(fast=60, slow=5_000)
def test_a_bid_is_not_below_the_floor_and_not_above_what_the_campaign_pays(scenario: Scenario) -> None:
    _, response = answered(scenario)
    for bid in oracle.bids_of(response):
        campaign = campaign_of(scenario, bid)
        price = Fraction(str(bid["price"])) * Fraction(RATES[response.get("cur", "USD")])
        floor = oracle.floor_of(imp_of(scenario, bid), bid, creatives_of(scenario)[bid["crid"]])
        assert floor is not None, "a bid where the currency of the floor has no rate"
        assert floor <= price <= Fraction(campaign.max_cpm)
        if campaign.goal.type == "cpm":
            assert price <= Fraction(campaign.goal.amount) * (1 - Fraction(campaign.margin))
        event("a floor above zero" if floor else "no floor")


@holds(fast=60, slow=5_000)
def test_nothing_that_is_blocked_is_bid(scenario: Scenario) -> None:
    _, response = answered(scenario)
    assert list(oracle.blocked(scenario.request, response, creatives_of(scenario))) == []
    event(f"{len(oracle.bids_of(response))} bids")


@holds(fast=60, slow=5_000)
def test_a_bid_is_only_made_where_the_campaign_wants_to_run(scenario: Scenario) -> None:
    _, response = answered(scenario)
    for bid in oracle.bids_of(response):
        campaign = campaign_of(scenario, bid)
        assert list(oracle.unwanted(campaign, scenario.request, imp_of(scenario, bid))) == []
        assert campaign.enabled
        assert campaign.flight.end.year > 2026
        assert not campaign.include.deal or bid["dealid"] in campaign.include.deal
    times = Counter(bid["cid"] for bid in oracle.bids_of(response))
    assert all(count == 1 for name, count in times.items() if not campaign_of(scenario, {"cid": name}).several_imps)


@holds(fast=60, slow=3_000)
def test_stopping_early_finds_what_trying_everything_finds(scenario: Scenario) -> None:
    quick, full = scenario.engine("0"), scenario.engine("1")
    request = scenario.decoded
    assert essence(quick.bid(request, NAME, NOW, NOW)) == essence(full.bid(request, NAME, NOW, NOW))


@holds(fast=60, slow=3_000)
def test_many_small_blocks_find_what_one_block_finds(scenario: Scenario) -> None:
    request = scenario.decoded
    whole = [scenario.engine(rate).bid(request, NAME, NOW, NOW) for rate in ("0", "1")]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(arrange, "BLOCK", 3)
        engines = [scenario.engine(rate) for rate in ("0", "1")]
    assert len(engines[0].snapshot.blocks) == -(-len(scenario.campaigns) // 3)
    split = [engine.bid(request, NAME, NOW, NOW) for engine in engines]
    assert essence(split[0]) == essence(split[1]) == essence(whole[0]) == essence(whole[1])
    assert whole[1].funnel is not None
    assert split[1].funnel is not None
    assert builders.reasons(split[1].funnel) == builders.reasons(whole[1].funnel)


@holds(fast=60, slow=3_000, most=25)
def test_bitsets_and_one_line_readings_agree_on_the_reason_of_every_campaign(scenario: Scenario) -> None:
    engine, request = scenario.engine("1"), scenario.decoded
    funnel = engine.bid(request, NAME, NOW, NOW).funnel
    assert funnel is not None
    explanation = explain(engine, request, NAME, NOW)
    counted = {name: reason.label for name, reason in builders.reasons(funnel).items()}
    if explanation.screened != Reason.BID.label:
        assert set(counted.values()) <= {explanation.screened, Reason.TOO_LATE.label}
        return
    if Reason.TOO_LATE.label in counted.values():
        return
    outcomes: dict[str, list[str]] = {name: [] for name in counted}
    for report in explanation.lines:
        outcomes[report.campaign].append(report.outcome)
    assert {name: furthest(each) for name, each in outcomes.items()} == counted


@holds(fast=60, slow=3_000, most=25)
def test_explaining_names_the_winners_of_the_engine(scenario: Scenario) -> None:
    engine, request = scenario.engine(), scenario.decoded
    decision = engine.bid(request, NAME, NOW, NOW)
    explanation = explain(engine, request, NAME, NOW)
    if decision.reason is not Reason.TOO_LATE:
        made = [(bid.imp.id, bid.offer.candidate.line.id) for bid in decision.bids]
        assert [(imp, name) for imp, names in explanation.bids.items() for name in names] == made
    assert msgspec.json.decode(msgspec.json.encode(explanation))["request"] == request.id


@holds(fast=60, slow=3_000)
def test_every_campaign_ends_in_exactly_one_reason(scenario: Scenario) -> None:
    brain, recorded = scenario.brain("1")
    brain.answer(NAME, scenario.body, NOW, NOW)
    (funnel,) = [each for each in recorded if isinstance(each, events.Funnel)]
    assert sum(funnel.counts.values()) == funnel.campaigns == len(scenario.campaigns)
    codes = memoryview(funnel.terminal).cast("H")
    assert Counter(codes) == Counter({code: count for code, count in funnel.counts.items() if count})
    sent = {each.campaign for each in recorded if isinstance(each, events.Bid)}
    assert funnel.counts.get(Reason.BID, 0) == len(sent)


@holds(fast=60, slow=2_000)
def test_a_replay_gives_the_same_bytes_and_the_same_records(scenario: Scenario) -> None:
    first, second = scenario.brain("0.5"), scenario.brain("0.5")
    answers = [brain.answer(NAME, scenario.body, NOW, NOW) for brain, _ in (first, second)]
    assert answers[0] == answers[1]
    assert msgspec.msgpack.encode(first[1]) == msgspec.msgpack.encode(second[1])


@holds(fast=60, slow=3_000)
def test_the_full_evaluation_does_not_change_the_answer(scenario: Scenario) -> None:
    assert answered(scenario, "0")[0] == answered(scenario, "1")[0]


@holds(fast=60, slow=5_000)
def test_a_strict_exchange_accepts_every_answer(scenario: Scenario) -> None:
    answer, _ = answered(scenario)
    assert answer.status in {200, 204}
    if answer.status == 200:
        rates = {name: int(rate * 10**6) for name, rate in RATES.items()}
        limit = scenario.exchange.max_response_bytes
        findings = validate_response(decode_response(answer.body), scenario.decoded, rates=rates)
        assert [str(each) for each in findings if each.severity == "error"] == []
        assert limit is None or len(answer.body) <= limit


@holds(fast=60, slow=2_000)
def test_what_is_spent_is_what_was_sent_and_never_more_than_was_granted(scenario: Scenario) -> None:
    brain, recorded = scenario.brain()
    purse = brain.engine.purse
    assert isinstance(purse, builders.Grants)
    for number in range(3):
        body = msgspec.json.encode({**scenario.request, "id": f"r{number}"})
        brain.answer(NAME, body, NOW, NOW)
    spent: Counter[str] = Counter()
    for each in recorded:
        spent[each.campaign] += 0 if each.test else each.price_micros
    assert purse.spent == spent
    assert all(spent[name] <= granted for name, granted in scenario.granted.items())
    if scenario.request.get("test"):
        assert not purse.spent.total()


@pytest.mark.parametrize("rate", ["0", "0.01", "0.25", "1"])
def test_the_share_of_requests_evaluated_in_full_is_the_one_configured(rate: str) -> None:
    engine = builders.engine(builders.campaign(), rate=rate)
    count = 20_000
    full = sum(engine.evaluates_in_full(BidRequest(id=f"{number:x}-{number * 7}")) for number in range(count))
    expected = count * float(rate)
    assert abs(full - expected) <= 4 * (expected * (1 - float(rate))) ** 0.5


def test_the_sample_that_is_evaluated_in_full_tells_the_throttle_of_all_requests() -> None:
    """Drawing the sample and drawing the throttle are independent, so that the sample is unbiased."""
    half = builders.campaign(pacing=Pacing(throttle=Decimal("0.5")))
    engine = builders.engine(half, rate="0.25")
    decisions = [engine.bid(builders.request(id=f"{number:x}"), NAME, NOW, NOW) for number in range(4_000)]
    sampled = [each for each in decisions if each.funnel is not None]
    bids = sum(bool(each.bids) for each in sampled)
    assert abs(bids / len(sampled) - 0.5) < 0.07
    assert abs(sum(bool(each.bids) for each in decisions) / len(decisions) - 0.5) < 0.04
