"""One fault a request: each is found, alone, under its rule and at its place."""

from typing import Any, NamedTuple

import pytest
from msgspec import Raw

from openrtb.audience import Device, Geo, User
from openrtb.context import DOOH, App, Content, Site
from openrtb.imp import Audio, Banner, Deal, DurFloors, Format, Imp, Metric, Native, Pmp, Qty
from openrtb.native import AssetRequest, DataRequest, EventTrackerRequest, ImageRequest, TitleRequest, VideoRequest
from openrtb.request import BidRequest, Regs, Source, SupplyChain, SupplyChainNode
from openrtb.validate import validate_request
from tests.openrtb.builders import (
    audio_imp,
    banner_imp,
    deal_imp,
    ext,
    imp,
    native_imp,
    native_request,
    request,
    video,
    video_imp,
)


class Fault(NamedTuple):
    """A request that is wrong in one way, and what should be said of it."""

    name: str
    request: BidRequest
    rule: str
    path: str


TCF = "CPXxRfAPXxRfAAfKABENB-CgAAAAAAAAAAYgAAAAAAAA"


def device(**changes: Any) -> BidRequest:
    return request(device=Device(**{"ip": "192.0.2.7", **changes}))


def geo(**changes: Any) -> BidRequest:
    return device(geo=Geo(**changes))


def chain(*nodes: SupplyChainNode, **changes: Any) -> BidRequest:
    defaults = {"complete": 1, "ver": "1.0", "nodes": list(nodes) or [node()]}
    return request(source=Source(schain=SupplyChain(**{**defaults, **changes})))


def node(**changes: Any) -> SupplyChainNode:
    return SupplyChainNode(**{"asi": "exchange.test", "sid": "7", "hp": 1, **changes})


def native(*assets: AssetRequest, **changes: Any) -> BidRequest:
    return request(native_imp(native_request(*assets, **changes)))


def screen(**changes: Any) -> BidRequest:
    place = Device(**{"geo": Geo(lat=48.1, lon=11.5), "devicetype": 8, **changes})
    return request(site=None, dooh=DOOH(id="screen-1"), device=place)


NATIVE = "$.imp[0].native.request"

