"""Where a campaign may run: targeting, placement, hours, brand safety."""

from typing import Annotated, Literal

from msgspec import Meta

from bidder.config.schema.values import Share, Size, Table

Environment = Literal["site", "app", "dooh"]


class VersionRange(Table, frozen=True, kw_only=True):
    """An operating system and, where given, the versions accepted, both ends included ("15" includes "15.4")."""

    name: str
    min: str | None = None
    max: str | None = None


class Circle(Table, frozen=True, kw_only=True):
    """Places within `km` of a point; needs a location that the device reported or the IP told."""

    lat: Annotated[float, Meta(ge=-90, le=90)]
    lon: Annotated[float, Meta(ge=-180, le=180)]
    km: Annotated[float, Meta(gt=0, le=20_000)]


class AgeRange(Table, frozen=True, kw_only=True):
    """Ages in whole years, both ends included."""

    min: Annotated[int, Meta(ge=13, le=120)] = 13
    max: Annotated[int, Meta(ge=13, le=120)] = 120


class Categories(Table, frozen=True, kw_only=True):
    """Content categories by taxonomy (list `Category Taxonomies`); a category includes those below it."""

    ids: tuple[str, ...]
    cattax: Annotated[int, Meta(ge=1)] = 1


class Targeting(Table, frozen=True, kw_only=True):
    """Values a campaign names, to include or to exclude. Naming an attribute to include needs it in the request."""

    exchange: tuple[str, ...] = ()
    environment: tuple[Environment, ...] = ()
    deal: tuple[str, ...] = ()
    country: tuple[Annotated[str, Meta(pattern=r"^[A-Z]{3}$")], ...] = ()
    region: tuple[str, ...] = ()
    """`COUNTRY/REGION`, as in `USA/NY`."""
    metro: tuple[str, ...] = ()
    city: tuple[str, ...] = ()
    """`COUNTRY/City`, as in `USA/New York`."""
    zip: tuple[str, ...] = ()
    """`COUNTRY/ZIP`; a trailing `*` accepts all that begin so."""
    radius: tuple[Circle, ...] = ()
    device_type: tuple[
        Literal["mobile", "pc", "ctv", "phone", "tablet", "connected_device", "set_top_box", "ooh"], ...
    ] = ()
    os: tuple[VersionRange, ...] = ()
    browser: tuple[str, ...] = ()
    connection: tuple[Literal["ethernet", "wifi", "cellular", "2g", "3g", "4g", "5g"], ...] = ()
    language: tuple[str, ...] = ()
    site: tuple[str, ...] = ()
    domain: tuple[str, ...] = ()
    """Domains of the site or app; subdomains are included."""
    app: tuple[str, ...] = ()
    bundle: tuple[str, ...] = ()
    publisher: tuple[str, ...] = ()
    category: tuple[Categories, ...] = ()
    keyword: tuple[str, ...] = ()
    segment: tuple[str, ...] = ()
    """`PROVIDER/SEGMENT`, as sent in `user.data`, or `SEGMENT` alone."""
    age: tuple[AgeRange, ...] = ()
    gender: tuple[Literal["M", "F", "O"], ...] = ()
    position: tuple[Literal["above", "locked", "below", "header", "footer", "sidebar", "fullscreen"], ...] = ()
    video_placement: tuple[
        Literal["instream", "accompanying", "interstitial", "standalone", "pause", "overlay"], ...
    ] = ()
    size: tuple[Size, ...] = ()


class Placement(Table, frozen=True, kw_only=True):
    """Conditions on the placement that are not lists."""

    interstitial: bool | None = None
    """True: only interstitials; false: none; left out: either."""
    rewarded: bool | None = None
    min_viewability: Share | None = None


class Safety(Table, frozen=True, kw_only=True):
    """Content a brand must not appear next to. Where the request says nothing, it is not blocked."""

    categories: tuple[Categories, ...] = ()
    domains: tuple[str, ...] = ()
    bundles: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
