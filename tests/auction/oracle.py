"""What a bid must be, read straight from the JSON of the request and the answer and from the campaign as it is written.

Nothing here comes from the bidder's own matching, blocks or floors; each function is the plain reading of a sentence of
OpenRTB 2.6 or of the configuration's reference.
"""

import re
from collections.abc import Iterator
from fractions import Fraction
from math import asin, cos, radians, sin, sqrt
from typing import Any

from bidder.config.schema import Campaign, Creative, Targeting
from tests.auction.scenarios import RATES

Json = dict[str, Any]

MEDIA = {1: "banner", 2: "video", 3: "audio", 4: "native"}


def bids_of(answer: Json) -> list[Json]:
    """The bids of an answer."""
    return [bid for seatbid in answer.get("seatbid", ()) for bid in seatbid["bid"]]


def blocked(request: Json, answer: Json, creatives: dict[str, Creative]) -> Iterator[str]:
    """What the request forbids of the bids; `creatives` are known by their `crid`."""
    seats = [seatbid.get("seat") for seatbid in answer.get("seatbid", ())]
    if request.get("wseat") and not set(seats) <= set(request["wseat"]):
        yield f"seats {seats} are not among wseat"
    if set(seats) & set(request.get("bseat", ())):
        yield f"seats {seats} are among bseat"
    if seats and request.get("cur") and answer.get("cur", "USD") not in request["cur"]:
        yield "the currency is not allowed"
    for imp in request["imp"]:
        yield from _together(imp, [bid for bid in bids_of(answer) if bid["impid"] == imp["id"]], creatives)
    for bid in bids_of(answer):
        imp = next(each for each in request["imp"] if each["id"] == bid["impid"])
        creative = creatives[bid["crid"]]
        yield from _advertiser(request, creative)
        yield from _deal(imp, bid, creative, seats[0])
        yield from _medium(imp, bid, creative)


def _together(imp: Json, bids: list[Json], creatives: dict[str, Creative]) -> Iterator[str]:
    """Several bids are for a dynamic pod, fit into it together, and are of different advertisers."""
    if len(bids) < 2:
        return
    pod = next((medium for medium in (imp.get("video"), imp.get("audio")) if medium and "poddur" in medium), None)
    if pod is None:
        yield "two bids on one imp"
        return
    if sum(bid["dur"] for bid in bids) > pod["poddur"]:
        yield "more seconds than the pod has"
    if len(bids) > pod.get("maxseq", len(bids)):
        yield "more ads than the pod takes"
    domains = [domain for bid in bids for domain in creatives[bid["crid"]].adomain]
    if len(domains) != len(set(domains)):
        yield "two ads of one advertiser in a pod"


def _advertiser(request: Json, creative: Creative) -> Iterator[str]:
    named = set(creative.cat) | ({each.split("-")[0] for each in creative.cat} if creative.cattax == 1 else set())
    same = creative.cattax == request.get("cattax", 1)
    if same and named & set(request.get("bcat", ())):
        yield "a category in bcat"
    if request.get("acat"):
        allowed = set(request["acat"])
        paths = [{each, each.split("-")[0]} if creative.cattax == 1 else {each} for each in creative.cat]
        if not same or not paths or not all(path & allowed for path in paths):
            yield "a category that is not in acat"
    for domain in creative.adomain:
        if any(f".{domain}".endswith(f".{each.lower()}") for each in request.get("badv", ())):
            yield "an advertiser in badv"
    if creative.bundle and creative.bundle.lower() in [each.lower() for each in request.get("bapp", ())]:
        yield "an app in bapp"
    languages = request.get("wlang")
    if languages and creative.language and creative.language not in languages:
        yield "a language that is not in wlang"


def _deal(imp: Json, bid: Json, creative: Creative, seat: str | None) -> Iterator[str]:
    pmp = imp.get("pmp", {})
    if "dealid" not in bid:
        if pmp.get("private_auction"):
            yield "the open auction of a private one"
        if creative.approval.deals:
            yield "a creative that is approved for deals, in the open auction"
        return
    deal = next((each for each in pmp.get("deals", ()) if each["id"] == bid["dealid"]), None)
    if deal is None:
        yield "a deal that is not offered"
        return
    if deal.get("wseat") and seat not in deal["wseat"]:
        yield "a deal for other seats"
    domains = deal.get("wadomain")
    if domains and not all(any(f".{d}".endswith(f".{each}") for each in domains) for d in creative.adomain):
        yield "a deal for other advertisers"
    if creative.approval.deals and bid["dealid"] not in creative.approval.deals:
        yield "a creative that is approved for other deals"


