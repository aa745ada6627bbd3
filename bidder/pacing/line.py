"""A campaign as it is paced live: day after day, through edits, pauses and restarts. Pure.

Each local day is a flight of its own for the controller; the landscape, the share of the traffic and the kind of the
auctions are carried from one to the next. What a restart must know is `memory.Memory`.
"""

from collections.abc import Collection, Mapping

from msgspec import Struct
from msgspec.structs import replace

from bidder.config.schema import Campaign
from bidder.domain.money import micros_from_amount, micros_from_cpm
from bidder.pacing.controller import Flight, Sample, begin, resume, step, target_micros
from bidder.pacing.day import Rate, budget_micros, cap_micros, day_of, flight_of, is_active, ration_of
from bidder.pacing.forecast import expected
from bidder.pacing.landscape import Landscape, Sums
from bidder.pacing.memory import (
    Memory,
    Money,
    Seen,
    Terms,
    cap_of,
    counted,
    expected_opportunities,
    opportunities,
    priced,
)
from bidder.pacing.outcomes import PPB

FIRST_SPAN_S = 0.1
"""The first traffic that a campaign meets is taken to have come within so long: that is how soon it is stepped then."""
PAUSE_S = 60.0
"""Longer without a step is a pause: what was missed meanwhile is not caught up with at once."""


class View(Struct, frozen=True):
    """How a campaign stands, for people. Micros are of the day."""

    campaign: str
    """Its id; `group:ID` of a group."""
    active: bool
    """Whether it may run at this hour."""
    throttle: float
    """The share of requests that it takes part in."""
    multiplier: float
    """The factor on its value."""
    budget_micros: int
    """What the day is to spend."""
    planned_micros: int
    """What the plan wants spent by now."""
    spent_micros: int
    """As of the last step of pacing."""
    deviation: float
    """How far spend is ahead of the plan, as a part of the day's budget; negative: behind."""
    expected_opportunities: float
    """Requests in the rest of the day that it could bid on, as far as is known."""


