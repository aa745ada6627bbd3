"""Why a campaign did not bid: one closed list that engine, counters, records, explain and dashboard all read.

Every campaign ends every request in exactly one reason. The order is the order of the gates: a campaign has the reason
of the first gate that stopped it.
"""

from enum import Enum, IntEnum, unique

from openrtb.enums import LossReasonCodes, NoBidReasonCodes


class Phase(Enum):
    """The part of the journey in which a reason arises."""

    REQUEST = "request"
    PRIVACY = "privacy"
    LINE_STATE = "line state"
    TARGETING = "targeting"
    PUBLISHER = "publisher blocks"
    CREATIVE = "creative"
    USER = "user"
    MONEY = "money and pace"
    VALUE = "value and price"
    ANSWER = "answer"
    AFTER = "after"


@unique
class Reason(IntEnum):
    """The terminal reasons. Codes are stable: records and dashboards keep them."""

    BID = 0

    MALFORMED = 100
    UNKNOWN_EXCHANGE = 101
    EXCHANGE_DISABLED = 102
    TOO_LATE = 103
    SHEDDING_LOAD = 104
    NO_IMP = 105
    INVALID_REQUEST = 106
    NO_CURRENCY = 107
    SEAT_NOT_ALLOWED = 108
    DRAINING = 109

    NO_PERSONAL_DATA = 200
    CHILD_DIRECTED = 201

    PAUSED = 300
    FLIGHT_NOT_STARTED = 301
    FLIGHT_ENDED = 302
    DAYPART = 303

    EXCHANGE = 400
    ENVIRONMENT = 401
    COUNTRY = 402
    REGION = 403
    METRO = 404
    CITY = 405
    ZIP = 406
    RADIUS = 407
    DEVICE_TYPE = 408
    OS = 409
    OS_VERSION = 410
    BROWSER = 411
    CONNECTION = 412
    LANGUAGE = 413
    SITE = 414
    DOMAIN = 415
    APP = 416
    BUNDLE = 417
    PUBLISHER = 418
    CATEGORY = 419
    KEYWORD = 420
    SEGMENT = 421
    AGE = 422
    GENDER = 423
    POSITION = 424
    INTERSTITIAL = 425
    REWARDED = 426
    VIDEO_PLACEMENT = 427
    VIEWABILITY = 428
    SIZE = 429
    DEAL = 430
    USER_DAYPART = 431
    BRAND_SAFETY = 432

    PRIVATE_AUCTION = 500
    BLOCKED_CATEGORY = 501
    BLOCKED_ADVERTISER = 502
    BLOCKED_APP = 503
    ADVERTISER_NOT_ON_DEAL = 504
    NO_TRANSPARENCY = 505

    NO_CREATIVE_OF_FORMAT = 600
    CREATIVE_SIZE = 601
    CREATIVE_ATTRIBUTE = 602
    CREATIVE_TYPE = 603
    CREATIVE_API = 604
    CREATIVE_MIME = 605
    CREATIVE_PROTOCOL = 606
    CREATIVE_DURATION = 607
    CREATIVE_LINEARITY = 608
    CREATIVE_SKIP = 609
    CREATIVE_LANGUAGE = 610
    CREATIVE_NOT_SECURE = 611
    CREATIVE_NATIVE_ASSETS = 612
    CREATIVE_NOT_APPROVED = 613
    CREATIVE_EXPANDABLE = 614
    CREATIVE_BITRATE = 615

    NO_BUDGET = 800
    THROTTLED = 801

    BELOW_FLOOR = 900
    NO_VALUE = 901

    OUTBID = 1000
    ALREADY_BIDDING = 1001
    ANSWER_TOO_LARGE = 1002
    NOT_EVALUATED = 1003

    @property
    def phase(self) -> Phase:
        """The part of the journey this reason belongs to."""
        return _PHASES[self // 100]

    @property
    def label(self) -> str:
        """The name as people and metrics write it, such as `below_floor`."""
        return self.name.lower()

    @property
    def nbr(self) -> int:
        """The OpenRTB no-bid reason code nearest to this reason (OpenRTB 3.0, No-Bid Reason Codes)."""
        return _NBR.get(self, NoBidReasonCodes.UNKNOWN_ERROR)

    @property
    def loss(self) -> int:
        """The OpenRTB loss reason code nearest to this reason, of our own auction among campaigns."""
        other = LossReasonCodes.CREATIVE_FILTERED if self.phase is Phase.CREATIVE else LossReasonCodes.INTERNAL_ERROR
        return _LOSS.get(self, other)


_PHASES = {
    1: Phase.REQUEST,
    2: Phase.PRIVACY,
    3: Phase.LINE_STATE,
    4: Phase.TARGETING,
    5: Phase.PUBLISHER,
    6: Phase.CREATIVE,
    7: Phase.USER,
    8: Phase.MONEY,
    9: Phase.VALUE,
    10: Phase.ANSWER,
    0: Phase.AFTER,
}

_NBR = {
    Reason.MALFORMED: NoBidReasonCodes.INVALID_REQUEST,
    Reason.NO_IMP: NoBidReasonCodes.INVALID_REQUEST,
    Reason.INVALID_REQUEST: NoBidReasonCodes.INVALID_REQUEST,
    Reason.UNKNOWN_EXCHANGE: NoBidReasonCodes.TECHNICAL_ERROR,
    Reason.EXCHANGE_DISABLED: NoBidReasonCodes.TECHNICAL_ERROR,
    Reason.SHEDDING_LOAD: NoBidReasonCodes.TECHNICAL_ERROR,
    Reason.DRAINING: NoBidReasonCodes.TECHNICAL_ERROR,
    Reason.TOO_LATE: NoBidReasonCodes.INSUFFICIENT_AUCTION_TIME,
    Reason.DEVICE_TYPE: NoBidReasonCodes.UNSUPPORTED_DEVICE,
    Reason.OS: NoBidReasonCodes.UNSUPPORTED_DEVICE,
    Reason.OS_VERSION: NoBidReasonCodes.UNSUPPORTED_DEVICE,
    Reason.BROWSER: NoBidReasonCodes.UNSUPPORTED_DEVICE,
    Reason.SITE: NoBidReasonCodes.BLOCKED_PUBLISHER,
    Reason.DOMAIN: NoBidReasonCodes.BLOCKED_PUBLISHER,
    Reason.APP: NoBidReasonCodes.BLOCKED_PUBLISHER,
    Reason.BUNDLE: NoBidReasonCodes.BLOCKED_PUBLISHER,
    Reason.PUBLISHER: NoBidReasonCodes.BLOCKED_PUBLISHER,
    Reason.BRAND_SAFETY: NoBidReasonCodes.BLOCKED_PUBLISHER,
    Reason.SEGMENT: NoBidReasonCodes.UNMATCHED_USER,
    Reason.NO_PERSONAL_DATA: NoBidReasonCodes.UNMATCHED_USER,
}

_LOSS = {
    Reason.BID: LossReasonCodes.BID_WON,
    Reason.TOO_LATE: LossReasonCodes.IMPRESSION_EXPIRED,
    Reason.SEAT_NOT_ALLOWED: LossReasonCodes.SEAT_BLOCKED,
    Reason.DEAL: LossReasonCodes.INVALID_DEAL_ID,
    Reason.PRIVATE_AUCTION: LossReasonCodes.LOST_TO_DEAL,
    Reason.BLOCKED_CATEGORY: LossReasonCodes.CREATIVE_CATEGORY,
    Reason.BLOCKED_ADVERTISER: LossReasonCodes.CREATIVE_ADVERTISER,
    Reason.BLOCKED_APP: LossReasonCodes.CREATIVE_APP_STORE_ID,
    Reason.ADVERTISER_NOT_ON_DEAL: LossReasonCodes.CREATIVE_ADVERTISER,
    Reason.NO_CREATIVE_OF_FORMAT: LossReasonCodes.CREATIVE_FORMAT,
    Reason.CREATIVE_SIZE: LossReasonCodes.CREATIVE_SIZE,
    Reason.CREATIVE_ATTRIBUTE: LossReasonCodes.CREATIVE_ATTRIBUTE,
    Reason.CREATIVE_TYPE: LossReasonCodes.CREATIVE_AD_TYPE,
    Reason.CREATIVE_LANGUAGE: LossReasonCodes.CREATIVE_LANGUAGE,
    Reason.CREATIVE_NOT_SECURE: LossReasonCodes.CREATIVE_NOT_SECURE,
    Reason.CREATIVE_NOT_APPROVED: LossReasonCodes.CREATIVE_DISAPPROVED,
    Reason.BELOW_FLOOR: LossReasonCodes.BELOW_AUCTION_FLOOR,
    Reason.OUTBID: LossReasonCodes.LOST_TO_HIGHER_BID,
}
