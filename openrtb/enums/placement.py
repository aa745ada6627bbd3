"""Where on page or screen an ad goes, and how it behaves there."""

from enum import IntEnum


class PlacementPositions(IntEnum):
    """`pos` of banner and video (AdCOM 1.0)."""

    UNKNOWN = 0
    ABOVE_THE_FOLD = 1
    LOCKED = 2
    BELOW_THE_FOLD = 3
    HEADER = 4
    FOOTER = 5
    SIDEBAR = 6
    FULLSCREEN = 7
    PARTIAL_SCREEN = 8
    TOP_LEFT = 9
    TOP_RIGHT = 10
    FRAME = 11
    DOUBLE_BOX = 12
    DOUBLE_BOX_WITH_BACKGROUND = 13
    BOTTOM_LEFT = 14
    BOTTOM_RIGHT = 15
    L_SHAPE = 16
    REVERSED_L_SHAPE = 17


class PlcmtSubtypesVideo(IntEnum):
    """`Video.plcmt` (AdCOM 1.0)."""

    INSTREAM = 1
    ACCOMPANYING_CONTENT = 2
    INTERSTITIAL = 3
    STANDALONE = 4
    PAUSE = 5
    SCREENSAVER = 6
    OVERLAY = 7
    SQUEEZEBACK = 8
    IN_SCENE = 9


class PlacementSubtypesVideo(IntEnum):
    """`Video.placement`, which `Video.plcmt` and its list replace (AdCOM 1.0, removed)."""

    IN_STREAM = 1
    IN_BANNER = 2
    IN_ARTICLE = 3
    IN_FEED = 4
    INTERSTITIAL = 5


class DisplayPlacementTypes(IntEnum):
    """Place of a display ad relative to the content (AdCOM 1.0). 500 and above: vendor-specific."""

    CONTENT_FEED = 1
    ATOMIC_UNIT = 2
    OUTSIDE_CORE_CONTENT = 3
    RECOMMENDATION_WIDGET = 4


class DisplayContextTypes(IntEnum):
    """Kind of content around a display ad (AdCOM 1.0). 500 and above: vendor-specific."""

    CONTENT = 10
    ARTICLE = 11
    VIDEO = 12
    AUDIO = 13
    IMAGE = 14
    USER_GENERATED = 15
    SOCIAL = 20
    EMAIL = 21
    CHAT = 22
    PRODUCT = 30
    APP_STORE = 31
    PRODUCT_REVIEWS = 32


class ExpandableDirections(IntEnum):
    """`Banner.expdir` (AdCOM 1.0)."""

    LEFT = 1
    RIGHT = 2
    UP = 3
    DOWN = 4
    FULL_SCREEN = 5
    RESIZE = 6  # resize or minimise


class AutoRefreshTriggers(IntEnum):
    """`RefSettings.reftype` (AdCOM 1.0)."""

    UNKNOWN = 0
    USER_ACTION = 1
    EVENT = 2
    TIME = 3


class ClickTypes(IntEnum):
    """What a click opens (AdCOM 1.0). 500 and above: vendor-specific."""

    NON_CLICKABLE = 0
    CLICKABLE = 1
    EMBEDDED_BROWSER = 2
    NATIVE_BROWSER = 3


class SizeUnits(IntEnum):
    """Unit of a placement's size (AdCOM 1.0)."""

    DIPS = 1
    INCHES = 2
    CENTIMETERS = 3
