"""The kit's own rules for an answer."""

import orjson
import pytest

from loadtests.judge import faults
from tests.loadtests.stub_server import a_bid

REQUEST = {
    "id": "@",
    "cur": ["USD"],
    "imp": [
        {
            "id": "1",
            "bidfloor": 2.0,
            "bidfloorcur": "USD",
            "pmp": {"deals": [{"id": "deal-1", "bidfloor": 5.0, "bidfloorcur": "USD"}]},
        }
    ],
}
SENT = orjson.dumps(REQUEST | {"id": "r"})


def judged(**changes: object) -> list[str]:
    """What is wrong with a good bid after changes to it."""
    return faults(REQUEST, "r", a_bid(SENT, **changes))


def test_a_good_answer_has_no_fault() -> None:
    assert judged() == []
    assert judged(dealid="deal-1", price=5.0) == []
    assert judged(adm=None, nurl="https://ads.example/w") == []


def test_a_no_bid_with_a_code_is_a_good_answer() -> None:
    assert faults(REQUEST, "r", b'{"id":"r","nbr":2}') == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"price": 1.99}, "bid.price 1.99 is below the floor 2.0"),
        ({"price": 4.0, "dealid": "deal-1"}, "bid.price 4.0 is below the floor 5.0"),
        ({"price": True}, "bid.price is True, not a positive number"),
        ({"price": "3"}, "bid.price is '3', not a positive number"),
        ({"dealid": "other"}, "bid.dealid 'other' is not a deal of the imp"),
        ({"impid": "9"}, "bid.impid '9' is not an imp of the request"),
        ({"adm": ""}, "neither bid.adm nor bid.nurl: nothing to show"),
        ({"adomain": []}, "bid.adomain is missing"),
        ({"crid": None}, "bid.crid is missing"),
    ],
)
def test_each_fault_of_a_bid_is_told(changes: dict[str, object], expected: str) -> None:
    assert judged(**changes) == [expected]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"<html>", "no JSON"),
        (b"[]", "not a JSON object"),
        (b'{"id":"r"}', "no seatbid"),
        (b'{"id":"r","seatbid":[{"bid":[]}]}', "a seatbid without bids"),
        (b'{"id":"r","seatbid":[{"bid":[1]}]}', "a bid that is no object"),
        (b'{"id":"x","nbr":1}', "id is 'x', not that of the request, 'r'"),
        (b'{"id":"r","cur":"EUR","nbr":1}', "cur is 'EUR', and the request allows ['USD']"),
    ],
)
def test_each_fault_of_an_answer_is_told(body: bytes, expected: str) -> None:
    (found,) = faults(REQUEST, "r", body)
    assert found.startswith(expected)
