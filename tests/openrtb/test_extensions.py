"""Reading an `ext`: typed, tolerant, and with one error type."""

import json
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from openrtb.audience import EID, UID, Data, Device, User
from openrtb.codec import decode_request
from openrtb.errors import DecodeError
from openrtb.extensions import (
    EXTENSIONS,
    BidExt,
    BidResponseExt,
    DSAResponse,
    DSATransparency,
    ImpExt,
    InterestGroupBuyer,
    InterestGroupIntent,
    InterestGroupSupport,
    NonBid,
    RegsExt,
    SeatNonBid,
    SKAdNetworkFidelity,
    SKAdNetworkList,
    SourceExt,
    UserExt,
    extension,
)
from openrtb.imp import Imp
from openrtb.repair import MAX_REPAIRS
from openrtb.request import BidRequest, ProductFeed, Regs, Source, SupplyChain, SupplyChainNode
from openrtb.response import Bid, BidResponse
from tests import shared

DEEP = b"[" * 100_000 + b"]" * 100_000


def ext(content: Any) -> Raw:
    """Any value as an `ext`; bytes stand for themselves."""
    return Raw(content if isinstance(content, bytes) else json.dumps(content).encode())


def imp_ext(content: Any) -> ImpExt:
    return extension(Imp(ext=ext(content)))


@pytest.mark.parametrize("owner", EXTENSIONS, ids=lambda owner: owner.__name__)
def test_object_without_ext_has_an_empty_extension(owner: Any) -> None:
    assert extension(owner()) == EXTENSIONS[owner]()


@pytest.mark.parametrize("content", [None, "text", "", 3, 1.5, True, [], [{"gpid": "x"}], {}])
def test_ext_that_is_no_object_or_has_nothing_known_is_an_empty_extension(content: Any) -> None:
    assert imp_ext(content) == ImpExt()


def test_each_call_gives_its_own_object() -> None:
    imp = Imp()
    extension(imp).gpid = "changed"
    assert extension(imp).gpid is None


def test_the_ext_of_the_object_stays_as_it_was_sent() -> None:
    imp = Imp(ext=ext({"gpid": "/1/top", "prebid": {"bidder": {}}}))
    extension(imp)
    assert json.loads(bytes(imp.ext)) == {"gpid": "/1/top", "prebid": {"bidder": {}}}


def test_known_attributes_are_typed_and_unknown_ones_are_ignored() -> None:
    found = imp_ext(
        {
            "gpid": "/1/home#top",
            "tid": "8f1a",
            "bidder": {"anything": [1]},
            "skadn": {
                "versions": ["2.0", "4.0"],
                "skadnetlist": {"max": 306, "excl": [2, 8], "addl": ["cdkw"]},
            },
        }
    )
    assert (found.gpid, found.tid) == ("/1/home#top", "8f1a")
    assert found.skadn is not None
    assert found.skadn.versions == ["2.0", "4.0"]
    assert found.skadn.skadnetlist == SKAdNetworkList(max=306, excl=[2, 8], addl=["cdkw"])


def test_defaults_of_an_extension_are_those_of_its_document() -> None:
    assert imp_ext({"igs": {}}).igs == InterestGroupSupport(ae=1, biddable=0)


def test_objects_of_the_model_are_read_from_their_old_places() -> None:
    user = User(ext=ext({"consent": "CPok", "eids": [{"source": "id5-sync.com", "uids": [{"id": "x", "atype": 1}]}]}))
    eid = EID(source="id5-sync.com", uids=[UID(id="x", atype=1)])
    assert extension(user) == UserExt(consent="CPok", eids=[eid])

    chain = {"complete": 1, "ver": "1.0", "nodes": [{"asi": "a.com", "sid": "1"}]}
    expected = SupplyChain(complete=1, ver="1.0", nodes=[SupplyChainNode(asi="a.com", sid="1")])
    assert extension(Source(ext=ext({"schain": chain}))) == SourceExt(schain=expected)
    assert extension(BidRequest(ext=ext({"schain": chain}))).schain == expected


