"""Answers judged and counted, requests paced, and the plan's bounds."""

import json
from typing import Any

import pytest
from rich.console import Console
from yarl import URL

import openrtb
from bidder.lab.feed.judge import Verdict, judge
from bidder.lab.feed.pace import Pace
from bidder.lab.feed.recorded import Expected, Recorded
from bidder.lab.feed.send import Answer, Plan, with_tmax
from bidder.lab.feed.table import outcome_table
from bidder.lab.feed.tally import Tally
from openrtb.request import BidRequest
from openrtb.response import Bid, BidResponse, SeatBid
from tests.lab.feed_bidder import valid_bid

BANNER = b'{"id":"r","imp":[{"id":"1","bidfloor":1.0,"banner":{"w":300,"h":250}}]}'


def recorded(body: bytes = BANNER, expected: Expected = "answer") -> Recorded:
    return Recorded("file:1", "to-bidder", None, body, expected)


def response(*bids: Bid, **changes: Any) -> Answer:
    found = BidResponse(**{"id": "r", "seatbid": [SeatBid(bid=list(bids))] if bids else None} | changes)
    return Answer(200, openrtb.encode_response(found))


def bid(**changes: Any) -> Bid:
    request = openrtb.decode_request(BANNER)
    found = valid_bid(request.imp[0], price=2.5)
    for name, value in changes.items():
        setattr(found, name, value)
    return found


def counted(*pairs: tuple[Recorded, Answer]) -> Tally:
    tally = Tally()
    for request, answer in pairs:
        tally.add(judge(request, answer), answer.latency_ms)
    return tally


def test_a_valid_bid_is_expected_and_its_price_is_kept_in_micros() -> None:
    verdict = judge(recorded(), response(bid()))
    assert (verdict.outcome, verdict.surprise, verdict.prices) == ("bid", None, (("USD", 2_500_000),))


def test_a_204_is_an_answer() -> None:
    verdict = judge(recorded(), Answer(204, no_bid_reason="no campaign"))
    assert (verdict.outcome, verdict.surprise, verdict.no_bid_reason) == ("no bid", None, "no campaign")


def test_a_200_that_says_why_there_is_no_bid_is_no_bid() -> None:
    verdict = judge(recorded(), response(nbr=8))
    assert (verdict.outcome, verdict.surprise, verdict.no_bid_reason) == ("no bid", None, "8")


def test_a_bid_below_the_floor_is_invalid_and_its_price_does_not_count() -> None:
    verdict = judge(recorded(), response(bid(price=0.5)))
    assert (verdict.outcome, verdict.errors, verdict.prices) == ("invalid", ("imp-floor",), ())
    assert verdict.surprise is not None
    assert "below" in verdict.surprise


@pytest.mark.parametrize("body", [b"", b"nonsense", b"[]"])
def test_a_200_that_cannot_be_read_is_invalid(body: bytes) -> None:
    verdict = judge(recorded(), Answer(200, body))
    assert (verdict.outcome, verdict.errors) == ("invalid", ("decode",))


@pytest.mark.parametrize("status", [200, 204, 301, 400, 404, 500])
def test_a_malformed_request_is_to_be_refused_and_nothing_else(status: int) -> None:
    verdict = judge(recorded(b"{", "refusal"), Answer(status))
    assert (verdict.surprise is None) == (status == 400)
    assert verdict.refusal == ("expected" if status == 400 else "missing")
    assert verdict.format == "malformed"


@pytest.mark.parametrize("status", [201, 301, 400, 413, 500, 503])
def test_a_well_formed_request_is_to_be_answered_with_200_or_204(status: int) -> None:
    verdict = judge(recorded(), Answer(status))
    assert verdict.surprise == f"{status} instead of 200 or 204"
    assert verdict.refusal == ("unexpected" if status == 400 else None)


def test_no_answer_at_all_is_a_surprise_with_its_cause() -> None:
    assert judge(recorded(), Answer(0, failure="TimeoutError")).surprise == "TimeoutError instead of 200 or 204"


@pytest.mark.parametrize(
    ("imps", "format_"),
    [
        ([{"banner": {}}], "banner"),
        ([{"video": {}}, {"video": {}}], "video"),
        ([{"audio": {}}], "audio"),
        ([{"native": {}}], "native"),
        ([{"banner": {}, "video": {}}], "several"),
        ([{"banner": {}}, {"native": {}}], "several"),
        ([{}], "none"),
    ],
)
def test_a_request_counts_under_the_format_it_offers(imps: list[dict[str, Any]], format_: str) -> None:
    assert judge(recorded(json.dumps({"id": "r", "imp": imps}).encode()), Answer(204)).format == format_


