"""Older forms are lifted to their 2.6 places, and a response is written for a 2.5 receiver."""

import json
from typing import Any

import msgspec
import pytest

import openrtb
from openrtb.response import Bid, BidResponse, SeatBid
from tests import shared


def upgraded(**attributes: Any) -> Any:
    return openrtb.decode_request(json.dumps({"id": "r", **attributes}).encode())


CHAIN = {"complete": 1, "ver": "1.0", "nodes": [{"asi": "a.example", "sid": "1", "hp": 1}]}

MOVES: dict[str, tuple[dict[str, Any], str, Any]] = {
    "user.ext.consent": ({"user": {"ext": {"consent": "CP"}}}, "user.consent", "CP"),
    "user.ext.eids": ({"user": {"ext": {"eids": [{"source": "s"}]}}}, "user.eids.0.source", "s"),
    "regs.ext.gdpr": ({"regs": {"ext": {"gdpr": 1}}}, "regs.gdpr", 1),
    "regs.ext.gdpr as a string": ({"regs": {"ext": {"gdpr": "1"}}}, "regs.gdpr", 1),
    "regs.ext.coppa": ({"regs": {"ext": {"coppa": 1}}}, "regs.coppa", 1),
    "regs.ext.gpp": ({"regs": {"ext": {"gpp": "DBAA"}}}, "regs.gpp", "DBAA"),
    "regs.ext.gpp_sid": ({"regs": {"ext": {"gpp_sid": ["6"]}}}, "regs.gpp_sid", [6]),
    "regs.ext.us_privacy": ({"regs": {"ext": {"us_privacy": "1YNN"}}}, "regs.us_privacy", "1YNN"),
    "source.ext.schain": ({"source": {"ext": {"schain": CHAIN}}}, "source.schain.nodes.0.asi", "a.example"),
    "ext.schain": ({"ext": {"schain": CHAIN}}, "source.schain.nodes.0.asi", "a.example"),
    "ext.schain beside a source": ({"source": {"fd": 1}, "ext": {"schain": CHAIN}}, "source.schain.complete", 1),
    "site.ext.inventorypartnerdomain": (
        {"site": {"ext": {"inventorypartnerdomain": "p.example"}}}, "site.inventorypartnerdomain", "p.example",
    ),
    "app.ext.inventorypartnerdomain": (
        {"app": {"ext": {"inventorypartnerdomain": "p.example"}}}, "app.inventorypartnerdomain", "p.example",
    ),
    "content.data.ext.cids": (
        {"app": {"content": {"data": [{"ext": {"cids": ["c1"]}}]}}}, "app.content.data.0.cids", ["c1"],
    ),
    "content.videoquality": ({"site": {"content": {"videoquality": 2}}}, "site.content.prodq", 2),
    "content.videoquality of a screen": ({"dooh": {"content": {"videoquality": 1}}}, "dooh.content.prodq", 1),
    "imp.ext.prebid.is_rewarded_inventory": (
        {"imp": [{"ext": {"prebid": {"is_rewarded_inventory": 1}}}]}, "imp.0.rwdd", 1,
    ),
    "imp.ext.is_rewarded_inventory": ({"imp": [{"ext": {"is_rewarded_inventory": True}}]}, "imp.0.rwdd", 1),
    "video.ext.rewarded": ({"imp": [{"video": {"ext": {"rewarded": 1}}}]}, "imp.0.rwdd", 1),
    "video.protocol": ({"imp": [{"video": {"protocol": 3}}]}, "imp.0.video.protocols", [3]),
    "banner.wmax and hmax": ({"imp": [{"banner": {"wmax": 300, "hmax": 250}}]}, "imp.0.banner.format.0.w", 300),
    "banner.wmin and hmin": (
        {"imp": [{"banner": {"wmax": 300, "hmax": 250, "wmin": 200, "hmin": 100}}]}, "imp.0.banner.format.1.h", 100,
    ),
}  # fmt: skip


def test_every_promotion_of_the_extension_documents_is_among_the_moves() -> None:
    promoted = [found for found in shared.spec("extensions")["extensions"] if found["status"] == "promoted"]
    assert len(promoted) == 9
    moves = {move.replace("content.data", "data") for move in MOVES}
    assert {found["path"].lower().removeprefix("bidrequest.") for found in promoted} <= moves


@pytest.mark.parametrize(("sent", "path", "lifted"), MOVES.values(), ids=MOVES)
def test_an_old_place_is_lifted_to_its_new_one(sent: dict[str, Any], path: str, lifted: Any) -> None:
    value: Any = upgraded(**sent)
    for name in path.split("."):
        value = value[int(name)] if name.isdigit() else getattr(value, name)
    assert value == lifted


@pytest.mark.parametrize("sent", [sent for sent, _, _ in MOVES.values()], ids=MOVES)
def test_lifting_twice_changes_nothing(sent: dict[str, Any]) -> None:
    once = upgraded(**sent)
    assert openrtb.decode_request(openrtb.encode_request(once)) == once


def test_the_new_place_wins_over_the_old() -> None:
    request = upgraded(user={"consent": "new", "ext": {"consent": "old"}}, regs={"gdpr": 0, "ext": {"gdpr": 1}})
    assert (request.user.consent, request.regs.gdpr) == ("new", 0)


