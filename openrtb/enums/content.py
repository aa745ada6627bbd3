"""What the content around the ad is."""

from enum import IntEnum


class ContentContexts(IntEnum):
    """`Content.context` (AdCOM 1.0)."""

    VIDEO = 1
    GAME = 2
    MUSIC = 3
    APPLICATION = 4
    TEXT = 5
    OTHER = 6
    UNKNOWN = 7


class ProductionQualities(IntEnum):
    """`Content.prodq` (AdCOM 1.0)."""

    UNKNOWN = 0
    PROFESSIONAL = 1
    PROSUMER = 2
    USER_GENERATED = 3


class MediaRatings(IntEnum):
    """`qagmediarating` of content and bid (AdCOM 1.0)."""

    ALL_AUDIENCES = 1
    OVER_12 = 2
    MATURE = 3


class CategoryTaxonomies(IntEnum):
    """`cattax` wherever there are categories, `Content.gtax` (AdCOM 1.0). 500 and above: vendor-specific."""

    CONTENT_1_0 = 1
    CONTENT_2_0 = 2
    AD_PRODUCT_1_0 = 3
    AUDIENCE_1_1 = 4
    CONTENT_2_1 = 5
    CONTENT_2_2 = 6
    CONTENT_3_0 = 7
    AD_PRODUCT_2_0 = 8
    CONTENT_3_1 = 9
