"""Whether creatives fit: one table row for each side of each boundary."""

from typing import Any

import pytest

from bidder.auction.creative import misfit, misfits, prepare
from bidder.config.schema import Approval, Image, Media, NativeAssets
from bidder.domain.reason import Reason
from tests.auction.creative.builders import IMPS, creative, media, native_imp, slot_of

Row = tuple[str, dict[str, Any], dict[str, Any], Reason]
"""Format, changes to the creative, changes to the media object, and what is expected."""

FITS = Reason.BID

BANNER: list[Row] = [
    ("banner", {}, {}, FITS),
    ("banner", {"size": "300x251"}, {}, Reason.CREATIVE_SIZE),
    ("banner", {}, {"w": None, "h": None, "format": [{"w": 728, "h": 90}, {"w": 300, "h": 250}]}, FITS),
    ("banner", {}, {"w": None, "h": None, "format": [{"w": 250, "h": 300}]}, Reason.CREATIVE_SIZE),
    ("banner", {}, {"w": None, "h": None}, FITS),
    ("banner", {"image": None, "html": "<b>", "size": None}, {"w": 11, "h": 7}, FITS),
    ("banner", {}, {"w": None, "h": None, "format": [{"wratio": 6, "hratio": 5, "wmin": 300}]}, FITS),
    ("banner", {}, {"w": None, "h": None, "format": [{"wratio": 6, "hratio": 5, "wmin": 301}]}, Reason.CREATIVE_SIZE),
    ("banner", {}, {"w": None, "h": None, "format": [{"wratio": 5, "hratio": 6, "wmin": 1}]}, Reason.CREATIVE_SIZE),
    ("banner", {}, {"w": 728, "h": 90, "format": [{"wratio": 6, "hratio": 5, "wmin": 1}]}, FITS),
    ("banner", {"attr": (13,)}, {"battr": [1, 13]}, Reason.CREATIVE_ATTRIBUTE),
    ("banner", {"attr": (13,)}, {"battr": [1, 14]}, FITS),
    ("banner", {}, {"btype": [1, 3, 4]}, FITS),
    ("banner", {}, {"btype": [2]}, Reason.CREATIVE_TYPE),
    ("banner", {"image": None, "html": "<SCRIPT>x</SCRIPT>"}, {"btype": [3]}, Reason.CREATIVE_TYPE),
    ("banner", {"image": None, "html": "<iframe src='x'></iframe>"}, {"btype": [4]}, Reason.CREATIVE_TYPE),
    ("banner", {"image": None, "html": "<p>x</p>", "attr": (12,)}, {"btype": [2]}, FITS),
    ("banner", {"image": None, "html": "<p>x</p>", "attr": (12,)}, {"btype": [1]}, Reason.CREATIVE_TYPE),
    ("banner", {"api": (5,)}, {"api": [3, 5]}, FITS),
    ("banner", {"api": (5, 6)}, {"api": [3, 5]}, Reason.CREATIVE_API),
    ("banner", {"api": (5,)}, {}, Reason.CREATIVE_API),
    ("banner", {}, {"mimes": ["image/PNG"]}, FITS),
    ("banner", {}, {"mimes": ["text/html"]}, FITS),
    ("banner", {}, {"mimes": ["image/gif"]}, Reason.CREATIVE_MIME),
    ("banner", {"image": "https://c.example/a.JPG?x=.png"}, {"mimes": ["image/jpg"]}, FITS),
    ("banner", {"image": "https://c.example/render?id=5"}, {"mimes": ["image/gif"]}, FITS),
    ("banner", {"image": None, "html": "<b>"}, {"mimes": ["image/png"]}, Reason.CREATIVE_MIME),
    ("banner", {"image": None, "html": "<b>"}, {"mimes": ["image/png", "application/javascript"]}, FITS),
    ("banner", {"expandable": (1, 2)}, {"expdir": [1, 2, 3]}, FITS),
    ("banner", {"expandable": (1, 2)}, {"expdir": [1]}, Reason.CREATIVE_EXPANDABLE),
    ("banner", {"expandable": (1,)}, {}, Reason.CREATIVE_EXPANDABLE),
]

