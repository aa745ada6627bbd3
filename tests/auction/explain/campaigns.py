"""A small advertiser whose campaigns fare differently on one request."""

from datetime import date
from decimal import Decimal
from typing import Any

from bidder.auction.pace import PPB
from bidder.config.schema import (
    Campaign,
    Categories,
    Circle,
    Dayparting,
    Flight,
    Goal,
    Hours,
    Pacing,
    Placement,
    Safety,
    Targeting,
    VersionRange,
)
from bidder.engine import Engine
from openrtb.request import BidRequest
from tests.auction.builders import Grants, campaign, creative, engine, native, request, video


def cpm(amount: str) -> Goal:
    return Goal(type="cpm", amount=Decimal(amount))


def campaigns() -> list[Campaign]:
    return [
        campaign(id="runner", goal=cpm("3.10")),
        campaign(id="walker", goal=cpm("2.80")),
        campaign(id="sandals", goal=cpm("2.260")),
        campaign(
            id="boots",
            include=Targeting(country=("CAN",), device_type=("ctv", "pc"), os=(VersionRange(name="ios", min="18"),)),
            exclude=Targeting(domain=("example.com",)),
        ),
        campaign(id="skates", flight=Flight(start=date(2026, 12, 1), end=date(2027, 2, 28))),
        campaign(id="laces", enabled=False),
        campaign(id="coat", include=Targeting(segment=("winter",)), creatives=(creative(size="728x90"),)),
        campaign(id="hat", creatives=(creative(cat=("IAB18-3",)), creative(id="wide", size="728x90", attr=(1,)))),
        campaign(id="film", creatives=(video(), native())),
        campaign(id="partner", include=Targeting(deal=("spring",))),
        campaign(id="night", dayparting=Dayparting(hours=(Hours(from_hour=20),)), safety=Safety(keywords=("sale",))),
        campaign(id="near", include=Targeting(radius=(Circle(lat=52.52, lon=13.405, km=50),))),
        campaign(id="seen", placement=Placement(min_viewability=Decimal("0.7"), rewarded=True)),
        campaign(id="rare", pacing=Pacing(throttle=Decimal(0))),
        campaign(id="broke", goal=cpm("2.50")),
        campaign(id="penny", goal=Goal(type="cpc", amount=Decimal("0.0001"))),
        campaign(id="sports", include=Targeting(category=(Categories(ids=("IAB17",)),))),
    ]


def explained(**changes: Any) -> tuple[Engine, BidRequest]:
    """The engine over the campaigns, and the request: a first-price banner with a floor of 2.40 USD, GDPR in force."""
    deciding = engine(*campaigns(), purse=Grants({"broke": 100}, {}, {"penny": PPB // 2}))
    imp = {"id": "1", "bidfloor": 2.4, "banner": {"format": [{"w": 300, "h": 250}], "battr": [1]}}
    site = {"id": "s", "domain": "news.example.com", "cat": ["IAB12-2"], "keywords": "sale", "publisher": {"id": "p"}}
    body: dict[str, Any] = {"id": "r1", "imp": [imp], "site": site, "bcat": ["IAB18"], "regs": {"gdpr": 1}, **changes}
    return deciding, request(**body)
