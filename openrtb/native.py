"""Native 1.2: the document inside `Native.request` and the one inside `Bid.adm`."""

from msgspec import Raw

from openrtb.wire import NO_EXT, Int, Wire


class TitleRequest(Wire):
    """A title wanted (Native 1.2, 4.3)."""

    len: Int | None = None  # characters; required
    ext: Raw = NO_EXT


class ImageRequest(Wire):
    """An image wanted (Native 1.2, 4.4)."""

    type: Int | None = None  # Native12ImageAssetTypes
    w: Int | None = None  # px
    wmin: Int | None = None  # px
    h: Int | None = None  # px
    hmin: Int | None = None  # px
    mimes: list[str] | None = None
    ext: Raw = NO_EXT


class VideoRequest(Wire):
    """A video wanted (Native 1.2, 4.5)."""

    mimes: list[str] = []  # required
    minduration: Int | None = None  # s; required
    maxduration: Int | None = None  # s; required
    protocols: list[Int] = []  # required; CreativeSubtypesAudioVideo
    ext: Raw = NO_EXT


class DataRequest(Wire):
    """A text wanted, such as sponsor or price (Native 1.2, 4.6)."""

    type: Int | None = None  # required; Native12DataAssetTypes
    len: Int | None = None  # characters
    ext: Raw = NO_EXT


class AssetRequest(Wire):
    """One part wanted: exactly one of title, img, video, data (Native 1.2, 4.2)."""

    id: Int | None = None  # required
    required: Int = 0
    title: TitleRequest | None = None
    img: ImageRequest | None = None
    video: VideoRequest | None = None
    data: DataRequest | None = None
    ext: Raw = NO_EXT


class EventTrackerRequest(Wire):
    """An event the seller can track and how (Native 1.2, 4.7)."""

    event: Int | None = None  # required; Native12EventTypes; since native-1.2
    methods: list[Int] = []  # required; Native12EventTrackingMethods; since native-1.2
    ext: Raw = NO_EXT


class NativeRequest(Wire):
    """The native ad wanted (Native 1.2, 4.1)."""

    ver: str = "1.2"
    context: Int | None = None  # Native12ContextTypes; since native-1.1
    contextsubtype: Int | None = None  # Native12ContextSubtypes; since native-1.1
    plcmttype: Int | None = None  # Native12PlacementTypes; since native-1.1
    plcmtcnt: Int = 1
    seq: Int = 0
    assets: list[AssetRequest] = []  # required
    aurlsupport: Int = 0  # since native-1.2
    durlsupport: Int = 0  # since native-1.2
    eventtrackers: list[EventTrackerRequest] | None = None  # since native-1.2
    privacy: Int = 0  # since native-1.2
    ext: Raw = NO_EXT
    layout: Int | None = None  # removed in Native 1.2; NativeLayoutIDsLegacy
    adunit: Int | None = None  # removed in Native 1.2; NativeAdUnitIDsLegacy


class TitleResponse(Wire):
    """A title (Native 1.2, 5.3)."""

    text: str = ""  # required
    len: Int | None = None  # characters; since native-1.2
    ext: Raw = NO_EXT


class ImageResponse(Wire):
    """An image (Native 1.2, 5.4)."""

    type: Int | None = None  # Native12ImageAssetTypes; since native-1.2
    url: str = ""  # required
    w: Int | None = None  # px
    h: Int | None = None  # px
    ext: Raw = NO_EXT


class VideoResponse(Wire):
    """A video, as VAST (Native 1.2, 5.6)."""

    vasttag: str = ""  # required


class DataResponse(Wire):
    """A text (Native 1.2, 5.5)."""

    type: Int | None = None  # Native12DataAssetTypes; since native-1.2
    len: Int | None = None  # characters; since native-1.2
    value: str = ""  # required
    ext: Raw = NO_EXT
    label: str | None = None  # removed in Native 1.2


class LinkResponse(Wire):
    """Where a click leads (Native 1.2, 5.7)."""

    url: str = ""  # required
    clicktrackers: list[str] | None = None
    fallback: str | None = None
    ext: Raw = NO_EXT


class AssetResponse(Wire):
    """One part of the ad, for the request asset with the same id (Native 1.2, 5.2)."""

    id: Int | None = None
    required: Int = 0
    title: TitleResponse | None = None
    img: ImageResponse | None = None
    video: VideoResponse | None = None
    data: DataResponse | None = None
    link: LinkResponse | None = None
    ext: Raw = NO_EXT


class EventTrackerResponse(Wire):
    """A tracker to fire for one event (Native 1.2, 5.8)."""

    event: Int | None = None  # required; Native12EventTypes; since native-1.2
    method: Int | None = None  # required; Native12EventTrackingMethods; since native-1.2
    url: str | None = None  # since native-1.2
    customdata: Raw = NO_EXT  # since native-1.2
    ext: Raw = NO_EXT


class NativeResponse(Wire):
    """The native ad (Native 1.2, 5.1)."""

    ver: str = "1.2"
    assets: list[AssetResponse] | None = None
    assetsurl: str | None = None  # since native-1.2
    dcourl: str | None = None  # since native-1.2
    link: LinkResponse | None = None  # required
    imptrackers: list[str] | None = None
    jstracker: str | None = None
    eventtrackers: list[EventTrackerResponse] | None = None  # since native-1.2
    privacy: str | None = None  # since native-1.2
    ext: Raw = NO_EXT