def test_the_tally_counts_statuses_formats_rules_reasons_and_refusals() -> None:
    tally = counted(
        (recorded(), response(bid())),
        (recorded(), response(bid(price=3.5))),
        (recorded(), response(bid(price=0.5))),
        (recorded(), Answer(204, no_bid_reason="pacing")),
        (recorded(b'{"id":"r","imp":[{"id":"1","video":{}}]}'), Answer(204)),
        (recorded(b"{", "refusal"), Answer(400)),
        (recorded(), Answer(0, failure="TimeoutError")),
    )
    assert tally.statuses == {
        (200, "bid"): 2,
        (200, "invalid"): 1,
        (204, "no bid"): 2,
        (400, "refused"): 1,
        (0, "other"): 1,
    }
    assert {name: (each.requests, each.bids) for name, each in tally.formats.items()} == {
        "banner": (5, 2),
        "video": (1, 0),
        "malformed": (1, 0),
    }
    assert tally.formats["banner"].mean_price_micros == {"USD": 3_000_000}
    assert (tally.eligible.requests, tally.eligible.bids) == (5, 2)
    assert tally.ineligible == {"the video has no mimes": 1, "the request cannot be read": 1}
    assert tally.errors == {"imp-floor": 1}
    assert tally.no_bid_reasons == {"pacing": 1}
    assert tally.refusals == {"expected": 1, "unexpected": 0, "missing": 0}
    assert (tally.answers, tally.as_expected) == (7, 5)


def test_the_json_table_holds_the_same_counts() -> None:
    table = json.loads(json.dumps(counted((recorded(), response(bid())), (recorded(), Answer(500))).as_dict()))
    assert table["statuses"] == [
        {"status": 200, "outcome": "bid", "count": 1},
        {"status": 500, "outcome": "other", "count": 1},
    ]
    assert table["formats"]["banner"] == {
        "requests": 2,
        "bids": 1,
        "bid_rate": 0.5,
        "mean_price_micros": {"USD": 2_500_000},
    }
    assert (table["requests"], table["as_expected"]) == (2, 1)


def test_latency_shares_are_those_of_the_answers_that_came() -> None:
    tally = Tally()
    for latency_ms in range(1, 101):
        tally.add(Verdict(outcome="no bid", status=204, format="banner"), float(latency_ms))
    tally.add(Verdict(outcome="other", status=0, format="banner"), 10_000.0)
    assert (tally.latency_ms(0.50), tally.latency_ms(0.99), tally.latency_ms(1.0)) == (51.0, 100.0, 100.0)
    assert Tally().latency_ms(0.5) is None


def test_the_table_shows_what_a_person_looks_for() -> None:
    tally = counted((recorded(), response(bid())), (recorded(), response(bid(price=0.5))), (recorded(), Answer(204)))
    console = Console(width=100)
    with console.capture() as captured:
        console.print(outcome_table(tally))
    lines = [" ".join(line.split()) for line in captured.get().splitlines()]
    for expected in (
        "200 bid 1 33.3%",
        "204 no bid 1 33.3%",
        "banner 3 1 33.3% 2.50 USD",
        "imp-floor 1",
        "refusals 0 expected, 0 unexpected, 0 missing",
        "as expected 2 of 3, 1 not",
    ):
        assert expected in lines


class HandClock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_requests_are_due_at_even_spaces_however_late_the_earlier_ones_are() -> None:
    clock = HandClock()
    pace = Pace(rate=4.0, seconds=60.0, clock=clock)
    clock.now = 107.0
    assert [pace.due(index) for index in range(3)] == [100.0, 100.25, 100.5]
    assert pace.wait(100.5) == 0.0
    assert pace.wait(107.5) == 0.5
    assert pace.late_ms(106.75) == 250.0


def test_without_a_rate_a_request_is_due_at_once() -> None:
    clock = HandClock()
    pace = Pace(rate=0.0, seconds=60.0, clock=clock)
    clock.now = 131.0
    assert pace.due(10_000) == 131.0


@pytest.mark.parametrize(("rate", "now"), [(0.0, 160.0), (1.0, 160.0), (0.1, 100.0)])
def test_nothing_is_due_once_the_time_is_over(rate: float, now: float) -> None:
    clock = HandClock()
    pace = Pace(rate, seconds=60.0, clock=clock)
    clock.now = now
    assert pace.due(6) is None


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8000/x", "http://localhost:1/", "http://[::1]:80/", "http://127.9.9.9/"]
)
def test_a_url_on_this_machine_is_accepted(url: str) -> None:
    assert Plan(url=URL(url)).url == URL(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://198.51.100.7:8000/openrtb2/x",
        "http://bidder.example/",
        "http://localhost.example/",
        "http://127.0.0.1@bidder.example/",
        "http://0.0.0.0:8000/",
        "ftp://127.0.0.1/",
        "127.0.0.1:8000",
        "/openrtb2/x",
    ],
)
def test_a_url_of_another_machine_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="expected http on this machine"):
        Plan(url=URL(url))


@pytest.mark.parametrize("bound", [{"limit": 0}, {"seconds": 0.0}, {"in_flight": 0}, {"rate": -1.0}, {"tmax_ms": -5}])
def test_a_plan_without_sense_is_refused(bound: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="expected above 0"):
        Plan(url=URL("http://127.0.0.1/"), **bound)


def test_another_tmax_leaves_the_other_bytes_as_they_were() -> None:
    body = b'{"id":"1","tmax":100,"imp":[{"id":"1","bidfloor":1.0e0,"x":"\\u00e9"}]}'
    assert with_tmax(body, 250) == b'{"id":"1","tmax":250,"imp":[{"id":"1","bidfloor":1.0e0,"x":"\\u00e9"}]}'
    assert BidRequest(tmax=250).tmax == openrtb.decode_request(with_tmax(BANNER, 250)).tmax


@pytest.mark.parametrize("body", [b"", b"{", b"[1]", b"null"])
def test_what_is_no_object_has_no_tmax_to_override(body: bytes) -> None:
    assert with_tmax(body, 250) == body
