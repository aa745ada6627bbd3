"""The brain around the engine: what it answers, records and spends."""

import json
from collections.abc import Iterator
from itertools import count
from typing import Any

import msgspec
import pytest

from bidder.answer import Answer
from bidder.auction.respond import Responder
from bidder.brain import DecidingBrain, FunnelCounts
from bidder.config.schema import Campaign, Exchange, Pacing, Targeting
from bidder.domain.links import LinkBuilder
from bidder.domain.reason import Reason
from bidder.domain.ticket import Billable, Signer, Ticket, Use
from bidder.engine import Engine
from bidder.events import schema as events
from models.facts import FACTS
from tests.auction.builders import NAME, NOW, PUBLIC_URL, Grants, body, brain, campaign, engine, imp, request, video
from tests.auction.explain.campaigns import cpm

KEY = b"k" * 16


def answered(deciding: DecidingBrain, **changes: Any) -> Answer:
    return deciding.answer(NAME, msgspec.json.encode(body(**changes)), NOW, NOW)


def bids_of(answer: Answer) -> list[dict[str, Any]]:
    return [bid for seatbid in json.loads(answer.body)["seatbid"] for bid in seatbid["bid"]]


def purse_of(deciding: DecidingBrain) -> Grants:
    purse = deciding.engine.purse
    assert isinstance(purse, Grants)
    return purse


def at_times(deciding: Engine, *times: float) -> tuple[DecidingBrain, list[Any]]:
    """A brain whose clock shows these times, one after the other."""
    recorded: list[Any] = []
    clock: Iterator[float] = iter(times)
    responder = Responder(Signer([KEY]), LinkBuilder(PUBLIC_URL))
    return DecidingBrain(deciding, responder, recorded.append, FunnelCounts(), lambda: next(clock)), recorded


def test_an_answer_that_is_ready_too_late_is_not_sent_and_costs_nothing() -> None:
    deciding, recorded = at_times(engine(campaign(), rate="1"), NOW + 0.09)
    answer = answered(deciding, tmax=100)
    assert (answer.status, answer.body, answer.reason) == (204, b"", Reason.TOO_LATE)
    assert purse_of(deciding).spent.total() == 0
    (funnel,) = recorded
    assert funnel.counts == {int(Reason.TOO_LATE): 1}


def test_an_answer_that_is_ready_just_in_time_is_sent() -> None:
    deciding, _ = at_times(engine(campaign()), NOW + 0.0899)
    assert answered(deciding, tmax=100).status == 200


def test_time_counts_from_the_arrival_and_not_from_when_the_request_was_taken_up() -> None:
    deciding, _ = brain(campaign())
    data = msgspec.json.encode(body(tmax=100))
    assert deciding.answer(NAME, data, NOW - 0.05, NOW).deadline_s == pytest.approx(NOW + 0.04)
    assert deciding.answer(NAME, data, NOW - 0.09, NOW).reason is Reason.TOO_LATE


def test_a_bid_is_recorded_as_it_was_sent() -> None:
    deciding, recorded = brain(campaign(margin=msgspec.convert("0.25", type=cpm("1").amount.__class__)))
    answer = answered(deciding, imp=[imp(bidfloor=1.0)])
    (bid,), (event,) = bids_of(answer), recorded
    assert isinstance(event, events.Bid)
    assert (event.campaign, event.creative, event.format) == ("a", "banner", "banner")
    assert (event.price_micros, event.answer_micros, event.floor_micros) == (1500, 1500, 1000)
    assert (event.value_micros, event.probability, event.multiplier, event.throttle) == (2000, 1.0, 1.0, 1.0)
    assert (event.currency, event.goal, event.model) == ("USD", "cpm", "")
    assert bid["id"] == f"{event.bid_id:016x}"
    assert bid["price"] == 1.5
    assert event.expires_ms == int(NOW) * 1000 + 60_000
    assert purse_of(deciding).spent == {"a": 1500}


