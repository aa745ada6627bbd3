"""The facts of one candidate, by name: what is logged when a bid is made and read again in training.

A fact is a text, a number (a truth is 1 or 0) or `None` (the request does not say). A list is one text, its members
joined by `,`. Request facts hold for every candidate of an imp; candidate facts differ between them. Whoever scores
passes the two apart, whoever trains reads them together, so no name stands for both.
"""

from collections.abc import Mapping
from typing import Final, Literal, NamedTuple, TypeAlias

Fact: TypeAlias = str | int | float | bool | None
Facts: TypeAlias = Mapping[str, Fact]
Scope: TypeAlias = Literal["request", "candidate"]
FactType: TypeAlias = Literal["text", "number", "list"]

LIST_SEPARATOR: Final = ","


class Known(NamedTuple):
    """What the catalogue says of a fact."""

    type: FactType
    scope: Scope
    meaning: str


def _request(type_: FactType, meaning: str) -> Known:
    return Known(type_, "request", meaning)


def _candidate(type_: FactType, meaning: str) -> Known:
    return Known(type_, "candidate", meaning)


FACTS: Final[Mapping[str, Known]] = {
    # request and supply path
    "exchange": _request("text", "name of the exchange"),
    "auction_type": _request("number", "1 first price, 2 second price plus (OpenRTB 2.6, `at`)"),
    "bidfloor": _request("number", "floor of the imp as sent, CPM"),
    "schain_length": _request("number", "intermediaries in the supply chain"),
    "environment": _request("text", "`app`, `site` or `dooh`"),
    "publisher": _request("text", "id of the publisher"),
    "domain": _request("text", "domain of the site"),
    "bundle": _request("text", "bundle of the app"),
    "url": _request("text", "page or its hash, where the exchange tells"),
    "category": _request("text", "first content category of the site or app"),
    # placement
    "tagid": _request("text", "placement within site or app"),
    "size": _request("text", "first size offered, `300x250`"),
    "width": _request("number", "width offered, pixels"),
    "height": _request("number", "height offered, pixels"),
    "position": _request("text", "position on the screen, as a code or a name"),
    "slot_format": _request("text", "kind of slot, such as fixed, popup or floating"),
    "interstitial": _request("number", "1 where the ad covers the screen"),
    "rewarded": _request("number", "1 where the user is rewarded for watching"),
    "viewability": _request("number", "share of earlier impressions that were in view"),
    # device
    "device_type": _request("text", "OpenRTB list: Device Types"),
    "os": _request("text", "operating system"),
    "os_version": _request("text", "its version"),
    "browser": _request("text", "browser family"),
    "agent": _request("text", "user agent as sent, where nothing better tells the device"),
    "make": _request("text", "maker of the device"),
    "model": _request("text", "model of the device"),
    "connection": _request("text", "OpenRTB list: Connection Types"),
    "carrier": _request("text", "carrier or internet provider"),
    "language": _request("text", "language of the device, ISO 639-1"),
    "ip": _request("text", "address, cut to the prefix that may be used"),
    # place and time
    "country": _request("text", "ISO 3166-1 alpha-3"),
    "region": _request("text", "ISO 3166-2 or the source's code"),
    "city": _request("text", "city"),
    "at_ms": _request("number", "when the request came, milliseconds since 1970 UTC"),
    "utc_offset_min": _request("number", "the user's zone, minutes east of UTC"),
    "hour": _request("number", "hour in the user's zone, 0 to 23"),
    "weekday": _request("number", "weekday in the user's zone, 0 is Monday"),
    # user
    "user": _request("text", "id of the user; absent where it may not be used"),
    "segments": _request("list", "segments the user is in; older logs hold their number"),
    "user_seen": _request("number", "earlier impressions or clicks of this user within the last day"),
    "user_idle_s": _request("number", "seconds since the last of them"),
    "ip_seen": _request("number", "earlier impressions or clicks from this address within the last hour"),
    "ip_seen_week": _request("number", "earlier impressions or clicks from this address within the last week"),
    # candidate
    "advertiser": _candidate("text", "id of the advertiser"),
    "campaign": _candidate("text", "id of the campaign, or what is advertised"),
    "creative": _candidate("text", "id of the creative"),
    "format": _candidate("text", "`banner`, `video`, `audio` or `native`"),
    "deal": _candidate("text", "id of the deal"),
    "creative_size": _candidate("text", "size of the creative, `300x250`"),
    "duration_s": _candidate("number", "length of the creative"),
    "frequency": _candidate("number", "earlier impressions of this campaign to this user within the last day"),
    "recency_s": _candidate("number", "seconds since the last of them"),
}
"""Every fact that a feature may read."""


def scope_of(names: tuple[str, ...]) -> Scope:
    """Where a feature of these facts belongs: with the request if all of them do. Raises `KeyError` if unknown."""
    return "candidate" if any(FACTS[name].scope == "candidate" for name in names) else "request"
