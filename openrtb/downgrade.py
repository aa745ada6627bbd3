"""A response as an OpenRTB 2.5 receiver knows it."""

import msgspec

from openrtb.response import Bid, BidResponse, SeatBid


def for_2_5(response: BidResponse) -> BidResponse:
    """A copy of `response` without what came after 2.5; `apis` becomes `api`, `langb` becomes `language`.

    2.5 knows Content Taxonomy 1.0 only, so categories of any other taxonomy are left out rather than misread.
    """
    seats = [_seatbid(seatbid) for seatbid in response.seatbid] if response.seatbid is not None else None
    return msgspec.structs.replace(response, seatbid=seats)


def _seatbid(seatbid: SeatBid) -> SeatBid:
    return msgspec.structs.replace(seatbid, bid=[_bid(bid) for bid in seatbid.bid])


def _bid(bid: Bid) -> Bid:
    return msgspec.structs.replace(
        bid,
        cat=bid.cat if bid.cattax == 1 else None,
        cattax=1,
        api=bid.apis[0] if bid.apis and bid.api is None else bid.api,
        apis=None,
        language=bid.language or (bid.langb.split("-")[0] if bid.langb else None),
        langb=None,
        dur=None,
        mtype=None,
        slotinpod=0,
    )
