"""Why each campaign bids or does not bid on one request: every failed gate, not only the first.

Where matching ANDs bitsets, this asks one line and one attribute at a time, and says what it saw, what was wanted and
the smallest change that would have let the line pass. It reads the same catalogue, conditions, contest and prices.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from msgspec import Struct

from bidder.auction.attributes import Attribute, ImpAttribute
from bidder.auction.candidacy import open_to, refusal, usable_deals
from bidder.auction.contest import Contest
from bidder.auction.creative import Prepared, Slot, misfits
from bidder.auction.keys import Values
from bidder.auction.line import Line, price_of
from bidder.auction.offer import Candidate, Offer
from bidder.auction.publisher import Blocks
from bidder.auction.terms import DealTerms
from bidder.auction.wording import added, left_out, removed, shown
from bidder.domain.money import Micros, from_account_down
from bidder.domain.reason import Reason

PPB = 1_000_000_000
_WITHHELD = "personal data, which may not be used"


class Failure(Struct, frozen=True):
    """One gate that a line did not pass."""

    reason: str
    phase: str
    seen: str
    wanted: str
    change: str = ""
    """The smallest change that would let it pass, where one can be named."""


class LineReport(Struct, frozen=True, kw_only=True):
    """How one line fared on one imp. Prices are CPM in the currency of the bid, as people write them."""

    campaign: str
    advertiser: str
    imp: str
    outcome: str
    failures: Sequence[Failure] = ()
    creative: str | None = None
    format: str | None = None
    deal: str | None = None
    model: str | None = None
    """Name and version of what gave the probability; "" where the goal needs none."""
    probability: float | None = None
    price_cpm: float | None = None
    floor_cpm: float | None = None


def explain_line(contest: Contest, line: Line, now: float) -> LineReport:
    """Every gate of one line on one imp. `outcome` is the label of the reason it ends in, or `bid`."""
    failures = [*_targeting(contest, line, now), *_publisher(contest, line)]
    found = open_to(contest, line)
    offer = _offered(contest, found) if isinstance(found, Candidate) else None
    reason = offer if isinstance(offer, Reason) else found if isinstance(found, Reason) else Reason.BID
    if isinstance(found, Candidate) and isinstance(offer, Reason):
        failures.append(_priced(contest, found, offer))
    elif reason is not Reason.BID:
        failures.extend(_candidacy(contest, line, reason))
    failures = _once(failures)
    return LineReport(
        campaign=line.id,
        advertiser=line.advertiser,
        imp=contest.imp.id,
        outcome=failures[0].reason if failures else reason.label,
        failures=failures,
        **(_details(contest, found, offer) if isinstance(found, Candidate) else {}),
    )


def _offered(contest: Contest, candidate: Candidate) -> Offer | Reason:
    return Reason.THROTTLED if contest.auction.holds_back(candidate.line) else contest.offers([candidate])[0]


def _once(failures: Sequence[Failure]) -> list[Failure]:
    """The first of failures that ask for the same."""
    first: dict[tuple[str, str], Failure] = {}
    for failure in failures:
        first.setdefault((failure.reason, failure.wanted), failure)
    return list(first.values())


def _details(contest: Contest, candidate: Candidate, offer: Offer | Reason | None) -> dict[str, Any]:
    details: dict[str, Any] = {
        "creative": candidate.creative.id,
        "format": candidate.slot.format,
        "deal": candidate.deal.id if candidate.deal is not None else None,
        "floor_cpm": candidate.floor_micros / 1000,
    }
    if isinstance(offer, Offer):
        model = contest.auction.predictor.name(candidate.line.goal)
        details |= {"model": model, "probability": offer.probability_ppb / PPB, "price_cpm": offer.wire_micros / 1000}
    return details


def _targeting(contest: Contest, line: Line, now: float) -> Iterator[Failure]:
    state = line.period.state(now)
    if state is not Reason.BID:
        yield _state(line, state)
    auction = contest.auction
    attributes: list[Attribute | ImpAttribute] = [
        *auction.snapshot.request_attributes,
        *auction.snapshot.imp_attributes,
    ]
    for attribute, values in zip(attributes, [*auction.values, *contest.placement.values], strict=True):
        failure = _attribute(contest, attribute, values, line)
        if failure is not None:
            yield failure
    yield from _named_deals(contest, line)
    for condition in line.conditions:
        if not condition.holds(auction.view, contest.imp):
            reason = condition.reason_for(auction.view)
            seen = _WITHHELD if reason is Reason.NO_PERSONAL_DATA else condition.seen(auction.view, contest.imp)
            yield _failure(reason, seen or "nothing", condition.wanted)


def _state(line: Line, reason: Reason) -> Failure:
    flight = line.campaign.flight
    wanted = {
        Reason.PAUSED: ("enabled = false", "enabled = true"),
        Reason.FLIGHT_NOT_STARTED: ("a time before the flight", f"{flight.start} or later ({flight.timezone})"),
        Reason.FLIGHT_ENDED: ("a time after the flight", f"{flight.end} or earlier ({flight.timezone})"),
        Reason.DAYPART: ("an hour outside the day parts", "an hour listed in dayparting.hours"),
    }[reason]
    return _failure(reason, *wanted)


def _attribute(contest: Contest, attribute: Attribute | ImpAttribute, values: Values, line: Line) -> Failure | None:
    """The one-line reading of what `index.Table` answers for a whole block."""
    wanted = tuple(attribute.include(line.campaign))
    refused = tuple(attribute.exclude(line.campaign))
    hit = tuple(value for value in values if value in refused)
    if hit:
        return _failure(attribute.reason, shown(hit), f"not {shown(refused)}", removed(attribute.name, hit))
    if not wanted or any(value in wanted for value in values):
        return None
    reason = contest.auction.reason_of(attribute.reason, personal=attribute.personal)
    if not values:
        seen = _WITHHELD if reason is Reason.NO_PERSONAL_DATA else "nothing in the request"
        return _failure(reason, seen, shown(wanted), left_out(attribute.name))
    return _failure(reason, shown(values), shown(wanted), added(attribute.name, values[0]))


def _named_deals(contest: Contest, line: Line) -> Iterator[Failure]:
    offered = tuple(contest.terms.offered)
    refused = tuple(name for name in offered if name in line.campaign.exclude.deal)
    if refused:
        yield _failure(Reason.DEAL, shown(refused), f"not {shown(line.campaign.exclude.deal)}")
    elif line.deals and not line.deals.intersection(offered):
        yield _failure(Reason.DEAL, shown(offered) or "no deal for our seat", shown(sorted(line.deals)))


def _publisher(contest: Contest, line: Line) -> Iterator[Failure]:
    """The gates after targeting that hold for the line as a whole, in their order."""
    if contest.terms.private and not line.deals:
        offered = tuple(contest.terms.offered)
        change = f"name one of {shown(offered)} in include.deal" if offered else ""
        yield _failure(Reason.PRIVATE_AUCTION, "a private auction", "an open auction or a deal", change)
    creatives = [each for ads in line.creatives.values() for each in ads]
    for gate in _refused_as_a_whole(contest.auction.blocks, creatives):
        yield _failure(gate, f"{creatives[0].id}: {_advertised(creatives[0], gate)}", "not on the block list")
    formats = [slot.format for slot in contest.placement.slots]
    if not line.creatives.keys() & set(formats):
        yield _failure(Reason.NO_CREATIVE_OF_FORMAT, shown(sorted(line.creatives)), shown(formats) or "none")
    yield from _sizes(contest, line)


def _refused_as_a_whole(blocks: Blocks, creatives: Sequence[Prepared]) -> Iterator[Reason]:
    """The block lists that name something all creatives have in common."""
    lists = (
        (Reason.BLOCKED_CATEGORY, blocks.categories, [each.category_keys for each in creatives]),
        (Reason.BLOCKED_ADVERTISER, blocks.advertisers, [each.domain_keys for each in creatives]),
        (
            Reason.BLOCKED_APP,
            blocks.apps,
            [frozenset([each.bundle.lower()] if each.bundle else []) for each in creatives],
        ),
    )
    for reason, blocked, keys in lists:
        if blocked and keys and not frozenset.intersection(*keys).isdisjoint(blocked):
            yield reason


def _sizes(contest: Contest, line: Line) -> Iterator[Failure]:
    """A line of banners of which none has an offered size, and with nothing else to show here."""
    banner = next((slot for slot in contest.placement.slots if slot.format == "banner"), None)
    if banner is None or not banner.sizes or banner.flexible or "banner" not in line.creatives:
        return
    if any(slot.format in line.creatives for slot in contest.placement.slots if slot is not banner):
        return
    sizes = [creative.size for creative in line.creatives["banner"]]
    if None not in sizes and not set(sizes) & set(banner.sizes):
        own = [f"{size[0]}x{size[1]}" for size in sizes if size is not None]
        yield _failure(Reason.CREATIVE_SIZE, shown(own), shown([f"{w}x{h}" for w, h in banner.sizes]))


def _candidacy(contest: Contest, line: Line, reason: Reason) -> list[Failure]:
    """Why no creative can be shown; what decided comes first, and what was told of the line as a whole is left out."""
    failures = [*_creatives(contest, line)]
    if reason is Reason.NO_TRANSPARENCY:
        failures.append(_failure(reason, "no dsa in the campaign", "dsa.behalf and dsa.paid", "add a dsa table"))
    if reason is Reason.ALREADY_BIDDING:
        failures.append(_failure(reason, "a bid on another imp", "its first imp", "several_imps = true"))
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
        yield _failure(verdict, f"{creative.id}: {shown(creative.adomain)}", f"on deal {deal.id}: {wanted}")
    elif verdict is not Reason.BID:
        yield _failure(verdict, f"{creative.id}: {_advertised(creative, verdict)}", "not on the block list")
    if slot.secure and not contest.auction.secure:
        yield _failure(Reason.CREATIVE_NOT_SECURE, "server.public_url is http", "https, as secure is 1")
    deals = (deal.id,) if deal is not None else ()
    for reason, seen, wanted in misfits(creative, slot, contest.auction.market.name, deals):
        yield _failure(reason, f"{creative.id}: {seen}", wanted)


def _advertised(creative: Prepared, verdict: Reason) -> str:
    if verdict is Reason.BLOCKED_CATEGORY:
        return f"cat {', '.join(creative.cat)}"
    if verdict is Reason.BLOCKED_ADVERTISER:
        return f"adomain {', '.join(creative.adomain)}"
    return f"bundle {creative.bundle}"


def _priced(contest: Contest, candidate: Candidate, reason: Reason) -> Failure:
    auction, line = contest.auction, candidate.line
    probability = auction.predictor.probabilities(contest.facts, [candidate])[0]
    multiplier = auction.purse.multiplier_ppb(line.slot)
    price = from_account_down(price_of(line, probability, multiplier), auction.rate)
    if reason is Reason.BELOW_FLOOR:
        return _below_floor(price, candidate.floor_micros, auction.market.currency)
    if reason is Reason.THROTTLED:
        throttle = min(line.throttle_ppb, auction.purse.throttle_ppb(line.slot))
        return _failure(reason, f"a throttle of {throttle / PPB:.3f}", "a request within the throttle's share")
    if reason is Reason.NO_BUDGET:
        return _failure(reason, "less granted than this bid", f"{price / 1000:.3f} CPM granted and not yet bid")
    return _failure(reason, f"a value of {price / 1000:.3f} CPM", "a value above zero")


def _below_floor(price: Micros, floor: int, currency: str) -> Failure:
    seen, wanted, more = f"{price / 1000:.3f}", f"{floor / 1000:.3f}", f"{(floor - price) / 1000:.3f}"
    change = f"floor {wanted} > price {seen}: +{more} {currency} CPM"
    return _failure(Reason.BELOW_FLOOR, f"price {seen}", f"at least {wanted}", change)


def _failure(reason: Reason, seen: str, wanted: str, change: str = "") -> Failure:
    return Failure(reason.label, reason.phase.value, seen, wanted, change)
