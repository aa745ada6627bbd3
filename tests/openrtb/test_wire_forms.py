"""Every other form that the specification data has evidence of is read as what it means."""

import json
from typing import Any

import pytest

import openrtb
from tests import shared

FORMS: dict[tuple[str, str, str], tuple[Any, str, Any]] = {
    ("BidRequest", "test", "true/false"): ({"test": True}, "test", 1),
    ("BidRequest", "tmax", "fractional number"): ({"tmax": 120.7}, "tmax", 120),
    ("BidRequest", "cattax", "string digit"): ({"cattax": "7"}, "cattax", 7),
    ("Imp", "id", "integer"): ({"imp": [{"id": 1}]}, "imp.0.id", "1"),
    ("Imp", "secure", "string digit"): ({"imp": [{"secure": "1"}]}, "imp.0.secure", 1),
    ("Imp", "dt", "integer"): ({"imp": [{"dt": 1735689600000}]}, "imp.0.dt", 1735689600000.0),
    ("Video", "podid", "integer"): ({"imp": [{"video": {"podid": 3}}]}, "imp.0.video.podid", "3"),
    ("Video", "placement", "string digit"): ({"imp": [{"video": {"placement": "1"}}]}, "imp.0.video.placement", 1),
    ("Video", "plcmt", "string digit"): ({"imp": [{"video": {"plcmt": "2"}}]}, "imp.0.video.plcmt", 2),
    ("Video", "api", "named apis"): ({"imp": [{"video": {"apis": [1, "2"]}}]}, "imp.0.video.api", [1, 2]),
    ("Native", "request", "object instead of encoded string"): (
        {"imp": [{"native": {"request": {"seq": 1}}}]}, "imp.0.native.request", '{"seq": 1}',
    ),
    ("Site", "cattax", "string digit"): ({"site": {"cattax": "7"}}, "site.cattax", 7),
    ("Content", "genres", "array of integers"): (
        {"site": {"content": {"genres": [1, 2]}}}, "site.content.genres", ["1", "2"],
    ),
    ("Content", "genres", "single string"): ({"app": {"content": {"genres": "1"}}}, "app.content.genres", ["1"]),
    ("Content", "livestream", "true/false"): ({"app": {"content": {"livestream": True}}}, "app.content.livestream", 1),
    ("Geo", "lon", "named long"): ({"device": {"geo": {"lat": 1.0, "long": 2}}}, "device.geo.lon", 2.0),
    ("User", "yob", "string digits"): ({"user": {"yob": "1984"}}, "user.yob", 1984),
    ("Segment", "id", "integer"): ({"user": {"data": [{"segment": [{"id": 7}]}]}}, "user.data.0.segment.0.id", "7"),
    ("EID", "mm", "string digit"): ({"user": {"eids": [{"mm": "1"}]}}, "user.eids.0.mm", 1),
    ("UID", "atype", "string digit"): ({"user": {"eids": [{"uids": [{"atype": "1"}]}]}}, "user.eids.0.uids.0.atype", 1),
    ("DOOH", "venuetype", "named venuetypeid, integer"): ({"dooh": {"venuetypeid": 12}}, "dooh.venuetype", ["12"]),
    ("DOOH", "venuetypetax", "named venuetax"): ({"dooh": {"venuetax": 2}}, "dooh.venuetypetax", 2),
    ("Bid", "adm", "object for native"): (
        {"seatbid": [{"bid": [{"adm": {"ver": "1.2"}}]}]}, "seatbid.0.bid.0.adm", '{"ver": "1.2"}',
    ),
    ("NativeRequest", "ver", "number"): ({"ver": 1.2}, "ver", "1.2"),
    ("NativeRequest", "eventtrackers", "named eventrackers"): (
        {"eventrackers": [{"event": 1}]}, "eventtrackers.0.event", 1,
    ),
    ("AssetRequest", "required", "true/false"): ({"assets": [{"required": True}]}, "assets.0.required", 1),
    ("EventTrackerResponse", "customdata", "string"): (
        {"eventtrackers": [{"customdata": "x"}]}, "eventtrackers.0.customdata", b'"x"',
    ),
    ("EventTrackerResponse", "customdata", "array of key:value objects"): (
        {"eventtrackers": [{"customdata": [{"k": "v"}]}]}, "eventtrackers.0.customdata", b'[{"k": "v"}]',
    ),
}  # fmt: skip

IN_A_WRAPPER = {
    ("Native", "request", 'wrapped in a "native" root'),
    ("Bid", "adm", 'native document wrapped in a "native" root'),
}
"""Forms of the text that an attribute holds; `decode_native_request` and `decode_native_response` read them."""

READ = {"Bid": openrtb.decode_response, "EventTrackerResponse": openrtb.decode_native_response} | dict.fromkeys(
    ["NativeRequest", "AssetRequest"], openrtb.decode_native_request
)


def test_every_form_of_the_specification_data_has_an_example() -> None:
    documented = {
        (name, attribute["name"], other["form"])
        for document in (shared.spec("openrtb-2.6"), shared.spec("native-1.2"))
        for name, table in document["objects"].items()
        for attribute in table["attributes"]
        for other in attribute.get("wire", ())
    }
    assert FORMS.keys() | IN_A_WRAPPER == documented


@pytest.mark.parametrize(("owner", "example"), [(owner, example) for (owner, _, _), example in FORMS.items()])
def test_another_form_is_read_as_what_it_means(owner: str, example: tuple[Any, str, Any]) -> None:
    sent, path, read = example
    value: Any = READ.get(owner, openrtb.decode_request)(json.dumps(sent).encode())
    for name in path.split("."):
        value = value[int(name)] if name.isdigit() else getattr(value, name)
    assert (bytes(value) if isinstance(read, bytes) else value) == read


@pytest.mark.parametrize("native", ['{"native":{"ver":"1.1"}}', '{"ver":"1.1"}'])
def test_a_native_document_is_read_with_and_without_its_wrapper(native: str) -> None:
    assert openrtb.decode_native_request(native).ver == "1.1"
    assert openrtb.decode_native_response(native).ver == "1.1"
