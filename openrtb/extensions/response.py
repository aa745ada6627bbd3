"""What is known to stand in the `ext` of response objects."""

from msgspec import Raw

from openrtb.extensions.request import DSATransparency
from openrtb.wire import NO_EXT, Int, Wire


class DSAResponse(Wire):
    """`Bid.ext.dsa`: who is behind the ad (DSA extension)."""

    behalf: str | None = None  # up to 100 characters
    paid: str | None = None  # up to 100 characters
    transparency: list[DSATransparency] | None = None
    adrender: Int | None = None  # DSAAdvertiserRender


class SKAdNetworkFidelity(Wire):
    """One signed way of presenting the ad (SKAdNetwork extension)."""

    fidelity: Int | None = None  # 0 view-through, 1 store sheet
    nonce: str | None = None  # UUID, lower case
    timestamp: str | None = None  # ms since the epoch, as text
    signature: str | None = None


class SKOverlay(Wire):
    """How iOS shows the store overlay (SKAdNetwork extension)."""

    delay: Int | None = None  # s
    endcarddelay: Int | None = None  # s
    dismissible: Int | None = None
    pos: Int | None = None  # 0 bottom, 1 bottom raised


class SKAdNetworkResponse(Wire):
    """`Bid.ext.skadn`: the signed attribution of the advertised app (SKAdNetwork extension)."""

    version: str | None = None
    network: str | None = None
    sourceidentifier: str | None = None  # four digits; from 4.0 on
    campaign: str | None = None  # "1" to "100"; up to 3.0
    itunesitem: str | None = None  # App Store id of the advertised app, as in `Bid.bundle`
    productpageid: str | None = None
    fidelities: list[SKAdNetworkFidelity] | None = None
    sourceapp: str | None = None  # App Store id of the publisher's app
    nonce: str | None = None  # superseded by fidelities
    timestamp: str | None = None  # superseded by fidelities
    signature: str | None = None  # superseded by fidelities
    skoverlay: SKOverlay | None = None


class BidExt(Wire):
    """`Bid.ext`."""

    dsa: DSAResponse | None = None
    skadn: SKAdNetworkResponse | None = None
    scid: str | None = None  # shared campaign id


class NonBid(Wire):
    """An imp without a bid of the seat, and why (seat-non-bid extension)."""

    impid: str | None = None
    statuscode: Int | None = None  # NonBidStatusCodes


class SeatNonBid(Wire):
    """`BidResponse.ext.seatnonbid[]` (seat-non-bid extension)."""

    seat: str | None = None
    nonbid: list[NonBid] | None = None


class InterestGroupBuyer(Wire):
    """`BidResponse.ext.igi[].igb[]`: a buyer of the interest-group auction (Protected Audience extension)."""

    origin: str | None = None
    maxbid: float | None = None  # CPM in cur
    cur: str = "USD"
    pbs: Raw = NO_EXT  # the buyer's own signals, any JSON
    ps: Raw = NO_EXT  # priority signals
    begid: Int | None = None  # experiment group, 0 to 65535


class InterestGroupSeller(Wire):
    """`BidResponse.ext.igi[].igs[]`: a seller of the interest-group auction (Protected Audience extension)."""

    impid: str | None = None
    config: Raw = NO_EXT  # the auction's configuration


class InterestGroupIntent(Wire):
    """`BidResponse.ext.igi[]`: part in the interest-group auction of one imp (Protected Audience extension)."""

    impid: str | None = None
    igb: list[InterestGroupBuyer] | None = None
    igs: list[InterestGroupSeller] | None = None


class BidResponseExt(Wire):
    """`BidResponse.ext`."""

    seatnonbid: list[SeatNonBid] | None = None
    igi: list[InterestGroupIntent] | None = None
