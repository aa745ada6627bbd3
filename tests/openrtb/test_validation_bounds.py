"""What validation costs and says is bounded, whatever a document holds.

Time is in the processor's time of this process, the least of a few runs, so that a busy machine decides nothing.
"""

import json
from time import process_time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openrtb import BidRequest, BidResponse, decode_request, decode_response
from openrtb.imp import DurFloors, Video
from openrtb.validate import validate_request, validate_response
from openrtb.validate.finding import MAX_FINDINGS
from openrtb.validate.money import LengthFloors, micros
from tests.openrtb.builders import bid, deal_imp, request, response, video_bid, video_imp

SLOWEST_S = 0.200
WANTED = {"id": "3", "secure": 1, "native": {"request": '{"assets":[{"id":1,"required":1,"title":{"len":9}}]}'}}
OFFERED = request(video_imp(), regs=None)


def test_a_long_list_of_findings_is_cut_and_says_so() -> None:
    found = validate_request(BidRequest(id="1", imp=OFFERED.imp, cur=["?"] * (MAX_FINDINGS + 5)))
    assert len(found) == MAX_FINDINGS + 1
    assert (found[-1].rule, found[-1].severity) == ("too-many-findings", "error")
    found = validate_response(response(*[bid()] * (MAX_FINDINGS + 2)), request())
    assert (len(found), found[-1].rule) == (MAX_FINDINGS + 1, "too-many-findings")


def test_a_list_of_findings_that_just_fits_is_whole() -> None:
    found = validate_request(BidRequest(id="1", imp=OFFERED.imp, cur=["?"] * MAX_FINDINGS))
    assert {each.rule for each in found} == {"currency-code"}
    assert len(found) == MAX_FINDINGS


@pytest.mark.parametrize("cpm", [1e303, 1.7e308])
def test_a_price_or_floor_beyond_all_reason_is_compared_and_shown(cpm: float) -> None:
    asked = request(deal_imp(bidfloor=cpm, bidfloorcur="EUR"))
    found = validate_response(response(bid(dealid="deal-1", price=cpm)), asked)
    assert [each.rule for each in found] == ["currency-rate-unknown"]
    by_length = request(video_imp(mincpmpersec=cpm))
    assert [each.rule for each in validate_response(response(video_bid(dur=2**53)), by_length)] == [
        "imp-floor",
        "video-duration-fit",
    ]


def test_half_of_a_surrogate_pair_is_said_to_be_unwritable() -> None:
    found = validate_response(response(customdata="\ud800"), request(), max_bytes=10_000)
    assert [(each.rule, each.path) for each in found] == [("response-unwritable", "$")]


ends = st.none() | st.integers(-2, 12)
floors = st.lists(st.builds(DurFloors, mindur=ends, maxdur=ends, bidfloor=st.integers(0, 5).map(float)), max_size=6)


@given(floors, st.integers(-4, 15))
def test_the_floor_for_a_length_is_the_lowest_of_all_ranges_around_it(ranges: list[DurFloors], dur: int) -> None:
    around = [
        micros(each.bidfloor)
        for each in ranges
        if (each.mindur is None or each.mindur <= dur) and (each.maxdur is None or dur <= each.maxdur)
    ]
    assert LengthFloors.of(Video(durfloors=ranges)).micros_for(dur) == min(around, default=None)


# Documents made to be slow


def asked(*imps: Any, **attributes: Any) -> BidRequest:
    return decode_request(json.dumps({"id": "r", "imp": imps, **attributes}).encode())


def offered(adm: str, impid: str = "1", **attributes: Any) -> BidResponse:
    return answered({"id": "1", "impid": impid, "price": 1, "adm": adm, **attributes})


def answered(bid: Any, count: int = 1) -> BidResponse:
    body = json.dumps({"id": "r", "seatbid": [{"bid": [bid] * count}]}, separators=(",", ":")).encode()
    assert len(body) > 150_000
    return decode_response(body)


