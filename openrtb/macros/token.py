"""The names of the macros and the tokens that stand for their values."""

import re
from enum import StrEnum

from msgspec import Struct


class Macro(StrEnum):
    """The names an exchange replaces (OpenRTB 2.6, 4.4; community extension DSA Transparency)."""

    AUCTION_ID = "AUCTION_ID"  # BidRequest.id
    AUCTION_BID_ID = "AUCTION_BID_ID"  # BidResponse.bidid
    AUCTION_IMP_ID = "AUCTION_IMP_ID"  # Imp.id
    AUCTION_SEAT_ID = "AUCTION_SEAT_ID"  # SeatBid.seat
    AUCTION_AD_ID = "AUCTION_AD_ID"  # Bid.adid
    AUCTION_PRICE = "AUCTION_PRICE"  # clearing price, CPM in the currency of the bid
    AUCTION_CURRENCY = "AUCTION_CURRENCY"  # BidResponse.cur
    AUCTION_MBR = "AUCTION_MBR"  # clearing price / bid price; since 2.5
    AUCTION_LOSS = "AUCTION_LOSS"  # LossReasonCodes; since 2.5
    AUCTION_MIN_TO_WIN = "AUCTION_MIN_TO_WIN"  # CPM; since 2.6
    AUCTION_MULTIPLIER = "AUCTION_MULTIPLIER"  # impressions won; since 2.6-202211
    AUCTION_IMP_TS = "AUCTION_IMP_TS"  # ms since the epoch; since 2.6-202303
    AUCTION_DISCOUNT_PCT = "AUCTION_DISCOUNT_PCT"  # percent of the bid price; since 2.6-202606
    AUCTION_DISCOUNT_CPM = "AUCTION_DISCOUNT_CPM"  # CPM; since 2.6-202606
    DSAREQUIRED = "DSAREQUIRED"  # DSARequired
    DSABEHALF = "DSABEHALF"  # Bid.ext.dsa.behalf
    DSAPAID = "DSAPAID"  # Bid.ext.dsa.paid
    DSAPARAMS = "DSAPARAMS"  # integers joined by _
    DSATRANSPARENCY = "DSATRANSPARENCY"  # domain~p1_p2, entries joined by ~~
    DSAPUBRENDER = "DSAPUBRENDER"  # DSAPublisherRender
    DSADATATOPUBS = "DSADATATOPUBS"  # DSADataToPublisher

    def token(self, encoding: str | None = None) -> str:
        """The text to write where the value shall go: `${NAME}`, or `${NAME:ENCODING}`."""
        return f"${{{self}:{encoding}}}" if encoding else f"${{{self}}}"


class Found(Struct, frozen=True):
    """A token in a text: `text[start:end]`."""

    macro: Macro
    encoding: str | None
    start: int
    end: int


# Possessive, and `$` is no part of a name or an encoding: no character is read more than twice.
TOKEN_PATTERN = rf"\$\{{(?P<name>{'|'.join(Macro)})(?::(?P<encoding>[A-Za-z0-9_]++))?+\}}"

_TOKEN = re.compile(TOKEN_PATTERN)


def find(text: str) -> list[Found]:
    """The tokens in `text` in their order, with any encoding, known or not."""
    return [Found(Macro(m["name"]), m["encoding"], m.start(), m.end()) for m in _TOKEN.finditer(text)]
