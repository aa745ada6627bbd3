"""Campaigns, exchanges and requests with sane defaults, and the engine that judges them."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from struct import iter_unpack
from typing import Any

import msgspec

from bidder.auction.choice import Always
from bidder.auction.compile import compile_snapshot
from bidder.auction.decision import Decision
from bidder.auction.respond import Responder
from bidder.auction.score import PPB, FixedPredictor, Predictor
from bidder.auction.trace import Funnel
from bidder.brain import DecidingBrain, FunnelCounts
from bidder.config.schema import (
    Account,
    Advertiser,
    Bidder,
    Budget,
    Campaign,
    Config,
    Creative,
    Exchange,
    Flight,
    Goal,
    Image,
    Media,
    NativeAssets,
    Recording,
    Server,
)
from bidder.domain.links import LinkBuilder
from bidder.domain.money import Micros
from bidder.domain.reason import Reason
from bidder.domain.ticket import Signer
from bidder.engine import Engine
from openrtb import decode_request
from openrtb.request import BidRequest

NOW = 1_790_000_000.0
"""Monday, 21 September 2026, 14:13:20 UTC."""

NAME = "test"

PUBLIC_URL = "https://bid.example"


class Grants:
    """A purse by campaign: what each was granted and has bid, its throttle and its multiplier; others go without limit.

    `slots` names the campaign of each slot; `engine` fills it.
    """

    def __init__(
        self,
        granted: Mapping[str, int] | None = None,
        throttles: Mapping[str, int] | None = None,
        multipliers: Mapping[str, int] | None = None,
    ) -> None:
        self.granted = granted or {}
        self.throttles = throttles or {}
        self.multipliers = multipliers or {}
        self.spent: Counter[str] = Counter()
        self.slots: list[str] = []

    def may_spend(self, slot: int, price: Micros) -> bool:
        name = self.slots[slot]
        return name not in self.granted or self.spent[name] + price <= self.granted[name]

    def spend(self, slot: int, price: Micros) -> None:
        self.spent[self.slots[slot]] += price

    def throttle_ppb(self, slot: int) -> int:
        return self.throttles.get(self.slots[slot], PPB)

    def multiplier_ppb(self, slot: int) -> int:
        return self.multipliers.get(self.slots[slot], PPB)


def creative(**changes: Any) -> Creative:
    """A 300x250 image banner."""
    return Creative(
        **{
            "id": "banner",
            "format": "banner",
            "landing": "https://shop.example/sale",
            "adomain": ("shop.example",),
            "size": "300x250",
            "image": "https://cdn.example/a.png",
            **changes,
        }
    )


def video(**changes: Any) -> Creative:
    """A 15-second video."""
    media = Media(url="https://cdn.example/v.mp4", type="video/mp4", bitrate_kbps=1500, size="640x360")
    return Creative(
        **{
            "id": "video",
            "format": "video",
            "landing": "https://shop.example/sale",
            "adomain": ("shop.example",),
            "media": (media,),
            "duration_s": 15,
            **changes,
        }
    )


def audio(**changes: Any) -> Creative:
    """A 30-second audio spot."""
    media = Media(url="https://cdn.example/a.mp3", type="audio/mpeg", bitrate_kbps=128)
    return Creative(
        **{
            "id": "audio",
            "format": "audio",
            "landing": "https://shop.example/sale",
            "adomain": ("shop.example",),
            "media": (media,),
            "duration_s": 30,
            **changes,
        }
    )


def native(**changes: Any) -> Creative:
    """A native ad with a title, a description, a sponsor and an image."""
    assets = NativeAssets(
        title="Sale",
        description="Everything must go",
        sponsored="Shop",
        cta="Buy",
        icon=Image(url="https://cdn.example/i.png", size="80x80"),
        images=(Image(url="https://cdn.example/m.png", size="1200x627"),),
    )
    return Creative(
        **{
            "id": "native",
            "format": "native",
            "landing": "https://shop.example/sale",
            "adomain": ("shop.example",),
            "native": assets,
            **changes,
        }
    )


def campaign(**changes: Any) -> Campaign:
    """A campaign that bids 2.00 CPM on every 300x250 banner."""
    return Campaign(
        **{
            "id": "a",
            "flight": Flight(start=date(2020, 1, 1), end=date(2099, 12, 31)),
            "budget": Budget(total=Decimal(1000)),
            "goal": Goal(type="cpm", amount=Decimal("2.00")),
            "max_cpm": Decimal("5.00"),
            "creatives": (creative(),),
            **changes,
        }
    )


def config(
    campaigns: Sequence[Campaign] = (),
    *,
    exchange: Exchange | None = None,
    rate: str = "0",
    public_url: str = PUBLIC_URL,
    owners: Mapping[str, str] | None = None,
    **account: Any,
) -> Config:
    """A configuration with these campaigns, one exchange called `test`; `rate` is the share evaluated in full.

    `owners` names advertisers by campaign; that of the others is `adv`.
    """
    settings = Bidder(
        server=Server(public_url=public_url),
        account=Account(**account),
        recording=Recording(full_evaluation_rate=Decimal(rate)),
    )
    owned: dict[str, list[Campaign]] = {}
    for each in campaigns:
        owned.setdefault((owners or {}).get(each.id, "adv"), []).append(each)
    advertisers = tuple(Advertiser(advertiser=name, campaigns=tuple(some)) for name, some in owned.items())
    return Config(
        bidder=settings,
        exchanges={NAME: exchange or Exchange(seat="s1")},
        advertisers=advertisers,
        digest="0" * 32,
    )


def engine(
    *campaigns: Campaign,
    purse: Grants | None = None,
    predictor: Predictor | None = None,
    now: float = NOW,
    **options: Any,
) -> Engine:
    """An engine over `config(campaigns, **options)` as it stands at `now`, with a purse that never runs dry."""
    built = config(campaigns, **options)
    predictors = Always(predictor or FixedPredictor(built.bidder.prediction))
    snapshot = compile_snapshot(built, predictors.ceiling)
    purse = purse or Grants()
    purse.slots = [line.id for line in snapshot.lines]
    for slot, line in enumerate(snapshot.lines):
        line.slot = slot
    snapshot.refresh(now)
    return Engine(snapshot, purse, predictors)


def brain(
    *campaigns: Campaign, now: float = NOW, serials: Iterator[int] | None = None, **options: Any
) -> tuple[DecidingBrain, list[Any]]:
    """A brain over `engine(...)` whose clock stands still at `now`, and the list its events go to.

    `serials` are the numbers of its answers.
    """
    recorded: list[Any] = []
    responder = Responder(Signer([b"k" * 16]), LinkBuilder(options.get("public_url", PUBLIC_URL)), serials=serials)
    deciding = engine(*campaigns, now=now, **options)
    return DecidingBrain(deciding, responder, recorded.append, FunnelCounts(), lambda: now), recorded


def request(**changes: Any) -> BidRequest:
    """A request for one 300x250 banner on a site, decoded from JSON; top-level attributes are replaced by `changes`."""
    return decode_request(msgspec.json.encode(body(**changes)))


def body(**changes: Any) -> dict[str, Any]:
    """What `request` decodes; attributes changed to `None` are left out."""
    members = {
        "id": "r1",
        "at": 1,
        "cur": ["USD"],
        "tmax": 100,
        "imp": [imp()],
        "site": {"id": "s", "domain": "news.example.com", "publisher": {"id": "p"}},
        "device": {"devicetype": 4, "os": "iOS", "osv": "17.2", "geo": {"country": "USA", "region": "NY"}},
        **changes,
    }
    return {key: value for key, value in members.items() if value is not None}


def imp(**changes: Any) -> dict[str, Any]:
    """A 300x250 banner imp without a floor."""
    return {"id": "1", "banner": {"format": [{"w": 300, "h": 250}]}, **changes}


def decide(request_: BidRequest, *campaigns: Campaign, **options: Any) -> Decision:
    """The decision of `engine(*campaigns)` on a request that has just arrived."""
    return engine(*campaigns, **options).bid(request_, NAME, NOW, NOW)


def reason(request_: BidRequest, *campaigns: Campaign, **options: Any) -> Reason:
    """Why the first campaign does not bid, or `Reason.BID`, as the full evaluation counts it."""
    deciding = engine(*campaigns, rate="1", **options)
    funnel = deciding.bid(request_, NAME, NOW, NOW).funnel
    assert funnel is not None
    assert funnel.closure_error == 0
    return reasons(funnel)[campaigns[0].id]


def reasons(funnel: Funnel) -> dict[str, Reason]:
    """Where each campaign ended, by its id."""
    codes = iter_unpack("<H", funnel.terminal())
    return {line.id: Reason(code) for line, (code,) in zip(funnel.snapshot.lines, codes, strict=True)}


def furthest(labels: Iterable[str]) -> str:
    """A campaign's reason over all imps: a bid on one of them, else the gate that came last.

    Who bids already on another imp ends in what becomes of that bid.
    """
    return max(labels, key=lambda label: (label == "bid", label != "already_bidding", Reason[label.upper()]))
