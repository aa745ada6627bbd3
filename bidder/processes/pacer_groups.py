"""Groups of campaigns that are paced by one budget, on top of each campaign's own pacing."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from msgspec.structs import replace

from bidder.config.schema import Advertiser, Campaign, Config, Flight, Group
from bidder.pacing.day import Rate
from bidder.pacing.line import PacedLine, worth_micros
from bidder.pacing.memory import FULL, Memory, Money, Seen, Terms
from bidder.pacing.outcomes import together


class PacedGroup:
    """One group: the controller of a campaign, told what all members saw, did and spent together.

    As the ledger has it, what a campaign spent before it was removed is spent of the group's budget, and a campaign
    that moves takes along what it spent.
    """

    def __init__(self, group: Group, members: Iterable[Campaign], worth_micros: float, memory: Memory | None) -> None:
        """`worth_micros`: what an impression is about worth to its members, before any bid tells."""
        listed = tuple(members)
        self.members = frozenset(each.id for each in listed)
        self.sharing: frozenset[str] = self.members
        """The campaigns whose money is the group's: members, and those that are gone."""
        self.line = PacedLine(_as_campaign(group, listed), worth_micros, memory)
        self._seen = Seen()
        self._heard = False

    def edit(self, group: Group, members: Iterable[Campaign]) -> bool:
        """The group stands like this by now. Whether that changes how it is paced."""
        listed = tuple(members)
        self.members = frozenset(each.id for each in listed)
        return self.line.edit(_as_campaign(group, listed))

    @property
    def shared(self) -> frozenset[str]:
        """The campaigns whose money it is or was."""
        memory = self.line.memory
        return self.sharing if memory is None else self.sharing.union(memory.sharing)

    def step(self, at_s: float, money: Mapping[str, Money], seen: Seen, rate: Rate) -> None:
        """As `PacedLine.step`; `money` is of the campaigns in `shared`."""
        self._follow(money)
        self.line.step(at_s, _together(money[name] for name in self.sharing & money.keys()), seen, rate)
        if self.line.memory is not None:
            self.line.memory = replace(self.line.memory, sharing=tuple(sorted(self.sharing)))

    def _follow(self, money: Mapping[str, Money]) -> None:
        """Campaigns that joined bring what they had spent before today, and those that left take it along."""
        memory = self.line.memory
        before = frozenset(memory.sharing if memory is not None else ())
        if memory is None or not before or before == self.sharing:
            return
        brought, taken = (
            sum(each.spent - each.today for name, each in money.items() if name in moved)
            for moved in (self.sharing - before, before - self.sharing)
        )
        self.line.memory = replace(memory, before_micros=memory.before_micros + brought - taken)
        self.line.reconsider()

    def hear(self, seen: Seen) -> None:
        """What one of its campaigns is told at a step."""
        before, self._heard = self._seen, True
        self._seen = Seen(
            0,
            before.opportunities + seen.opportunities,
            together(before.outcomes, seen.outcomes),
            before.first_price + seen.first_price,
        )

    def take(self, requests: Callable[[], int]) -> Seen | None:
        """What its campaigns were told since the last call, and the requests since; None where that was nothing."""
        if not self._heard:
            return None
        seen, self._seen, self._heard = self._seen, Seen(), False
        return Seen(requests(), seen.opportunities, seen.outcomes, seen.first_price)


def groups_of(config: Config) -> Iterator[tuple[str, Group, tuple[Campaign, ...]]]:
    """The groups that are paced, by the names that reports have for them."""
    return (
        (f"group:{group.id}", group, members)
        for advertiser in config.advertisers
        for group, members in _paced(advertiser)
    )


def worth_of(members: Iterable[Campaign], probabilities: Mapping[str, float]) -> float:
    """What an impression is about worth to the members, on average."""
    worths = [worth_micros(each, probabilities) for each in members]
    return sum(worths) / len(worths)


def tighter(one: Terms, other: Terms) -> Terms:
    """The terms that spend less: of two prices of budget, the higher."""
    return Terms(min(one.throttle_ppb, other.throttle_ppb), min(one.multiplier_ppb, other.multiplier_ppb))


def own_terms(campaign: Campaign, line: PacedLine) -> Terms:
    """How a campaign bids by its own pacing; its group may have it bid less."""
    return FULL if campaign.pacing.mode == "asap" else line.terms


def _paced(advertiser: Advertiser) -> Iterator[tuple[Group, tuple[Campaign, ...]]]:
    for group in advertiser.groups:
        members = advertiser.members(group)
        if members and group.pacing.mode != "asap":
            yield group, members


def _together(money: Iterable[Money]) -> Money:
    mine = list(money)
    return Money(
        sum(each.spent for each in mine),
        sum(each.today for each in mine),
        sum(each.held for each in mine),
        sum(each.this_hour for each in mine),
        max((each.hour_s for each in mine), default=0),
    )


def _as_campaign(group: Group, members: tuple[Campaign, ...]) -> Campaign:
    """A campaign with the budget and pacing of the group, running as long as any member."""
    first = members[0]
    flight = Flight(
        start=min(each.flight.start for each in members),
        end=max(each.flight.end for each in members),
        timezone=group.timezone,
    )
    return Campaign(
        id=f"group:{group.id}",
        flight=flight,
        budget=group.budget,
        pacing=group.pacing,
        goal=first.goal,
        max_cpm=max(each.max_cpm for each in members),
        creatives=first.creatives,
    )
