"""What the exchange puts in the place of macros (OpenRTB 2.6, 4.4)."""

from msgspec import Struct

from bidder.lab.exchange.clearing import Outcome, cpm_micros
from openrtb.enums import LossReasonCodes
from openrtb.macros import Context, Macro, expand
from openrtb.response import Bid

AUDIT = "AUDIT"
"""What stands for the price where markup is rendered for a check and nobody pays."""


class Auctioned(Struct, frozen=True):
    """What the macros tell of the answer that a bid came in."""

    auction_id: str
    bidid: str | None
    currency: str
    seat: str | None


def price_text(price_cpm_micros: int) -> str:
    """The CPM as a decimal without needless zeros, such as 2.345."""
    whole, millionths = divmod(price_cpm_micros, 1_000_000)
    return f"{whole}.{millionths:06d}".rstrip("0").rstrip(".")


def macro_values(auctioned: Auctioned, outcome: Outcome, now_ms: int) -> dict[Macro, str]:
    """The values for the bid of `outcome`. A loser is not told the price; `now_ms` is Unix time."""
    bid, paid, least = outcome.bid, outcome.price_cpm_micros, outcome.min_to_win_cpm_micros
    values = _identity(auctioned, bid)
    values[Macro.AUCTION_LOSS] = str(int(outcome.loss))
    if least is not None:
        values[Macro.AUCTION_MIN_TO_WIN] = price_text(least)
    if paid is not None:
        values[Macro.AUCTION_PRICE] = price_text(paid)
        values[Macro.AUCTION_MBR] = f"{paid / max(cpm_micros(bid.price or 0.0), 1):.4f}"
        values[Macro.AUCTION_MULTIPLIER] = "1"
        values[Macro.AUCTION_IMP_TS] = str(now_ms)
    return values


def audit_values(auctioned: Auctioned, bid: Bid) -> dict[Macro, str]:
    """The values for a rendering that is only a check."""
    won = {Macro.AUCTION_PRICE: AUDIT, Macro.AUCTION_LOSS: str(int(LossReasonCodes.BID_WON))}
    return _identity(auctioned, bid) | won


def _identity(auctioned: Auctioned, bid: Bid) -> dict[Macro, str]:
    known = {
        Macro.AUCTION_ID: auctioned.auction_id,
        Macro.AUCTION_BID_ID: auctioned.bidid,
        Macro.AUCTION_IMP_ID: bid.impid,
        Macro.AUCTION_SEAT_ID: auctioned.seat,
        Macro.AUCTION_AD_ID: bid.adid,
        Macro.AUCTION_CURRENCY: auctioned.currency,
    }
    return {macro: value for macro, value in known.items() if value}


def substitute(text: str, values: dict[Macro, str]) -> str:
    """`text`, a URL or markup, with every macro replaced; values are percent-encoded, since they land in URLs."""
    return expand(text, values, context=Context.URL)