WEBM = media(type="video/webm", bitrate_kbps=300, url="https://cdn.brand.com/a.webm")
TAG = {"media": (), "vast_url": "https://tags.brand.com/v?x=1"}

VIDEO: list[Row] = [
    ("video", {}, {}, FITS),
    ("video", {}, {"mimes": []}, FITS),
    ("video", {}, {"mimes": ["video/webm"]}, Reason.CREATIVE_MIME),
    ("video", {"media": (media(), WEBM)}, {"mimes": ["video/webm"]}, FITS),
    ("video", {}, {"delivery": [2]}, FITS),
    ("video", {}, {"delivery": [3]}, FITS),
    ("video", {}, {"delivery": [1]}, Reason.CREATIVE_MIME),
    ("video", {"media": (media(delivery="streaming"),)}, {"delivery": [1, 3]}, FITS),
    ("video", {"media": (media(delivery="streaming"),)}, {"delivery": [2]}, Reason.CREATIVE_MIME),
    ("video", TAG, {"mimes": ["video/webm"], "delivery": [1]}, FITS),
    *[("video", {}, {"protocols": [code]}, FITS) for code in (2, 3, 7, 11, 13, 15)],
    *[("video", {}, {"protocols": [code]}, Reason.CREATIVE_PROTOCOL) for code in (1, 4, 5, 6, 8, 9, 10, 12, 99)],
    ("video", {"skip_after_s": 5}, {"protocols": [2]}, Reason.CREATIVE_PROTOCOL),
    ("video", {"skip_after_s": 5}, {"protocols": [2, 3]}, FITS),
    ("video", TAG, {"protocols": [3]}, Reason.CREATIVE_PROTOCOL),
    ("video", TAG, {"protocols": [6]}, FITS),
    ("video", TAG, {}, FITS),
    ("video", {**TAG, "vast_protocol": 6}, {"protocols": [6]}, FITS),
    ("video", {**TAG, "vast_protocol": 13}, {"protocols": [14]}, FITS),
    ("video", {**TAG, "vast_protocol": 1}, {}, Reason.CREATIVE_PROTOCOL),
    ("video", {**TAG, "vast_protocol": 9}, {}, Reason.CREATIVE_PROTOCOL),
    ("video", {"linear": False}, {}, Reason.CREATIVE_PROTOCOL),
    ("video", {}, {"minduration": 15, "maxduration": 15}, FITS),
    ("video", {}, {"minduration": 16}, Reason.CREATIVE_DURATION),
    ("video", {}, {"maxduration": 14}, Reason.CREATIVE_DURATION),
    ("video", {}, {"maxduration": 10, "maxextended": 5}, FITS),
    ("video", {}, {"maxduration": 10, "maxextended": 4}, Reason.CREATIVE_DURATION),
    ("video", {}, {"maxduration": 10, "maxextended": -1}, FITS),
    ("video", {}, {"rqddurs": [10, 15]}, FITS),
    ("video", {}, {"rqddurs": [10, 16]}, Reason.CREATIVE_DURATION),
    ("video", {}, {"rqddurs": [15], "minduration": 20}, FITS),
    ("video", {}, {"poddur": 14}, Reason.CREATIVE_DURATION),
    ("video", {}, {"poddur": 15}, FITS),
    ("video", {**TAG, "duration_s": None}, {}, FITS),
    ("video", {**TAG, "duration_s": None}, {"maxduration": 3600}, Reason.CREATIVE_DURATION),
    ("video", {**TAG, "duration_s": None}, {"minduration": 1}, Reason.CREATIVE_DURATION),
    ("video", {**TAG, "duration_s": None}, {"podid": "p"}, Reason.CREATIVE_DURATION),
    ("video", {**TAG, "duration_s": None}, {"rqddurs": [15]}, Reason.CREATIVE_DURATION),
    ("video", {}, {"linearity": 1}, FITS),
    ("video", {}, {"linearity": 2}, Reason.CREATIVE_LINEARITY),
    ("video", {**TAG, "linear": False}, {"linearity": 1}, Reason.CREATIVE_LINEARITY),
    ("video", {**TAG, "linear": False}, {"linearity": 2}, FITS),
    ("video", {**TAG, "linear": False}, {}, FITS),
    ("video", {}, {"skip": 0}, FITS),
    ("video", {"skip_after_s": 5}, {}, FITS),
    ("video", {"skip_after_s": 5}, {"skip": 1}, FITS),
    ("video", {"skip_after_s": 5}, {"skip": 1, "battr": [16]}, FITS),
    ("video", {"skip_after_s": 5}, {"skip": 0}, Reason.CREATIVE_SKIP),
    ("video", {"skip_after_s": 5}, {"battr": [16]}, Reason.CREATIVE_SKIP),
    ("video", {**TAG, "skip_after_s": 5}, {}, FITS),
    ("video", {**TAG, "skip_after_s": 5}, {"skip": 1}, Reason.CREATIVE_SKIP),
    ("video", {**TAG, "skip_after_s": 5}, {"skip": 0}, Reason.CREATIVE_SKIP),
    ("video", {**TAG, "skip_after_s": 5}, {"battr": [16]}, Reason.CREATIVE_ATTRIBUTE),
    ("video", {"attr": (16,)}, {"skip": 1}, Reason.CREATIVE_SKIP),
    ("video", {"attr": (16,)}, {"battr": [16]}, Reason.CREATIVE_ATTRIBUTE),
    ("video", {}, {"minbitrate": 1200, "maxbitrate": 1200}, FITS),
    ("video", {}, {"minbitrate": 1201}, Reason.CREATIVE_BITRATE),
    ("video", {}, {"maxbitrate": 1199}, Reason.CREATIVE_BITRATE),
    ("video", {"media": (media(), media(bitrate_kbps=600))}, {"maxbitrate": 1000}, FITS),
    ("video", {"media": (media(), WEBM)}, {"maxbitrate": 1000}, Reason.CREATIVE_BITRATE),
    ("video", TAG, {"maxbitrate": 1}, FITS),
    ("video", {**TAG, "api": (2,)}, {"api": [1]}, Reason.CREATIVE_API),
]