def test_the_urls_of_a_bid_carry_its_ticket() -> None:
    deciding, recorded = brain(campaign(), exchange=Exchange(currencies=("EUR",)), rates={"EUR": cpm("1.25").amount})
    (bid,), (event,) = bids_of(answered(deciding, cur=["EUR"])), recorded
    for name, path in (("nurl", "win"), ("burl", "bill"), ("lurl", "loss")):
        url = bid[name]
        assert url.startswith(f"{PUBLIC_URL}/{path}/")
        ticket = Signer([KEY]).read(url.split("/")[4].split("?")[0], Use.NOTICE)
        assert (ticket.bid_id, ticket.campaign, ticket.creative) == (event.bid_id, "a", "banner")
        assert (ticket.price_micros, ticket.currency, ticket.rate) == (2000, "EUR", 1_250_000_000)
        assert (ticket.exchange, ticket.imp_id, ticket.expires_s) == (NAME, "1", int(NOW) + 60)


@pytest.mark.parametrize(
    ("billable", "code"), [("burl", Billable.BURL), ("nurl", Billable.NURL), ("impression", Billable.IMPRESSION)]
)
def test_the_ticket_tells_which_event_is_billed(billable: Any, code: Billable) -> None:
    deciding, _ = brain(campaign(), exchange=Exchange(billable=billable))
    assert tracking_ticket(bids_of(answered(deciding))[0]).billable is code


def tracking_ticket(bid: dict[str, Any]) -> Ticket:
    text = bid["adm"].split(f"{PUBLIC_URL}/imp/")[1].split("?")[0]
    return Signer([KEY]).read(text, Use.TRACKING)


def test_a_test_is_answered_and_marked_but_never_costs_anything() -> None:
    deciding, recorded = brain(campaign(), rate="1", purse=Grants({"a": 0}))
    answer = answered(deciding, test=1)
    assert answer.status == 200
    assert tracking_ticket(bids_of(answer)[0]).test
    assert [each.test for each in recorded] == [True, True]
    assert purse_of(deciding).spent.total() == 0


def test_each_bid_has_an_id_of_its_own() -> None:
    deciding, _ = brain(campaign(several_imps=True))
    imps = [imp(id=str(number)) for number in range(20)]
    first = bids_of(answered(deciding, imp=imps))
    later = deciding.answer(NAME, msgspec.json.encode(body(imp=imps)), NOW, NOW + 0.001)
    other = answered(deciding, imp=imps, id="r2")
    every = [bid["id"] for bids in (first, bids_of(later), bids_of(other)) for bid in bids]
    assert len(set(every)) == 60


def test_a_request_that_comes_twice_in_a_millisecond_is_two_bids_with_money_of_their_own() -> None:
    deciding, recorded = brain(campaign())
    first, second = (bids_of(answered(deciding))[0] for _ in range(2))
    assert first["id"] != second["id"]
    assert [each.bid_id for each in recorded] == [int(bid["id"], 16) for bid in (first, second)]
    assert purse_of(deciding).spent == {"a": 4000}


def test_the_next_configuration_of_a_worker_goes_on_counting_its_answers() -> None:
    serials = count()
    responders = [Responder(Signer([KEY]), LinkBuilder(PUBLIC_URL), 7, serials) for _ in range(2)]
    decision = engine(campaign()).bid(request(), NAME, NOW, NOW)
    (first,), (second,) = (responder.respond(decision)[1] for responder in responders)
    assert first.id != second.id


def test_two_workers_that_get_the_same_request_make_two_bids() -> None:
    decision = engine(campaign()).bid(request(), NAME, NOW, NOW)
    sent = [Responder(Signer([KEY]), LinkBuilder(PUBLIC_URL), life).respond(decision)[1][0] for life in (1, 2)]
    assert sent[0].id != sent[1].id


@pytest.mark.parametrize(("auction", "at", "recorded_as"), [("request", 2, 2), ("first", 2, 1), ("second", 1, 2)])
def test_the_kind_of_auction_is_recorded_as_the_exchange_is_known_to_hold_it(
    auction: Any, at: int, recorded_as: int
) -> None:
    deciding, recorded = brain(campaign(), exchange=Exchange(auction=auction))
    answered(deciding, at=at)
    assert recorded[0].auction_type == recorded_as


PERSON = {"id": "u", "buyeruid": "b", "data": [{"segment": [{"id": "auto"}]}]}


