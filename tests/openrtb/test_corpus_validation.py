"""Validation against what other projects say of 2,215 requests and 946 responses of their own."""

import re
from collections import Counter
from functools import cache
from typing import Any, NamedTuple

import msgspec

from openrtb import DecodeError, decode_request, decode_response
from openrtb.imp import Audio, Banner, Deal, Imp, Native, Pmp, Video
from openrtb.request import BidRequest
from openrtb.response import Bid, BidResponse
from openrtb.validate import Finding, validate_request, validate_response
from openrtb.validate.markup import kind_of
from tests.openrtb.conftest import Tell
from tests.shared import corpus_bodies

Record = dict[str, Any]

PLACEHOLDER = "the text of a unit test in the place of a real value"

ACCEPTED_YET_WRONG = {
    ("attribute-range", "$.app.paid"): (2, PLACEHOLDER),
    ("attribute-range", "$.device.dnt"): (12, PLACEHOLDER),
    ("attribute-range", "$.device.geo.lat"): (7, PLACEHOLDER),
    ("attribute-range", "$.device.geo.lon"): (7, PLACEHOLDER),
    ("attribute-range", "$.imp[].bidfloor"): (1, "a negative floor, which the adapter under test repairs"),
    ("attribute-range", "$.test"): (12, PLACEHOLDER),
    ("device-mccmnc", "$.device.mccmnc"): (9, PLACEHOLDER),
    ("dooh-geo", "$.device.devicetype"): (1, "a shortened sample of a request with dooh"),
    ("dooh-geo", "$.device.geo"): (1, "a shortened sample of a request with dooh"),
    ("geo-precision", "$.device.geo.lat"): (1, "a place that is unknown and sent as 0, 0"),
    ("native-request-string", "$.imp[].native.request"): (29, PLACEHOLDER),
    ("range-order", "$.imp[].video.minduration"): (3, PLACEHOLDER),
    ("required-attribute", "$.imp[].native.request.assets"): (8, PLACEHOLDER),
    ("required-attribute", "$.imp[].native.request.assets[].id"): (32, "the source numbers assets that have no id"),
}
"""Errors found in requests that their source accepts or that are well-formed: how many requests, and why."""


@cache
def records(name: str) -> list[tuple[Record, bytes]]:
    return list(corpus_bodies(name))


def requests() -> list[tuple[Record, bytes]]:
    return [(record, body) for record, body in records("requests") if record["kind"] == "request"]


def without_indexes(path: str) -> str:
    return re.sub(r"\[\d+\]", "[]", path)


def test_requests_that_are_accepted_have_no_errors_but_the_listed_ones(tell: Tell) -> None:
    judged, wrong = 0, Counter[tuple[str, str]]()
    for record, body in requests():
        if record["valid"] or (record["basic"] and record["valid"] is None):
            judged += 1
            found = validate_request(decode_request(body))
            wrong.update({(one.rule, without_indexes(one.path)) for one in found if one.severity == "error"})
    tell(f"{judged} accepted requests; errors by rule and place: {dict(wrong)}")
    assert dict(wrong) == {place: count for place, (count, _) in ACCEPTED_YET_WRONG.items()}


NATIVE = "$.imp[0].native.request"

PLACE_OF_FAULT = {
    "adapters/adverxo/adverxotest/exemplary/native": f"{NATIVE}.assets",
    "invalid-native/asset-data-no-type": f"{NATIVE}.assets[0].data.type",
    "invalid-native/asset-img-w-negative": f"{NATIVE}.assets[0].img.w",
    "invalid-native/asset-video-mimes-empty": f"{NATIVE}.assets[0].video.mimes",
    "invalid-native/asset-video-no-mimes": f"{NATIVE}.assets[0].video.mimes",
    "invalid-native/asset-video-no-protocols": f"{NATIVE}.assets[0].video.protocols",
    "invalid-native/asset-video-protocols-empty": f"{NATIVE}.assets[0].video.protocols",
    "invalid-native/asset-video-protocols-invalid": f"{NATIVE}.assets[0].video.protocols[0]",
    "invalid-native/assets-with-dup-ids": f"{NATIVE}.assets[1].id",
    "invalid-native/context-type-product-incompatible-subtype": f"{NATIVE}.contextsubtype",
    "invalid-native/contextsubtype-invalid": f"{NATIVE}.contextsubtype",
    "invalid-native/contextsubtype-negative": f"{NATIVE}.contextsubtype",
    "invalid-native/empty": NATIVE,
    "invalid-native/empty-object": f"{NATIVE}.assets",
    "invalid-native/eventtracker-empty": f"{NATIVE}.eventtrackers[0].event",
    "invalid-native/eventtracker-event-large": f"{NATIVE}.eventtrackers[0].event",
    "invalid-native/request-context-invalid": f"{NATIVE}.context",
    "invalid-whole/audio-mimes-empty": "$.imp[0].audio.mimes",
    "invalid-whole/banner-w-negative": "$.imp[0].banner.w",
    "invalid-whole/deal-no-id": "$.imp[0].pmp.deals[0].id",
    "invalid-whole/format-hratio-negative": "$.imp[0].banner.format[0].hratio",
    "invalid-whole/format-two-widths": "$.imp[0].banner.format[0]",
    "invalid-whole/format-w-negative": "$.imp[0].banner.format[0].w",
    "invalid-whole/imp-empty-array": "$.imp",
    "invalid-whole/imp-id-duplicates": "$.imp[1].id",
    "invalid-whole/imp-no-type": "$.imp[0]",
    "invalid-whole/malformed-bid-request": "$",
    "invalid-whole/null": "$",
    "invalid-whole/user-ext-consent-int": "$.user.consent",  # lifted from user.ext.consent, with its value
    "invalid-whole/video-mimes-empty": "$.imp[0].video.mimes",
    "invalid-whole/video-minbitrate-negative": "$.imp[0].video.minbitrate",
    "invalid-whole/video-w-negative": "$.imp[0].video.w",
}
"""Where each refused request is wrong, by the file it was found in."""