AUDIO: list[Row] = [
    ("audio", {}, {}, FITS),
    ("audio", {}, {"mimes": ["audio/ogg"]}, Reason.CREATIVE_MIME),
    *[("audio", {}, {"protocols": [code]}, FITS) for code in (7, 9, 11, 13, 15)],
    *[("audio", {}, {"protocols": [code]}, Reason.CREATIVE_PROTOCOL) for code in (2, 3, 8, 10)],
    ("audio", {**TAG, "vast_protocol": 9}, {"protocols": [10]}, FITS),
    ("audio", {**TAG, "vast_protocol": 9}, {"protocols": [9]}, Reason.CREATIVE_PROTOCOL),
    ("audio", {}, {"maxduration": 14}, Reason.CREATIVE_DURATION),
    ("audio", {}, {"maxbitrate": 127}, Reason.CREATIVE_BITRATE),
    ("audio", {}, {"battr": [1]}, FITS),
    ("audio", {"attr": (1,)}, {"battr": [1]}, Reason.CREATIVE_ATTRIBUTE),
]


@pytest.mark.parametrize(("kind", "changes", "asked", "expected"), BANNER + VIDEO + AUDIO)
def test_a_creative_fits_what_the_media_object_asks(
    kind: str, changes: dict[str, Any], asked: dict[str, Any], expected: Reason
) -> None:
    shown = prepare(creative(kind, **changes), "c")
    slot = slot_of({kind: {**IMPS[kind][kind], **asked}}, kind)
    assert misfit(shown, slot, "x", ()) is expected
    assert [reason for reason, _, _ in misfits(shown, slot, "x", ())] == ([] if expected is FITS else [expected])


def asset(**kind: Any) -> dict[str, Any]:
    return {"id": 1, "required": 1, **kind}


MAIN = {"type": 3, "wmin": 1200, "hmin": 627}

