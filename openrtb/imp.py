"""Impressions on offer: `Imp` and everything below it."""

from msgspec import Raw

from openrtb.wire import NO_EXT, Int, Wire


class Format(Wire):
    """One permitted size, fixed or as a ratio (Flex Ads) (OpenRTB 2.6, 3.2.10)."""

    w: Int | None = None  # DIPS
    h: Int | None = None  # DIPS
    wratio: Int | None = None  # since 2.5
    hratio: Int | None = None  # since 2.5
    wmin: Int | None = None  # DIPS; since 2.5
    ext: Raw = NO_EXT


class Banner(Wire):
    """A display placement; also a companion of video and audio (OpenRTB 2.6, 3.2.6)."""

    format: list[Format] | None = None
    w: Int | None = None  # DIPS
    h: Int | None = None  # DIPS
    btype: list[Int] | None = None  # blocked; BannerAdTypes
    battr: list[Int] | None = None  # blocked; CreativeAttributes
    pos: Int | None = None  # PlacementPositions
    mimes: list[str] | None = None
    topframe: Int | None = None
    expdir: list[Int] | None = None  # ExpandableDirections
    api: list[Int] | None = None  # APIFrameworks
    id: str | None = None
    vcm: Int | None = None  # 1 for an end card, 0 beside the video; since 2.5
    ext: Raw = NO_EXT
    wmax: Int | None = None  # DIPS; removed in 2.6
    hmax: Int | None = None  # DIPS; removed in 2.6
    wmin: Int | None = None  # DIPS; removed in 2.6
    hmin: Int | None = None  # DIPS; removed in 2.6


class DurFloors(Wire):
    """A floor for creatives in a range of lengths; an absent end is open (OpenRTB 2.6, 3.2.35)."""

    mindur: Int | None = None  # s; since 2.6-202307
    maxdur: Int | None = None  # s; since 2.6-202307
    bidfloor: float = 0.0  # CPM in the currency of the imp or deal; since 2.6-202307
    ext: Raw = NO_EXT


class Video(Wire):
    """A video placement or pod (OpenRTB 2.6, 3.2.7)."""

    mimes: list[str] = []  # required
    minduration: Int = 0  # s
    maxduration: Int | None = None  # s
    startdelay: Int | None = None  # s into the content, or StartDelayModes
    maxseq: Int | None = None  # since 2.6
    poddur: Int | None = None  # s; since 2.6
    protocols: list[Int] | None = None  # CreativeSubtypesAudioVideo
    w: Int | None = None  # DIPS
    h: Int | None = None  # DIPS
    podid: str | None = None  # since 2.6
    podseq: Int = 0  # PodSequence; since 2.6
    rqddurs: list[Int] | None = None  # s; since 2.6
    placement: Int | None = None  # deprecated; PlacementSubtypesVideo; since 2.5
    plcmt: Int | None = None  # PlcmtSubtypesVideo; since 2.6-202303
    linearity: Int | None = None  # LinearityModes
    skip: Int | None = None
    skipmin: Int = 0  # s; longer ads can be skipped
    skipafter: Int = 0  # s of play before the ad can be skipped
    sequence: Int = 0  # deprecated
    slotinpod: Int = 0  # SlotPositionInPod; since 2.6
    mincpmpersec: float | None = None  # CPM per second; since 2.6
    battr: list[Int] | None = None  # blocked; CreativeAttributes
    maxextended: Int | None = None  # s beyond maxduration, -1 for no limit
    minbitrate: Int | None = None  # kbit/s
    maxbitrate: Int | None = None  # kbit/s
    boxingallowed: Int = 1
    playbackmethod: list[Int] | None = None  # PlaybackMethods
    playbackend: Int | None = None  # PlaybackCessationModes; since 2.5
    delivery: list[Int] | None = None  # DeliveryMethods
    pos: Int | None = None  # PlacementPositions
    companionad: list[Banner] | None = None
    api: list[Int] | None = None  # APIFrameworks
    companiontype: list[Int] | None = None  # CompanionTypes
    poddedupe: list[Int] | None = None  # PodDeduplicationSettings; since 2.6-202402
    durfloors: list[DurFloors] | None = None  # since 2.6-202307
    ext: Raw = NO_EXT
    protocol: Int | None = None  # removed in 2.6


