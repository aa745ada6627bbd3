"""Whether one line may bid on an imp: with which creative, in which format, on which deal, at which floor.

It is asked of lines that every bitset let through, and answers with a candidate or with the reason that came furthest.
"""

from collections.abc import Iterable, Sequence
from typing import Protocol

from bidder.auction.creative import Prepared, Slot, drawn, fitting
from bidder.auction.keys import above
from bidder.auction.line import Line
from bidder.auction.offer import Candidate
from bidder.auction.placement import Placement
from bidder.auction.round import Round
from bidder.auction.terms import DealTerms, Terms
from bidder.config.schema import Transparency
from bidder.domain.reason import Reason
from openrtb.enums import DSAPublisherRender
from openrtb.extensions import DSARequest
from openrtb.imp import Imp


class Demand(Protocol):
    """What an imp demands, as `contest.Contest` knows it."""

    auction: Round
    imp: Imp
    terms: Terms
    placement: Placement


_OPEN = (None,)
"""In the place of deals: the open auction."""


def candidate_of(demand: Demand, line: Line) -> Candidate | Reason:
    """The line with the creative and the deal it would bid with, the cheapest floor first, or why it does not.

    What pacing holds back ends here, so that nobody scores it.
    """
    if line.conditions:
        view = demand.auction.view
        for condition in line.conditions:
            if not condition.holds(view, demand.imp):
                return condition.reason_for(view)
    found = open_to(demand, line)
    return Reason.THROTTLED if isinstance(found, Candidate) and demand.auction.holds_back(line) else found


def open_to(demand: Demand, line: Line) -> Candidate | Reason:
    """The same of a line that meets its conditions."""
    auction = demand.auction
    if auction.dsa is not None and not tells(line.campaign.dsa, auction.dsa):
        return Reason.NO_TRANSPARENCY
    deals: Sequence[DealTerms | None] = usable_deals(demand.terms, line) if line.deals else _OPEN
    slots = [slot for slot in demand.placement.slots if slot.format in line.creatives]
    if len(deals) == len(slots) == 1:
        found = _in_slot(demand, line, slots[0], deals[0])
    else:
        found = cheapest(_in_cheapest_slot(demand, line, slots, deal) for deal in deals)
    if auction.bidding and isinstance(found, Candidate) and line in auction.bidding and not line.several_imps:
        return Reason.ALREADY_BIDDING
    return found


def tells(told: Transparency | None, demand: DSARequest) -> bool:
    """Whether a campaign tells what the DSA demands, and just one of publisher and creative shows it."""
    if told is None:
        return False
    never = DSAPublisherRender.WILL_RENDER if told.rendered else DSAPublisherRender.CANNOT_RENDER
    return demand.pubrender != never


def usable_deals(terms: Terms, line: Line) -> list[DealTerms]:
    """The offered deals that the line names, by id."""
    return [terms.deal(name) for name in line.deal_names if name in terms.offered]


def cheapest(found: Iterable[Candidate | Reason]) -> Candidate | Reason:
    """The candidate with the lowest floor, the first of equals; without one, the reason that came furthest."""
    best: Candidate | None = None
    reason = Reason.DEAL
    for each in found:
        if isinstance(each, Reason):
            reason = max(reason, each)
        elif best is None or each.floor_micros < best.floor_micros:
            best = each
    return best if best is not None else reason


def refusal(demand: Demand, creative: Prepared, deal: DealTerms | None) -> Reason:
    """Why publisher or deal refuse a creative; `Reason.BID` where they do not."""
    verdict = demand.auction.blocks.verdict(creative)
    if verdict is Reason.BID and deal is not None and deal.domains is not None and not _advertised(creative, deal):
        return Reason.ADVERTISER_NOT_ON_DEAL
    return verdict


def _in_cheapest_slot(demand: Demand, line: Line, slots: list[Slot], deal: DealTerms | None) -> Candidate | Reason:
    return cheapest(_in_slot(demand, line, slot, deal) for slot in slots) if slots else Reason.NO_CREATIVE_OF_FORMAT


def _in_slot(demand: Demand, line: Line, slot: Slot, deal: DealTerms | None) -> Candidate | Reason:
    auction, name = demand.auction, deal.id if deal is not None else None
    spared = auction.blocks.spare(line) and (deal is None or deal.domains is None)
    accepted = () if spared else _accepted(demand, line.creatives[slot.format], deal)
    if isinstance(accepted, Reason):
        return accepted
    if slot.secure and not auction.secure:
        return Reason.CREATIVE_NOT_SECURE
    if spared:
        found = demand.placement.fitting(line, slot, name)
    else:
        found = fitting(accepted, slot, auction.market.name, (name,) if name is not None else ())
    if isinstance(found, Reason):
        return found
    creative = drawn(found, auction.lot ^ line.salt)
    floor = demand.terms.floor(slot.format, creative.duration_s, deal)
    facts = creative.facts if deal is None else {**creative.facts, "deal": deal.id}
    return Candidate(line, creative, slot, deal, floor, facts)


def _accepted(demand: Demand, creatives: Sequence[Prepared], deal: DealTerms | None) -> Sequence[Prepared] | Reason:
    reasons = [refusal(demand, each, deal) for each in creatives]
    accepted = [each for each, reason in zip(creatives, reasons, strict=True) if reason is Reason.BID]
    return accepted or max(reasons)


def _advertised(creative: Prepared, deal: DealTerms) -> bool:
    """Whether each of its domains, or one above it, is an advertiser of the deal (OpenRTB 2.6, 3.2.12: `wadomain`)."""
    listed = deal.domains or frozenset()
    return all(not listed.isdisjoint(above(domain)) for domain in creative.adomain)
