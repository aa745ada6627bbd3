"""Requests like the one of 3 KB, but from other users, devices, places, pages and slots; the same for the same number.

What real traffic repeats (countries, browsers, sites) is drawn from lists, the frequent ones first; what it does not
(ids, users, addresses, page addresses, floors) is drawn anew each time.
"""

from random import Random
from typing import Any

import msgspec

SEED = 1207
SITES = 20_000
_PLACES = (
    ("USA", "NY", "New York", "501", -300),
    ("USA", "CA", "Los Angeles", "803", -480),
    ("USA", "TX", "Houston", "618", -360),
    ("USA", "IL", "Chicago", "602", -360),
    ("GBR", "ENG", "London", None, 0),
    ("CAN", "ON", "Toronto", None, -300),
    ("DEU", "BE", "Berlin", None, 60),
    ("FRA", "IDF", "Paris", None, 60),
    ("ESP", "MD", "Madrid", None, 60),
    ("BRA", "SP", "Sao Paulo", None, -180),
    ("JPN", "13", "Tokyo", None, 540),
    ("AUS", "NSW", "Sydney", None, 600),
)
_DEVICES = (
    (2, "Windows", "10.0", "Windows NT 10.0; Win64; x64", "Google Chrome"),
    (4, "Android", "14", "Linux; Android 10; K", "Google Chrome"),
    (4, "iOS", "17.5", "iPhone; CPU iPhone OS 17_5 like Mac OS X", "Safari"),
    (2, "OS X", "10.15.7", "Macintosh; Intel Mac OS X 10_15_7", "Google Chrome"),
    (2, "Windows", "10.0", "Windows NT 10.0; Win64; x64", "Microsoft Edge"),
    (5, "iOS", "17.5", "iPad; CPU OS 17_5 like Mac OS X", "Safari"),
    (2, "Linux", "", "X11; Linux x86_64", "Firefox"),
)
_CATEGORIES = ("IAB12", "IAB3-1", "IAB3", "IAB1", "IAB17", "IAB19-6", "IAB20", "IAB8-9", "IAB2", "IAB13")
_SIZES = ((300, 250), (728, 90), (320, 50), (160, 600), (970, 250), (300, 600), (320, 480))
_LANGUAGES = ("en", "es", "de", "fr", "it", "pt")
_SEGMENTS = ("12341318394918", "1234131839491234", "23423424", "auto", "travel", "sports", "868", "2012", "77130")
_DEALS = ("AB-Agency1-0001", "XY-Agency2-0001", "deal-1", "deal-2", "deal-3", "other-1", "other-2")


def bodies(sample: bytes, count: int) -> list[bytes]:
    """So many requests in the form of `sample`."""
    chance = Random(SEED)
    return [msgspec.json.encode(_varied(chance, msgspec.json.decode(sample))) for _ in range(count)]


def _varied(chance: Random, request: dict[str, Any]) -> dict[str, Any]:
    request["id"] = _hex(chance, 40)
    request["source"]["tid"] = _hex(chance, 32)
    _imp(chance, request["imp"][0])
    _site(chance, request["site"])
    _device(chance, request["device"])
    user = request["user"]
    user["id"], user["buyeruid"], user["yob"] = _hex(chance, 40), _hex(chance, 32), chance.randrange(1940, 2008)
    user["gender"] = chance.choice("MF")
    user["data"][0]["segment"] = [{"id": each, "name": f"segment {each}"} for each in chance.sample(_SEGMENTS, 3)]
    user["eids"][0]["uids"][0]["id"] = _hex(chance, 32)
    return request


def _imp(chance: Random, imp: dict[str, Any]) -> None:
    imp["bidfloor"] = round(chance.lognormvariate(-1.5, 1.0), 2)
    imp["tagid"] = f"slot-{_often_first(chance, 2000)}"
    sizes = {_first(chance, _SIZES) for _ in range(chance.choice((1, 2, 3)))}
    imp["banner"] |= {"format": [{"w": w, "h": h} for w, h in sizes], "pos": chance.choice((0, 1, 3))}
    imp["banner"]["w"], imp["banner"]["h"] = next(iter(sizes))
    deals = [{"id": each, "bidfloor": 2.0, "at": 1} for each in chance.sample(_DEALS, chance.choice((0, 1, 2)))]
    imp["pmp"] = {"private_auction": 0, "deals": deals}


def _site(chance: Random, site: dict[str, Any]) -> None:
    number = _often_first(chance, SITES)
    domain = "www.example-news.com" if number == 0 else f"www.site{number}.example"
    site["id"], site["domain"], site["publisher"]["id"] = f"{number}", domain, f"{number // 3}"
    site["page"] = f"https://{domain}/2026/11/21/world/article-{chance.randrange(10**6)}.html?utm_source=x"
    site["cat"] = [_CATEGORIES[number % len(_CATEGORIES)], _CATEGORIES[number // 7 % len(_CATEGORIES)]]
    site["content"]["id"] = _hex(chance, 8)


def _device(chance: Random, device: dict[str, Any]) -> None:
    kind, system, version, platform, browser = _first(chance, _DEVICES)
    release = str(chance.randrange(120, 132))
    device["ua"] = (
        f"Mozilla/5.0 ({platform}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{release}.0.0.0 Safari/537.36"
    )
    device["ip"] = ".".join(str(chance.randrange(1, 255)) for _ in range(4))
    device["devicetype"], device["os"], device["osv"] = kind, system, version
    device["connectiontype"], device["language"] = chance.choice((2, 6)), _first(chance, _LANGUAGES)
    device["sua"]["browsers"][1] = {"brand": browser, "version": [release, "0", "0", "0"]}
    device["sua"]["platform"] = {"brand": system, "version": version.split(".")}
    country, region, city, metro, offset = _first(chance, _PLACES)
    geo = {"country": country, "region": region, "city": city, "metro": metro, "utcoffset": offset}
    geo |= {"lat": round(chance.uniform(25, 50), 4), "lon": round(chance.uniform(-120, 10), 4), "type": 2}
    geo["zip"] = f"{chance.randrange(100_000):05d}"
    device["geo"] = {name: value for name, value in geo.items() if value is not None}


def _first(chance: Random, values: tuple[Any, ...]) -> Any:
    return values[_often_first(chance, len(values))]


def _often_first(chance: Random, count: int) -> int:
    """A number below `count`, small ones more often."""
    return int(count * chance.random() ** 3)


def _hex(chance: Random, digits: int) -> str:
    return f"{chance.getrandbits(4 * digits):0{digits}x}"