ALL = asked(
    {"id": "1", "secure": 1, "banner": {"w": 1, "h": 1}},
    {"id": "2", "secure": 1, "video": {"mimes": ["video/mp4"]}},
    WANTED,
)
NEAR_MISSES = "".join(f"${{AUCTION_DISCOUNT_PCX{number:05d}}}" for number in range(8_000))
NUMBERS = '{"imptrackers":[' + ",".join(["1"] * 3_900) + "]}"
RANGES = [{"mindur": number, "maxdur": number, "bidfloor": 1} for number in range(10, 4_000)]

SLOW_RESPONSES = {
    "near misses of macros": lambda: (offered(NEAR_MISSES), ALL),
    "near misses of macros in many bids": lambda: (answered({"id": "1", "adm": NEAR_MISSES[:800]}, 220), ALL),
    "macros spelled right": lambda: (offered("${AUCTION_PRICE}" * 15_000), ALL),
    "links without an end": lambda: (offered("<link href=" * 20_000), ALL),
    "elements": lambda: (offered("<VAST>" + "<a/>" * 60_000 + "</VAST>", "2"), ALL),
    "elements that stay open": lambda: (offered("<VAST>" + "<a>" * 75_000, "2"), ALL),
    "plain HTTP": lambda: (offered("<VAST>" + "<Error>http://a</Error>" * 10_000 + "</VAST>", "2"), ALL),
    "native numbers for strings": lambda: (answered({"id": "1", "impid": "3", "adm": NUMBERS}, 30), ALL),
    "domains": lambda: (answered({"id": "1", "impid": "1", "adomain": ["a"] * 60_000}), ALL),
    "bids without anything": lambda: (answered({"id": "", "impid": "", "adm": ""}, 6_000), ALL),
    "many bids on many ranges of length": lambda: (
        answered({"id": "1", "impid": "2", "price": 1, "dur": 5}, 4_000),
        asked({"id": "2", "video": {"durfloors": RANGES}}),
    ),
    "many bids on many media types": lambda: (
        answered({"id": "1", "impid": "2", "adm": "<VAST><MediaFile type='a/9999'/></VAST>"}, 2_200),
        asked({"id": "2", "video": {"mimes": [f"a/{number}" for number in range(10_000)]}}),
    ),
    "many bids on many required assets": lambda: (
        answered({"id": "1", "impid": "3", "adm": '{"assets":[{"id":1}]}'}, 3_000),
        asked({"id": "3", "native": {"request": {"assets": [{"id": n, "required": 1} for n in range(6_000)]}}}),
    ),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("build", SLOW_RESPONSES.values(), ids=SLOW_RESPONSES)
def test_a_response_made_to_be_slow_is_judged_in_time(build: Any) -> None:
    answer, wanted = build()
    assert min(seconds(lambda: validate_response(answer, wanted)) for _ in range(3)) < SLOWEST_S


SLOW_REQUESTS = {
    "formats": {"imp": [{"banner": {"format": [{"w": 1, "h": 1}] * 16_000}}]},
    "segments": {"user": {"data": [{"segment": [{}] * 16_000}]}},
    "codes": {"imp": [{"banner": {"battr": [1] * 80_000}}]},
    "unknown codes": {"imp": [{"banner": {"battr": [99] * 80_000}}]},
    "native numbers for strings": {
        "imp": [{"native": {"request": '{"assets":[{"video":{"mimes":[' + "1," * 3_800 + "1]}}]}"}}] * 30
    },
}


@pytest.mark.slow
@pytest.mark.parametrize("body", SLOW_REQUESTS.values(), ids=SLOW_REQUESTS)
def test_a_request_made_to_be_slow_is_judged_in_time(body: Any) -> None:
    built = decode_request(json.dumps(body, separators=(",", ":")).encode())
    assert min(seconds(lambda: validate_request(built)) for _ in range(3)) < SLOWEST_S


def seconds(run: Any) -> float:
    started = process_time()
    run()
    return process_time() - started
