"""Dynamic pods: what always holds for the bids that share one."""

import json
from typing import Any

import pytest
from hypothesis import event, given, settings

from bidder.auction import arrange, pod
from bidder.auction.creative import Prepared
from bidder.auction.line import Line
from bidder.auction.offer import Candidate
from bidder.auction.pod import MOST_OFFERS
from bidder.auction.trace import Funnel
from bidder.domain.reason import Reason
from bidder.events import schema as events
from openrtb import decode_response, validate_response
from tests.auction import oracle
from tests.auction.builders import NAME, NOW, reasons
from tests.auction.scenarios import Scenario, pods, scenarios
from tests.auction.test_properties import QUIET, creatives_of, essence


def decided(scenario: Scenario) -> tuple[dict[str, Any], list[Any]]:
    """The answer as JSON, and what was recorded, where the request is evaluated in full."""
    brain, recorded = scenario.brain("1")
    answer = brain.answer(NAME, scenario.body, NOW, NOW)
    return json.loads(answer.body) if answer.status == 200 else {}, recorded


@pytest.fixture(params=[pod.MOST_OFFERS, 3], ids=["as it is", "from three offers"], autouse=True)
def most_offers(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """Offers that a pod is filled from; as many as there are, and few."""
    monkeypatch.setattr(pod, "MOST_OFFERS", request.param)
    return int(request.param)


tried = pytest.mark.parametrize("count", [60, pytest.param(3_000, marks=pytest.mark.slow)])


@tried
def test_stopping_early_fills_a_pod_with_what_trying_everything_does(count: int) -> None:
    @given(scenarios(60, pods()))
    @settings(QUIET, max_examples=count)
    def check(scenario: Scenario) -> None:
        engines = [scenario.engine(rate) for rate in ("0", "1")]
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(arrange, "BLOCK", 3)
            engines.append(scenario.engine("1"))
        quick, full, split = (each.bid(scenario.decoded, NAME, NOW, NOW) for each in engines)
        assert essence(quick) == essence(full) == essence(split)
        assert full.funnel is None or full.funnel.disagreements == full.funnel.closure_error == 0
        event(f"{len(quick.bids)} bids")

    check()


@tried
def test_a_strict_exchange_accepts_what_a_pod_is_filled_with(count: int) -> None:
    @given(scenarios(60, pods()))
    @settings(QUIET, max_examples=count)
    def check(scenario: Scenario) -> None:
        response, _ = decided(scenario)
        assert list(oracle.blocked(scenario.request, response, creatives_of(scenario))) == []
        if response.get("seatbid"):
            found = validate_response(decode_response(json.dumps(response)), scenario.decoded)
            assert [str(each) for each in found if each.severity == "error" or each.rule.startswith("pod-")] == []

    check()


@tried
def test_every_campaign_has_one_reason_and_its_money_on_a_pod(count: int) -> None:
    @given(scenarios(60, pods()))
    @settings(QUIET, max_examples=count)
    def check(scenario: Scenario) -> None:
        response, recorded = decided(scenario)
        bids = [each for each in recorded if isinstance(each, events.Bid)]
        funnel = next(each for each in recorded if isinstance(each, events.Funnel))
        assert sum(funnel.counts.values()) == len(scenario.campaigns)
        assert len({each.bid_id for each in bids}) == len(bids) == len(oracle.bids_of(response))
        spent = {each.campaign: 0 for each in bids}
        for each in bids:
            spent[each.campaign] += each.price_micros
        assert all(micros <= scenario.granted.get(name, micros) for name, micros in spent.items())

    check()


@tried
def test_nobody_could_be_added_to_a_pod(count: int, most_offers: int) -> None:
    """Who is outbid on the only pod is too long for what is left of it, or of those who are in it already."""
    if most_offers != MOST_OFFERS:
        pytest.skip("of a pod that is filled from few offers it need not be so")

    @given(scenarios(30, pods().filter(lambda request: len(request["imp"]) == 1)))
    @settings(QUIET, max_examples=count)
    def check(scenario: Scenario) -> None:
        decision = scenario.engine("1").bid(scenario.decoded, NAME, NOW, NOW)
        asked = scenario.request["imp"][0]["video"]
        made = [bid.offer.candidate for bid in decision.bids]
        most = min(asked.get("maxseq", 99), scenario.exchange.max_pod_bids)
        if decision.funnel is None or not 0 < len(made) < most or scenario.exchange.one_imp:
            return
        left = asked["poddur"] - sum(each.creative.duration_s or 0 for each in made)
        owners = {each.line.advertiser for each in made}
        for line in outbid(decision.funnel):
            ads = line.creatives["video"]
            apart = line.advertiser not in owners and not any(competes(ad, each) for ad in ads for each in made)
            assert not apart or max(ad.duration_s or 0 for ad in ads) > left

    check()


def outbid(funnel: Funnel) -> list[Line]:
    ends = reasons(funnel)
    return [line for line in funnel.snapshot.lines if ends[line.id] is Reason.OUTBID]


def competes(ad: Prepared, other: Candidate) -> bool:
    return bool(ad.domain_keys & set(other.creative.adomain) or other.creative.domain_keys & set(ad.adomain))
