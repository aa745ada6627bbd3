"""What a campaign shows."""

from typing import Annotated, Literal

from msgspec import Meta

from bidder.config.schema.values import Format, Id, Size, Table, Url


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
