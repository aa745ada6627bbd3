"""What a creative is and does: markup, formats, attributes, frameworks, tracking, audit."""

from enum import IntEnum


class CreativeMarkupTypes(IntEnum):
    """`Bid.mtype`: which part of the imp the markup answers (OpenRTB 2.6, 4.2.3)."""

    BANNER = 1
    VIDEO = 2
    AUDIO = 3
    NATIVE = 4


class BannerAdTypes(IntEnum):
    """`Banner.btype` (OpenRTB 2.6, 3.2.6)."""

    XHTML_TEXT = 1
    XHTML_BANNER = 2
    JAVASCRIPT = 3
    IFRAME = 4


class CreativeSubtypesDisplay(IntEnum):
    """Forms of display markup (AdCOM 1.0)."""

    HTML = 1
    AMPHTML = 2
    IMAGE = 3
    NATIVE = 4


class CreativeSubtypesAudioVideo(IntEnum):
    """`protocols` of audio and video, `Bid.protocol` (AdCOM 1.0)."""

    VAST_1_0 = 1
    VAST_2_0 = 2
    VAST_3_0 = 3
    VAST_1_0_WRAPPER = 4
    VAST_2_0_WRAPPER = 5
    VAST_3_0_WRAPPER = 6
    VAST_4_0 = 7
    VAST_4_0_WRAPPER = 8
    DAAST_1_0 = 9
    DAAST_1_0_WRAPPER = 10
    VAST_4_1 = 11
    VAST_4_1_WRAPPER = 12
    VAST_4_2 = 13
    VAST_4_2_WRAPPER = 14
    VAST_4_3 = 15
    VAST_4_3_WRAPPER = 16


class APIFrameworks(IntEnum):
    """`api` of every placement, `Bid.apis` (AdCOM 1.0). 500 and above: vendor-specific."""

    VPAID_1_0 = 1
    VPAID_2_0 = 2
    MRAID_1_0 = 3
    ORMMA = 4
    MRAID_2_0 = 5
    MRAID_3_0 = 6
    OMID_1_0 = 7
    SIMID_1_0 = 8
    SIMID_1_1 = 9


class CreativeAttributes(IntEnum):
    """`battr` of every placement, `Bid.attr` (AdCOM 1.0). 500 and above: vendor-specific."""

    AUDIO_AUTOPLAY = 1
    AUDIO_USER_INITIATED = 2
    EXPANDABLE_AUTOMATIC = 3
    EXPANDABLE_CLICK = 4
    EXPANDABLE_ROLLOVER = 5
    IN_BANNER_VIDEO_AUTOPLAY = 6
    IN_BANNER_VIDEO_USER_INITIATED = 7
    POP = 8
    PROVOCATIVE = 9
    EXTREME_ANIMATION = 10
    SURVEY = 11
    TEXT_ONLY = 12
    USER_INTERACTIVE = 13
    DIALOG_OR_ALERT = 14
    AUDIO_BUTTON = 15
    SKIP_BUTTON = 16
    FLASH = 17
    RESPONSIVE = 18
    QR_CODE = 19
    ALPHA_TRANSPARENCY = 20
    STATIC = 21
    LIMITED_MOTION = 22
    FULL_MOTION = 23


class EventTypes(IntEnum):
    """Events that can be tracked (AdCOM 1.0); native has its own list. 500 and above: vendor-specific."""

    LOADED = 1
    IMPRESSION = 2
    VIEWABLE_MRC50 = 3
    VIEWABLE_MRC100 = 4
    VIEWABLE_VIDEO50 = 5


class EventTrackingMethods(IntEnum):
    """Ways to track an event (AdCOM 1.0); native has its own list. 500 and above: vendor-specific."""

    IMAGE = 1
    JAVASCRIPT = 2


class AuditStatusCodes(IntEnum):
    """State of a creative's review at the exchange (AdCOM 1.0). 500 and above: vendor-specific."""

    PENDING = 1
    PRE_APPROVED = 2
    APPROVED = 3
    DENIED = 4
    CHANGED = 5  # to be submitted again
    EXPIRED = 6
