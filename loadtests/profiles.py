"""Exchanges by what they send: seeded streams of bid requests, mixed in formats, sizes, places, consent and deals.

Shares follow public samples of bid requests: two thirds of the slots are banners, a quarter video, a tenth native, few
audio; half of the traffic comes from sites; one request in twenty has several imps. Everything named is invented.
"""

from collections.abc import Iterator
from itertools import islice
from random import Random
from typing import Any, NamedTuple

Request = dict[str, Any]


class Profile(NamedTuple):
    """What one kind of exchange sends."""

    formats: dict[str, float]
    """Weights of the kinds of slot."""
    apps: float
    """Share of requests from apps."""
    tmax_ms: tuple[int, ...]
    consent: float
    """Share of requests to which GDPR applies."""
    deals: float
    several: float
    """Share of requests with two or three imps."""


PROFILES = {
    "mixed": Profile({"banner": 66, "video": 22, "native": 10, "audio": 2}, 0.45, (80, 120, 150, 250), 0.2, 0.12, 0.05),
    "display": Profile({"banner": 85, "native": 15}, 0.0, (100, 120, 200), 0.25, 0.1, 0.1),
    "app": Profile({"banner": 70, "video": 20, "native": 10}, 1.0, (80, 120), 0.15, 0.05, 0.0),
    "video": Profile({"video": 95, "banner": 5}, 0.5, (150, 250), 0.2, 0.25, 0.05),
    "deals": Profile({"banner": 60, "video": 40}, 0.3, (120, 200), 0.2, 0.9, 0.0),
}
"""By name. `several` and `consent` of samples are lower; real traffic has more of both than examples have."""