def as_request(record: Record, body: bytes) -> bytes:
    """The request; a native request inside an imp."""
    if record["kind"] == "request":
        return body
    return msgspec.json.encode(BidRequest(id="1", imp=[Imp(id="1", native=Native(request=body.decode()))]))


def places_found(body: bytes) -> set[str]:
    try:
        return {found.path for found in validate_request(decode_request(body))}
    except DecodeError as error:
        return {error.path}


def test_requests_refused_for_a_fault_of_protocol_are_refused_or_reported_at_the_place_of_the_fault(tell: Tell) -> None:
    judged = Counter[str]()
    for record, body in records("requests"):
        if record["valid"] is False and record["scope"] != "policy":
            judged[record["scope"]] += 1
            (place,) = (path for file, path in PLACE_OF_FAULT.items() if f"{file}.json#" in record["id"])
            assert place in places_found(as_request(record, body)), record["id"]
    tell(f"refused requests found wrong at the right place: {dict(judged)}")
    assert judged == {"required": 7, "type": 7, "native": 31, "json": 1}


class Fault(NamedTuple):
    """What refusals say whose reason matches, and the rules of which one must be found broken."""

    reason: str
    rules: frozenset[str]


UNKNOWN_IMP = frozenset({"bid-impid"})
UNCLEAR_TYPE = frozenset({"imp-multi-format", "bid-mtype"})

FAULTS_OF_PROTOCOL = [
    Fault(r"native adm", frozenset({"native-markup"})),
    Fault(r"SeatBid\[0\].Bid cannot be empty|: Bid cannot be empty", frozenset({"seatbid-min-one"})),
    Fault(r"Empty SeatBid|Array SeatBid cannot be empty|No bids|status code", frozenset({"seatbid-min-one"})),
    Fault(r"to find imp|not present|unknown imp id|didn't match|valid impid|ids were not|unit code", UNKNOWN_IMP),
    Fault(r"no-such-imp|another-imp-id|nativo-id-2", UNKNOWN_IMP),
    Fault(
        r"mediaType|media ?type (for|of)|unknown media type|(?i:mtype)|type of bid|return type|missing ext",
        UNCLEAR_TYPE,
    ),
    Fault(r"failed to parse impression$|Failed to parse impression", UNCLEAR_TYPE),
]
"""Refusals that the specification shares; the first that matches counts."""

RULES_OF_THE_SOURCE = {
    r"prebid\.type|Prebid\.Type|BidType|bid_ad|bid\.ext|bid extension|creative type|Bid type": (
        "the media type is read from an extension of the source's own"
    ),
    r"unsupported media type$|supported media type|Unsupported bidtype|unexpected type": (
        "the source does not support a media type that the imp offers"
    ),
    r"Renderer": "a renderer of the source's own is configured in an extension",
    r"expect {": "an ext that is no object is refused; here it is tolerated",
    r"unmarshal openrtb2\.Bid\.": "a number sent as a string is refused; here it is read",
}
"""Refusals that the specification does not share, and what they are about."""