def test_facts_about_the_person_are_recorded_where_they_may_be_used() -> None:
    deciding, recorded = brain(campaign())
    answered(deciding, user=PERSON)
    assert (recorded[0].facts["user"], recorded[0].facts["segments"]) == ("b", 1)


@pytest.mark.parametrize("regs", [{"gdpr": 1}, {"coppa": 1}, {"us_privacy": "1YYN"}, {"ext": {"gpc": "1"}}])
def test_facts_about_the_person_are_not_recorded_where_they_may_not_be_used(regs: dict[str, Any]) -> None:
    deciding, recorded = brain(campaign())
    answered(deciding, user=PERSON, regs=regs)
    assert (recorded[0].facts["user"], recorded[0].facts["segments"]) == (None, 0)


def test_a_bid_is_recorded_with_the_facts_of_its_candidate() -> None:
    deciding, recorded = brain(campaign(include=Targeting(deal=("d",)), creatives=(video(size="640x360"),)))
    deal = {"deals": [{"id": "d"}]}
    answered(deciding, imp=[{"id": "1", "video": {"mimes": ["video/mp4"], "protocols": [3]}, "pmp": deal}])
    facts = recorded[0].facts
    assert {name: facts[name] for name, known in FACTS.items() if known.scope == "candidate" and name in facts} == {
        "advertiser": "adv",
        "campaign": "a",
        "creative": "video",
        "format": "video",
        "deal": "d",
        "creative_size": "640x360",
        "duration_s": 15,
    }


def test_every_recorded_fact_is_one_that_a_feature_may_read() -> None:
    deciding, recorded = brain(campaign())
    answered(deciding)
    assert set(recorded[0].facts) <= set(FACTS)


def test_a_bid_that_had_no_room_is_neither_recorded_nor_spent() -> None:
    deciding, recorded = brain(
        campaign(), campaign(id="b", goal=cpm("1")), rate="1", exchange=Exchange(max_response_bytes=2000)
    )
    answer = answered(deciding, imp=[imp(id="1"), imp(id="2")])
    assert [bid["cid"] for bid in bids_of(answer)] == ["a"]
    assert [each.campaign for each in recorded if isinstance(each, events.Bid)] == ["a"]
    assert purse_of(deciding).spent == {"a": 2000}


def test_only_the_sample_is_recorded_as_a_full_evaluation() -> None:
    deciding, recorded = brain(campaign(pacing=Pacing(throttle=cpm("1").amount * 0)), rate="0")
    assert answered(deciding).status == 204
    assert recorded == []


def test_full_evaluations_add_up() -> None:
    deciding, recorded = at_times(engine(campaign(), campaign(id="b", creatives=(video(),)), rate="1"), *[NOW] * 9)
    for number in range(3):
        answered(deciding, id=f"r{number}")
    answered(deciding, imp=[imp(bidfloor=9.0)])
    counts = deciding._funnels
    assert counts.requests == 4
    assert counts.closure_error == 0
    assert {code: count for code, count in counts.reasons.items() if count} == {
        int(Reason.BID): 3,
        int(Reason.BELOW_FLOOR): 1,
        int(Reason.NO_CREATIVE_OF_FORMAT): 4,
    }
    assert all(each.rate == 1.0 and each.campaigns == 2 for each in recorded if isinstance(each, events.Funnel))


def test_the_tick_turns_flights_and_hours_on_and_off() -> None:
    day = msgspec.convert({"start": "2026-09-22", "end": "2026-09-22"}, type=Campaign.__annotations__["flight"])
    deciding, _ = brain(campaign(flight=day))
    midnight = 1_790_035_200.0
    data = msgspec.json.encode(body())

    def status(now: float) -> int:
        deciding.tick(now)
        at_that_time, _ = at_times(deciding.engine, now)
        return at_that_time.answer(NAME, data, now, now).status

    assert [status(midnight - 0.1), status(midnight), status(midnight + 86_399.9)] == [204, 200, 200]
    assert status(midnight + 86_400) == 204


@pytest.mark.parametrize("rate", ["0", "1"])
def test_a_request_is_not_called_invalid_because_there_are_no_campaigns(rate: str) -> None:
    deciding, _ = brain(exchange=Exchange(no_bid="nbr"), rate=rate)
    assert json.loads(answered(deciding).body) == {"id": "r1", "nbr": 0}