class PacedLine:
    """One campaign that is paced."""

    def __init__(self, campaign: Campaign, worth_micros: float, memory: Memory | None = None) -> None:
        """`worth_micros`: what an impression is about worth to it, before any bid tells."""
        self.campaign = campaign
        self.memory = memory
        self.terms = Terms()
        self._worth = worth_micros
        self._came: int | None = None
        self._edited = False
        self._view: View | None = None
        if memory is not None:
            self.terms = Terms(memory.state.throttle_ppb, memory.state.multiplier_ppb)

    @property
    def view(self) -> View | None:
        """How it stood at the last step; None before."""
        return self._view

    @property
    def is_unknown(self) -> bool:
        """Whether it has not met any traffic yet: then its first bids are the time for a step."""
        return self.memory is None or not self.memory.state.traffic.weight

    @property
    def value_micros(self) -> float:
        """The mean value of an auction to it, as far as is known."""
        return self.memory.state.landscape.value_micros if self.memory is not None else self._worth

    @property
    def share(self) -> float:
        """Of the opportunities, those that it may take part in at most; its throttle is a part of these."""
        return float(self.campaign.pacing.throttle)

    def is_due(self, at_s: float) -> bool:
        """Whether the last step was before this moment."""
        return self._stepped_s < at_s

    @property
    def _stepped_s(self) -> float:
        return self.memory.state.traffic.at_s if self.memory is not None else 0.0

    def came_since(self, requests: int) -> int:
        """How many requests came since the last call, where so many came in all."""
        before, self._came = self._came, requests
        return 0 if before is None else max(0, requests - before)

    def edit(self, campaign: Campaign) -> bool:
        """The campaign stands like this by now. Whether that changes how it is paced; then a step is to follow."""
        changed = _paced_by(campaign) != _paced_by(self.campaign)
        self._edited = self._edited or changed
        self.campaign = campaign
        return changed

    def reconsider(self) -> None:
        """What it may spend changed, though it was not edited."""
        self._edited = True

    def step(self, at_s: float, money: Money, seen: Seen, rate: Rate) -> Terms:
        """How to bid from now on. `rate` is of the exchanges that the campaign runs on."""
        if not is_active(self.campaign, at_s):
            return self._rest(money)
        memory = self._of_today(at_s, money, rate)
        if memory is None:
            return self._rest(money)
        memory = counted(memory, seen, at_s)
        sample = self._sample(memory, at_s, money, seen)
        state, throttle_ppb, multiplier_ppb = step(priced(memory), sample)
        self.memory = replace(memory, state=state)
        self.terms = Terms(throttle_ppb, multiplier_ppb)
        self._view = self._viewed(self.memory, sample)
        return self.terms

    def _rest(self, money: Money) -> Terms:
        if self._view is not None:
            self._view = replace(self._view, active=False, spent_micros=money.today)
        return self.terms

    def _of_today(self, at_s: float, money: Money, rate: Rate) -> Memory | None:
        """What is known, for the day of this moment and the campaign as it is by now; None outside its flight."""
        known, edited = self.memory, self._edited
        self._edited = False
        if known is None or at_s not in known.day or (edited and day_of(self.campaign, at_s) != known.day):
            return self._begun(at_s, money, rate)
        if not edited and at_s - known.state.traffic.at_s <= PAUSE_S:
            return known
        flight: Flight | None = known.state.flight
        if edited:
            flight = flight_of(self.campaign, known.day, rate, known.state.flight.forecast)
        if flight is None:
            return None
        ration = ration_of(self.campaign, known.day, flight, at_s, money.spent)
        return replace(known, state=resume(replace(known.state, flight=flight), at_s), ration=ration)

    def _begun(self, at_s: float, money: Money, rate: Rate) -> Memory | None:
        """A day's memory, with what is known from the day before."""
        day, known = day_of(self.campaign, at_s), self.memory
        flight = flight_of(self.campaign, day, rate, None) if day.end_s else None
        if flight is None:
            return None
        follows = known is not None and known.day.end_s == day.start_s and at_s - self._stepped_s <= PAUSE_S
        before = money.spent if follows else money.spent - money.today
        ration = ration_of(self.campaign, day, flight, at_s, money.spent)
        if known is None:
            landscape = Landscape(sums=Sums(made=1.0, value=max(1.0, self._worth)))
            return Memory(begin(flight, at_s - FIRST_SPAN_S, landscape), day, ration, before)
        flight = replace(flight, forecast=expected_opportunities(replace(known, state=begin(flight, at_s)), rate, at_s))
        state = replace(begin(flight, at_s, known.state.landscape), multiplier_ppb=known.state.multiplier_ppb)
        return replace(known, state=state, day=day, ration=ration, before_micros=before)

    def _sample(self, memory: Memory, at_s: float, money: Money, seen: Seen) -> Sample:
        cap = cap_micros(self.campaign)
        return Sample(
            at_s=at_s,
            budget_micros=budget_micros(self.campaign, memory.ration, memory.before_micros),
            spent_micros=max(0, money.spent - memory.before_micros),
            held_micros=money.held,
            opportunities=opportunities(memory, seen),
            outcomes=seen.outcomes,
            cap=None if cap is None else cap_of(cap, money, memory.day),
        )

    def _viewed(self, memory: Memory, sample: Sample) -> View:
        flight = memory.state.flight
        planned = target_micros(memory.state, sample)
        return View(
            campaign=self.campaign.id,
            active=True,
            throttle=self.terms.throttle_ppb / PPB,
            multiplier=self.terms.multiplier_ppb / PPB,
            budget_micros=sample.budget_micros,
            planned_micros=planned,
            spent_micros=sample.spent_micros,
            deviation=(sample.spent_micros - planned) / max(1, sample.budget_micros),
            expected_opportunities=expected(
                memory.state.traffic, flight.traffic, flight.traffic.end_s, flight.forecast
            ),
        )


def exchanges_of(campaign: Campaign, known: Collection[str]) -> frozenset[str]:
    """The exchanges that it runs on."""
    wanted = set(campaign.include.exchange) or set(known)
    return frozenset(wanted - set(campaign.exclude.exchange))


def worth_micros(campaign: Campaign, probabilities: Mapping[str, float]) -> float:
    """What an impression is about worth to it, before any bid tells; `probabilities` by the event a goal pays for."""
    goal = campaign.goal
    if goal.type == "cpm":
        return micros_from_cpm(goal.amount) * float(1 - campaign.margin)
    event = "click" if goal.type == "cpc" else "conversion"
    return micros_from_amount(goal.amount) * probabilities[event] * float(1 - campaign.margin)


def _paced_by(campaign: Campaign) -> tuple[object, ...]:
    return campaign.enabled, campaign.flight, campaign.budget, campaign.pacing, campaign.dayparting