def _medium(imp: Json, bid: Json, creative: Creative) -> Iterator[str]:
    medium = imp.get(creative.format)
    if medium is None:
        yield f"{creative.format} where none is wanted"
        return
    if bid.get("mtype") not in {None, *(code for code, name in MEDIA.items() if name == creative.format)}:
        yield "an mtype of another format"
    if {*creative.attr, *bid.get("attr", ())} & set(medium.get("battr", ())):
        yield "an attribute in battr"
    if not set(creative.api) <= set(medium.get("api", ())):
        yield "an API that is not there"
    if imp.get("secure") and (not creative.secure or _plain(bid.get("adm", ""))):
        yield "plain HTTP where HTTPS is needed"
    if creative.approval.exchanges:
        yield "a creative that another exchange approved"
    if creative.format == "banner":
        yield from _banner(medium, bid, creative)
    elif creative.format in {"video", "audio"}:
        yield from _timed(medium, bid, creative)


def _plain(markup: str) -> bool:
    return bool(re.search(r"""src=["']http:""", markup))


def _banner(banner: Json, bid: Json, creative: Creative) -> Iterator[str]:
    sizes = {(each["w"], each["h"]) for each in banner["format"] if "w" in each}
    if sizes and (bid.get("w"), bid.get("h")) not in sizes:
        yield "a size that is not offered"
    ratios = {(each["wratio"], each["hratio"]) for each in banner["format"] if "wratio" in each}
    if ratios and (bid.get("wratio"), bid.get("hratio")) not in ratios:
        yield "a ratio that is not offered"
    types = {2} | ({3} if "<script" in (creative.html or "") else set())
    if types & set(banner.get("btype", ())):
        yield "a type in btype"
    if not set(creative.expandable) <= set(banner.get("expdir", ())):
        yield "a direction that is not in expdir"
    mimes = banner.get("mimes")
    if mimes and not {"text/html", *(["image/png"] if creative.image else [])} & set(mimes):
        yield "a type that is not in mimes"


def _timed(medium: Json, bid: Json, creative: Creative) -> Iterator[str]:
    if creative.media and not {each.type for each in creative.media} & set(medium["mimes"]):
        yield "no media file of a type in mimes"
    if "protocols" in medium and bid.get("protocol") not in medium["protocols"]:
        yield "a protocol that is not in protocols"
    yield from _length(medium, creative.duration_s)
    if creative.media and "maxbitrate" in medium:
        playable = [each for each in creative.media if each.type in medium["mimes"]]
        if not any(each.bitrate_kbps <= medium["maxbitrate"] for each in playable):
            yield "a bit rate above the highest"
    if creative.format == "video" and medium.get("linearity") == 2 and creative.linear:
        yield "linear where non-linear is wanted"
    if creative.skip_after_s is not None and medium.get("skip") == 0:
        yield "a skip control where none is allowed"


def _length(medium: Json, seconds: int | None) -> Iterator[str]:
    endless = "maxduration" not in medium or medium.get("maxextended") == -1
    asked = "rqddurs" in medium or "poddur" in medium or not endless or medium.get("minduration", 0) > 0
    if seconds is None:
        if asked:
            yield "an unknown length where one is asked for"
        return
    if "poddur" in medium and seconds > medium["poddur"]:
        yield "longer than the pod"
    if "rqddurs" in medium:
        if seconds not in medium["rqddurs"]:
            yield "a length that is not in rqddurs"
        return
    if seconds < medium.get("minduration", 0):
        yield "shorter than minduration"
    extra = medium.get("maxextended", 0)
    if "maxduration" in medium and extra != -1 and seconds > medium["maxduration"] + extra:
        yield "longer than maxduration"


def floor_of(imp: Json, bid: Json, creative: Creative) -> Fraction | None:
    """The least price in the account currency; `None` where it cannot be known for lack of a rate."""
    deal = next((each for each in imp.get("pmp", {}).get("deals", ()) if each["id"] == bid.get("dealid")), None)
    source, currency = (deal, deal.get("bidfloorcur", "USD")) if deal else (imp, imp.get("bidfloorcur", "USD"))
    floors = deal or imp.get(creative.format, {})
    seconds = creative.duration_s
    cpm = source.get("bidfloor", 0)
    ranges = [
        each["bidfloor"]
        for each in floors.get("durfloors", ())
        if seconds is not None and each.get("mindur", 0) <= seconds <= each.get("maxdur", seconds)
    ]
    if seconds is not None and "mincpmpersec" in floors:
        cpm = Fraction(str(floors["mincpmpersec"])) * seconds
    elif ranges:
        cpm = max(ranges)
    elif deal and not cpm and seconds is not None and "durfloors" in deal:
        cpm, currency = imp.get("bidfloor", 0), imp.get("bidfloorcur", "USD")
    if cpm == 0:
        return Fraction(0)
    return Fraction(str(cpm)) * Fraction(RATES[currency]) if currency in RATES else None


