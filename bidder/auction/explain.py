"""Why each campaign bids or does not bid on one request: every failed gate, not only the first.

Where matching ANDs bitsets, this asks one line and one attribute at a time, and says what it saw, what was wanted and
the smallest change that would have let the line pass. It reads the same catalogue, conditions, contest and prices.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from msgspec import Struct

from bidder.auction.attributes import Attribute, ImpAttribute
from bidder.auction.contest import Contest
from bidder.auction.creative import misfits
from bidder.auction.line import Line, price_of
from bidder.auction.offer import Candidate, Offer
from bidder.auction.view import Values
from bidder.domain.money import Micros, from_account_down
from bidder.domain.reason import Reason

PPB = 1_000_000_000


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
    probability: float | None = None
    price_cpm: float | None = None
    floor_cpm: float | None = None


def explain_line(contest: Contest, line: Line, now: float) -> LineReport:
    """Every gate of one line on one imp. `outcome` is the label of the first reason, or `bid`."""
    failures = [*_before_price(contest, line, now)]
    found = contest.candidate(line)
    offer = next(iter(contest.offers([found]))) if isinstance(found, Candidate) else None
    if isinstance(found, Candidate) and isinstance(offer, Reason):
        failures.append(_priced(contest, found, offer))
    return LineReport(
        campaign=line.id,
        advertiser=line.advertiser,
        imp=contest.imp.id,
        outcome=failures[0].reason if failures else Reason.BID.label,
        failures=failures,
        **(_details(found, offer if isinstance(offer, Offer) else None) if isinstance(found, Candidate) else {}),
    )


def _details(candidate: Candidate, offer: Offer | None) -> dict[str, Any]:
    details: dict[str, Any] = {
        "creative": candidate.creative.id,
        "format": candidate.slot.format,
        "deal": candidate.deal.id if candidate.deal is not None else None,
        "floor_cpm": candidate.floor_micros / 1000,
    }
    if offer is not None:
        details |= {"probability": offer.probability_ppb / PPB, "price_cpm": offer.wire_micros / 1000}
    return details


def _before_price(contest: Contest, line: Line, now: float) -> Iterator[Failure]:
    state = line.period.state(now)
    if state is not Reason.BID:
        yield _state(line, state)
    auction = contest.auction
    attributes: list[Attribute | ImpAttribute] = [
        *auction.snapshot.request_attributes,
        *auction.snapshot.imp_attributes,
    ]
    for attribute, values in zip(attributes, [*auction.values, *contest.values], strict=True):
        failure = _attribute(contest, attribute, values, line)
        if failure is not None:
            yield failure
    for condition in line.conditions:
        if not condition.holds(auction.view, contest.imp):
            seen = condition.seen(auction.view, contest.imp)
            yield _failure(condition.reason, seen or "nothing", condition.wanted)
    yield from _deal(contest, line)
    yield from _creatives(contest, line)


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
        change = f"remove {_shown(hit)} from exclude.{attribute.name}"
        return _failure(attribute.reason, _shown(hit), f"not {_shown(refused)}", change)
    if not wanted or any(value in wanted for value in values):
        return None
    reason = contest.auction.reason_of(attribute.reason, personal=attribute.personal)
    if not values:
        seen = "personal data, which may not be used" if reason is Reason.NO_PERSONAL_DATA else "nothing in the request"
        return _failure(reason, seen, _shown(wanted), f"leave include.{attribute.name} out")
    return _failure(reason, _shown(values), _shown(wanted), f"add {values[0]} to include.{attribute.name}")


def _deal(contest: Contest, line: Line) -> Iterator[Failure]:
    offered = tuple(contest.terms.deals)
    refused = tuple(name for name in offered if name in line.campaign.exclude.deal)
    if refused:
        yield _failure(Reason.DEAL, _shown(refused), f"not {_shown(line.campaign.exclude.deal)}")
    elif line.deals and not line.deals.intersection(offered):
        yield _failure(Reason.DEAL, _shown(offered) or "no deal for our seat", _shown(sorted(line.deals)))
    elif not line.deals and contest.terms.private:
        change = f"name one of {_shown(offered)} in include.deal" if offered else ""
        yield _failure(Reason.PRIVATE_AUCTION, "a private auction", "an open auction or a deal", change)
    elif line.deals and all(
        deal.domains is not None and not line.advertises(deal.domains)
        for name, deal in contest.terms.deals.items()
        if name in line.deals
    ):
        yield _failure(Reason.ADVERTISER_NOT_ON_DEAL, "a deal for other advertisers", "our advertiser in wadomain")


def _creatives(contest: Contest, line: Line) -> Iterator[Failure]:
    """What is wrong with each creative for each slot, if none fits."""
    formats = {slot.format for slot in contest.slots}
    if not formats.intersection(line.creatives):
        yield _failure(Reason.NO_CREATIVE_OF_FORMAT, _shown(sorted(line.creatives)), _shown(sorted(formats)) or "none")
        return
    failures: list[Failure] = []
    deals = tuple(contest.terms.deals) if line.deals else ()
    for slot in contest.slots:
        if slot.secure and slot.format in line.creatives and not contest.auction.secure:
            failures.append(_failure(Reason.CREATIVE_NOT_SECURE, "server.public_url is http", "https, as secure is 1"))
            continue
        for creative in line.creatives.get(slot.format, ()):
            own = [
                _failure(reason, f"{creative.id}: {seen}", wanted)
                for reason, seen, wanted in misfits(creative, slot, contest.auction.name, deals)
            ]
            verdict = contest.auction.blocks.verdict(creative)
            if verdict is not Reason.BID:
                seen = f"{creative.id}: {_advertised(creative, verdict)}"
                own.append(_failure(verdict, seen, "not on the block list"))
            if not own:
                return
            failures.extend(own)
    yield from failures


def _advertised(creative: object, verdict: Reason) -> str:
    name = {Reason.BLOCKED_CATEGORY: "cat", Reason.BLOCKED_ADVERTISER: "adomain"}.get(verdict, "bundle")
    return f"{name} {getattr(creative, name)}"


def _priced(contest: Contest, candidate: Candidate, reason: Reason) -> Failure:
    auction, line = contest.auction, candidate.line
    probability = auction.predictor.probabilities(contest.facts, [candidate])[0]
    multiplier = auction.purse.multiplier_ppb(line.slot)
    price = from_account_down(price_of(line, probability, multiplier), auction.rate)
    if reason is Reason.BELOW_FLOOR:
        return _below_floor(price, candidate.floor_micros, auction.currency)
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


def _shown(values: Sequence[str]) -> str:
    listed = ", ".join(values[:6])
    return f"{listed}, and {len(values) - 6} more" if len(values) > 6 else listed