class Audio(Wire):
    """An audio placement or pod (OpenRTB 2.6, 3.2.8)."""

    mimes: list[str] = []  # required
    minduration: Int = 0  # s
    maxduration: Int | None = None  # s
    poddur: Int | None = None  # s; since 2.6
    protocols: list[Int] | None = None  # CreativeSubtypesAudioVideo
    startdelay: Int | None = None  # s into the content, or StartDelayModes
    rqddurs: list[Int] | None = None  # s; since 2.6
    podid: str | None = None  # since 2.6
    podseq: Int = 0  # PodSequence; since 2.6
    sequence: Int = 0  # deprecated
    slotinpod: Int = 0  # SlotPositionInPod; since 2.6
    mincpmpersec: float | None = None  # CPM per second; since 2.6
    battr: list[Int] | None = None  # blocked; CreativeAttributes
    maxextended: Int | None = None  # s beyond maxduration, -1 for no limit
    minbitrate: Int | None = None  # kbit/s
    maxbitrate: Int | None = None  # kbit/s
    delivery: list[Int] | None = None  # DeliveryMethods
    companionad: list[Banner] | None = None
    api: list[Int] | None = None  # APIFrameworks
    companiontype: list[Int] | None = None  # CompanionTypes
    maxseq: Int | None = None
    feed: Int | None = None  # FeedTypes
    stitched: Int | None = None
    nvol: Int | None = None  # VolumeNormalizationModes
    durfloors: list[DurFloors] | None = None  # since 2.6-202307
    ext: Raw = NO_EXT


class Native(Wire):
    """A native placement; `request` is JSON text, see `openrtb.decode_native_request` (OpenRTB 2.6, 3.2.9)."""

    request: str = ""  # required
    ver: str | None = None
    api: list[Int] | None = None  # APIFrameworks
    battr: list[Int] | None = None  # blocked; CreativeAttributes
    ext: Raw = NO_EXT


class Deal(Wire):
    """Terms agreed between a buyer and a seller (OpenRTB 2.6, 3.2.12)."""

    id: str = ""  # required
    bidfloor: float = 0.0  # CPM in bidfloorcur; the price itself where at is 3
    bidfloorcur: str = "USD"  # never inherits Imp.bidfloorcur
    at: Int | None = None  # AuctionTypes
    wseat: list[str] | None = None
    wadomain: list[str] | None = None
    guar: Int = 0  # since 2.6-202309
    mincpmpersec: float | None = None  # CPM per second; since 2.6-202307
    durfloors: list[DurFloors] | None = None  # since 2.6-202307
    ext: Raw = NO_EXT


class Pmp(Wire):
    """The private marketplace of an imp (OpenRTB 2.6, 3.2.11)."""

    private_auction: Int = 0
    deals: list[Deal] | None = None
    ext: Raw = NO_EXT


class Metric(Wire):
    """A measured quality of the placement, such as past viewability (OpenRTB 2.6, 3.2.5)."""

    type: str = ""  # required; since 2.5
    value: float | None = None  # required; 0 to 1 for a probability; since 2.5
    vendor: str | None = None  # since 2.5
    ext: Raw = NO_EXT


class Qty(Wire):
    """How many impressions one play counts as (DOOH) (OpenRTB 2.6, 3.2.31)."""

    multiplier: float | None = None  # required; since 2.6-202211
    sourcetype: Int | None = None  # DOOHMultiplierMeasurementSourceTypes; since 2.6-202211
    vendor: str | None = None  # since 2.6-202211
    ext: Raw = NO_EXT


class RefSettings(Wire):
    """One way a slot refreshes (OpenRTB 2.6, 3.2.34)."""

    reftype: Int = 0  # AutoRefreshTriggers; since 2.6-202303
    minint: Int | None = None  # s; since 2.6-202303
    ext: Raw = NO_EXT


class Refresh(Wire):
    """How the slot refreshes itself (OpenRTB 2.6, 3.2.33)."""

    refsettings: list[RefSettings] | None = None  # since 2.6-202303
    count: Int | None = None  # since 2.6-202303
    ext: Raw = NO_EXT


class Imp(Wire):
    """One opportunity to show an ad, in one or several media types (OpenRTB 2.6, 3.2.4)."""

    id: str = ""  # required
    metric: list[Metric] | None = None  # since 2.5
    banner: Banner | None = None
    video: Video | None = None
    audio: Audio | None = None
    native: Native | None = None
    pmp: Pmp | None = None
    displaymanager: str | None = None
    displaymanagerver: str | None = None
    instl: Int = 0
    tagid: str | None = None
    bidfloor: float = 0.0  # CPM in bidfloorcur
    bidfloorcur: str = "USD"
    clickbrowser: Int | None = None
    secure: Int | None = None
    iframebuster: list[str] | None = None
    rwdd: Int = 0  # since 2.6
    ssai: Int = 0  # ServerSideAdInsertion; since 2.6
    exp: Int | None = None  # s between auction and display
    qty: Qty | None = None  # since 2.6-202211
    dt: float | None = None  # ms since the epoch; since 2.6-202211
    refresh: Refresh | None = None  # since 2.6-202303
    ext: Raw = NO_EXT