def unwanted(campaign: Campaign, request: Json, imp: Json) -> Iterator[str]:
    """Why the campaign does not want the imp, by what it names."""
    seen = dict(_seen(request, imp))
    for name, values in seen.items():
        included, excluded = _named(campaign.include, name), _named(campaign.exclude, name)
        if included and not values & included:
            yield f"{name} {values or 'missing'}, but {included} is wanted"
        if values & excluded:
            yield f"{name} {values & excluded} is excluded"
    yield from _versions(campaign, request)
    yield from _distance(campaign, request)
    safe = campaign.safety
    if seen["category"] & {f"{each.cattax}:{name}" for each in safe.categories for name in each.ids}:
        yield "an unsafe category"
    if seen["domain"] & set(safe.domains) or seen["bundle"] & set(safe.bundles):
        yield "an unsafe place"
    for wanted, key in ((campaign.placement.interstitial, "instl"), (campaign.placement.rewarded, "rwdd")):
        if wanted is not None and wanted != bool(imp.get(key)):
            yield key
    least = campaign.placement.min_viewability
    if least is not None and not any(each["value"] >= least for each in imp.get("metric", ())):
        yield "viewability"


def personal(request: Json) -> bool:
    """Whether the request leaves personal data to be used."""
    regs = request.get("regs", {})
    limited = request.get("device", {}).get("lmt") or regs.get("coppa") or regs.get("gdpr")
    return not (limited or regs.get("us_privacy") == "1YYN" or regs.get("ext", {}).get("gpc"))


def _named(target: Targeting, name: str) -> set[str]:
    match name:
        case "category":
            return {f"{each.cattax}:{id_}" for each in target.category for id_ in each.ids}
        case "os":
            return set()
        case "age":
            return {str(age) for each in target.age for age in range(each.min, each.max + 1)}
        case "city":
            return {each.lower() for each in target.city}
        case "zip":
            return set(target.zip)
        case _:
            return set(getattr(target, name))


def _seen(request: Json, imp: Json) -> Iterator[tuple[str, set[str]]]:
    place = request.get("site") or request.get("app") or {}
    device, user = request.get("device", {}), request.get("user", {}) if personal(request) else {}
    geo = device.get("geo", {})
    country = geo.get("country", "")
    yield "environment", {"site"} if "site" in request else {"app"}
    yield "country", {country} - {""}
    yield "region", {f"{country}/{geo['region']}"} if country and "region" in geo else set()
    yield "city", {f"{country}/{geo['city']}".lower()} if country and "city" in geo else set()
    code = geo.get("zip", "") if country else ""
    yield "zip", {f"{country}/{code}"} | {f"{country}/{code[:end]}*" for end in range(1, 6)} if code else set()
    kinds = {1: {"mobile"}, 2: {"pc"}, 4: {"phone", "mobile"}, 5: {"tablet", "mobile"}}
    yield "device_type", kinds.get(device.get("devicetype"), set())
    yield "language", {device["language"].split("-")[0]} if "language" in device else set()
    labels = place.get("domain", "").split(".")
    yield "domain", {".".join(labels[start:]) for start in range(len(labels))} - {""}
    yield "bundle", {place["bundle"]} if "bundle" in place else set()
    tax = place.get("cattax", 1)
    own = place.get("cat", ())
    yield "category", {f"{tax}:{x}" for each in own for x in ([each, each.split("-")[0]] if tax == 1 else [each])}
    words = f"{place.get('keywords', '')},{user.get('keywords', '')}".lower().split(",")
    yield "keyword", set(words) - {""}
    ids = [segment["id"] for data in user.get("data", ()) for segment in data["segment"]]
    yield "segment", {*ids, *(f"p1/{each}" for each in ids)}
    yield "age", {str(2026 - user["yob"])} if "yob" in user else set()
    yield "gender", {user["gender"]} if "gender" in user else set()
    pos = next((imp[medium]["pos"] for medium in ("banner", "video") if "pos" in imp.get(medium, {})), None)
    yield "position", {"above"} if pos == 1 else {"below"} if pos == 3 else {"locked"} if pos == 2 else set()
    formats = imp.get("banner", {}).get("format", ())
    yield "size", {f"{each['w']}x{each['h']}" for each in formats if "w" in each}


def _versions(campaign: Campaign, request: Json) -> Iterator[str]:
    device = request.get("device", {})
    name, version = device.get("os", "").lower(), device.get("osv", "")
    major = int(version.split(".")[0]) if version else None

    def within(target: Targeting) -> bool:
        return any(
            each.name == name
            and (not each.min or (major is not None and major >= int(each.min)))
            and (not each.max or (major is not None and major <= int(each.max)))
            for each in target.os
        )

    if campaign.include.os and not within(campaign.include):
        yield "the system is not wanted"
    if within(campaign.exclude):
        yield "the system is excluded"


def _distance(campaign: Campaign, request: Json) -> Iterator[str]:
    geo = request.get("device", {}).get("geo", {}) if personal(request) else {}

    def within(target: Targeting) -> bool:
        place = (geo["lat"], geo["lon"]) if "lat" in geo else None
        return place is not None and any(_km(*place, each.lat, each.lon) <= each.km for each in target.radius)

    if campaign.include.radius and not within(campaign.include):
        yield "too far away"
    if within(campaign.exclude):
        yield "too near"


def _km(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    half = sin(radians(other_lat - lat) / 2) ** 2
    half += cos(radians(lat)) * cos(radians(other_lat)) * sin(radians(other_lon - lon) / 2) ** 2
    return 2 * 6371 * asin(sqrt(half))