FAULTS = [
    # the auction
    Fault("the request has no id", request(id=""), "req-id", "$.id"),
    Fault("nothing is on offer", BidRequest(id="auction-1"), "req-imp-min-one", "$.imp"),
    Fault("site and app are both there", request(app=App(id="app-1")), "req-one-channel", "$.app"),
    Fault("the auction is fixed price", request(at=3), "req-at-custom", "$.at"),
    Fault("seats are both allowed and blocked", request(wseat=["a"], bseat=["b"]), "req-seat-lists", "$.bseat"),
    Fault("languages are in both lists", request(wlang=["de"], wlangb=["de-AT"]), "req-lang-lists", "$.wlangb"),
    Fault("categories are both allowed and blocked", request(acat=["1"], bcat=["2"]), "req-acat-bcat", "$.bcat"),
    Fault("tmax is negative", request(tmax=-1), "attribute-range", "$.tmax"),
    Fault("a flag is 2", request(test=2), "attribute-range", "$.test"),
    Fault("a currency is in lower case", request(cur=["USD", "usd"]), "currency-code", "$.cur[1]"),
    Fault("the auction type is unknown", request(at=77), "enum-unknown", "$.at"),
    # supply chain
    Fault(
        "the chain has no nodes",
        request(source=Source(schain=SupplyChain(complete=1, ver="1.0"))),
        "schain-required",
        "$.source.schain.nodes",
    ),
    Fault(
        "the chain does not say whether it is whole",
        chain(complete=None),
        "schain-required",
        "$.source.schain.complete",
    ),
    Fault("the chain has no version", chain(ver=""), "schain-required", "$.source.schain.ver"),
    Fault("a node has no system", chain(node(), node(asi="")), "schain-required", "$.source.schain.nodes[1].asi"),
    Fault("a node has no seller", chain(node(sid="")), "schain-required", "$.source.schain.nodes[0].sid"),
    Fault("a node does not say it is paid", chain(node(hp=None)), "schain-hp", "$.source.schain.nodes[0].hp"),
    Fault("a node says it is not paid", chain(node(hp=0)), "schain-hp", "$.source.schain.nodes[0].hp"),
    Fault(
        "a node's system is a URL",
        chain(node(asi="https://exchange.test/")),
        "schain-domains",
        "$.source.schain.nodes[0].asi",
    ),
    # privacy
    Fault(
        "us_privacy has a letter too few", request(regs=Regs(us_privacy="1YN")), "regs-us-privacy", "$.regs.us_privacy"
    ),
    Fault(
        "us_privacy leaves out only the opt-out",
        request(regs=Regs(us_privacy="1Y-N")),
        "regs-us-privacy",
        "$.regs.us_privacy",
    ),
    Fault("gpp has no sections in force", request(regs=Regs(gpp="DBAA")), "regs-gpp", "$.regs.gpp_sid"),
    Fault("sections are in force without gpp", request(regs=Regs(gpp_sid=[7])), "regs-gpp", "$.regs.gpp"),
    Fault("gpp is a TCF string", request(regs=Regs(gpp=TCF, gpp_sid=[2])), "regs-gpp-prefix", "$.regs.gpp"),
    Fault("gpc is no header value", request(regs=Regs(ext=ext(gpc="yes"))), "regs-gpc", "$.regs.ext.gpc"),
    Fault("GDPR applies without a consent string", request(regs=Regs(gdpr=1)), "regs-gdpr", "$.user.consent"),
    Fault("the consent is no TCF string", request(user=User(consent="1")), "consent-string", "$.user.consent"),
    Fault("regs.ext is not JSON", request(regs=Regs(ext=Raw(b'{"gpc":'))), "ext-unreadable", "$.regs.ext"),
    Fault("gdpr is 2", request(regs=Regs(gdpr=2)), "attribute-range", "$.regs.gdpr"),
    # imp
    Fault("an imp has no id", request(banner_imp(id="")), "required-attribute", "$.imp[0].id"),
    Fault("two imps share an id", request(banner_imp(), banner_imp()), "imp-id-unique", "$.imp[1].id"),
    Fault("an imp has no media type", request(imp()), "imp-one-media", "$.imp[0]"),
    Fault("dt is in seconds", request(banner_imp(dt=1_700_000_000.0)), "imp-dt", "$.imp[0].dt"),
    Fault("the floor is negative", request(banner_imp(bidfloor=-0.5)), "attribute-range", "$.imp[0].bidfloor"),
    Fault(
        "the floor is not a number", request(banner_imp(bidfloor=float("nan"))), "attribute-range", "$.imp[0].bidfloor"
    ),
    Fault(
        "a measured quantity names no vendor",
        request(banner_imp(qty=Qty(multiplier=2.0, sourcetype=1))),
        "qty-vendor",
        "$.imp[0].qty.vendor",
    ),
    Fault(
        "a quantity is nothing",
        request(banner_imp(qty=Qty(multiplier=0.0))),
        "attribute-range",
        "$.imp[0].qty.multiplier",
    ),
    Fault(
        "a metric has no value",
        request(banner_imp(metric=[Metric(type="viewability")])),
        "required-attribute",
        "$.imp[0].metric[0].value",
    ),
    # banner
    Fault("a banner has no size", request(imp(banner=Banner(w=300))), "banner-size", "$.imp[0].banner"),
    Fault(
        "a format has no height",
        request(imp(banner=Banner(format=[Format(w=300)]))),
        "format-pair",
        "$.imp[0].banner.format[0]",
    ),
    Fault(
        "a format is both size and ratio",
        request(imp(banner=Banner(format=[Format(w=300, h=250, wratio=6)]))),
        "format-pair",
        "$.imp[0].banner.format[0]",
    ),
    Fault(
        "a ratio is incomplete",
        request(imp(banner=Banner(format=[Format(wratio=6, hratio=5)]))),
        "format-pair",
        "$.imp[0].banner.format[0]",
    ),
    Fault("a size is negative", request(imp(banner=Banner(w=-300, h=250))), "attribute-range", "$.imp[0].banner.w"),
    Fault(
        "a blocked attribute is unknown",
        request(imp(banner=Banner(w=1, h=1, battr=[3, 99]))),
        "enum-unknown",
        "$.imp[0].banner.battr[1]",
    ),
    # video and audio
    Fault("video has no mimes", request(video_imp(mimes=[])), "required-attribute", "$.imp[0].video.mimes"),
    Fault("audio has no mimes", request(imp(audio=Audio())), "required-attribute", "$.imp[0].audio.mimes"),
    Fault(
        "exact lengths stand beside a range",
        request(video_imp(rqddurs=[15, 30])),
        "video-rqddurs",
        "$.imp[0].video.rqddurs",
    ),
    Fault(
        "audio has exact lengths beside a range",
        request(audio_imp(rqddurs=[15])),
        "video-rqddurs",
        "$.imp[0].audio.rqddurs",
    ),
    Fault(
        "only the old placement is sent",
        request(video_imp(placement=1, plcmt=None)),
        "video-plcmt",
        "$.imp[0].video.plcmt",
    ),
    Fault(
        "there are two playback methods",
        request(video_imp(playbackmethod=[1, 2])),
        "video-playbackmethod-first",
        "$.imp[0].video.playbackmethod",
    ),
    Fault("no length fits", request(video_imp(minduration=31)), "range-order", "$.imp[0].video.minduration"),
    Fault(
        "video has two forms of floor",
        request(video_imp(mincpmpersec=0.1, durfloors=[DurFloors(mindur=5)])),
        "floors-one-form",
        "$.imp[0].video.durfloors",
    ),
    Fault(
        "a floor by length has no end",
        request(video_imp(durfloors=[DurFloors(bidfloor=2.0)])),
        "durfloors-range",
        "$.imp[0].video.durfloors[0]",
    ),
    Fault("the start delay is unknown", request(video_imp(startdelay=-7)), "enum-unknown", "$.imp[0].video.startdelay"),
    # deals
    Fault("a deal has no id", request(deal_imp(id="")), "required-attribute", "$.imp[0].pmp.deals[0].id"),
    Fault(
        "two deals share an id",
        request(banner_imp(pmp=Pmp(deals=[Deal(id="d"), Deal(id="d")]))),
        "deal-id-unique",
        "$.imp[0].pmp.deals[1].id",
    ),
    Fault(
        "a private auction has no deals",
        request(banner_imp(pmp=Pmp(private_auction=1))),
        "pmp-no-deals",
        "$.imp[0].pmp.deals",
    ),
    Fault(
        "a deal has two forms of floor", request(deal_imp(mincpmpersec=0.2)), "floors-one-form", "$.imp[0].pmp.deals[0]"
    ),
    Fault(
        "a deal's currency is a symbol",
        request(deal_imp(bidfloorcur="$")),
        "currency-code",
        "$.imp[0].pmp.deals[0].bidfloorcur",
    ),
    # device, user, place
    Fault("the carrier code has no dash", device(mccmnc="310005"), "device-mccmnc", "$.device.mccmnc"),
    Fault("a hashed device id is sent", device(dpidsha1="da39a3ee"), "device-hash-ids", "$.device.dpidsha1"),
    Fault("the address is no address", device(ip="192.0.2.XXX"), "ip-address", "$.device.ip"),
    Fault("an IPv4 address stands for IPv6", device(ipv6="192.0.2.7"), "ip-address", "$.device.ipv6"),
    Fault("the language is sent twice", device(language="de", langb="de-AT"), "language-xor", "$.device.langb"),
    Fault("the year of birth is sent", request(user=User(yob=1980)), "user-yob-gender", "$.user.yob"),
    Fault("keywords are sent twice", request(user=User(keywords="a", kwarray=["a"])), "keywords-xor", "$.user.kwarray"),
    Fault(
        "keywords of the page's content are sent twice",
        request(site=Site(content=Content(keywords="a", kwarray=["a"]))),
        "keywords-xor",
        "$.site.content.kwarray",
    ),
    Fault("the latitude is beyond the pole", geo(lat=91.0, lon=11.5), "attribute-range", "$.device.geo.lat"),
    Fault("half the place is missing", geo(lat=48.1), "geo-pair", "$.device.geo.lon"),
    Fault("the place is a placeholder", geo(lat=0.0, lon=0.0), "geo-precision", "$.device.geo.lat"),
    Fault("a satellite fix is in whole degrees", geo(lat=48.0, lon=11.0, type=1), "geo-precision", "$.device.geo.lat"),
    Fault("the country has two letters", geo(country="DE"), "country-code", "$.device.geo.country"),
    Fault("a screen has no place", screen(geo=None), "dooh-geo", "$.device.geo"),
    Fault("a screen is called a phone", screen(devicetype=4), "dooh-geo", "$.device.devicetype"),
    # native
    Fault("native has no request", request(imp(native=Native())), "required-attribute", NATIVE),
    Fault(
        "the native request is not JSON", request(imp(native=Native(request="title"))), "native-request-string", NATIVE
    ),
    Fault(
        "no assets are asked for", request(imp(native=Native(request="{}"))), "required-attribute", f"{NATIVE}.assets"
    ),
    Fault(
        "an asset has no id",
        native(AssetRequest(title=TitleRequest(len=25))),
        "required-attribute",
        f"{NATIVE}.assets[0].id",
    ),
    Fault(
        "two assets share an id",
        native(AssetRequest(id=1, title=TitleRequest(len=9)), AssetRequest(id=1, data=DataRequest(type=1))),
        "native-asset-id-unique",
        f"{NATIVE}.assets[1].id",
    ),
    Fault(
        "an asset is of two kinds",
        native(AssetRequest(id=1, title=TitleRequest(len=9), data=DataRequest(type=1))),
        "native-asset-one-kind",
        f"{NATIVE}.assets[0]",
    ),
    Fault("an asset is of no kind", native(AssetRequest(id=1)), "native-asset-one-kind", f"{NATIVE}.assets[0]"),
    Fault(
        "a title has no length",
        native(AssetRequest(id=1, title=TitleRequest())),
        "required-attribute",
        f"{NATIVE}.assets[0].title.len",
    ),
    Fault(
        "an image has no height",
        native(AssetRequest(id=1, img=ImageRequest(w=300))),
        "native-image-size",
        f"{NATIVE}.assets[0].img.h",
    ),
    Fault(
        "an image has a negative width",
        native(AssetRequest(id=1, img=ImageRequest(w=-300, h=200))),
        "attribute-range",
        f"{NATIVE}.assets[0].img.w",
    ),
    Fault(
        "a video has no protocols",
        native(AssetRequest(id=1, video=VideoRequest(mimes=["video/mp4"], minduration=5, maxduration=15))),
        "required-attribute",
        f"{NATIVE}.assets[0].video.protocols",
    ),
    Fault(
        "a text is of no type",
        native(AssetRequest(id=1, data=DataRequest())),
        "required-attribute",
        f"{NATIVE}.assets[0].data.type",
    ),
    Fault(
        "a tracker has no methods",
        native(eventtrackers=[EventTrackerRequest(event=1)]),
        "required-attribute",
        f"{NATIVE}.eventtrackers[0].methods",
    ),
    Fault(
        "the context subtype is of another context",
        native(contextsubtype=21),
        "native-context-subtype",
        f"{NATIVE}.contextsubtype",
    ),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_is_the_only_finding_where(fault: Fault) -> None:
    assert [(found.rule, found.path) for found in validate_request(fault.request)] == [(fault.rule, fault.path)]


@pytest.mark.parametrize(
    "valid",
    [
        pytest.param(request(), id="a banner"),
        pytest.param(request(video_imp()), id="a video"),
        pytest.param(request(audio_imp()), id="an audio slot"),
        pytest.param(request(native_imp()), id="a native placement"),
        pytest.param(request(deal_imp()), id="a deal"),
        pytest.param(request(banner_imp(), banner_imp(id="2")), id="two imps"),
        pytest.param(request(video_imp(rqddurs=[15, 30], minduration=0, maxduration=None)), id="exact lengths"),
        pytest.param(request(video_imp(startdelay=90)), id="a mid-roll after 90 seconds"),
        pytest.param(request(at=501), id="an auction type of the exchange"),
        pytest.param(request(app=App()), id="an empty app beside the site"),
        pytest.param(request(imp(banner=Banner(format=[Format(wratio=6, hratio=5, wmin=300)]))), id="a ratio"),
        pytest.param(request(regs=Regs(us_privacy="1---")), id="a state without a privacy law"),
        pytest.param(request(regs=Regs(gdpr=1), user=User(consent=TCF)), id="consent under GDPR"),
        pytest.param(request(regs=Regs(gpp="DBAA", gpp_sid=[7], ext=ext(gpc="1"))), id="privacy signals of the US"),
        pytest.param(chain(), id="a supply chain"),
        pytest.param(screen(), id="a screen"),
        pytest.param(geo(lat=48.0, lon=11.0, type=2), id="an address located in whole degrees"),
    ],
)
def test_nothing_is_found_in(valid: BidRequest) -> None:
    assert validate_request(valid) == []


def test_messages_name_what_was_found_and_what_would_be_right() -> None:
    (found,) = validate_request(request(cur=["Euro"]))
    assert found.message == '"Euro" is not three upper-case letters of ISO 4217, such as "USD"'
    assert str(found) == f"warning: $.cur[0]: {found.message} [currency-code]"


def test_messages_stay_short_whatever_was_sent() -> None:
    huge = "€" * 100_000
    faulty = request(banner_imp(id=huge), banner_imp(id=huge), cur=[huge], user=User(consent=huge))
    assert all(len(found.message) < 1_000 for found in validate_request(faulty))


def test_all_faults_are_found_at_once() -> None:
    faulty = request(imp(id="", video=video(mimes=[], w=-1)), id="", at=3)
    assert {found.path for found in validate_request(faulty)} == {
        "$.id",
        "$.at",
        "$.imp[0].id",
        "$.imp[0].video.mimes",
        "$.imp[0].video.w",
    }


def test_imp_is_not_changed_by_looking() -> None:
    offered = Imp(id="1", banner=Banner())
    before = repr(offered)
    validate_request(request(offered))
    assert repr(offered) == before
