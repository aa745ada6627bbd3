"""The gates of a line as a whole: its state, its targeting, its deals, and what the publisher allows."""

from collections.abc import Iterator, Sequence

from bidder.auction.attributes import Attribute, ImpAttribute
from bidder.auction.contest import Contest
from bidder.auction.creative import Prepared
from bidder.auction.explain.creatives import advertised
from bidder.auction.explain.failure import Failure, failed
from bidder.auction.explain.wording import added, left_out, removed, shown
from bidder.auction.keys import Values
from bidder.auction.line import Line
from bidder.auction.publisher import Blocks
from bidder.domain.reason import Reason

_WITHHELD = "personal data, which may not be used"


def targeting(contest: Contest, line: Line, now: float) -> Iterator[Failure]:
    """The state of the line, its attributes, deals and conditions."""
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
            yield failed(reason, seen or "nothing", condition.wanted)


def _state(line: Line, reason: Reason) -> Failure:
    flight = line.campaign.flight
    wanted = {
        Reason.PAUSED: ("enabled = false", "enabled = true"),
        Reason.FLIGHT_NOT_STARTED: ("a time before the flight", f"{flight.start} or later ({flight.timezone})"),
        Reason.FLIGHT_ENDED: ("a time after the flight", f"{flight.end} or earlier ({flight.timezone})"),
        Reason.DAYPART: ("an hour outside the day parts", "an hour listed in dayparting.hours"),
    }[reason]
    return failed(reason, *wanted)


def _attribute(contest: Contest, attribute: Attribute | ImpAttribute, values: Values, line: Line) -> Failure | None:
    """The one-line reading of what `index.Table` answers for a whole block."""
    wanted = tuple(attribute.include(line.campaign))
    refused = tuple(attribute.exclude(line.campaign))
    hit = tuple(value for value in values if value in refused)
    if hit:
        return failed(attribute.reason, shown(hit), f"not {shown(refused)}", removed(attribute.name, hit))
    if not wanted or any(value in wanted for value in values):
        return None
    reason = contest.auction.reason_of(attribute.reason, personal=attribute.personal)
    if not values:
        seen = _WITHHELD if reason is Reason.NO_PERSONAL_DATA else "nothing in the request"
        return failed(reason, seen, shown(wanted), left_out(attribute.name))
    return failed(reason, shown(values), shown(wanted), added(attribute.name, values[0]))


def _named_deals(contest: Contest, line: Line) -> Iterator[Failure]:
    offered = tuple(contest.terms.offered)
    refused = tuple(name for name in offered if name in line.campaign.exclude.deal)
    if refused:
        yield failed(Reason.DEAL, shown(refused), f"not {shown(line.campaign.exclude.deal)}")
    elif line.deals and not line.deals.intersection(offered):
        yield failed(Reason.DEAL, shown(offered) or "no deal for our seat", shown(sorted(line.deals)))


def publishing(contest: Contest, line: Line) -> Iterator[Failure]:
    """What the publisher allows, where it holds for the line as a whole: the gates after targeting, in their order."""
    if contest.terms.private and not line.deals:
        offered = tuple(contest.terms.offered)
        change = f"name one of {shown(offered)} in include.deal" if offered else ""
        yield failed(Reason.PRIVATE_AUCTION, "a private auction", "an open auction or a deal", change)
    creatives = [each for ads in line.creatives.values() for each in ads]
    for gate in _refused_as_a_whole(contest.auction.blocks, creatives):
        yield failed(gate, f"{creatives[0].id}: {advertised(creatives[0], gate)}", "not on the block list")
    formats = [slot.format for slot in contest.placement.slots]
    if not line.creatives.keys() & set(formats):
        yield failed(Reason.NO_CREATIVE_OF_FORMAT, shown(sorted(line.creatives)), shown(formats) or "none")
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
        yield failed(Reason.CREATIVE_SIZE, shown(own), shown([f"{w}x{h}" for w, h in banner.sizes]))
