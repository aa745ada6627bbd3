"""What a response can do wrong: one fault at a time, with the finding it should give."""

from typing import NamedTuple

from openrtb.request import BidRequest
from openrtb.response import Bid, BidResponse
from tests.openrtb.builders import banner_imp, request, response, video

BID = "$.seatbid[0].bid[0]"
MULTI = request(banner_imp(video=video()))
PODDED = {"podid": "pod-1", "poddur": 30, "maxseq": 2}


class Fault(NamedTuple):
    """A response that is wrong in one way, the request it answers, and what should be said of it."""

    name: str
    response: BidResponse
    request: BidRequest
    rule: str
    path: str


def wrong_bid(name: str, wrong: Bid, rule: str, where: str, asked: BidRequest | None = None) -> Fault:
    """A fault in the only bid; `where` is below it."""
    return Fault(name, response(wrong), asked or request(), rule, f"{BID}{where}")
