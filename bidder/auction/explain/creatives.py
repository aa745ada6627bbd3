"""Why no creative of a line can be shown."""

from collections.abc import Iterator

from bidder.auction.candidacy import refusal, usable_deals
from bidder.auction.contest import Contest
from bidder.auction.creative import Prepared, Slot, misfits
from bidder.auction.explain.failure import Failure, failed
from bidder.auction.explain.wording import shown
from bidder.auction.line import Line
from bidder.auction.terms import DealTerms
from bidder.domain.reason import Reason


def showing(contest: Contest, line: Line, reason: Reason) -> list[Failure]:
    """Why no creative can be shown; what decided comes first, and what was told of the line as a whole is left out."""
    failures = [*_creatives(contest, line)]
    if reason is Reason.NO_TRANSPARENCY:
        failures.append(failed(reason, "no dsa in the campaign", "dsa.behalf and dsa.paid", "add a dsa table"))
    if reason is Reason.ALREADY_BIDDING:
        failures.append(failed(reason, "a bid on another imp", "its first imp", "several_imps = true"))
    return sorted(failures, key=lambda failure: failure.reason != reason.label)


def _creatives(contest: Contest, line: Line) -> Iterator[Failure]:
    """What is wrong with each creative that does not fit, for each slot and each deal it could run on."""
    deals: list[DealTerms | None] = [*usable_deals(contest.terms, line)] if line.deals else [None]
    seen: set[Failure] = set()
    for slot in contest.placement.slots:
        for creative in line.creatives.get(slot.format, ()):
            for deal in deals:
                for failure in _unfit(contest, creative, slot, deal):
                    if failure not in seen:
                        seen.add(failure)
                        yield failure


def _unfit(contest: Contest, creative: Prepared, slot: Slot, deal: DealTerms | None) -> Iterator[Failure]:
    verdict = refusal(contest, creative, deal)
    if verdict is Reason.ADVERTISER_NOT_ON_DEAL and deal is not None:
        wanted = shown(sorted(deal.domains or ()))
        yield failed(verdict, f"{creative.id}: {shown(creative.adomain)}", f"on deal {deal.id}: {wanted}")
    elif verdict is not Reason.BID:
        yield failed(verdict, f"{creative.id}: {advertised(creative, verdict)}", "not on the block list")
    if slot.secure and not contest.auction.secure:
        yield failed(Reason.CREATIVE_NOT_SECURE, "server.public_url is http", "https, as secure is 1")
    deals = (deal.id,) if deal is not None else ()
    for reason, seen, wanted in misfits(creative, slot, contest.auction.market.name, deals):
        yield failed(reason, f"{creative.id}: {seen}", wanted)


def advertised(creative: Prepared, verdict: Reason) -> str:
    """What of a creative a block list names."""
    if verdict is Reason.BLOCKED_CATEGORY:
        return f"cat {', '.join(creative.cat)}"
    if verdict is Reason.BLOCKED_ADVERTISER:
        return f"adomain {', '.join(creative.adomain)}"
    return f"bundle {creative.bundle}"