NATIVE: list[tuple[list[dict[str, Any]], Reason]] = [
    ([asset(title={"len": 12})], FITS),
    ([asset(title={"len": 11})], Reason.CREATIVE_NATIVE_ASSETS),
    ([asset(title={})], FITS),
    ([asset(title={"len": 0})], FITS),
    ([asset(data={"type": 2, "len": 23})], FITS),
    ([asset(data={"type": 2, "len": 22})], Reason.CREATIVE_NATIVE_ASSETS),
    ([asset(data={"type": 2})], FITS),
    ([asset(data={"type": 8})], Reason.CREATIVE_NATIVE_ASSETS),
    ([asset(data={"type": 501})], Reason.CREATIVE_NATIVE_ASSETS),
    ([asset(data={})], Reason.CREATIVE_NATIVE_ASSETS),
    ([asset(img=MAIN)], FITS),
    ([asset(img={**MAIN, "wmin": 1201})], Reason.CREATIVE_NATIVE_ASSETS),
    ([asset(img={**MAIN, "hmin": 628})], Reason.CREATIVE_NATIVE_ASSETS),
    ([asset(img={"type": 3, "w": 1200, "h": 627})], FITS),
    ([asset(img={"type": 3, "w": 1199, "h": 627})], Reason.CREATIVE_NATIVE_ASSETS),
    ([asset(img={"type": 3, "w": 600, "h": 300, "wmin": 300, "hmin": 150})], FITS),
    ([asset(img={"type": 3, "w": 180, "h": 120, "wmin": 0, "hmin": 0})], FITS),
    ([asset(img={**MAIN, "mimes": ["image/jpg"]})], FITS),
    ([asset(img={**MAIN, "mimes": ["image/JPEG"]})], FITS),
    ([asset(img={**MAIN, "mimes": ["image/png"]})], Reason.CREATIVE_NATIVE_ASSETS),
    ([asset(img={"type": 1, "wmin": 80, "hmin": 80})], FITS),
    ([asset(img={"type": 2, "wmin": 80, "hmin": 80})], FITS),
    ([asset(img={"type": 1, "wmin": 81, "hmin": 80})], Reason.CREATIVE_NATIVE_ASSETS),
    ([asset(img={"type": 500, "wmin": 1, "hmin": 1})], Reason.CREATIVE_NATIVE_ASSETS),
    ([asset(img={"wmin": 50, "hmin": 50})], FITS),
    ([asset(video={"mimes": ["video/mp4"], "minduration": 1, "maxduration": 9})], Reason.CREATIVE_NATIVE_ASSETS),
    ([asset()], Reason.CREATIVE_NATIVE_ASSETS),
    ([asset(title={"len": 90}), {"id": 2, "video": {"mimes": []}}], FITS),
    ([{"id": 2, "video": {"mimes": []}}], Reason.CREATIVE_NATIVE_ASSETS),
    ([asset(title={"len": 90}), asset(data={"type": 1})], Reason.CREATIVE_NATIVE_ASSETS),
    ([{"required": 1, "title": {"len": 90}}], Reason.CREATIVE_NATIVE_ASSETS),
    ([], Reason.CREATIVE_NATIVE_ASSETS),
]


@pytest.mark.parametrize(("assets", "expected"), NATIVE)
def test_a_native_ad_answers_every_required_asset_in_kind_length_size_and_type(
    assets: list[dict[str, Any]], expected: Reason
) -> None:
    slot = slot_of(native_imp(assets), "native")
    assert misfit(prepare(creative("native"), "c"), slot, "x", ()) is expected


def test_a_native_request_that_cannot_be_read_fits_nothing() -> None:
    slot = slot_of({"native": {"request": "{"}}, "native")
    assert misfit(prepare(creative("native"), "c"), slot, "x", ()) is Reason.CREATIVE_NATIVE_ASSETS


def test_a_second_main_image_is_sent_where_the_first_does_not_fit() -> None:
    images = (Image(url="https://c.example/s.png", size="10x10"), Image(url="https://c.example/l.png", size="90x90"))
    shown = prepare(creative("native", native=NativeAssets(title="t", images=images)), "c")
    assert misfit(shown, slot_of(native_imp([asset(img={"type": 3, "wmin": 50})]), "native"), "x", ()) is FITS
    found = shown.assets and shown.assets.answers(_wanted([asset(img={"type": 3, "wmin": 50})]))
    assert found
    assert "l.png" in found[0]


