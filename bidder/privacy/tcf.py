"""The consent string of IAB Europe's Transparency and Consent Framework, version 2 ("TC string").

Source: Consent string and vendor list formats v2.3. A string is a core segment and optional ones, joined by dots.
"""

from datetime import datetime

from msgspec import Struct

from bidder.privacy.bits import Bits, Ids, SignalError

MOST_SEGMENTS = 4
_DISCLOSED, _ALLOWED, _PUBLISHER = 1, 2, 3


class Restriction(Struct, frozen=True):
    """What a publisher demands of some vendors for one purpose."""

    purpose: int
    kind: int
    """0 not allowed, 1 consent required, 2 legitimate interest required."""
    vendors: Ids


class Core(Struct, frozen=True):
    """The core segment, in the order of its fields."""

    version: int
    created: datetime
    updated: datetime
    cmp_id: int
    cmp_version: int
    screen: int
    language: str
    vendor_list: int
    policy: int
    service_specific: bool
    non_standard_texts: bool
    special_features: Ids
    purposes: Ids
    purposes_interest: Ids
    """By legitimate interest."""
    purpose_one_treatment: bool
    publisher_country: str
    vendors: Ids
    vendors_interest: Ids
    restrictions: tuple[Restriction, ...]


class Publisher(Struct, frozen=True):
    """What the publisher itself asked for."""

    purposes: Ids = Ids()
    purposes_interest: Ids = Ids()
    custom: Ids = Ids()
    custom_interest: Ids = Ids()


class Consent(Struct, frozen=True):
    """A TC string."""

    core: Core
    disclosed: Ids | None = None
    """The vendors shown to the user; None where the string does not tell."""
    allowed: Ids | None = None
    publisher: Publisher = Publisher()


def read(text: str) -> Consent:
    """Read a TC string. Raises `SignalError`."""
    first, *others = text.split(".")
    if len(others) >= MOST_SEGMENTS:
        raise SignalError(f"a TC string has at most {MOST_SEGMENTS} segments, found {1 + len(others)}")
    found: dict[int, Ids | Publisher] = {}
    core = _core(Bits(first))
    for each in others:
        bits = Bits(each)
        kind = bits.integer(3)
        if kind in found:
            raise SignalError(f"segment type {kind} stands twice")
        found[kind] = _segment(kind, bits)
    disclosed, allowed, publisher = found.get(_DISCLOSED), found.get(_ALLOWED), found.get(_PUBLISHER)
    return Consent(
        core,
        disclosed if isinstance(disclosed, Ids) else None,
        allowed if isinstance(allowed, Ids) else None,
        publisher if isinstance(publisher, Publisher) else Publisher(),
    )


def _core(bits: Bits) -> Core:
    version = bits.integer(6)
    if version != 2:
        raise SignalError(f"version 2 of the TC string is read, found version {version}")
    return Core(
        version=version,
        created=bits.time(),
        updated=bits.time(),
        cmp_id=bits.integer(12),
        cmp_version=bits.integer(12),
        screen=bits.integer(6),
        language=bits.letters(),
        vendor_list=bits.integer(12),
        policy=bits.integer(6),
        service_specific=bits.flag(),
        non_standard_texts=bits.flag(),
        special_features=bits.field(12),
        purposes=bits.field(24),
        purposes_interest=bits.field(24),
        purpose_one_treatment=bits.flag(),
        publisher_country=bits.letters(),
        vendors=bits.vendors(),
        vendors_interest=bits.vendors(),
        restrictions=tuple(_restriction(bits) for _ in range(bits.integer(12))),
    )


def _restriction(bits: Bits) -> Restriction:
    return Restriction(bits.integer(6), bits.integer(2), bits.ranges())


def _segment(kind: int, bits: Bits) -> Ids | Publisher:
    if kind in {_DISCLOSED, _ALLOWED}:
        return bits.vendors()
    if kind != _PUBLISHER:
        raise SignalError(f"segment type 1, 2 or 3 is read, found {kind}")
    purposes, interest = bits.field(24), bits.field(24)
    own = bits.integer(6)
    return Publisher(purposes, interest, bits.field(own), bits.field(own))