def test_what_a_document_leaves_free_stays_undecoded() -> None:
    found = extension(User(ext=ext({"digitrust": {"id": "x", "keyv": 4}}))).digitrust
    assert json.loads(bytes(found)) == {"id": "x", "keyv": 4}


def test_response_extensions_are_read() -> None:
    bid = Bid(ext=ext({"dsa": {"paid": "Brand", "transparency": [{"domain": "d.com", "dsaparams": [1, 2]}]}}))
    transparency = [DSATransparency(domain="d.com", dsaparams=[1, 2])]
    assert extension(bid) == BidExt(dsa=DSAResponse(paid="Brand", transparency=transparency))

    response = BidResponse(ext=ext({"seatnonbid": [{"seat": "s", "nonbid": [{"impid": "1", "statuscode": 301}]}]}))
    assert extension(response) == BidResponseExt(
        seatnonbid=[SeatNonBid(seat="s", nonbid=[NonBid(impid="1", statuscode=301)])]
    )


def test_an_extension_can_be_written_and_read_back() -> None:
    written = BidExt(dsa=DSAResponse(paid="Brand", adrender=1), scid="c-1")
    assert extension(Bid(ext=Raw(msgspec.json.encode(written)))) == written


def test_the_product_feed_stands_beside_ext() -> None:
    body = b'{"id":"1","prodfeed":{"domain":"store.com","bprod":["sku1"]}}'
    found = msgspec.json.decode(body, type=BidRequest)
    assert found.prodfeed == ProductFeed(domain="store.com", bprod=["sku1"])


# Tolerance


@pytest.mark.parametrize(
    ("content", "read"),
    [
        ({"intrinsic": "1"}, ImpExt(intrinsic=1)),
        ({"intrinsic": True}, ImpExt(intrinsic=1)),
        ({"intrinsic": 1.0}, ImpExt(intrinsic=1)),
        ({"gpid": 1234}, ImpExt(gpid="1234")),
        ({"gpid": None, "tid": "t"}, ImpExt(tid="t")),
        ({"igs": {"ae": None, "biddable": "1"}}, ImpExt(igs=InterestGroupSupport(ae=1, biddable=1))),
    ],
    ids=lambda value: json.dumps(value) if isinstance(value, dict) else None,
)
def test_forms_that_exchanges_are_known_to_send_are_mended(content: Any, read: ImpExt) -> None:
    assert imp_ext(content) == read


def test_integer_gpc_signal_is_read_as_its_text() -> None:
    assert extension(Regs(ext=ext({"gpc": 1}))) == RegsExt(gpc="1")


@pytest.mark.parametrize("wrong", [{}, [[]], "x", 1.5, 2**60, "1e999", None], ids=json.dumps)
def test_unreadable_attribute_costs_no_other(wrong: Any) -> None:
    assert extension(Device(ext=ext({"ifv": "v", "atts": wrong, "cdep": "c"}))).ifv == "v"
    assert extension(Device(ext=ext({"ifv": "v", "atts": wrong, "cdep": "c"}))).atts is None


def test_unreadable_attribute_deep_inside_costs_only_itself() -> None:
    fidelities = [{"fidelity": {}, "nonce": "n"}, "no object", {"fidelity": "1"}]
    found = extension(Bid(ext=ext({"skadn": {"version": "4.0", "campaign": [], "fidelities": fidelities}}))).skadn
    assert found is not None
    assert (found.version, found.campaign) == ("4.0", None)
    assert found.fidelities == [SKAdNetworkFidelity(nonce="n"), SKAdNetworkFidelity(fidelity=1)]


def test_unreadable_items_leave_an_array() -> None:
    found = imp_ext({"skadn": {"versions": ["2.0", 2.2, [], {}, None, "4.0"]}}).skadn
    assert found is not None
    assert found.versions == ["2.0", "2.2", "4.0"]


