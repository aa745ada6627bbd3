"""How an auction is held."""

from enum import IntEnum


class AuctionTypes(IntEnum):
    """`BidRequest.at` and `Deal.at` (OpenRTB 2.6, 3.2.1 and 3.2.12). 500 and above: exchange-specific."""

    FIRST_PRICE = 1
    SECOND_PRICE_PLUS = 2
    FIXED_PRICE = 3  # deals only: `Deal.bidfloor` is the agreed price


class InterestGroupAuctionEnvironment(IntEnum):
    """`Imp.ext.igs.ae`: who would run the interest-group auction (Protected Audience extension)."""

    NOT_SUPPORTED = 0
    ON_DEVICE = 1
    SERVER = 3
