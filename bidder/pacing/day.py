"""What is paced at a time: a campaign's day by its own clock, what it may spend in it, and how. Pure."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from msgspec import Struct

from bidder.config.schema import Campaign
from bidder.domain.money import Micros, micros_from_amount
from bidder.pacing.controller import Flight
from bidder.pacing.plan import FRONT, HOUR_S, WEEK_HOURS, Hour, Plan, even, front_loaded, hours, shaped, span_s

Rate = Callable[[int], float]
"""Requests a second expected in an hour of the week by UTC; 0 is Monday from 00:00."""

_WEIGHT = 1_000_000
_EPOCH_HOUR_OF_WEEK = 72
"""1 January 1970 was a Thursday."""


class Day(Struct, frozen=True):
    """A day of a campaign's flight, or none: then both ends are 0. Seconds since 1970 UTC."""

    start_s: int = 0
    end_s: int = 0
    number: int = 0
    """Of the flight, from 0."""
    days: int = 1
    """Of the flight, in all."""

    def __contains__(self, at_s: float) -> bool:
        return self.start_s <= at_s < self.end_s


class Ration(Struct, frozen=True):
    """What a day takes of a total without a daily budget: set when the day begins, and anew by an edit or a pause."""

    spent_micros: int
    """In the flight, by then."""
    part: float
    """Of what was left of the total."""


def day_of(campaign: Campaign, at_s: float) -> Day:
    """The day of a moment; days of 23 and 25 hours are as long as they are."""
    zone, flight = ZoneInfo(campaign.flight.timezone), campaign.flight
    today = datetime.fromtimestamp(at_s, zone).date()
    if not flight.start <= today <= flight.end:
        return Day()
    start_s, end_s = span_s(today, today, zone)
    return Day(start_s, end_s, (today - flight.start).days, (flight.end - flight.start).days + 1)


def ration_of(campaign: Campaign, day: Day, flight: Flight, at_s: float, spent_micros: int) -> Ration:
    """The ration of a day from a moment on, when so much of the flight's total is spent.

    What is left of the total is spread over what is left of the flight: over the hours that the campaign runs in, or
    over fewer and fewer of them a day where it is front-loaded. What the day has missed by then is not made up for
    today, so that neither a start at noon nor an edit in the evening makes spend jump. `flight` is of the day.
    """
    weights = [_day_weight(campaign, number, day.days) for number in range(day.number, day.days)]
    today = weights[0] * (1 - (flight.plan or flight.traffic).share(at_s))
    return Ration(spent_micros, today / (today + sum(weights[1:])) if today else 1.0)


def budget_micros(campaign: Campaign, ration: Ration, before_micros: int) -> Micros:
    """What a day is to spend. `before_micros` was spent in the flight before it.

    The daily budget, as far as the total allows; without one, what the day had spent when its ration was set, and that,
    or the least of a day where that is more.
    """
    total, daily, least = campaign.budget.total, campaign.budget.daily, campaign.budget.minimum_daily
    if daily is not None:
        amount = micros_from_amount(daily)
        return amount if total is None else Micros(min(amount, max(0, micros_from_amount(total) - before_micros)))
    if total is None:
        return Micros(0)
    left = max(0, micros_from_amount(total) - ration.spent_micros)
    rationed = ration.spent_micros - before_micros + int(left * ration.part)
    if least is None:
        return Micros(rationed)
    return Micros(max(rationed, min(micros_from_amount(least), micros_from_amount(total) - before_micros)))


def spent_before_micros(campaign: Campaign, day: Day) -> Micros:
    """What the days before should have spent of the flight's budget."""
    total, daily = campaign.budget.total, campaign.budget.daily
    if daily is not None:
        amount = Micros(day.number * micros_from_amount(daily))
        return amount if total is None else min(amount, micros_from_amount(total))
    weights = [_day_weight(campaign, number, day.days) for number in range(day.days)]
    return Micros(int(micros_from_amount(total or Decimal(0)) * sum(weights[: day.number]) / (sum(weights) or 1.0)))


def cap_micros(campaign: Campaign) -> Micros | None:
    """The most in an hour."""
    hourly = campaign.budget.hourly
    return None if hourly is None else micros_from_amount(hourly)


def active_hours(campaign: Campaign) -> frozenset[int] | None:
    """The hours of the week in which it runs by its own clock; None: all, as far as that clock tells."""
    parts = campaign.dayparting
    if parts is None or parts.clock == "user":
        return None
    return parts.of_week


def is_active(campaign: Campaign, at_s: float) -> bool:
    """Whether it may run at a moment of its flight."""
    if not campaign.enabled:
        return False
    active = active_hours(campaign)
    local = datetime.fromtimestamp(at_s, _zone(campaign.flight.timezone))
    return active is None or local.weekday() * 24 + local.hour in active


def flight_of(campaign: Campaign, day: Day, rate: Rate, forecast: float | None) -> Flight | None:
    """A day as the controller paces it; None where the campaign runs in none of its hours."""
    active, listed = active_hours(campaign), list(hours(day.start_s, day.end_s, _zone(campaign.flight.timezone)))
    try:
        evenly = even(listed, active)
        traffic = shaped(listed, _weights(listed, rate), active)
    except ValueError:
        return None
    least = campaign.budget.minimum_daily
    return Flight(traffic, _plan(campaign, listed, evenly), forecast, micros_from_amount(least) if least else 0)


def expected_requests(flight: Flight, rate: Rate, from_s: float) -> float:
    """The requests expected in a day's active hours from a moment on."""
    plan = flight.traffic
    return sum(
        rate(hour_of_week((start + end) // 2)) * (end - max(start, from_s))
        for start, end in pairwise(plan.edges_s)
        if end > from_s and plan.between(start, end) > 0
    )


def hour_of_week(at_s: float) -> int:
    """By UTC; 0 is Monday from 00:00."""
    return (int(at_s) // HOUR_S + _EPOCH_HOUR_OF_WEEK) % WEEK_HOURS


def _plan(campaign: Campaign, listed: list[Hour], evenly: Plan) -> Plan | None:
    match campaign.pacing.mode:
        case "traffic" | "asap":
            return None
        case "front" if campaign.budget.daily is not None:
            return front_loaded(listed, active_hours(campaign))
        case "front" | "even":
            return evenly


def _day_weight(campaign: Campaign, number: int, days: int) -> float:
    """How much of a total a day takes beside the others."""
    active = active_hours(campaign)
    weekday = (campaign.flight.start + timedelta(days=number)).weekday()
    running = 24 if active is None else sum(1 for hour in active if hour // 24 == weekday)
    return running * (_front(number, days) if campaign.pacing.mode == "front" else 1.0)


def _front(number: int, days: int) -> float:
    return FRONT - 2 * (FRONT - 1) * (number + 0.5) / days


def _weights(listed: list[Hour], rate: Rate) -> Callable[[Hour], int]:
    """Hours as traffic is expected; alike while nothing is known."""
    rates = {hour: rate(hour_of_week((hour.start_s + hour.end_s) // 2)) for hour in listed}
    mean = sum(rates.values()) / len(rates)
    return lambda hour: int(_WEIGHT * rates[hour] / mean) if mean else _WEIGHT


@lru_cache(maxsize=1024)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