def _wanted(assets: list[dict[str, Any]]) -> Any:
    return slot_of(native_imp(assets), "native").native


@pytest.mark.parametrize("name", IMPS)
def test_a_creative_of_another_format_is_judged_no_further(name: str) -> None:
    other = "native" if name == "banner" else "banner"
    slot = slot_of({**IMPS[name], "secure": 1}, name)
    shown = prepare(creative(other, secure=False, attr=(1,)), "c")
    assert misfit(shown, slot, "x", ()) is Reason.NO_CREATIVE_OF_FORMAT
    assert misfits(shown, slot, "x", ()) == [(Reason.NO_CREATIVE_OF_FORMAT, other, name)]


@pytest.mark.parametrize(
    ("approval", "exchange", "deals", "expected"),
    [
        (Approval(), "x", (), FITS),
        (Approval(exchanges=("x",)), "x", (), FITS),
        (Approval(exchanges=("y",)), "x", (), Reason.CREATIVE_NOT_APPROVED),
        (Approval(deals=("d",)), "x", ("e", "d"), FITS),
        (Approval(deals=("d",)), "x", ("e",), Reason.CREATIVE_NOT_APPROVED),
        (Approval(deals=("d",)), "x", (), Reason.CREATIVE_NOT_APPROVED),
        (Approval(exchanges=("x",), deals=("d",)), "x", ("d",), FITS),
        (Approval(exchanges=("y",), deals=("d",)), "x", ("d",), Reason.CREATIVE_NOT_APPROVED),
    ],
)
def test_a_creative_runs_where_it_is_approved(
    approval: Approval, exchange: str, deals: tuple[str, ...], expected: Reason
) -> None:
    shown = prepare(creative(approval=approval), "c")
    slot = slot_of(IMPS["banner"], "banner")
    assert misfit(shown, slot, exchange, deals) is expected
    assert [reason for reason, _, _ in misfits(shown, slot, exchange, deals)] == ([expected] if expected else [])


@pytest.mark.parametrize(
    ("language", "allowed", "expected"),
    [
        ("en", {}, FITS),
        ("en", {"wlang": ["de", "EN"]}, FITS),
        ("en", {"wlang": ["de"]}, Reason.CREATIVE_LANGUAGE),
        ("pt", {"wlangb": ["pt-BR"]}, FITS),
        ("pt", {"wlangb": ["es-MX"]}, Reason.CREATIVE_LANGUAGE),
        (None, {"wlang": ["de"]}, FITS),
    ],
)
def test_a_creative_speaks_an_allowed_language(
    language: str | None, allowed: dict[str, list[str]], expected: Reason
) -> None:
    slot = slot_of(IMPS["banner"], "banner", **allowed)
    assert misfit(prepare(creative(language=language), "c"), slot, "x", ()) is expected


HTTP = "http://cdn.brand.com/a"


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        ("banner", {"secure": False}),
        ("banner", {"image": HTTP}),
        ("banner", {"image": None, "html": f'<img src="{HTTP}"><a href="{{click}}">x</a>'}),
        ("video", {"media": (media(url=HTTP),)}),
        ("video", {"media": (), "vast_url": HTTP}),
        ("audio", {"media": (Media(url=HTTP, type="audio/mpeg", bitrate_kbps=64),)}),
        ("native", {"native": NativeAssets(title="t", icon=Image(url=HTTP, size="9x9"))}),
        ("native", {"native": NativeAssets(title="t", images=(Image(url=HTTP, size="9x9"),))}),
    ],
)
def test_a_creative_with_a_plain_http_part_stays_off_secure_imps(kind: str, changes: dict[str, Any]) -> None:
    shown = prepare(creative(kind, **changes), "c")
    assert misfit(shown, slot_of({**IMPS[kind], "secure": 1}, kind), "x", ()) is Reason.CREATIVE_NOT_SECURE
    assert misfit(shown, slot_of(IMPS[kind], kind), "x", ()) is FITS


def test_a_landing_page_may_be_plain_http_on_a_secure_imp() -> None:
    shown = prepare(creative(landing="http://brand.com/"), "c")
    assert misfit(shown, slot_of({**IMPS["banner"], "secure": 1}, "banner"), "x", ()) is FITS
