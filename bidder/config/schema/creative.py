"""What a campaign shows."""

from typing import Annotated, Literal

from msgspec import Meta

from bidder.config.schema.values import Category, Cattax, Domain, Format, Id, Language, Size, Table, Text, Url

Code = Annotated[int, Meta(ge=0, description="a number of the AdCOM list named in the reference")]
Html = Annotated[str, Meta(min_length=1, max_length=200_000, description="HTML of 1 to 200,000 characters")]


class Media(Table, frozen=True, kw_only=True):
    """One media file of a video or audio creative."""

    url: Url
    """Where the file is."""
    type: Annotated[
        str, Meta(pattern=r"^(video|audio)/[A-Za-z0-9.+-]+\Z", description="a media type, as in `video/mp4`")
    ]
    """Its media type."""
    bitrate_kbps: Annotated[int, Meta(ge=1, le=1_000_000)]
    """Its bit rate."""
    size: Size | None = None
    """Its size in pixels; video needs it."""
    delivery: Literal["progressive", "streaming"] = "progressive"
    """How it is fetched."""


class Image(Table, frozen=True, kw_only=True):
    """An image and its size in pixels."""

    url: Url
    """Where the image is."""
    size: Size
    """Its size."""


class NativeAssets(Table, frozen=True, kw_only=True):
    """What a native ad is put together from; each request asks for some of it by kind."""

    title: Text
    """The title; one that is longer than a request allows does not bid on it."""
    description: Text | None = None
    """The body text."""
    sponsored: Text | None = None
    """The brand: "sponsored by"."""
    cta: Text | None = None
    """The call to action, as in `Shop now`."""
    display_url: Text | None = None
    """The address shown to the reader."""
    rating: Text | None = None
    """Rating of the product, as in `4.5`."""
    price: Text | None = None
    """Price of the product, with its currency sign."""
    sale_price: Text | None = None
    """Reduced price."""
    likes: Text | None = None
    """Number of likes."""
    downloads: Text | None = None
    """Number of downloads."""
    phone: Text | None = None
    """Phone number."""
    address: Text | None = None
    """Postal address."""
    icon: Image | None = None
    """Icon or logo."""
    images: tuple[Image, ...] = ()
    """Main images; the best one for the request is sent."""


class Approval(Table, frozen=True, kw_only=True):
    """Where a creative may run; left out: everywhere."""

    exchanges: tuple[Text, ...] = ()
    """Exchanges that approved it, by the name of their file."""
    deals: tuple[Text, ...] = ()
    """Deals it may run on; left out: any deal and the open auction."""


class Creative(Table, frozen=True, kw_only=True):
    """One ad.

    A banner has `html` or `image`, and a `size`; a banner of `html` without a `size` adapts itself to any size that is
    offered. Video and audio have `media` and a `duration_s`, or a wrapped `vast_url`. Native has `native` assets.
    """

    id: Id
    """Names it in reports and notices; unique in its campaign."""
    format: Format
    """What kind of ad it is."""
    landing: Url
    """Where a click leads."""
    adomain: Annotated[tuple[Domain, ...], Meta(min_length=1)]
    """Domains of the advertiser, the main one first."""
    size: Size | None = None
    """Size of a banner; left out where the HTML adapts itself to its slot."""
    html: Html | None = None
    """Markup of a banner with `{click}` where the click URL goes, escaped for an attribute."""
    image: Url | None = None
    """The image of a banner."""
    media: tuple[Media, ...] = ()
    """Files of a video or audio ad, the same ad in several forms."""
    vast_url: Url | None = None
    """A VAST tag to wrap, instead of `media`."""
    vast_protocol: Code = 3
    """Version of the wrapped tag (list `Creative Subtypes - Audio/Video`)."""
    duration_s: Annotated[int, Meta(ge=1, le=3600)] | None = None
    """Length in seconds."""
    skip_after_s: Annotated[int, Meta(ge=0, le=3600)] | None = None
    """The creative brings its own skip control after so many seconds."""
    linear: bool = True
    """Whether a video plays in line with the content (true) or over it (false)."""
    native: NativeAssets | None = None
    """Assets of a native ad."""
    cat: tuple[Category, ...] = ()
    """Categories of the ad, which publishers may block."""
    cattax: Cattax = 1
    """Taxonomy of `cat`; 1 is the IAB content taxonomy 1.0."""
    attr: tuple[Code, ...] = ()
    """What it does (list `Creative Attributes`), which publishers may block."""
    api: tuple[Code, ...] = ()
    """Frameworks it needs (list `API Frameworks`)."""
    language: Language | None = None
    """Its language."""
    secure: bool = True
    """Whether all its parts load over HTTPS."""
    expandable: tuple[Code, ...] = ()
    """Directions it expands to (list `Expandable Directions`)."""
    bundle: Text | None = None
    """Store id of the advertised app."""
    approval: Approval = Approval()
    """Where it may run."""
    weight: Annotated[int, Meta(ge=1, le=1000)] = 1
    """How often it is chosen, in proportion to the others that fit."""
