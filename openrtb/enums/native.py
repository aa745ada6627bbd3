"""Lists of Native Ads 1.2, of its older versions, and their counterparts in AdCOM."""

from enum import IntEnum


class Native12ContextTypes(IntEnum):
    """`NativeRequest.context` (Native 1.2, 7.1). 500 and above: exchange-specific."""

    CONTENT = 1
    SOCIAL = 2
    PRODUCT = 3


class Native12ContextSubtypes(IntEnum):
    """`NativeRequest.contextsubtype`; the tens are the context (Native 1.2, 7.2). 500 and above: exchange-specific."""

    GENERAL = 10
    ARTICLE = 11
    VIDEO = 12
    AUDIO = 13
    IMAGE = 14
    USER_GENERATED = 15
    SOCIAL = 20
    EMAIL = 21
    CHAT = 22
    PRODUCT_SELLING = 30
    APP_STORE = 31
    PRODUCT_REVIEWS = 32


class Native12PlacementTypes(IntEnum):
    """`NativeRequest.plcmttype` (Native 1.2, 7.3). 500 and above: exchange-specific."""

    CONTENT_FEED = 1
    ATOMIC_UNIT = 2
    OUTSIDE_CORE_CONTENT = 3
    RECOMMENDATION_WIDGET = 4


class Native12DataAssetTypes(IntEnum):
    """`type` of a data asset; all values travel as text (Native 1.2, 7.4). 500 and above: exchange-specific."""

    SPONSORED = 1
    DESC = 2
    RATING = 3
    LIKES = 4
    DOWNLOADS = 5
    PRICE = 6
    SALE_PRICE = 7
    PHONE = 8
    ADDRESS = 9
    DESC2 = 10
    DISPLAY_URL = 11
    CTA_TEXT = 12


class Native12ImageAssetTypes(IntEnum):
    """`type` of an image asset (Native 1.2, 7.5). 500 and above: exchange-specific."""

    ICON = 1
    LOGO = 2  # before Native 1.2, which merged it into ICON
    MAIN = 3


class Native12EventTypes(IntEnum):
    """`event` of a native tracker; not numbered as `EventTypes` (Native 1.2, 7.6). 500 and above: exchange-specific."""

    IMPRESSION = 1
    VIEWABLE_MRC50 = 2
    VIEWABLE_MRC100 = 3
    VIEWABLE_VIDEO50 = 4


class Native12EventTrackingMethods(IntEnum):
    """`methods` and `method` of a native tracker (Native 1.2, 7.7). 500 and above: exchange-specific."""

    IMG = 1
    JS = 2


class NativeLayoutIDsLegacy(IntEnum):
    """`NativeRequest.layout` of Native 1.0. 500 and above: exchange-specific."""

    CONTENT_WALL = 1
    APP_WALL = 2
    NEWS_FEED = 3
    CHAT_LIST = 4
    CAROUSEL = 5
    CONTENT_STREAM = 6
    GRID = 7


class NativeAdUnitIDsLegacy(IntEnum):
    """`NativeRequest.adunit` of Native 1.0. 500 and above: exchange-specific."""

    PAID_SEARCH = 1
    RECOMMENDATION_WIDGET = 2
    PROMOTED_LISTING = 3
    IN_AD = 4
    CUSTOM = 5


class NativeDataAssetTypes(IntEnum):
    """Data assets in AdCOM 1.0. 500 and above: vendor-specific."""

    SPONSORED = 1
    DESC = 2
    RATING = 3
    LIKES = 4
    DOWNLOADS = 5
    PRICE = 6
    SALE_PRICE = 7
    PHONE = 8
    ADDRESS = 9
    DESC2 = 10
    DISPLAY_URL = 11
    CTA_TEXT = 12


class NativeImageAssetTypes(IntEnum):
    """Image assets in AdCOM 1.0. 500 and above: vendor-specific."""

    ICON = 1
    MAIN = 3
