"""Where the ad will appear: site, app or screen, its publisher and content."""

from msgspec import Raw

from openrtb.audience import Data
from openrtb.wire import NO_EXT, Int, Searched, Wire


class Publisher(Wire):
    """Who is paid for the ad (OpenRTB 2.6, 3.2.15)."""

    id: str | None = None
    name: str | None = None
    cattax: Int = 1  # CategoryTaxonomies; since 2.6
    cat: list[str] | None = None
    domain: str | None = None
    ext: Raw = NO_EXT


class Producer(Wire):
    """Who made the content (OpenRTB 2.6, 3.2.17)."""

    id: str | None = None
    name: str | None = None
    cattax: Int = 1  # CategoryTaxonomies; since 2.6
    cat: list[str] | None = None
    domain: str | None = None
    ext: Raw = NO_EXT


class Network(Wire):
    """The network a channel belongs to (OpenRTB 2.6, 3.2.23)."""

    id: str | None = None  # since 2.6
    name: str | None = None  # since 2.6
    domain: str | None = None  # since 2.6
    ext: Raw = NO_EXT


class Channel(Wire):
    """The channel the content is on (OpenRTB 2.6, 3.2.24)."""

    id: str | None = None  # since 2.6
    name: str | None = None  # since 2.6
    domain: str | None = None  # since 2.6
    ext: Raw = NO_EXT


class Content(Wire):
    """What the user reads, watches or hears around the ad (OpenRTB 2.6, 3.2.16)."""

    id: str | None = None
    episode: Int | None = None
    title: str | None = None
    series: str | None = None
    season: str | None = None
    artist: str | None = None
    genre: str | None = None
    gtax: Int = 9  # CategoryTaxonomies; since 2.6-202501
    genres: list[str] | None = None  # since 2.6-202501
    album: str | None = None
    isrc: str | None = None
    producer: Producer | None = None
    url: str | None = None
    cattax: Int = 1  # CategoryTaxonomies; since 2.6
    cat: list[str] | None = None
    prodq: Int | None = None  # ProductionQualities
    context: Int | None = None  # ContentContexts
    contentrating: str | None = None
    userrating: str | None = None
    qagmediarating: Int | None = None  # MediaRatings
    keywords: str | None = None
    kwarray: list[str] | None = None  # since 2.6
    livestream: Int | None = None
    sourcerelationship: Int | None = None
    len: Int | None = None  # s
    language: str | None = None
    langb: str | None = None  # since 2.6
    embeddable: Int | None = None
    data: Searched[Data] | None = None
    network: Network | None = None  # since 2.6
    channel: Channel | None = None  # since 2.6
    realtime: Int | None = None  # since 2.6-202606
    firstbroadcast: Int | None = None  # since 2.6-202606
    ext: Raw = NO_EXT
    videoquality: Int | None = None  # removed in 2.6


class Site(Wire):
    """The web page around the ad (OpenRTB 2.6, 3.2.13)."""

    id: str | None = None
    name: str | None = None
    domain: str | None = None
    cattax: Int = 1  # CategoryTaxonomies; since 2.6
    cat: list[str] | None = None
    sectioncat: list[str] | None = None
    pagecat: list[str] | None = None
    page: str | None = None
    ref: str | None = None
    search: str | None = None
    mobile: Int | None = None
    privacypolicy: Int | None = None
    publisher: Publisher | None = None
    content: Content | None = None
    keywords: str | None = None
    kwarray: list[str] | None = None  # since 2.6
    inventorypartnerdomain: str | None = None  # since 2.6-202211
    ext: Raw = NO_EXT


class App(Wire):
    """The application around the ad (OpenRTB 2.6, 3.2.14)."""

    id: str | None = None
    name: str | None = None
    bundle: str | None = None
    domain: str | None = None
    storeurl: str | None = None
    cattax: Int = 1  # CategoryTaxonomies; since 2.6
    cat: list[str] | None = None
    sectioncat: list[str] | None = None
    pagecat: list[str] | None = None
    ver: str | None = None
    privacypolicy: Int | None = None
    paid: Int | None = None
    publisher: Publisher | None = None
    content: Content | None = None
    keywords: str | None = None
    kwarray: list[str] | None = None  # since 2.6
    inventorypartnerdomain: str | None = None  # since 2.6-202211
    ext: Raw = NO_EXT


class DOOH(Wire):
    """The out-of-home screen around the ad (OpenRTB 2.6, 3.2.32)."""

    id: str | None = None  # since 2.6-202211
    name: str | None = None  # since 2.6-202211
    venuetype: list[str] | None = None  # since 2.6-202211
    venuetypetax: Int = 1  # DOOHVenueTaxonomies; since 2.6-202211
    publisher: Publisher | None = None  # since 2.6-202211
    domain: str | None = None  # since 2.6-202211
    keywords: str | None = None  # since 2.6-202211
    content: Content | None = None  # since 2.6-202211
    ext: Raw = NO_EXT
