"""What is remembered from request to request changes nothing but the time an answer takes."""

from itertools import repeat
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bidder.auction import respond, source
from bidder.auction.respond import Responder
from bidder.config.schema import Exchange, Targeting
from bidder.domain.links import LinkBuilder
from bidder.domain.ticket import Signer
from openrtb import decode_response
from tests.auction import builders, scenarios
from tests.auction.builders import NAME, NOW, PUBLIC_URL, Grants, body, brain, campaign, creative, engine, native, video
from tests.auction.scenarios import Scenario

REQUESTS = st.lists(scenarios.requests(), min_size=2, max_size=8)


def check_that_an_old_brain_answers_as_a_new_one(scenario: Scenario, requests: list[dict[str, Any]]) -> None:
    old, _ = scenario.brain("0", repeat(7))
    purse = old.engine.purse
    assert isinstance(purse, Grants)
    for request in requests:
        data = msgspec.json.encode(request)
        new, _ = scenario.brain("0", repeat(7))
        assert old.answer(NAME, data, NOW, NOW) == new.answer(NAME, data, NOW, NOW)
        purse.spent.clear()


@settings(max_examples=60, deadline=None, suppress_health_check=[*HealthCheck])
@given(scenarios.scenarios(), REQUESTS)
def test_a_brain_that_has_answered_others_answers_as_a_new_one(
    scenario: Scenario, requests: list[dict[str, Any]]
) -> None:
    check_that_an_old_brain_answers_as_a_new_one(scenario, requests)


@settings(max_examples=20, deadline=None, suppress_health_check=[*HealthCheck])
@given(scenarios.scenarios(), REQUESTS)
def test_so_does_one_that_can_remember_little(scenario: Scenario, requests: list[dict[str, Any]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(source, "MOST_ANSWERS", 2)
        patch.setattr(respond, "MOST_FORMS", 1)
        check_that_an_old_brain_answers_as_a_new_one(scenario, requests)


def places(deciding: Any, *domains: str) -> list[dict[Any, int]]:
    for number, domain in enumerate(domains):
        deciding.bid(builders.request(id=f"r{number}", site={"domain": domain}), NAME, NOW, NOW)
    return [len(answers) for block in deciding.snapshot.blocks for answers in block.answers]


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "MOST_ANSWERS", 3)
    picky = engine(campaign(include=Targeting(domain=("a.example",))))
    assert places(picky, "a.example", "b.example", "a.example") == [2]
    assert places(picky, *(f"{number}.example" for number in range(9))) <= [3]


def test_a_value_too_long_to_come_again_is_not_remembered() -> None:
    picky = engine(campaign(include=Targeting(domain=("a.example",))))
    assert places(picky, "x" * source.LONGEST_KEY, "a.example") == [1]


SLOTS = {
    "a banner": {"banner": {"format": [{"w": 300, "h": 250}]}},
    "a banner of any size": {"banner": {"format": [{"w": 970, "h": 250}]}},
    "a flexible banner": {"banner": {"format": [{"wratio": 6, "hratio": 5, "wmin": 200}]}},
    "VAST 3": {"video": {"mimes": ["video/mp4"], "protocols": [3]}},
    "VAST 4.2, with an id for each ad": {"video": {"mimes": ["video/mp4"], "protocols": [13]}},
    "native": {"native": {"request": '{"assets":[{"id":1,"required":1,"title":{"len":25}}]}'}},
}


@pytest.mark.parametrize("slot", SLOTS.values(), ids=SLOTS)
def test_the_markup_is_that_of_the_ticket_each_time(slot: dict[str, Any]) -> None:
    html = creative(id="html", size=None, image=None, html='<a href="{click}">ü</a><script>go("{click}")</script>')
    deciding = engine(campaign(creatives=(html, video(), native())))
    responder = Responder(Signer([b"k" * 16]), LinkBuilder(PUBLIC_URL))
    seen: set[str] = set()
    for number in range(3):
        request = builders.request(id=f"r{number}", imp=[{"id": "1", **slot}])
        answer, (sent,) = responder.respond(deciding.bid(request, NAME, NOW, NOW))
        seatbid = decode_response(answer).seatbid
        assert seatbid is not None
        assert seatbid[0].bid[0].adm == responder.markup(sent)
        seen.add(responder.markup(sent))
    assert len(seen) == 3


def test_each_exchange_gets_its_own_dialect_of_a_creative() -> None:
    first, _ = brain(campaign(), exchange=Exchange(send_mtype=True))
    second, _ = brain(campaign(), exchange=Exchange(send_mtype=False))
    answers = [each.answer(NAME, msgspec.json.encode(body()), NOW, NOW).body for each in (first, second)]
    assert [b'"mtype"' in each for each in answers] == [True, False]
