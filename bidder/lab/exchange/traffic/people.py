"""Who sees the ads: people who come back, some often, each with a place, a device and a mind about privacy."""

from enum import StrEnum
from functools import lru_cache
from random import Random
from typing import Any, Final
from uuid import UUID

import msgspec
from msgspec import Raw, Struct

from bidder.lab.exchange.dice import Draw, dice
from bidder.lab.exchange.traffic import consent
from bidder.lab.exchange.traffic.devices import Device, Kind, draw_device
from bidder.lab.exchange.traffic.places import PLACES, Place, Regime

POPULATION: Final = 8000
"""People in the market."""

SEGMENTS: Final = (
    "auto",
    "cooking",
    "fashion",
    "finance",
    "gadgets",
    "gaming",
    "gardening",
    "parents",
    "sports",
    "travel",
)
"""Interests that a data provider may know of."""


class Attitude(StrEnum):
    """What someone answered when asked for consent."""

    ACCEPTS = "accepts"
    BASIC = "basic"  # ads, but no profile
    MEASUREMENT = "measurement"
    REJECTS = "rejects"
    UNKNOWN = "unknown"  # never asked: the string is missing


class Person(Struct, frozen=True, eq=False):
    """Someone with one device. `segments` is what the person is interested in, known to others or not."""

    index: int
    place: Place
    device: Device
    segments: tuple[str, ...]
    attitude: Attitude
    limits_tracking: bool
    matched: bool  # whether the bidder's id of the person is known to the exchange
    token: str  # 32 hexadecimal digits that name the person

    @property
    def tells_identity(self) -> bool:
        """Whether ids of the person may be sent."""
        asked = self.place.regime is Regime.GDPR
        return not self.limits_tracking and not (asked and self.attitude is not Attitude.ACCEPTS)


_TCF: Final = {
    Attitude.ACCEPTS: consent.ACCEPT_ALL,
    Attitude.BASIC: consent.BASIC_ADS,
    Attitude.MEASUREMENT: consent.ONLY_MEASUREMENT,
    Attitude.REJECTS: consent.REJECT_ALL,
}
_ATTITUDES = tuple(Attitude)
_GDPR_WEIGHTS, _OTHER_WEIGHTS = (74, 9, 5, 8, 4), (82, 0, 0, 18, 0)
_MAKERS_WITH_IDS = frozenset({Kind.PHONE, Kind.TABLET, Kind.TELEVISION})


def draw_index(chance: Random) -> int:
    """Who comes next: the first people come far more often than the last."""
    return int(POPULATION * chance.random() ** 1.5)


@lru_cache(maxsize=POPULATION)
def person(seed: int, index: int) -> Person:
    """Number `index` of the population that belongs to `seed`."""
    chance = dice(seed, Draw.PERSON, index)
    place = chance.choices(PLACES, [place.weight for place in PLACES])[0]
    weights = _GDPR_WEIGHTS if place.regime is Regime.GDPR else _OTHER_WEIGHTS
    return Person(
        index=index,
        place=place,
        device=draw_device(chance),
        segments=tuple(sorted(chance.sample(SEGMENTS, chance.randrange(4)))),
        attitude=chance.choices(_ATTITUDES, weights)[0],
        limits_tracking=chance.random() < 0.15,
        matched=chance.random() < 0.7,
        token=f"{chance.getrandbits(128):032x}",
    )


class Described(Struct, frozen=True):
    """One person as requests of one OpenRTB version describe them, as JSON."""

    device: Raw
    user: Raw
    regs: Raw


@lru_cache(maxsize=POPULATION)
def describe(someone: Person, version: str, for_children: bool) -> Described:
    """The `device`, `user` and `regs` objects. What is for children carries no ids and no exact place."""
    named = someone.tells_identity and not for_children
    parts = (
        _device(someone, version, named=named),
        _user(someone, version, named=named),
        _regs(someone, version, for_children=for_children),
    )
    return Described(*(Raw(msgspec.json.encode(part)) for part in parts))


def _device(someone: Person, version: str, *, named: bool) -> dict[str, Any]:
    place, device, index = someone.place, someone.device, someone.index
    at_home = index % 3 > 0 or not device.mobile
    mobile_network = {"connectiontype": 6, "carrier": place.carrier, "mccmnc": place.mccmnc}
    address = {"ipv6": f"2001:db8::{index + 1:x}"} if index % 9 == 0 else {"ip": f"203.0.113.{1 + index % 254}"}
    has_ifa = named and device.kind in _MAKERS_WITH_IDS
    return {
        **device.attributes,
        **({"sua": device.hints} if device.hints and version == "2.6" else {}),
        **({"connectiontype": 2} if at_home else mobile_network),
        **address,
        **({"ifa": str(UUID(someone.token))} if has_ifa else {}),
        "lmt": int(someone.limits_tracking),
        "dnt": int(someone.limits_tracking and not device.mobile),
        "language": place.language,
        "geo": _geo(someone, exact=named),
    }


def _geo(someone: Person, *, exact: bool) -> dict[str, Any]:
    place = someone.place
    broad = {"country": place.country, "region": place.region, "utcoffset": place.utcoffset, "type": 2}
    if not exact:
        return broad
    metro = {"metro": place.metro} if place.metro else {}
    return broad | {"lat": place.lat, "lon": place.lon, "city": place.city, "zip": place.zip, "ipservice": 3} | metro


def _user(someone: Person, version: str, *, named: bool) -> dict[str, Any]:
    user: dict[str, Any] = {}
    late: dict[str, Any] = {}  # what 2.6 has in the user and 2.5 in its ext
    if named:
        user["id"] = someone.token[:16]
        if someone.matched:
            user["buyeruid"] = f"b-{someone.token[16:]}"
            late["eids"] = [{"source": "id-graph.example", "uids": [{"id": someone.token[8:24], "atype": 1}]}]
        if someone.segments:
            known = [{"id": segment, "name": segment, "value": "1"} for segment in someone.segments]
            user["data"] = [{"id": "interests", "name": "interests.example", "segment": known}]
    if someone.place.regime is Regime.GDPR and someone.attitude in _TCF:
        late["consent"] = consent.tcf_string(_TCF[someone.attitude], someone.place.language)
    return user | ({"ext": late} if version == "2.5" and late else late)


def _regs(someone: Person, version: str, *, for_children: bool) -> dict[str, Any]:
    regs: dict[str, Any] = {"coppa": int(for_children)}
    late: dict[str, Any] = {}  # what 2.6 has in regs and 2.5 in its ext
    place, opted_out = someone.place, someone.attitude is Attitude.REJECTS
    if place.regime is Regime.GDPR:
        late["gdpr"] = 1
        if version == "2.6" and someone.index % 4 == 0 and someone.attitude in _TCF:
            regs |= {"gpp": consent.gpp_tcf_eu(_TCF[someone.attitude], place.language), "gpp_sid": [2]}
    elif place.regime is not Regime.NONE:
        late["us_privacy"] = consent.us_privacy_string(opted_out)
        if version == "2.6" and place.regime is Regime.US_STATE:
            regs |= {"gpp": consent.gpp_us_national(opted_out), "gpp_sid": [7]}
    elif version == "2.6" or someone.index % 2:
        late["gdpr"] = 0
    return regs | ({"ext": late} if version == "2.5" and late else late)
