"""Who sees the ad and on what: `User`, `Device` and everything below them."""

from msgspec import Raw

from openrtb.wire import NO_EXT, Int, Wire


class Geo(Wire):
    """A place: of the device now, or the home of the user (OpenRTB 2.6, 3.2.19)."""

    lat: float | None = None  # degrees, -90 to 90, south negative
    lon: float | None = None  # degrees, -180 to 180, west negative
    type: Int | None = None  # LocationTypes
    accuracy: Int | None = None  # m
    lastfix: Int | None = None  # s, age of the fix
    ipservice: Int | None = None  # IPLocationServices
    country: str | None = None
    region: str | None = None
    regionfips104: str | None = None
    metro: str | None = None
    city: str | None = None
    zip: str | None = None
    utcoffset: Int | None = None  # minutes from UTC
    ext: Raw = NO_EXT


class BrandVersion(Wire):
    """A browser or platform and its version (OpenRTB 2.6, 3.2.30)."""

    brand: str = ""  # required; since 2.6
    version: list[str] | None = None  # since 2.6
    ext: Raw = NO_EXT


class UserAgent(Wire):
    """The user agent in parts, best from client hints; preferred to `Device.ua` (OpenRTB 2.6, 3.2.29)."""

    browsers: list[BrandVersion] | None = None  # since 2.6
    platform: BrandVersion | None = None  # since 2.6
    mobile: Int | None = None  # since 2.6
    architecture: str | None = None  # since 2.6
    bitness: str | None = None  # since 2.6
    model: str | None = None  # since 2.6
    source: Int = 0  # UserAgentSource; since 2.6
    ext: Raw = NO_EXT


class Device(Wire):
    """What will show the ad; `geo` is where it is now (OpenRTB 2.6, 3.2.18)."""

    geo: Geo | None = None
    dnt: Int | None = None
    lmt: Int | None = None
    ua: str | None = None
    sua: UserAgent | None = None  # since 2.6
    ip: str | None = None
    ipv6: str | None = None
    devicetype: Int | None = None  # DeviceTypes
    make: str | None = None
    model: str | None = None
    os: str | None = None
    osv: str | None = None
    hwv: str | None = None
    h: Int | None = None  # px
    w: Int | None = None  # px
    ppi: Int | None = None  # px per inch
    pxratio: float | None = None  # px per DIP
    js: Int | None = None
    geofetch: Int | None = None
    flashver: str | None = None
    language: str | None = None
    langb: str | None = None  # since 2.6
    carrier: str | None = None
    mccmnc: str | None = None  # since 2.5
    connectiontype: Int | None = None  # ConnectionTypes
    ifa: str | None = None
    didsha1: str | None = None  # deprecated
    didmd5: str | None = None  # deprecated
    dpidsha1: str | None = None  # deprecated
    dpidmd5: str | None = None  # deprecated
    macsha1: str | None = None  # deprecated
    macmd5: str | None = None  # deprecated
    ext: Raw = NO_EXT


class Segment(Wire):
    """One fact of a Data provider (OpenRTB 2.6, 3.2.22)."""

    id: str | None = None
    name: str | None = None
    value: str | None = None
    ext: Raw = NO_EXT


class Data(Wire):
    """Facts about user or content from one provider (OpenRTB 2.6, 3.2.21)."""

    id: str | None = None
    name: str | None = None
    cids: list[str] | None = None  # since 2.6-202505
    segment: list[Segment] | None = None
    ext: Raw = NO_EXT


class UID(Wire):
    """One identifier of an EID source (OpenRTB 2.6, 3.2.28)."""

    id: str | None = None  # since 2.6
    atype: Int | None = None  # AgentTypes; since 2.6
    ext: Raw = NO_EXT


class EID(Wire):
    """Identifiers of the user from one source (OpenRTB 2.6, 3.2.27)."""

    inserter: str | None = None  # since 2.6-202409
    source: str | None = None  # since 2.6
    matcher: str | None = None  # since 2.6-202409
    mm: Int | None = None  # IDMatchMethods; since 2.6-202409
    uids: list[UID] | None = None  # since 2.6
    ext: Raw = NO_EXT


class User(Wire):
    """The person using the device (OpenRTB 2.6, 3.2.20)."""

    id: str | None = None
    buyeruid: str | None = None
    yob: Int | None = None  # deprecated
    gender: str | None = None  # deprecated
    keywords: str | None = None
    kwarray: list[str] | None = None  # since 2.6
    customdata: str | None = None
    geo: Geo | None = None
    data: list[Data] | None = None
    consent: str | None = None  # since 2.6
    eids: list[EID] | None = None  # since 2.6
    ext: Raw = NO_EXT