NOT_SHARED = {
    **dict.fromkeys(
        [
            "adelement/adelementtest/supplemental/empty-seatbid-array",
            "adtrgtme/adtrgtmetest/supplemental/empty-seatbid-array",
            "aidem/aidemtest/supplemental/invalid-res-200-status-code-empty-bids",
            "bematterfull/bematterfulltest/supplemental/empty-seatbid",
            "blasto/blastotest/supplemental/empty-seatbid-array",
            "bliink/bliinktest/supplemental/no_seat_bid_in_response",
            "brave/bravetest/supplemental/empty-seatbid-array",
            "epom/epomtest/supplemental/bad-response-no-bid-obj-error",
            "logicad/logicadtest/supplemental/responseCode",
            "silvermob/silvermobtest/supplemental/empty-seatbid-array",
        ],
        "an empty seatbid is a no-bid (OpenRTB 2.6, 4.2.1)",
    ),
    **dict.fromkeys(
        [
            "alkimi/alkimitest/supplemental/bad_media_type",
            "axis/axistest/exemplary/simple-banner",
            "beyondmedia/beyondmediatest/exemplary/simple-banner",
            "colossus/colossustest/supplemental/bad_media_type",
        ],
        "the imp is in the request; the source does not find it because its media type is of no use to it",
    ),
}
"""Responses refused as faults of protocol in which none is found, and why."""


@cache
def requests_by_id() -> dict[str, bytes]:
    return {record["id"]: body for record, body in requests()}


def request_beside(record: Record) -> BidRequest | None:
    """The request that the response answers in its source, where the corpus has it."""
    file, _, place = record["id"].partition("#")
    call = place.removesuffix("/mockResponse/body")
    asked = requests_by_id()
    body = asked.get(f"{file}#{call}/expectedRequest/body") or asked.get(f"{file}#/mockBidRequest")
    return decode_request(body) if body else None


def judged_against(record: Record, response: BidResponse, fault: Fault) -> BidRequest:
    """The request beside the response, or one in which the fault that its source states can be a fault."""
    beside = request_beside(record)
    if beside is not None:
        return beside
    if fault.rules is UNKNOWN_IMP:
        return BidRequest(id=response.id, imp=[Imp(id="of another request", banner=Banner())])
    return offering(response, both=fault.rules is UNCLEAR_TYPE)


def offering(response: BidResponse, *, both: bool = False) -> BidRequest:
    """A request that offers what the response bids on: what its markup looks like, or `both` banner and video."""
    bids = [bid for seatbid in response.seatbid or () for bid in seatbid.bid]
    return BidRequest(id=response.id, imp=[imp_for(bid, both) for bid in bids], cur=[response.cur])


def imp_for(bid: Bid, both: bool) -> Imp:
    imp = Imp(id=bid.impid, pmp=Pmp(deals=[Deal(id=bid.dealid)]) if bid.dealid else None)
    match 1 if both else bid.mtype or kind_of(bid.adm or ""):
        case 2:
            imp.video = Video()
        case 3:
            imp.audio = Audio()
        case 4:
            imp.native = Native()
        case _:
            imp.banner = Banner()
    imp.video = Video() if both else imp.video
    return imp


def refused_responses() -> list[tuple[Record, BidResponse]]:
    return [(record, decode_response(body)) for record, body in records("responses") if record["valid"] is False]


def fault_of(record: Record) -> Fault | None:
    """What the source says is wrong; `None` where that is no fault of protocol."""
    if any(re.search(reason, record["why"]) for reason in RULES_OF_THE_SOURCE):
        return None
    return next(fault for fault in FAULTS_OF_PROTOCOL if re.search(fault.reason, record["why"]))


def is_found(record: Record, response: BidResponse, fault: Fault) -> bool:
    found = validate_response(response, judged_against(record, response, fault))
    return not fault.rules.isdisjoint(one.rule for one in found)


def test_responses_refused_for_a_fault_of_protocol_show_that_fault_but_the_listed_ones(tell: Tell) -> None:
    counts = Counter[str]()
    not_shared = set()
    for record, response in refused_responses():
        fault = fault_of(record)
        if fault is None:
            counts["rule of the source"] += 1
        elif is_found(record, response, fault):
            counts["beside its request" if request_beside(record) else "alone"] += 1
        else:
            not_shared.add(record["id"].partition("adapters/")[2].partition(".json")[0])
    tell(f"refused responses, by how the fault was found: {dict(counts)}; not shared: {len(not_shared)}")
    assert not_shared == NOT_SHARED.keys()
    assert counts == {"rule of the source": 26, "beside its request": 17, "alone": 38}


def test_responses_that_the_specification_shows_have_no_errors_but_the_listed_one() -> None:
    wrong = {
        (record["id"].rpartition("#")[2], one.rule)
        for record, body in records("responses")
        if record["valid"]
        for response in [decode_response(body)]
        for one in validate_response(response, offering(response))
        if one.severity == "error"
    }
    assert wrong == {("@161016", "native-markup")}  # its markup leaves out parts with "..."


def test_every_response_beside_its_request_can_be_judged(tell: Tell) -> None:
    judged, rules = 0, Counter[str]()
    for record, body in records("responses"):
        beside = request_beside(record) if record["kind"] == "response" else None
        if beside is not None:
            judged += 1
            found: list[Finding] = validate_response(decode_response(body), beside)
            rules.update({one.rule for one in found})
    tell(f"{judged} responses beside their requests; responses by rule: {dict(rules.most_common())}")
    assert judged == 469
