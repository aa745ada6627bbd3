"""What people write: one struct per TOML table, strict and frozen; an unknown key is a mistake, not a comment.

Money is decimal text in the account currency (`2.50`); CPM is per thousand impressions. Names follow OpenRTB where it has
them. A field that is left out does not restrict.
"""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from msgspec import Meta, Struct

Id = Annotated[
    str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$", description="letters, digits, . _ -; at most 64")
]
Share = Annotated[Decimal, Meta(extra={"min": 0, "max": 1}, description="between 0 and 1")]
Amount = Annotated[Decimal, Meta(extra={"min": 0}, description="an amount of money, not negative")]
Positive = Annotated[Decimal, Meta(extra={"above": 0}, description="an amount of money above zero")]
Url = Annotated[str, Meta(pattern=r"^https?://[^\s\"'<>\\^`{|}]+$", description="an absolute http or https URL")]
Currency = Annotated[str, Meta(pattern=r"^[A-Z]{3}$", description="three capital letters, as in ISO 4217")]
Size = Annotated[str, Meta(pattern=r"^[1-9][0-9]{0,4}x[1-9][0-9]{0,4}$", description="WIDTHxHEIGHT, as in 300x250")]

Format = Literal["banner", "video", "audio", "native"]
Environment = Literal["site", "app", "dooh"]


class Table(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Base of all configuration tables."""


# bidder.toml


class Server(Table, frozen=True, kw_only=True):
    """How the outside reaches this bidder."""

    public_url: Url = "http://127.0.0.1:8080"
    """Base of notice, tracking and click URLs: where exchanges and browsers reach the web port."""
    max_body_bytes: Annotated[int, Meta(ge=1024, le=4 * 1024 * 1024)] = 512 * 1024
    drain_seconds: Annotated[int, Meta(ge=1, le=600)] = 10


class Account(Table, frozen=True, kw_only=True):
    """Whose money is spent."""

    currency: Currency = "USD"
    rates: dict[Currency, Decimal] = {}
    """Account currency per unit of the foreign one, as `EUR = 1.08`."""


class Tickets(Table, frozen=True, kw_only=True):
    """Signing of notice URLs. The first key signs, all verify, so that keys can be rotated."""

    keys: tuple[Annotated[str, Meta(min_length=16)], ...] = ()
    """Secrets; where empty, a key is made in the state directory at first start and kept there."""
    expire_hours: Annotated[int, Meta(ge=1, le=24 * 30)] = 72
    """How long after the bid a click or conversion is still counted; billing ends with the bid's own expiry."""


class Recording(Table, frozen=True, kw_only=True):
    """What is written down."""

    full_evaluation_rate: Share = Decimal("0.01")
    """Share of requests evaluated in full, chosen by a hash of their id; 1.0 for small accounts."""
    segment_megabytes: Annotated[int, Meta(ge=1, le=1024)] = 32


class Prediction(Table, frozen=True, kw_only=True):
    """The fixed probabilities used where no model is live."""

    click: Share = Decimal("0.002")
    conversion: Share = Decimal("0.0001")


class Bidder(Table, frozen=True, kw_only=True):
    """`bidder.toml`: the settings of the whole bidder."""

    server: Server = Server()
    account: Account = Account()
    tickets: Tickets = Tickets()
    recording: Recording = Recording()
    prediction: Prediction = Prediction()


# exchanges/NAME.toml; the name of the file is the path /openrtb2/NAME


class Exchange(Table, frozen=True, kw_only=True):
    """One exchange: its dialect of OpenRTB and the agreement with it."""

    enabled: bool = True
    version: Literal["2.5", "2.6"] = "2.6"
    currencies: tuple[Currency, ...] = ("USD",)
    """Currencies we may bid in, the preferred one first; a request's `cur` narrows them."""
    auction: Literal["request", "first", "second"] = "request"
    """Overrides `BidRequest.at` where the exchange is known to say otherwise."""
    default_tmax_ms: Annotated[int, Meta(ge=10, le=10_000)] = 100
    deadline_ms: Annotated[int, Meta(ge=5, le=10_000)] = 200
    """The longest this exchange waits, whatever `tmax` says."""
    network_margin_ms: Annotated[int, Meta(ge=0, le=5_000)] = 10
    """Time the answer needs on the wire; taken off the deadline."""
    billable: Literal["burl", "nurl", "impression"] = "burl"
    """The event on which the exchange bills, and spend is counted."""
    seat: str | None = None
    markup: Literal["adm", "nurl"] = "adm"
    """Whether the markup travels in the bid or is the body of the win notice."""
    send_mtype: bool = True
    send_nurl: bool = True
    send_lurl: bool = True
    send_language: bool = True
    native_wrapped: bool = False
    """Whether `adm` of a native bid has the `native` root of Native 1.0."""
    one_imp: bool = False
    """Bid on the best imp only, for exchanges that read a single bid."""
    max_response_bytes: Annotated[int, Meta(ge=512)] | None = None
    gzip: bool = True
    max_adomains: Annotated[int, Meta(ge=1)] | None = None
    exp_seconds: Annotated[int, Meta(ge=1, le=86_400)] = 300
    """How long a bid is honoured where the request does not say."""
    no_bid: Literal["204", "nbr"] = "204"
    """Whether a no-bid is an empty 204 or a 200 that carries `nbr`."""


# campaigns/*.toml


class Flight(Table, frozen=True, kw_only=True):
    """When a campaign runs, whole days in its own timezone, both ends included."""

    start: date
    end: date
    timezone: str = "UTC"


class Budget(Table, frozen=True, kw_only=True):
    """What a campaign may spend. At least one limit."""

    total: Amount | None = None
    daily: Amount | None = None


class Pacing(Table, frozen=True, kw_only=True):
    """How spend is spread: evenly, or as fast as possible; `throttle` is the share of matching requests taken part in."""

    mode: Literal["even", "asap"] = "even"
    throttle: Share = Decimal(1)


class Goal(Table, frozen=True, kw_only=True):
    """What an impression is worth: a fixed CPM, a price per click or conversion, or the value a conversion brings."""

    type: Literal["cpm", "cpc", "cpa", "value"]
    amount: Positive


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


class Hours(Table, frozen=True, kw_only=True):
    """Day-parting: days of the week and hours of the day, `from` included, `to` excluded."""

    days: tuple[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], ...] = (
        "mon", "tue", "wed", "thu", "fri", "sat", "sun",
    )  # fmt: skip
    from_hour: Annotated[int, Meta(ge=0, le=23)] = 0
    to_hour: Annotated[int, Meta(ge=1, le=24)] = 24


