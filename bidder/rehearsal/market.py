"""The market that a campaign rehearses in: how many opportunities come in which hour, and what they cost."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise
from math import exp, log, pi, sin

from msgspec.structs import replace

from bidder.config.schema import Campaign
from bidder.domain.money import MICROS
from bidder.pacing.day import (
    Day,
    Rate,
    budget_micros,
    day_of,
    expected_requests,
    flight_of,
    hour_of_week,
    ration_of,
    spent_before_micros,
)
from bidder.pacing.memory import Memory
from bidder.pacing.outcomes import BINS, ratio_at
from bidder.pacing.plan import HOUR_S

AMPLE = 4.0
"""A market that is made up could take so many times the budget."""
_MEDIAN, _SPREAD = 0.35, 0.8
"""Of the clearing price to the value, where it is made up: log-normal."""


@dataclass(frozen=True, slots=True)
class Market:
    """One campaign's auctions."""

    value_micros: float
    """What an impression is worth to it."""
    costs: Sequence[float]
    """By bin of the ratio of price to value, the part of the auctions that clear there; the rest is never won."""
    rate: Rate
    """Opportunities a second, by hour of the week (UTC)."""
    first_price: bool = False

    def expected(self, at_s: float, seconds: float) -> float:
        """The opportunities of a span within an hour."""
        return self.rate(hour_of_week(at_s)) * seconds


def recorded(memory: Memory, rate: Rate) -> Market | None:
    """The market as pacing has learned it; `rate` is that of requests. None where it has learned too little."""
    landscape = memory.state.landscape
    if not memory.requests or not memory.opportunities or not sum(landscape.won):
        return None
    part = memory.opportunities / memory.requests
    return Market(
        landscape.value_micros,
        [density / landscape.value_micros for density in landscape.densities()],
        lambda hour: part * rate(hour),
        landscape.pays_bid,
    )


def seeded(campaign: Campaign, day: Day, budget_micros: int, value_micros: float) -> Market:
    """A market made up: traffic that swings with the day, prices around a third of the value, ample for the budget."""
    cumulated = [_below(ratio_at(place)) for place in range(BINS + 1)]
    costs = [upper - lower for lower, upper in pairwise(cumulated)]
    each = value_micros * sum(part * ratio_at(place + 0.5) for place, part in enumerate(costs))
    flight = flight_of(campaign, day, _swing, None)
    whole = expected_requests(flight, _swing, day.start_s) if flight is not None else 1.0
    scale = AMPLE * budget_micros / max(1.0, each) / whole
    return Market(value_micros, costs, lambda hour: scale * _swing(hour))


def before_micros(campaign: Campaign, day: Day, memory: Memory | None) -> int:
    """What is spent of the flight when the day begins: as pacing knows of its own day, the days since by plan.

    All by plan where it knows nothing, or only of later days.
    """
    if memory is None or not memory.day.end_s or day.start_s < memory.day.start_s:
        return spent_before_micros(campaign, day)
    budget, flight = campaign.budget, campaign.flight
    left = None if budget.total is None else max(Decimal(0), budget.total - Decimal(memory.before_micros) / MICROS)
    begun = flight.start + timedelta(days=day_of(campaign, (memory.day.start_s + memory.day.end_s) / 2).number)
    rest = replace(campaign, flight=replace(flight, start=begun), budget=replace(budget, total=left))
    return memory.before_micros + spent_before_micros(rest, day_of(rest, day.start_s))


def planned_micros(campaign: Campaign, day: Day, memory: Memory | None) -> int:
    """What the day is to spend."""
    flight = flight_of(campaign, day, _swing, None)
    if flight is None:
        return 0
    before = before_micros(campaign, day, memory)
    return budget_micros(campaign, ration_of(campaign, day, flight, day.start_s, before), before)


def _swing(hour: int) -> float:
    """A day of traffic: quiet in the small hours, busy in the evening."""
    return exp(0.8 * sin((hour % 24 - 11) * 2 * pi / 24)) / HOUR_S


def _below(ratio: float) -> float:
    """The distribution function of the made-up ratio; logistic in the logarithm, which is as good as normal here."""
    return 1 / (1 + exp(-1.702 * (log(ratio) - log(_MEDIAN)) / _SPREAD))
