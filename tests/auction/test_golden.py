"""Every golden case below `golden/`: decided, answered and explained as it states.

`good/` is what happens every day, key by key; `awkward/` is where requests are odd, or where two rules meet.
"""

import json
from collections.abc import Iterable
from typing import Any

import pytest
from msgspec import structs

from bidder.config.schema import Exchange, Placement, Safety, Table, Targeting
from bidder.domain.reason import Reason
from bidder.explain import explain
from openrtb import decode_request, decode_response, validate_response
from tests.auction.builders import furthest
from tests.auction.golden_case import Case, Outcome, cases

GOOD, AWKWARD = list(cases("good")), list(cases("awkward"))
ALL = GOOD + AWKWARD


def each_of(found: Iterable[Case]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in found])


every_case = each_of(ALL)


@every_case
def test_a_case_is_decided_and_answered_as_it_states(case: Case) -> None:
    outcome = case.outcome()
    assert {name: outcome.reasons[name] for name in case.reasons} == case.reasons
    assert outcome.closure_error == 0
    assert by_imp(outcome) == case.bids
    assert outcome.answer.status == case.status
    response = json.loads(outcome.answer.body) if outcome.answer.body else {}
    check_response(case, response)


def by_imp(outcome: Outcome) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for each in outcome.bids:
        found.setdefault(each.imp_id, []).append(each.campaign)
    return found


def check_response(case: Case, response: dict[str, Any]) -> None:
    bids = [bid for seatbid in response.get("seatbid", ()) for bid in seatbid["bid"]]
    assert {bid["impid"] for bid in bids} == set(case.bids)
    assert_holds(response, case.get("response", {}))
    assert "seat" not in case.document or [each["seat"] for each in response["seatbid"]] == [case["seat"]]
    for bid in bids[:1]:
        assert_holds(bid, case.get("bid", {}))
        assert not bid.keys() & set(case.get("without", ()))
        assert all(text in bid["adm"] for text in case.get("markup", ())), bid["adm"]
        assert all(bid[name].startswith(url) for name, url in case.get("bid_urls", {}).items())
        assert all(text in bid[name] for name, texts in case.get("url_parts", {}).items() for text in texts)


def assert_holds(found: dict[str, Any], wanted: dict[str, Any]) -> None:
    """Numbers are compared as they are written."""
    assert {key: shown(found.get(key)) for key in wanted} == {key: shown(value) for key, value in wanted.items()}


def shown(value: Any) -> Any:
    return float(value) if not isinstance(value, str | list | dict | None) else value


@every_case
def test_a_case_gets_the_same_answer_without_the_full_evaluation(case: Case) -> None:
    assert case.answer("0") == case.answer("1")


@each_of(case for case in ALL if case.status == 200)
def test_the_answer_to_a_case_is_one_that_a_strict_exchange_accepts(case: Case) -> None:
    answer = case.outcome().answer
    findings = validate_response(decode_response(answer.body), decode_request(case.body), rates=case.prices)
    assert not [each for each in findings if each.rule.startswith("pod-")]
    assert {each.rule for each in findings if each.severity == "error"} == {*case.get("departs", ())}, findings


def is_decided_later(case: Case) -> bool:
    """Whether the clock or the length of the answer matter, which explaining does not look at."""
    return case.reasons.get("a") == Reason.TOO_LATE.label or "max_response_bytes" in case.get("exchange", {})


@each_of(case for case in ALL if case.status != 400 and not is_decided_later(case))
def test_the_explanation_of_a_case_gives_the_same_reasons_and_bids(case: Case) -> None:
    outcome = case.outcome()
    brain, _ = case.brain("1")
    explanation = explain(brain.engine, decode_request(case.body), case.exchange_name, case.now)
    if explanation.screened != Reason.BID.label:
        assert set(outcome.reasons.values()) == {explanation.screened}
        return
    assert explanation.bids == by_imp(outcome)
    assert {name: furthest(each.outcome for each in explanation.lines if each.campaign == name)
            for name in outcome.reasons} == outcome.reasons  # fmt: skip


KINDS = {
    "include, named", "include, another", "include, absent",
    "exclude, named", "exclude, another", "exclude, absent",
}  # fmt: skip
"""What every key of targeting is tried with: whom the campaign names, and what the request says."""

NEVER_ABSENT = {"exchange"}


@pytest.mark.parametrize("key", [field.name for field in structs.fields(Targeting)])
def test_every_targeting_key_has_a_case_of_every_kind(key: str) -> None:
    found = {case["name"] for case in GOOD if case.name.startswith(f"good/targeting/{key}: ")}
    impossible = {kind for kind in KINDS if kind.endswith("absent")} if key in NEVER_ABSENT else set()
    assert found >= KINDS - impossible


SETTINGS: dict[str, type[Table]] = {"exchange": Exchange, "placement": Placement, "safety": Safety}

TRIED_ELSEWHERE = {
    "exchange.gzip": "the transport's",
    "exchange.price": "how notices tell prices: the web port's",
    "exchange.fee": "owed beside the price, which it does not change: the ledger's",
    "exchange.auction": "changes what is recorded and not what is answered: test_brain",
}


@pytest.mark.parametrize("name", SETTINGS)
def test_every_setting_of_a_table_has_a_case(name: str) -> None:
    tried = {key for case in ALL for key in {**case.get("campaign", {}), **case.document}.get(name, {})}
    known = {field.name for field in structs.fields(SETTINGS[name])}
    assert known - tried == {each.split(".")[1] for each in TRIED_ELSEWHERE if each.startswith(f"{name}.")}


ELSEWHERE = {
    Reason.MALFORMED: "no request to evaluate: test_brain_abuse",
    Reason.SHEDDING_LOAD: "the bid port's",
    Reason.DRAINING: "the bid port's",
    Reason.NOT_EVALUATED: "of requests that are not evaluated in full",
    Reason.ALREADY_BIDDING: "who bids on another imp ends in a bid; explanations tell it by imp",
    Reason.CHILD_DIRECTED: "such requests end in no_personal_data",
}


def test_every_reason_that_a_campaign_can_end_in_has_a_case() -> None:
    reached = {Reason[label.upper()] for case in ALL for label in case.reasons.values()}
    assert set(Reason) - reached == set(ELSEWHERE)
