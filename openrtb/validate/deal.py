"""Rules on deals: which a bid may use and which it must (OpenRTB 2.6, 3.2.11 and 3.2.12)."""

from collections.abc import Iterator

from openrtb.response import BidResponse
from openrtb.validate.domain import host, is_within
from openrtb.validate.finding import Finding, finding, shown
from openrtb.validate.offer import Auction, Case, Terms


def check_deal(case: Case) -> Iterator[Finding]:
    """The deal a bid names was offered to its seat and its advertiser; a private auction takes nothing else."""
    if case.offer is None:
        return
    offered, path = case.offer.deals, f"{case.path}.dealid"
    if case.terms is not None:
        yield from _allowed(case, case.terms)
    elif case.bid.dealid:
        message = f"{shown(case.bid.dealid)} is no deal of the imp; offered: {shown(offered)}"
        yield finding("deal-id-echo", path, message)
    elif case.offer.private:
        yield finding("pmp-private", path, f"dealid is missing in a private auction; offered: {shown(offered)}")


def _allowed(case: Case, terms: Terms) -> Iterator[Finding]:
    deal = terms.deal
    if terms.wseat and case.seat not in terms.wseat:
        message = f"seat {shown(case.seat)} may not use deal {shown(deal.id)}; allowed: {shown(deal.wseat)}"
        yield finding("deal-wseat", f"{case.path}.dealid", message)
    domains = case.bid.adomain or []
    if terms.wadomain and not (domains and all(is_within(host(domain), terms.wadomain) for domain in domains)):
        message = f"{shown(domains)} on deal {shown(deal.id)}; allowed: {shown(deal.wadomain)}"
        yield finding("deal-wadomain", f"{case.path}.adomain", message)


def check_guaranteed(response: BidResponse, auction: Auction) -> Iterator[Finding]:
    """A guaranteed deal has to be bid on, unless it is for other seats than those that answer."""
    used = {(bid.impid, bid.dealid) for seatbid in response.seatbid or () for bid in seatbid.bid}
    seats = {seatbid.seat for seatbid in response.seatbid or () if seatbid.seat}
    for imp in auction.request.imp:
        for deal in (imp.pmp.deals if imp.pmp is not None else None) or ():
            ours = not deal.wseat or not seats or not seats.isdisjoint(deal.wseat)
            if deal.guar == 1 and ours and (imp.id, deal.id) not in used:
                message = f"no bid on the guaranteed deal {shown(deal.id)} of imp {shown(imp.id)}; it has to be bid on"
                yield finding("deal-guaranteed", "$.seatbid", message)