class Dayparting(Table, frozen=True, kw_only=True):
    """The hours a campaign runs, in its own timezone or in the user's."""

    hours: tuple[Hours, ...]
    clock: Literal["campaign", "user"] = "campaign"


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


class Media(Table, frozen=True, kw_only=True):
    """One media file of a video or audio creative."""

    url: Url
    type: Annotated[str, Meta(pattern=r"^(video|audio)/[\w.+-]+$")]
    bitrate_kbps: Annotated[int, Meta(ge=1)]
    size: Size | None = None
    delivery: Literal["progressive", "streaming"] = "progressive"


class Image(Table, frozen=True, kw_only=True):
    """An image and its size in pixels."""

    url: Url
    size: Size


class NativeAssets(Table, frozen=True, kw_only=True):
    """What a native ad is put together from; each request asks for some of it by kind."""

    title: str
    description: str | None = None
    sponsored: str | None = None
    cta: str | None = None
    display_url: str | None = None
    rating: str | None = None
    price: str | None = None
    sale_price: str | None = None
    likes: str | None = None
    downloads: str | None = None
    phone: str | None = None
    address: str | None = None
    icon: Image | None = None
    images: tuple[Image, ...] = ()


class Approval(Table, frozen=True, kw_only=True):
    """Where a creative may run; left out: everywhere."""

    exchanges: tuple[str, ...] = ()
    deals: tuple[str, ...] = ()


class Creative(Table, frozen=True, kw_only=True):
    """One ad.

    A banner has `html` or `image`, and a `size`; video and audio have `media` and a `duration_s`, or a
    wrapped `vast_url`; native has `native` assets.
    """

    id: Id
    format: Format
    landing: Url
    """Where a click leads."""
    adomain: tuple[str, ...]
    size: Size | None = None
    html: str | None = None
    """Markup with `{click}` where the click URL goes, escaped for an attribute."""
    image: Url | None = None
    media: tuple[Media, ...] = ()
    vast_url: Url | None = None
    vast_protocol: int = 3
    """Version of the wrapped tag (list `Creative Subtypes - Audio/Video`)."""
    duration_s: Annotated[int, Meta(ge=1, le=3600)] | None = None
    skip_after_s: Annotated[int, Meta(ge=0)] | None = None
    """The creative brings its own skip control after so many seconds."""
    linear: bool = True
    native: NativeAssets | None = None
    cat: tuple[str, ...] = ()
    cattax: int = 1
    attr: tuple[int, ...] = ()
    api: tuple[int, ...] = ()
    language: str | None = None
    secure: bool = True
    """Whether all its parts load over HTTPS."""
    expandable: tuple[int, ...] = ()
    """Directions it expands to (list `Expandable Directions`)."""
    bundle: str | None = None
    """Store id of the advertised app."""
    approval: Approval = Approval()
    weight: Annotated[int, Meta(ge=1, le=1000)] = 1


class Campaign(Table, frozen=True, kw_only=True):
    """One line of spend: what it wants, what it may cost, where it may run and what it shows."""

    id: Id
    flight: Flight
    budget: Budget
    goal: Goal
    max_cpm: Positive
    creatives: tuple[Creative, ...]
    name: str = ""
    enabled: bool = True
    pacing: Pacing = Pacing()
    margin: Share = Decimal(0)
    """Share of the value that is kept: the bid is value times (1 - margin)."""
    several_imps: bool = False
    """Whether it may bid on more than one imp of a request."""
    include: Targeting = Targeting()
    exclude: Targeting = Targeting()
    placement: Placement = Placement()
    dayparting: Dayparting | None = None
    safety: Safety = Safety()


class Advertiser(Table, frozen=True, kw_only=True):
    """A file of `campaigns/`: an advertiser and its campaigns."""

    advertiser: Id
    campaigns: tuple[Campaign, ...]
    name: str = ""


class Config(Table, frozen=True, kw_only=True):
    """The whole directory, checked."""

    bidder: Bidder
    exchanges: dict[str, Exchange]
    advertisers: tuple[Advertiser, ...]
    digest: str
    """Hash of the files' bytes: the configuration's id."""
