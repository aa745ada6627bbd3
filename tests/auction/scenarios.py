"""Random configurations and requests over small vocabularies, so that they meet often.

A campaign is made of one number, so that failing examples shrink to few campaigns; the request is drawn attribute by
attribute, so that it shrinks to the attributes that matter.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import lru_cache
from random import Random
from typing import Any, Literal, TypeVar
from zlib import crc32

import msgspec
from hypothesis import strategies as st

from bidder.auction.offer import Candidate
from bidder.auction.score import PPB, Facts, FixedPredictor
from bidder.brain import DecidingBrain
from bidder.config.schema import (
    AgeRange,
    Approval,
    Budget,
    Campaign,
    Categories,
    Circle,
    Creative,
    Dayparting,
    Exchange,
    Flight,
    Goal,
    Hours,
    Media,
    Pacing,
    Placement,
    Prediction,
    Safety,
    Targeting,
    Transparency,
    VersionRange,
)
from bidder.engine import Engine
from openrtb import decode_request
from openrtb.request import BidRequest
from tests.auction import builders

RATES = {"USD": Decimal(1), "EUR": Decimal("1.08"), "GBP": Decimal("1.27"), "JPY": Decimal("0.0067")}
"""Account currency per unit."""

PREDICTION = Prediction()
T = TypeVar("T")


class UnevenPredictor(FixedPredictor):
    """Different probabilities for different lines and imps, up to the ceiling."""

    def __init__(self) -> None:
        super().__init__(PREDICTION)

    def probabilities(self, facts: Facts, batch: Sequence[Candidate]) -> Sequence[int]:
        return [
            PPB
            if each.line.goal == "cpm"
            else ceiling * (crc32(f"{each.line.id}{facts['size']}".encode()) % 5 + 1) // 5
            for each, ceiling in zip(batch, super().probabilities(facts, batch), strict=True)
        ]


@dataclass
class Scenario:
    """A configuration, the state of its money, and a request."""

    campaigns: list[Campaign]
    exchange: Exchange
    request: dict[str, Any]
    granted: dict[str, int] = field(default_factory=dict)
    throttles: dict[str, int] = field(default_factory=dict)
    multipliers: dict[str, int] = field(default_factory=dict)

    def options(self, rate: str) -> dict[str, Any]:
        return {
            "rate": rate,
            "exchange": self.exchange,
            "purse": builders.Grants(self.granted, self.throttles, self.multipliers),
            "predictor": UnevenPredictor(),
            "rates": {name: rate for name, rate in RATES.items() if name != "USD"},
            "owners": self.owners,
        }

    @property
    def owners(self) -> dict[str, str]:
        """A few advertisers, by campaign."""
        return {each.id: f"adv{int(each.id[1:]) % 4}" for each in self.campaigns}

    def engine(self, rate: str = "0") -> Engine:
        return builders.engine(*self.campaigns, **self.options(rate))

    def brain(self, rate: str = "0", serials: Iterator[int] | None = None) -> tuple[DecidingBrain, list[Any]]:
        return builders.brain(*self.campaigns, serials=serials, **self.options(rate))

    @property
    def body(self) -> bytes:
        return msgspec.json.encode(self.request)

    @property
    def decoded(self) -> BidRequest:
        return decode_request(self.body)


def scenarios(most: int = 60, asked: st.SearchStrategy[dict[str, Any]] | None = None) -> st.SearchStrategy[Scenario]:
    """Scenarios with 1 to `most` campaigns; `asked` are the requests, of all kinds where it is left out."""
    number = st.integers(0, 2**20)
    sized = st.integers(1, most).flatmap(lambda size: st.lists(number, min_size=size, max_size=size, unique=True))
    return st.builds(_scenario, sized, requests() if asked is None else asked, st.integers(0, 2**10))


def _scenario(numbers: list[int], request: dict[str, Any], setting: int) -> Scenario:
    chance = Random(setting)
    campaigns = [campaign(number) for number in numbers]
    names = [each.id for each in campaigns]
    return Scenario(
        campaigns,
        _exchange(chance, request),
        request,
        granted={name: chance.choice((0, 999, 1500, 4000, 10**9)) for name in names if chance.random() < 0.2},
        throttles={name: chance.choice((0, PPB // 2, PPB)) for name in names if chance.random() < 0.1},
        multipliers={name: chance.choice((0, PPB // 3, PPB)) for name in names if chance.random() < 0.2},
    )


def _exchange(chance: Random, request: dict[str, Any]) -> Exchange:
    return Exchange(
        version="2.5" if _says_what_2_5_can_say(request) and chance.random() < 0.3 else "2.6",
        currencies=chance.choice((("USD",), ("USD", "EUR"), ("EUR", "USD"), ("GBP", "EUR", "USD"), ("JPY", "USD"))),
        seat=chance.choice(("s1", "s1", "s1", "s1", "s1", None)),
        billable=chance.choice(("burl", "nurl", "impression")),
        markup="nurl" if chance.random() < 0.1 else "adm",
        send_lurl=chance.random() < 0.5,
        send_language=chance.random() < 0.8,
        native_wrapped=chance.random() < 0.2,
        one_imp=chance.random() < 0.1,
        max_response_bytes=chance.choice((None, None, None, 1500, 3000)),
        max_adomains=chance.choice((None, None, 1)),
        no_bid=chance.choice(("204", "nbr")),
        max_pod_bids=chance.choice((16, 16, 16, 1, 2)),
    )


def _says_what_2_5_can_say(request: dict[str, Any]) -> bool:
    """Without `mtype` and `dur` a bid on several media, or on floors by length, cannot be told."""
    text = str(request)
    single = all(sum(medium in imp for medium in ("banner", "video", "audio", "native")) == 1 for imp in request["imp"])
    return single and not any(name in text for name in ("durfloors", "mincpmpersec", "poddur"))


@lru_cache(maxsize=20_000)
def campaign(number: int) -> Campaign:
    """The campaign of a number."""
    chance = Random(number)
    kind: Literal["cpm", "cpc", "cpa"] = chance.choice(("cpm", "cpm", "cpc", "cpa"))
    cpm = Decimal(chance.choice(("0.5", "1", "1.5", "2", "2", "2.001", "3", "4.75")))
    probability = {"cpm": Decimal("0.001"), "cpc": PREDICTION.click, "cpa": PREDICTION.conversion}[kind]
    return Campaign(
        id=f"c{number}",
        flight=Flight(start=date(2020, 1, 1), end=date(2021 if chance.random() < 0.03 else 2099, 12, 31)),
        budget=Budget(total=Decimal(1000)),
        goal=Goal(type=kind, amount=cpm / (1000 * probability)),
        max_cpm=max(cpm, Decimal(chance.choice(("1.2", "2.5", "100")))),
        creatives=tuple(_creative(chance, f"k{index}") for index in range(chance.choice((1, 1, 2, 3)))),
        enabled=chance.random() > 0.03,
        pacing=Pacing(throttle=Decimal(chance.choice(("1", "1", "1", "0.5")))),
        margin=Decimal(chance.choice(("0", "0", "0.1", "0.333"))),
        several_imps=chance.random() < 0.3,
        include=_targeting(chance, 0.02, deals=0.2),
        exclude=_targeting(chance, 0.02),
        placement=_placement(chance),
        dayparting=_dayparting(chance),
        safety=_safety(chance),
        dsa=chance.choice((None, Transparency(behalf="Shop", paid="Agency", rendered=chance.random() < 0.5))),
    )


def _creative(chance: Random, name: str) -> Creative:
    kind = chance.choice(("banner", "banner", "video", "audio", "native"))
    common: dict[str, Any] = {
        "id": name,
        "adomain": chance.choice((("shop.example",), ("a.shop.example",), ("brand.example", "more.example"))),
        "cat": chance.choice(((), ("IAB1",), ("IAB7-3",), ("IAB7-3", "IAB1"))),
        "attr": chance.choice(((), (), (1,), (3, 13))),
        "api": chance.choice(((), (), (), (), (5,), (3, 5))),
        "language": chance.choice((None, None, "en", "de")),
        "bundle": chance.choice((None, None, "com.shop")),
        "weight": chance.choice((1, 1, 5)),
        "approval": Approval(
            exchanges=("other",) if chance.random() < 0.05 else (), deals=("d1",) if chance.random() < 0.08 else ()
        ),
    }
    if common["cat"] and chance.random() < 0.1:
        common |= {"cat": ("483",), "cattax": 6}
    match kind:
        case "banner":
            return _banner(chance, common)
        case "video":
            return _video(chance, common)
        case "audio":
            return builders.audio(**common, duration_s=chance.choice((15, 30)))
        case _:
            return builders.native(**common)


def _banner(chance: Random, common: dict[str, Any]) -> Creative:
    form = chance.choice(
        (
            {"size": "300x250"},
            {"size": "728x90"},
            {"size": None, "image": None, "html": '<a href="{click}">Sale</a>'},
            {"image": None, "html": '<script src="https://cdn.example/a.js?to={click}"></script>'},
            {"image": "http://cdn.example/a.png", "secure": False},
            {"expandable": (3,)},
        )
    )
    return builders.creative(**common, **form)


def _video(chance: Random, common: dict[str, Any]) -> Creative:
    seconds = chance.choice((6, 15, 30))
    media = tuple(
        Media(url="https://cdn.example/v", type=kind, bitrate_kbps=chance.choice((500, 1500)), size="640x360")
        for kind in chance.choice((("video/mp4",), ("video/webm",), ("video/webm", "video/mp4")))
    )
    form = chance.choice(
        (
            {"media": media, "duration_s": seconds},
            {"media": media, "duration_s": seconds, "skip_after_s": 5},
            {"media": (), "vast_url": "https://vast.example/tag", "duration_s": seconds},
            {"media": (), "vast_url": "https://vast.example/tag", "duration_s": None},
        )
    )
    return builders.video(**common, **form)


def _targeting(chance: Random, often: float, deals: float = 0.0) -> Targeting:
    def some(*values: T) -> tuple[T, ...]:
        return tuple(chance.sample(values, chance.randint(1, len(values)))) if chance.random() < often else ()

    return Targeting(
        environment=some("site", "app"),
        country=some("USA", "CAN"),
        region=some("USA/NY", "USA/CA"),
        city=some("USA/New York"),
        zip=some("USA/100*", "USA/94103"),
        radius=some(Circle(lat=40.7, lon=-74.0, km=30)),
        device_type=some("mobile", "phone", "pc"),
        os=some(VersionRange(name="ios", min="16"), VersionRange(name="android", max="12"), VersionRange(name="linux")),
        language=some("en", "de"),
        domain=some("example.com", "sport.example"),
        bundle=some("com.game"),
        category=some(Categories(ids=("IAB1",)), Categories(ids=("IAB7",)), Categories(ids=("483",), cattax=6)),
        keyword=some("shoes", "jazz"),
        segment=some("auto", "p1/travel"),
        age=some(AgeRange(min=18, max=40)),
        gender=some("F"),
        position=some("above"),
        size=some("300x250", "728x90"),
        deal=tuple(chance.sample(("d1", "d2", "d3"), chance.choice((1, 1, 2)))) if chance.random() < deals else (),
    )


def _placement(chance: Random) -> Placement:
    return Placement(
        interstitial=chance.choice((True, False)) if chance.random() < 0.05 else None,
        rewarded=chance.choice((True, False)) if chance.random() < 0.05 else None,
        min_viewability=Decimal("0.5") if chance.random() < 0.05 else None,
    )


def _dayparting(chance: Random) -> Dayparting | None:
    if chance.random() > 0.06:
        return None
    first = chance.choice((0, 9, 14, 15))
    return Dayparting(clock=chance.choice(("campaign", "user")), hours=(Hours(from_hour=first, to_hour=18),))


def _safety(chance: Random) -> Safety:
    if chance.random() > 0.1:
        return Safety()
    return chance.choice(
        (
            Safety(categories=(Categories(ids=("IAB25",)),)),
            Safety(domains=("sport.example",)),
            Safety(keywords=("crash",)),
            Safety(bundles=("com.game",)),
        )
    )


def _lists(*values: Any) -> st.SearchStrategy[list[Any]]:
    return st.lists(st.sampled_from(sorted(set(values))), min_size=1, max_size=3, unique=True)


_ABSENT = object()


def _objects(
    always: dict[str, st.SearchStrategy[Any]], one_in: int = 2, **attributes: st.SearchStrategy[Any]
) -> st.SearchStrategy[dict[str, Any]]:
    """Objects with each of the attributes in one of so many."""
    chosen = {
        name: st.one_of(*(st.just(_ABSENT) for _ in range(one_in - 1)), each) for name, each in attributes.items()
    }
    every = st.fixed_dictionaries({**always, **chosen})
    return every.map(lambda found: {name: value for name, value in found.items() if value is not _ABSENT})


FLOORS_PER_SECOND = st.sampled_from([0.0, 0.05, 0.1])
FLOORS = st.sampled_from([0.0, 0.5, 1.0, 1.333, 1.9995, 2.0, 2.0005, 3.0, 10.0])
FLOOR_CURRENCIES = st.sampled_from(["USD", "USD", "EUR", "GBP", "SEK"])


def requests() -> st.SearchStrategy[dict[str, Any]]:
    """Requests from a site or an app, with one to three imps."""
    common = {
        "id": st.integers(0, 500).map(lambda number: f"r{number}"),
        "at": st.sampled_from([1, 2]),
        "imp": st.lists(_imps(), min_size=1, max_size=3).map(_numbered),
        "device": _devices(),
    }
    rare = {
        "user": _users(),
        "regs": _regulations(),
        "cur": _lists("USD", "EUR", "GBP"),
        "wseat": _lists("s1", "s2"),
        "bseat": _lists("s1", "s2", "s3"),
        "bcat": _lists("IAB7", "IAB7-3", "IAB25", "IAB1", "483"),
        "acat": _lists("IAB7", "IAB1", "483"),
        "cattax": st.sampled_from([1, 1, 6]),
        "badv": _lists("shop.example", "more.example", "BRAND.example", "other.example"),
        "bapp": _lists("com.shop", "com.other"),
        "wlang": _lists("en", "de", "fr"),
        "test": st.integers(0, 1),
        "tmax": st.sampled_from([5, 100, 100, 1000]),
    }
    return st.one_of(
        _objects({**common, "site": _places()}, 6, **rare),
        _objects({**common, "app": _places(bundle=st.just("com.game"))}, 6, **rare),
    )


def _regulations() -> st.SearchStrategy[dict[str, Any]]:
    dsa = st.fixed_dictionaries({"dsarequired": st.integers(0, 3), "pubrender": st.integers(0, 2)})
    return st.one_of(
        st.sampled_from([{}, {"gdpr": 1}, {"coppa": 1}, {"us_privacy": "1YYN"}, {"ext": {"gpc": "1"}}]),
        dsa.map(lambda each: {"ext": {"dsa": each}}),
    )


def _numbered(imps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**each, "id": str(number)} for number, each in enumerate(imps, start=1)]


def _places(**always: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return _objects(
        always,
        domain=st.sampled_from(["news.example.com", "sport.example", "other.example"]),
        cat=_lists("IAB1", "IAB7-3", "IAB25-1", "483"),
        cattax=st.sampled_from([1, 6]),
        keywords=st.sampled_from(["shoes,sale", "Jazz", "crash"]),
        publisher=st.just({"id": "p"}),
    )


def _devices() -> st.SearchStrategy[dict[str, Any]]:
    geo = _objects(
        {"country": st.sampled_from(["USA", "CAN"])},
        region=st.sampled_from(["NY", "CA"]),
        city=st.just("new york"),
        zip=st.sampled_from(["10001", "94103"]),
        utcoffset=st.sampled_from([-300, 0, 60]),
    )
    place = st.sampled_from([{}, {"lat": 40.75, "lon": -73.99}, {"lat": 52.5, "lon": 13.4}])
    return _objects(
        {},
        geo=st.builds(lambda some, where: {**some, **where}, geo, place),
        devicetype=st.sampled_from([1, 2, 4, 5]),
        os=st.sampled_from(["iOS", "Android", "Linux"]),
        osv=st.sampled_from(["12.1", "15", "17.2"]),
        language=st.sampled_from(["en", "de-AT"]),
        lmt=st.sampled_from([0, 0, 0, 1]),
    )


def _users() -> st.SearchStrategy[dict[str, Any]]:
    segments = _lists("auto", "travel").map(lambda ids: [{"id": "p1", "segment": [{"id": each} for each in ids]}])
    return _objects(
        {"data": segments},
        yob=st.sampled_from([1970, 1995]),
        gender=st.sampled_from(["F", "M"]),
        keywords=st.just("jazz"),
    )


def _imps() -> st.SearchStrategy[dict[str, Any]]:
    common = {
        "bidfloor": FLOORS,
        "bidfloorcur": FLOOR_CURRENCIES,
        "secure": st.integers(0, 1),
        "instl": st.integers(0, 1),
        "rwdd": st.integers(0, 1),
        "exp": st.sampled_from([60, 3600]),
        "metric": st.sampled_from([0.3, 0.5]).map(lambda value: [{"type": "viewability", "value": value}]),
        "pmp": _objects(
            {"deals": st.lists(_deals(), min_size=1, max_size=3, unique_by=lambda deal: deal["id"])},
            private_auction=st.integers(0, 1),
        ),
    }
    media = {"banner": _banners(), "video": _videos(), "audio": _audios(), "native": _natives()}
    single = [_objects({name: each}, 3, **common) for name, each in media.items()]
    return st.one_of(_objects({"banner": _banners()}, 3, **common), *single, _objects(media, 3, **common))


def _deals() -> st.SearchStrategy[dict[str, Any]]:
    return _objects(
        {"id": st.sampled_from(["d1", "d2", "d3", "d4"])},
        3,
        bidfloor=FLOORS,
        bidfloorcur=FLOOR_CURRENCIES,
        at=st.sampled_from([1, 2, 3]),
        wseat=_lists("s1", "s2"),
        wadomain=_lists("shop.example", "brand.example", "more.example"),
        mincpmpersec=st.sampled_from([0.05, 0.2]),
        durfloors=_length_floors(),
    )


def _length_floors() -> st.SearchStrategy[list[dict[str, Any]]]:
    return st.sampled_from(
        [
            [{"mindur": 1, "maxdur": 10, "bidfloor": 1.0}, {"mindur": 11, "maxdur": 20, "bidfloor": 2.5}],
            [{"mindur": 16, "bidfloor": 0.5}],
        ]
    )


def _banners() -> st.SearchStrategy[dict[str, Any]]:
    sizes = st.sampled_from(
        [
            [{"w": 300, "h": 250}],
            [{"w": 728, "h": 90}, {"w": 300, "h": 250}],
            [{"w": 970, "h": 250}],
            [{"wratio": 6, "hratio": 5, "wmin": 200}],
        ]
    )
    return _objects(
        {"format": sizes},
        4,
        battr=_lists(1, 13, 20),
        btype=_lists(1, 2, 3, 4),
        api=_lists(3, 5),
        pos=st.integers(0, 3),
        expdir=_lists(1, 3),
        mimes=_lists("text/html", "image/png", "image/gif"),
    )


def _timed() -> dict[str, st.SearchStrategy[Any]]:
    return {
        "minduration": st.sampled_from([0, 10]),
        "maxduration": st.sampled_from([10, 15, 30]),
        "maxextended": st.sampled_from([-1, 0, 20]),
        "rqddurs": st.sampled_from([[15], [6, 30]]),
        "protocols": _lists(2, 3, 6, 7, 9, 11),
        "battr": _lists(1, 13, 16),
        "api": _lists(3, 5),
        "mincpmpersec": st.sampled_from([0.05, 0.2]),
        "durfloors": _length_floors(),
        "maxbitrate": st.just(1000),
        "poddur": st.sampled_from([15, 45, 60]),
        "maxseq": st.integers(1, 4),
    }


def pods() -> st.SearchStrategy[dict[str, Any]]:
    """Requests for dynamic pods that ask for little else."""
    pod = {"podid": st.just("pod"), "poddur": st.sampled_from([15, 30, 45, 60, 90]), "mincpmpersec": FLOORS_PER_SECOND}
    rare = {"maxseq": st.integers(1, 5), "rqddurs": st.sampled_from([[15], [15, 30]]), "minduration": st.just(10)}
    mimes = {"mimes": st.just(["video/mp4", "video/webm"])}
    imp = st.fixed_dictionaries({"video": _objects({**mimes, **pod}, 4, **rare)})
    return _objects(
        {
            "id": st.integers(0, 500).map(lambda number: f"r{number}"),
            "imp": st.lists(imp, min_size=1, max_size=2).map(_numbered),
            "site": st.just({"domain": "news.example.com"}),
            "device": _devices(),
        },
        4,
        badv=_lists("shop.example", "other.example"),
    )


def _videos() -> st.SearchStrategy[dict[str, Any]]:
    return _objects(
        {"mimes": _lists("video/mp4", "video/webm")},
        4,
        **_timed(),
        skip=st.integers(0, 1),
        linearity=st.integers(1, 2),
        pos=st.integers(0, 3),
        podid=st.just("pod"),
    )


def _audios() -> st.SearchStrategy[dict[str, Any]]:
    return _objects({"mimes": _lists("audio/mpeg", "audio/ogg")}, 4, **_timed())


def _natives() -> st.SearchStrategy[dict[str, Any]]:
    assets: list[list[dict[str, Any]]] = [
        [{"id": 1, "required": 1, "title": {"len": 25}}],
        [{"id": 7, "required": 1, "img": {"type": 3, "wmin": 600, "hmin": 300}}, {"id": 8, "data": {"type": 2}}],
        [{"id": 1, "required": 1, "title": {"len": 3}}],
        [{"id": 1, "required": 1, "data": {"type": 5}}],
    ]
    asked = _objects({"assets": st.sampled_from(assets)}, eventtrackers=st.just([{"event": 1, "methods": [1]}]))
    return _objects(
        {"request": asked.map(lambda each: msgspec.json.encode(each).decode())},
        4,
        battr=_lists(1, 13),
        api=_lists(3, 5),
    )