_BANNERS = {(300, 250): 50, (300, 600): 14, (728, 90): 12, (320, 50): 14, (160, 600): 5, (970, 250): 3, (320, 480): 2}
_SITES = ("example-news.com", "news.example", "sport.example", "recipes.example", "games.example", "forum.example")
_APPS = ("com.example.chess", "com.example.weather", "com.example.sudoku", "com.example.radio")
_PLACES = {
    ("USA", "NY", "New York", "10001", 40.71, -74.0): 22,
    ("USA", "CA", "Los Angeles", "90001", 34.05, -118.24): 18,
    ("USA", "TX", "Houston", "77001", 29.76, -95.37): 10,
    ("GBR", "ENG", "London", "EC1A", 51.51, -0.13): 14,
    ("DEU", "BE", "Berlin", "10115", 52.52, 13.4): 12,
    ("FRA", "IDF", "Paris", "75001", 48.86, 2.35): 10,
    ("CAN", "ON", "Toronto", "M5A", 43.65, -79.38): 8,
    ("BRA", "SP", "Sao Paulo", "01000", -23.55, -46.63): 6,
}
_UNDER_GDPR = frozenset({"DEU", "FRA"})
_LANGUAGES = {"USA": "en", "GBR": "en", "CAN": "en", "DEU": "de", "FRA": "fr", "BRA": "pt"}
_WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
_DEVICES = (
    (2, "Windows", "10.0", f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {_WEBKIT} Chrome/126.0.0.0 Safari/537.36"),
    (2, "OS X", "10.15.7", f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {_WEBKIT} Chrome/126.0.0.0 Safari/537.36"),
    (4, "Android", "14", f"Mozilla/5.0 (Linux; Android 14; K) {_WEBKIT} Chrome/126.0.0.0 Mobile Safari/537.36"),
    (
        4,
        "iOS",
        "17.5",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Safari",
    ),
)
_CATEGORIES = ("IAB12", "IAB3-1", "IAB1", "IAB17", "IAB19", "IAB20", "IAB8", "IAB2", "IAB13")
_CONSENT = "CPokAsAPokAsABEACBENC7CgAP_AAH_AAAAAJNNf_X__b2_r-_7_f_t0eY1P9_7__-0zjhfdF-8N3f_X_L8X52M7vF36tq4KuR4ku3bBI"
_SEGMENTS = ("12341318394918", "23423424", "auto", "travel", "sports")
_NATIVE = (
    '{"ver":"1.2","context":1,"plcmttype":1,"assets":[{"id":1,"required":1,"title":{"len":90}},{"id":2,"required":1,'
    '"img":{"type":3,"wmin":600,"hmin":314}},{"id":3,"data":{"type":1,"len":25}}],'
    '"eventtrackers":[{"event":1,"methods":[1]}]}'
)


def stream(name: str, seed: int) -> Iterator[Request]:
    """Requests of a profile without end, the same for the same seed. Raises `KeyError` for an unknown one."""
    profile, chance = PROFILES[name], Random(f"{name} {seed}")
    while True:
        yield _request(profile, chance)


def requests(name: str, seed: int, count: int) -> list[Request]:
    """The first of a stream."""
    return list(islice(stream(name, seed), count))


def _request(profile: Profile, chance: Random) -> Request:
    place = chance.choices(list(_PLACES), list(_PLACES.values()))[0]
    is_app = chance.random() < profile.apps
    imps = 1 + (chance.randint(1, 2) if chance.random() < profile.several else 0)
    currency = "EUR" if place[0] in _UNDER_GDPR and chance.random() < 0.3 else "USD"
    return {
        "id": _hex(chance, 32),
        "at": chance.choice((1, 1, 1, 2)),
        "tmax": chance.choice(profile.tmax_ms),
        "cur": [currency],
        "imp": [_imp(profile, chance, str(number), currency, is_app) for number in range(1, imps + 1)],
        **_context(chance, is_app),
        "device": _device(chance, place, is_app),
        **_person(profile, chance, place[0]),
        "bcat": ["IAB25", "IAB26", "IAB7-39"],
        "badv": ["evil.example", "casino.example"],
        "source": _source(chance),
    }


def _imp(profile: Profile, chance: Random, number: str, currency: str, is_app: bool) -> Request:
    kind = chance.choices(list(profile.formats), list(profile.formats.values()))[0]
    floor = round(chance.lognormvariate(-1.2, 0.8), 2)
    imp: Request = {"id": number, "bidfloor": floor, "bidfloorcur": currency, "secure": 1, "tagid": f"slot-{number}"}
    imp[kind] = _MEDIA[kind](chance)
    if is_app:
        imp |= {"displaymanager": "sdk", "displaymanagerver": "4.2", "instl": int(chance.random() < 0.15)}
    if chance.random() < profile.deals:
        imp["pmp"] = {"private_auction": 0, "deals": [_deal(chance, currency)]}
    return imp | {"ext": {"gpid": f"/1234/home#{number}"}}


def _deal(chance: Random, currency: str) -> Request:
    name = chance.choice(("AB-Agency1-0001", "deal-1", "deal-2", "deal-3"))
    return {"id": name, "at": 1, "bidfloor": chance.choice((1.5, 2.5, 4.0)), "bidfloorcur": currency}


def _banner(chance: Random) -> Request:
    w, h = chance.choices(list(_BANNERS), list(_BANNERS.values()))[0]
    sizes = [(w, h), (300, 250)] if h == 600 else [(w, h)]
    return {"w": w, "h": h, "format": [{"w": w, "h": h} for w, h in sizes], "pos": chance.choice((0, 1, 3)), "api": [5]}


def _video(chance: Random) -> Request:
    w, h = chance.choice(((640, 360), (1280, 720), (320, 480)))
    return {
        "mimes": ["video/mp4", "video/webm"],
        "minduration": 5,
        "maxduration": chance.choice((15, 30, 60)),
        "protocols": [2, 3, 5, 6, 7, 8],
        "w": w,
        "h": h,
        "startdelay": 0,
        "plcmt": chance.choice((1, 3, 4)),
        "linearity": 1,
        "playbackmethod": [1, 2],
        "delivery": [2],
    }


def _native(_chance: Random) -> Request:
    return {"request": _NATIVE, "ver": "1.2"}


def _audio(chance: Random) -> Request:
    longest = chance.choice((15, 30))
    return {
        "mimes": ["audio/mpeg"],
        "minduration": 5,
        "maxduration": longest,
        "protocols": [9, 10, 3, 7],
        "startdelay": 0,
    }


_MEDIA = {"banner": _banner, "video": _video, "native": _native, "audio": _audio}


def _context(chance: Random, is_app: bool) -> Request:
    category, number = chance.choice(_CATEGORIES), chance.randrange(24)
    if is_app:
        bundle = chance.choice(_APPS)
        store = f"https://store.example/{bundle}"
        return {"app": {"id": bundle, "bundle": bundle, "name": bundle, "storeurl": store, "cat": [category]}}
    domain = chance.choice(_SITES)
    page = f"https://www.{domain}/2026/story-{number}.html?utm_source=letter"
    publisher = {"id": f"p-{domain}", "name": domain, "domain": domain}
    content = {"id": f"c{number}", "title": f"Story {number}", "language": "en", "keywords": "world,news,politics"}
    site = {"id": domain, "name": domain, "domain": domain, "page": page, "cat": [category], "publisher": publisher}
    return {"site": site | {"ref": "https://search.example/", "content": content}}


def _device(chance: Random, place: tuple[Any, ...], is_app: bool) -> Request:
    country, region, city, zip_code, lat, lon = place
    kind, system, version, agent = chance.choice(_DEVICES[2:] if is_app else _DEVICES)
    geo = {"country": country, "region": region, "city": city, "zip": zip_code, "lat": lat, "lon": lon, "type": 2}
    device = {
        "ua": agent,
        "ip": f"192.0.2.{chance.randrange(1, 255)}",
        "devicetype": kind,
        "os": system,
        "osv": version,
    }
    if is_app:
        device["ifa"] = f"{_hex(chance, 8)}-0000-4000-8000-{_hex(chance, 12)}"
    lmt = int(chance.random() < 0.1)
    return device | {"language": _LANGUAGES[country], "js": 1, "dnt": 0, "lmt": lmt, "connectiontype": 2, "geo": geo}


def _person(profile: Profile, chance: Random, country: str) -> Request:
    user: Request = {"id": _hex(chance, 32)}
    if chance.random() < 0.5:
        user["buyeruid"] = _hex(chance, 16)
        user["data"] = [{"id": "6", "segment": [{"id": segment} for segment in chance.sample(_SEGMENTS, 2)]}]
    if chance.random() < 0.3:
        user["eids"] = [{"source": "id.example", "uids": [{"id": _hex(chance, 32), "atype": 1}]}]
    if country in _UNDER_GDPR or chance.random() < profile.consent:
        return {"user": user | {"consent": _CONSENT}, "regs": {"coppa": 0, "gdpr": 1}}
    return {"user": user, "regs": {"coppa": int(chance.random() < 0.01), "gdpr": 0, "us_privacy": "1YNN"}}


def _source(chance: Random) -> Request:
    nodes = [
        {"asi": f"{name}.example", "sid": f"{number}234", "hp": 1} for number, name in enumerate(("ssp", "reseller"))
    ]
    return {"fd": 1, "tid": _hex(chance, 32), "schain": {"complete": 1, "ver": "1.0", "nodes": nodes}}


def _hex(chance: Random, digits: int) -> str:
    return f"{chance.getrandbits(4 * digits):0{digits}x}"
