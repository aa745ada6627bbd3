"""The bid response: `BidResponse`, `SeatBid`, `Bid`."""

from msgspec import Raw

from openrtb.wire import NO_EXT, Int, Wire


class Bid(Wire):
    """One offer for one imp (OpenRTB 2.6, 4.2.3)."""

    id: str = ""  # required
    impid: str = ""  # required
    price: float | None = None  # CPM in BidResponse.cur; required
    nurl: str | None = None
    burl: str | None = None  # since 2.5
    lurl: str | None = None  # since 2.5
    adm: str | None = None
    adid: str | None = None
    adomain: list[str] | None = None
    bundle: str | None = None
    iurl: str | None = None
    cid: str | None = None
    crid: str | None = None
    tactic: str | None = None  # since 2.5
    cattax: Int = 1  # CategoryTaxonomies; since 2.6
    cat: list[str] | None = None
    attr: list[Int] | None = None  # CreativeAttributes
    apis: list[Int] | None = None  # APIFrameworks; since 2.6
    api: Int | None = None  # deprecated; APIFrameworks
    protocol: Int | None = None  # CreativeSubtypesAudioVideo
    qagmediarating: Int | None = None  # MediaRatings
    language: str | None = None  # since 2.5
    langb: str | None = None  # since 2.6
    dealid: str | None = None
    w: Int | None = None  # DIPS
    h: Int | None = None  # DIPS
    wratio: Int | None = None  # since 2.5
    hratio: Int | None = None  # since 2.5
    exp: Int | None = None  # s between auction and display
    dur: Int | None = None  # s; since 2.6
    mtype: Int | None = None  # CreativeMarkupTypes; since 2.6
    slotinpod: Int = 0  # SlotPositionInPod; since 2.6
    ext: Raw = NO_EXT


class SeatBid(Wire):
    """The bids of one buyer seat (OpenRTB 2.6, 4.2.2)."""

    bid: list[Bid] = []  # required
    seat: str | None = None
    group: Int = 0
    ext: Raw = NO_EXT


class BidResponse(Wire):
    """The answer: bids by seat, all in one currency, or a reason for none (OpenRTB 2.6, 4.2.1)."""

    id: str = ""  # required
    seatbid: list[SeatBid] | None = None
    bidid: str | None = None
    cur: str = "USD"
    customdata: str | None = None
    nbr: Int | None = None  # NoBidReasonCodes
    ext: Raw = NO_EXT