def test_one_value_is_an_array_of_one_except_where_objects_are_wanted() -> None:
    assert extension(Data(ext=ext({"cids": "c1", "segtax": {}}))).cids == ["c1"]
    assert extension(User(ext=ext({"eids": {"source": "a.com"}}))).eids is None


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999"])
def test_price_is_never_other_than_finite(number: str) -> None:
    igi = [{"igb": [{"origin": "o", "maxbid": number}]}]
    found = extension(BidResponse(ext=ext({"igi": igi})))
    assert found.igi == [InterestGroupIntent(igb=[InterestGroupBuyer(origin="o")])]


def _objects_with_ext(found: Any) -> Iterator[Any]:
    """Every object below `found` that has an `ext` and known extensions."""
    if isinstance(found, list):
        for item in found:
            yield from _objects_with_ext(item)
    elif isinstance(found, msgspec.Struct):
        if type(found) in EXTENSIONS and found.ext:  # type: ignore[attr-defined]
            yield found
        for name in found.__struct_fields__:
            yield from _objects_with_ext(getattr(found, name))


def test_every_ext_of_the_corpus_is_read() -> None:
    requests = [body for record, body in shared.corpus_bodies("requests") if record["kind"] == "request"]
    found = [extension(obj) for body in requests for obj in _objects_with_ext(_decoded(body))]
    assert len(found) > 3_000
    assert all(isinstance(each, tuple(EXTENSIONS.values())) for each in found)


def _decoded(body: bytes) -> BidRequest | None:
    try:
        return decode_request(body)
    except DecodeError:
        return None


# Errors


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"gpid":', "truncated"),
        (b'{"gpid":NaN}', "malformed"),
        (b'{"gpid":"x","tid":1}}', "malformed"),
        (b'{"gpid":"\xff"}', r"UTF-8, found b'\\xff'"),
        (b'{"gpid":1,"\xff":2}', "UTF-8"),
        (b'{"gpid":"\\ud800"}', "truncated"),
        (b'{"gpid":1,"x":' + DEEP + b"}", "nested too deeply"),
        (b'{"skadn":{"versions":[' + b"{}," * MAX_REPAIRS + b'"2.0"]}}', f"more than {MAX_REPAIRS} values"),
    ],
    ids=["cut short", "not a number", "bytes behind", "not UTF-8", "key not UTF-8", "lone surrogate", "deep", "many"],
)
def test_ext_that_cannot_be_read_raises_a_decode_error_at_ext(content: bytes, message: str) -> None:
    with pytest.raises(DecodeError, match=message) as caught:
        imp_ext(content)
    assert caught.value.path.startswith("$.ext")


def test_unreadable_text_in_what_nobody_asked_for_does_no_harm() -> None:
    assert imp_ext(b'{"gpid":"x","other":"\xff"}') == ImpExt(gpid="x")


def test_object_without_known_extensions_is_refused_by_name() -> None:
    with pytest.raises(KeyError, match="UID"):
        extension(UID(ext=ext({"rtiPartner": "TDID"})))  # type: ignore[call-overload]


KEYS = sorted({name for cls in EXTENSIONS.values() for name in cls.__struct_fields__} | {"ae", "max", "nonbid", "igb"})
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(["1", "-3e2"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=6),
    max_leaves=24,
)
OWNERS = st.sampled_from(list(EXTENSIONS))


@given(OWNERS, st.dictionaries(st.sampled_from(KEYS), JSON, max_size=8))
def test_any_object_gives_an_extension_that_fits_its_types(owner: Any, content: dict[str, Any]) -> None:
    body = msgspec.json.encode(content)
    found = extension(owner(ext=Raw(body)))
    again = msgspec.json.decode(msgspec.json.encode(found), type=EXTENSIONS[owner])
    assert again == found


@given(OWNERS, st.binary(max_size=64) | JSON.map(lambda value: msgspec.json.encode(value)[:-1]))
def test_any_bytes_give_an_extension_or_a_decode_error(owner: Any, content: bytes) -> None:
    try:
        found = extension(owner(ext=Raw(content)))
    except DecodeError:
        return
    assert isinstance(found, EXTENSIONS[owner])