def test_sizes_win_over_the_old_range_of_sizes() -> None:
    banner = upgraded(imp=[{"banner": {"w": 320, "h": 50, "wmax": 999, "hmax": 999}}]).imp[0].banner
    assert (banner.format, banner.w) == (None, 320)


@pytest.mark.parametrize(
    "sent", [{"wmax": 300}, {"wmin": 200, "hmax": 250}, {"w": 320, "h": 50, "wmax": 728, "hmax": 90}]
)
def test_a_range_that_2_6_cannot_express_stays_as_it_was_sent(sent: dict[str, int]) -> None:
    banner = upgraded(imp=[{"banner": sent}]).imp[0].banner
    assert json.loads(msgspec.json.encode(banner)) == sent


def test_an_empty_new_place_does_not_hide_the_signal_in_the_old_one() -> None:
    regs, user = {"us_privacy": "", "ext": {"us_privacy": "1YYN"}}, {"consent": "", "ext": {"consent": "CP"}}
    request = upgraded(regs=regs, user=user)
    assert (request.regs.us_privacy, request.user.consent) == ("1YYN", "CP")


def test_an_old_name_is_read_beside_one_that_a_vendor_uses_otherwise() -> None:
    imp = upgraded(imp=[{"ext": {"rewarded": 1, "data": "text", "prebid": [], "gpid": {}}}]).imp[0]
    assert imp.rwdd == 1


def test_the_old_placement_name_becomes_the_gpid() -> None:
    imp = upgraded(imp=[{"ext": {"data": {"pbadslot": "/1/home"}, "x": 1.0}}]).imp[0]
    assert openrtb.extensions.extension(imp).gpid == "/1/home"
    assert json.loads(bytes(imp.ext))["x"] == 1.0


def test_a_gpid_is_kept_when_both_names_are_sent() -> None:
    imp = upgraded(imp=[{"ext": {"gpid": "new", "data": {"pbadslot": "old"}}}]).imp[0]
    assert openrtb.extensions.extension(imp).gpid == "new"


@pytest.mark.parametrize("ext", ["text", 7, None, [], {"data": "text"}, {"prebid": 3}, {"rewarded": {"a": 1}}])
def test_a_vendor_extension_under_a_known_name_refuses_nothing(ext: Any) -> None:
    assert upgraded(imp=[{"ext": ext}]).imp[0].rwdd == 0


def response(**attributes: Any) -> BidResponse:
    return BidResponse(id="r", seatbid=[SeatBid(bid=[Bid(id="1", impid="1", price=1.5, **attributes)])])


def written_for_2_5(**attributes: Any) -> dict[str, Any]:
    bid: dict[str, Any] = json.loads(openrtb.encode_response(response(**attributes), version="2.5"))["seatbid"][0][
        "bid"
    ][0]
    return bid


def test_a_2_5_receiver_gets_no_attribute_that_came_later() -> None:
    assert written_for_2_5(mtype=1, dur=30, slotinpod=1, apis=[5, 7], langb="en-GB", cat=["IAB1"]) == {
        "id": "1",
        "impid": "1",
        "price": 1.5,
        "api": 5,
        "language": "en",
        "cat": ["IAB1"],
    }


@pytest.mark.parametrize("cls", [BidResponse, SeatBid, Bid])
def test_no_attribute_since_2_6_is_written_for_a_2_5_receiver(cls: Any) -> None:
    later = {
        attribute["name"]
        for attribute in shared.spec("openrtb-2.6")["objects"][cls.__name__]["attributes"]
        if (attribute["since"] or "2.4") >= "2.6" and attribute["name"] != "ext"
    }
    values = {"apis": [5], "cattax": 7, "langb": "de-AT", "dur": 15, "mtype": 2, "slotinpod": 1}
    built = response(**{name: values[name] for name in later})
    assert later == (values.keys() if cls is Bid else set())
    assert later.isdisjoint(json.loads(openrtb.encode_response(built, version="2.5"))["seatbid"][0]["bid"][0])


def test_categories_of_a_later_taxonomy_are_not_passed_off_as_those_of_2_5() -> None:
    assert "cat" not in written_for_2_5(cat=["150"], cattax=7)


def test_writing_for_2_5_leaves_the_response_as_it_was() -> None:
    built = response(mtype=1, apis=[5])
    openrtb.encode_response(built, version="2.5")
    assert built == response(mtype=1, apis=[5])


def test_a_version_we_do_not_write_is_an_error_of_the_caller() -> None:
    with pytest.raises(ValueError, match=r'^version: expected "2.6" or "2.5", found \'2.4\'$'):
        openrtb.encode_response(response(), version="2.4")


def test_the_single_api_of_a_bid_is_read_as_a_list_of_one() -> None:
    read = openrtb.decode_response(b'{"id":"r","seatbid":[{"bid":[{"id":"1","api":5}]}]}')
    assert read.seatbid is not None
    assert (read.seatbid[0].bid[0].apis, read.seatbid[0].bid[0].api) == ([5], None)
