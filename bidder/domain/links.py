"""The URLs of one bid: where the exchange and the browser report what became of it.

    /win/TICKET?p=${AUCTION_PRICE}                                              the exchange: nurl
    /bill/TICKET?p=${AUCTION_PRICE}                                             the exchange: burl
    /win/TICKET?p=${AUCTION_PRICE}&r=${AUCTION_LOSS}&m=${AUCTION_MIN_TO_WIN}    the same, where it tells of losses, too
    /loss/TICKET?r=${AUCTION_LOSS}&m=${AUCTION_MIN_TO_WIN}&p=${AUCTION_PRICE}   the exchange: lurl
    /imp/TICKET?p=${AUCTION_PRICE}                                              the browser: a pixel
    /click/TICKET?to=LANDING&sig=MAC                                            the browser: a redirect
    /conv/TICKET                                                                the advertiser: a pixel, or its server

Macros are those of OpenRTB 2.6, section 4.4. The URLs stand as they are: markup escapes them for the place they go to.
"""

from enum import StrEnum
from urllib.parse import quote

from msgspec import Struct

from bidder.domain.ticket import Signed, Signer, Use
from openrtb.macros import Macro


class Kind(StrEnum):
    """What is reported: the first segment of the path."""

    WIN = "win"
    BILLING = "bill"
    LOSS = "loss"
    IMPRESSION = "imp"
    CLICK = "click"
    CONVERSION = "conv"

    @property
    def use(self) -> Use:
        """Who reports it."""
        return Use.NOTICE if self in _OF_THE_EXCHANGE else Use.TRACKING


_OF_THE_EXCHANGE = {Kind.WIN, Kind.BILLING, Kind.LOSS}

PRICE, LOSS_REASON, MIN_TO_WIN, LANDING, LANDING_TAG = "p", "r", "m", "to", "sig"
EVENT, VALUE, REFERENCE = "event", "value", "ref"
CLICK_ID = "bid_click_id"
"""The parameter of the landing page that holds the ticket, for the advertiser to report a conversion with."""

_PRICE_QUERY = f"?{PRICE}={Macro.AUCTION_PRICE.token()}"
_REASON_AND_LEAST = f"{LOSS_REASON}={Macro.AUCTION_LOSS.token()}&{MIN_TO_WIN}={Macro.AUCTION_MIN_TO_WIN.token()}"
_LOSS_QUERY = f"?{_REASON_AND_LEAST}&{PRICE}={Macro.AUCTION_PRICE.token()}"


class Links(Struct, frozen=True, gc=False):
    """The URLs that go into a bid and its markup."""

    win: str
    billing: str
    loss: str
    impression: str
    click: str

    @property
    def outcome(self) -> str:
        """The win notice of exchanges that call it for lost bids, too: the reason tells them apart."""
        return f"{self.win}&{_REASON_AND_LEAST}"


class LinkBuilder:
    """Puts tickets into URLs below one base URL, such as `https://bidder.example`."""

    __slots__ = ("_billing", "_click", "_conversion", "_impression", "_loss", "_win")

    def __init__(self, base_url: str) -> None:
        base = base_url.rstrip("/")
        self._win = f"{base}/{Kind.WIN}/"
        self._billing = f"{base}/{Kind.BILLING}/"
        self._loss = f"{base}/{Kind.LOSS}/"
        self._impression = f"{base}/{Kind.IMPRESSION}/"
        self._click = f"{base}/{Kind.CLICK}/"
        self._conversion = f"{base}/{Kind.CONVERSION}/"

    def links(self, signed: Signed, landing_query: str) -> Links:
        """The URLs of the bid with this ticket, for a creative with this `landing_query`."""
        notice, tracking = signed.notice, signed.tracking
        return Links(
            self._win + notice + _PRICE_QUERY,
            self._billing + notice + _PRICE_QUERY,
            self._loss + notice + _LOSS_QUERY,
            self._impression + tracking + _PRICE_QUERY,
            self._click + tracking + landing_query,
        )

    def conversion(self, click_id: str) -> str:
        """The URL by which an advertiser reports a conversion, to which it adds `event`, `value` and `ref`."""
        return self._conversion + click_id


def with_minimum(url: str, name: str) -> str:
    """A URL that tells of losses, with the exchange's name for the macro of the price that would have won."""
    return url.replace(Macro.AUCTION_MIN_TO_WIN.token(), f"${{{name}}}")


def landing_query(signer: Signer, campaign: str, creative: str, landing: str) -> str:
    """The query of a creative's click URLs; the same for every bid. Raises `ValueError` as `Signer.sign_landing`."""
    tag = signer.sign_landing(campaign, creative, landing)
    return f"?{LANDING}={quote(landing, safe='/:?')}&{LANDING_TAG}={tag}"
