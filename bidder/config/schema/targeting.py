"""Where a campaign may run: targeting, placement, brand safety."""

from typing import Annotated, Literal

from msgspec import Meta

from bidder.config.schema.values import Category, Cattax, Domain, Language, Share, Size, Table, Text

Environment = Literal["site", "app", "dooh"]
DeviceType = Literal["mobile", "pc", "ctv", "phone", "tablet", "connected_device", "set_top_box", "ooh"]
Browser = Literal["chrome", "edge", "firefox", "opera", "safari", "samsung"]
Connection = Literal["ethernet", "wifi", "cellular", "2g", "3g", "4g", "5g"]
Position = Literal["above", "locked", "below", "header", "footer", "sidebar", "fullscreen"]
VideoPlacement = Literal["instream", "accompanying", "interstitial", "standalone", "pause", "overlay"]

ExchangeName = Annotated[str, Meta(min_length=1, description="the name of an exchange, as in `exchanges/NAME.toml`")]
Country = Annotated[
    str, Meta(pattern=r"^[A-Z]{3}\Z", description="a country of three capital letters, as in `USA` (ISO 3166-1)")
]
Region = Annotated[
    str, Meta(pattern=r"^[A-Z]{3}/[A-Za-z0-9]{1,3}\Z", description="COUNTRY/REGION, as in `USA/NY` (ISO 3166-2)")
]
City = Annotated[str, Meta(pattern=r"^[A-Z]{3}/[^\s/][^/]*(?<!\s)\Z", description="COUNTRY/City, as in `USA/New York`")]
Zip = Annotated[
    str,
    Meta(
        pattern=r"^[A-Z]{3}/[A-Za-z0-9][A-Za-z0-9 -]*\*?\Z",
        description="COUNTRY/ZIP, as in `USA/10001` or `USA/100*`",
    ),
]
OsName = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z][A-Za-z0-9_]*\Z",
        description="an operating system, as in `android`, `ios`, `windows`, `macos`, `linux`, `tvos`, `roku`, `tizen`",
    ),
]
Version = Annotated[
    str, Meta(pattern=r"^[0-9]{1,9}(\.[0-9]{1,9}){0,3}\Z", description="a version, as in `15` or `15.4.1`")
]


class VersionRange(Table, frozen=True, kw_only=True):
    """An operating system and, where given, the versions accepted, both ends included ("15" includes "15.4")."""

    name: OsName
    """The operating system; case does not matter."""
    min: Version | None = None
    """The lowest version."""
    max: Version | None = None
    """The highest version."""


class Circle(Table, frozen=True, kw_only=True):
    """Places within `km` of a point; needs a location that the device reported or the IP told."""

    lat: Annotated[float, Meta(ge=-90, le=90)]
    """Latitude in degrees, north is positive."""
    lon: Annotated[float, Meta(ge=-180, le=180)]
    """Longitude in degrees, east is positive."""
    km: Annotated[float, Meta(gt=0, le=20_000)]
    """Radius in kilometres."""


class AgeRange(Table, frozen=True, kw_only=True):
    """Ages in whole years, both ends included."""

    min: Annotated[int, Meta(ge=13, le=120)] = 13
    """The lowest age."""
    max: Annotated[int, Meta(ge=13, le=120)] = 120
    """The highest age."""


class Categories(Table, frozen=True, kw_only=True):
    """Content categories of one taxonomy; a category includes those below it, as far as it is known what lies below."""

    ids: Annotated[tuple[Category, ...], Meta(min_length=1)]
    """The categories, as in `IAB7` and `IAB7-3` of taxonomy 1."""
    cattax: Cattax = 1
    """The taxonomy; 1 is the IAB content taxonomy 1.0. For others `taxonomies/N.tsv` tells what lies below."""


class Targeting(Table, frozen=True, kw_only=True):
    """Values a campaign names, to include or to exclude. Naming an attribute to include needs it in the request."""

    exchange: tuple[ExchangeName, ...] = ()
    """Exchanges, by the name of their file."""
    environment: tuple[Environment, ...] = ()
    """Whether the ad shows on a site, in an app or on a screen out of home."""
    deal: tuple[Text, ...] = ()
    """Deal ids."""
    country: tuple[Country, ...] = ()
    """Countries, as in `USA`."""
    region: tuple[Region, ...] = ()
    """`COUNTRY/REGION`, as in `USA/NY`."""
    metro: tuple[Text, ...] = ()
    """Metro codes as the exchange sends them, as in `501` (in the USA, market areas)."""
    city: tuple[City, ...] = ()
    """`COUNTRY/City`, as in `USA/New York`."""
    zip: tuple[Zip, ...] = ()
    """`COUNTRY/ZIP`; a trailing `*` accepts all that begin so."""
    radius: tuple[Circle, ...] = ()
    """Circles on the map."""
    device_type: tuple[DeviceType, ...] = ()
    """Kinds of device; `mobile` is a phone or a tablet."""
    os: tuple[VersionRange, ...] = ()
    """Operating systems and their versions."""
    browser: tuple[Browser, ...] = ()
    """Browsers."""
    connection: tuple[Connection, ...] = ()
    """Connections; `cellular` is any generation."""
    language: tuple[Language, ...] = ()
    """Languages of the device, as in `en`."""
    site: tuple[Text, ...] = ()
    """Site ids as the exchange sends them."""
    domain: tuple[Domain, ...] = ()
    """Domains of the site or app; subdomains are included."""
    app: tuple[Text, ...] = ()
    """App ids as the exchange sends them."""
    bundle: tuple[Text, ...] = ()
    """Store ids of apps."""
    publisher: tuple[Text, ...] = ()
    """Publisher ids as the exchange sends them."""
    category: tuple[Categories, ...] = ()
    """Categories of the content."""
    keyword: tuple[Text, ...] = ()
    """Keywords of the content or the user; case does not matter."""
    segment: tuple[Text, ...] = ()
    """`PROVIDER/SEGMENT`, as sent in `user.data`, or `SEGMENT` alone."""
    age: tuple[AgeRange, ...] = ()
    """Ages of the user."""
    gender: tuple[Literal["M", "F", "O"], ...] = ()
    """Gender of the user: male, female, other."""
    position: tuple[Position, ...] = ()
    """Positions on the page or screen."""
    video_placement: tuple[VideoPlacement, ...] = ()
    """Placements of video."""
    size: tuple[Size, ...] = ()
    """Sizes of the placement, as in `300x250`."""


class Placement(Table, frozen=True, kw_only=True):
    """Conditions on the placement that are not lists."""

    interstitial: bool | None = None
    """True: only interstitials; false: none; left out: either."""
    rewarded: bool | None = None
    """True: only placements that reward the user; false: none; left out: either."""
    min_viewability: Share | None = None
    """The least measured viewability; needs the metric in the request."""


class Safety(Table, frozen=True, kw_only=True):
    """Content a brand must not appear next to. Where the request says nothing, it is not blocked."""

    categories: tuple[Categories, ...] = ()
    """Content categories, with those below them."""
    domains: tuple[Domain, ...] = ()
    """Domains, with their subdomains."""
    bundles: tuple[Text, ...] = ()
    """Store ids of apps."""
    keywords: tuple[Text, ...] = ()
    """Keywords of the content; case does not matter."""
