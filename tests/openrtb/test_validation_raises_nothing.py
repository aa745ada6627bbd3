"""Whatever a document holds, validation says what is wrong with it and returns."""

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from openrtb.imp import Audio, Banner, Deal, Imp, Native, Pmp, Video
from openrtb.request import BidRequest
from openrtb.response import Bid, BidResponse, SeatBid
from openrtb.validate import Finding, validate_request, validate_response
from openrtb.validate.rules import SEVERITIES
from tests.openrtb.generated import IDS, MARKUP, documents

imps = documents(
    Imp,
    id=IDS,
    banner=st.none() | documents(Banner),
    video=st.none() | documents(Video),
    audio=st.none() | documents(Audio),
    native=st.none() | documents(Native, request=MARKUP),
    pmp=st.none() | documents(Pmp, deals=st.lists(documents(Deal, id=IDS), max_size=2)),
)
requests = documents(BidRequest, id=IDS, imp=st.lists(imps, min_size=1, max_size=2))
bids = documents(
    Bid,
    id=IDS,
    impid=IDS,
    price=st.floats(),
    dealid=st.none() | IDS,
    adm=st.none() | MARKUP,
    mtype=st.none() | st.integers(0, 5),
)
seatbids = documents(SeatBid, bid=st.lists(bids, min_size=1, max_size=3))
responses = documents(BidResponse, id=IDS, seatbid=st.none() | st.lists(seatbids, max_size=2))
rates = st.none() | st.dictionaries(IDS, st.integers(1, 10**9))


def assert_all_are_known(findings: list[Finding]) -> None:
    for found in findings:
        assert found.severity == SEVERITIES[found.rule]
        assert found.path.startswith("$")
        assert found.message
        assert len(found.message) < 1_000


@given(requests)
@settings(max_examples=300, deadline=None)
def test_on_any_request(request: BidRequest) -> None:
    assert_all_are_known(validate_request(request))


@given(responses, requests, rates, st.none() | st.integers(0, 500))
@settings(max_examples=500, deadline=None)
def test_on_any_response(
    response: BidResponse, request: BidRequest, rates: dict[str, int] | None, max_bytes: int | None
) -> None:
    assert_all_are_known(validate_response(response, request, max_bytes=max_bytes, rates=rates))


@given(requests, responses)
@settings(max_examples=100, deadline=None)
def test_and_changes_nothing(request: BidRequest, response: BidResponse) -> None:
    before = repr((request, response))
    validate_request(request)
    validate_response(response, request)
    assert repr((request, response)) == before


def test_on_empty_documents() -> None:
    assert {found.path for found in validate_request(BidRequest())} == {"$.id", "$.imp"}
    assert validate_response(BidResponse(), BidRequest()) == []


def test_findings_can_be_written_as_json() -> None:
    found = validate_request(BidRequest(id="1"))
    assert msgspec.json.decode(msgspec.json.encode(found), type=list[Finding]) == found
