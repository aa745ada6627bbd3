"""Bid requests of 11 January 2012, in the format of RTBkit's predecessor, as OpenRTB 2.6.

They come from DoubleClick AdX (`dblclk_adx`) and ContextWeb (`context_web`), all from web pages, one spot each.

| recorded | OpenRTB 2.6 |
|---|---|
| `id`, `spots[].id` | `id`, `imp[].id` |
| `spots[].formats` "300x250" | `imp[].banner.format` w, h |
| `url` | `site.page`; its host is `site.domain` |
| `segments.adxVerticals` [id, weight] of the page | `site.content.data[]` named "adxVerticals", segment id and value |
| `segments.adgear` | `user.data[]` named "adgear", segment id |
| `userAgent`, `ipAddress`, `language` | `device.ua`, `device.ip`, `device.language` |
| `location.countryCode` alpha-2 | `device.geo.country` alpha-3 |
| `location.regionCode` | `device.geo.region` in the US and Canada, else FIPS 10-4 as `regionfips104` |
| `location.cityName`, `location.dma` | `device.geo.city` (a name, as exchanges send it), `device.geo.metro` |
| `location.timezoneOffsetMinutes` | `device.geo.utcoffset`; ContextWeb counts west as positive, so its sign is turned |
| `userIds.xchg`, `userIds.prov` | `user.id` (of the exchange), `user.buyeruid` (of the buyer) |
| `restrictions.clickUrl` | `badv`, where the entry is a domain |
| `restrictions.creativeAttribute` of AdX | `imp[].banner.battr`, where OpenRTB has the attribute (`adx.ATTRIBUTES`) |
| `restrictions.sensitiveCategoryAttribute`, `.vertical` | `bcat` in the exchange's own taxonomy (`adx.CATTAX`) |

Left out, because nothing in OpenRTB means the same: `location.postalCode` (holds telephone area codes: 414 in
Milwaukee), country A1 (an anonymous proxy, no country), offsets that no place on earth has, `clickUrl` entries with
a path or without a domain, `creativeAttribute` of ContextWeb (its own codes), `exchange`, `provider`, `timestamp`,
versions, and the ids in `userIds` that repeat `xchg` and `prov`. `position` is "NONE" and `reservePrice` 0
throughout, which is what absent `pos` and `bidfloor` say; a line with anything else is refused, since its unit is
not known.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta, Struct

from bidder.lab.feed import adx
from openrtb.audience import Data, Device, Geo, Segment, User
from openrtb.context import Content, Site
from openrtb.imp import Banner, Format, Imp
from openrtb.request import BidRequest

_ADX = "dblclk_adx"
_COUNTRIES: Final[Mapping[str, str]] = {"US": "USA", "CA": "CAN", "GB": "GBR", "JM": "JAM", "JE": "JEY"}
_FIPS_COUNTRIES: Final[Mapping[str, str]] = {"GB": "UK", "JM": "JM"}
_WEST_MINUTES, _EAST_MINUTES = -720, 840  # the ends of the world's time zones, UTC-12 and UTC+14
_DOMAIN = re.compile(r"(?:[a-z0-9_-]+\.)+[a-z]{2,}", re.IGNORECASE)
_PAGE = re.compile(rf"https?://({_DOMAIN.pattern})(?=[.:/?#]|$)", re.IGNORECASE)


class Spot(Struct):
    """A place for an ad."""

    id: str
    formats: list[Annotated[str, Meta(pattern=r"^\d{1,5}x\d{1,5}$")]]  # width x height
    position: Literal["NONE"] = "NONE"
    reserve_price: Literal[0] = msgspec.field(name="reservePrice", default=0)


class Location(Struct, rename="camel"):
    """Where the address of the user is."""

    country_code: str | None = None
    region_code: str | None = None
    city_name: str | None = None
    dma: int | None = None
    timezone_offset_minutes: int | None = None


class Restrictions(Struct, rename="camel"):
    """What the publisher does not want."""

    click_url: list[str] = []
    creative_attribute: list[int] = []
    sensitive_category_attribute: list[int] = []
    vertical: list[int] = []


class Segments(Struct, rename="camel"):
    """What is known of page and user; a vertical of weight 1 is a bare id."""

    adx_verticals: list[int | tuple[int, float]] = []
    adgear: list[int] | None = None


class Auction(Struct, rename="camel"):
    """One line of the recording."""

    id: str
    exchange: Literal["dblclk_adx", "context_web"]
    spots: list[Spot]
    url: str | None = None
    user_agent: str | None = None
    ip_address: str | None = None
    language: str | None = None
    location: Location | None = None
    restrictions: Restrictions = msgspec.field(default_factory=Restrictions)
    segments: Segments = msgspec.field(default_factory=Segments)
    user_ids: dict[str, str] = {}


_decode = msgspec.json.Decoder(Auction).decode


def bid_request(line: bytes) -> BidRequest:
    """The request that `line` records. Raises `msgspec.DecodeError` where the line is not of this format."""
    auction = _decode(line)
    blocks = auction.restrictions
    bcat = adx.bcat([*blocks.sensitive_category_attribute, *blocks.vertical])
    return BidRequest(
        id=auction.id,
        imp=[_imp(spot, auction) for spot in auction.spots],
        site=_site(auction),
        device=Device(
            ua=auction.user_agent, ip=auction.ip_address, language=auction.language, geo=_geo(auction, auction.location)
        ),
        user=_user(auction),
        badv=[url for url in dict.fromkeys(blocks.click_url) if _DOMAIN.fullmatch(url)] or None,
        bcat=bcat,
        cattax=adx.CATTAX if bcat else 1,
    )


def _imp(spot: Spot, auction: Auction) -> Imp:
    sizes = (size.split("x", 1) for size in spot.formats)
    battr = adx.battr(auction.restrictions.creative_attribute) if auction.exchange == _ADX else None
    return Imp(id=spot.id, banner=Banner(format=[Format(w=int(w), h=int(h)) for w, h in sizes], battr=battr))


def _site(auction: Auction) -> Site | None:
    site = Site(page=auction.url)
    host = _PAGE.match(auction.url or "")
    if host:
        site.domain = host[1].lower()
    if auction.segments.adx_verticals:
        segments = [_vertical(each) for each in auction.segments.adx_verticals]
        site.content = Content(data=[Data(name="adxVerticals", segment=segments)])
    return site if site != Site() else None


def _vertical(vertical: int | tuple[int, float]) -> Segment:
    if isinstance(vertical, int):
        return Segment(id=str(vertical))
    return Segment(id=str(vertical[0]), value=str(vertical[1]))


def _geo(auction: Auction, location: Location | None) -> Geo | None:
    if location is None:
        return None
    geo = Geo(country=_COUNTRIES.get(location.country_code or ""), city=location.city_name)
    if location.dma is not None:
        geo.metro = str(location.dma)
    if location.timezone_offset_minutes is not None:
        east_minutes = location.timezone_offset_minutes * (1 if auction.exchange == _ADX else -1)
        geo.utcoffset = east_minutes if _WEST_MINUTES <= east_minutes <= _EAST_MINUTES else None
    if location.country_code in {"US", "CA"}:
        geo.region = location.region_code
    elif location.region_code and (country := _FIPS_COUNTRIES.get(location.country_code or "")):
        geo.regionfips104 = country + location.region_code
    return geo if geo != Geo() else None


def _user(auction: Auction) -> User | None:
    ids, segments = auction.user_ids, auction.segments.adgear
    data = [Data(name="adgear", segment=[Segment(id=str(code)) for code in segments])] if segments else None
    user = User(id=ids.get("xchg"), buyeruid=ids.get("prov"), data=data)
    return user if user != User() else None
