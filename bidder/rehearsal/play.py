"""A day of one campaign on a manual clock: the live controller, bids held until their notices, a market's auctions.

So that a day takes a second, an auction stands for many where there are very many, and the budget is divided by them.
"""

from collections import Counter, deque
from decimal import Decimal

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from bidder.config.schema import Budget, Campaign
from bidder.domain.money import micros_from_cpm
from bidder.pacing.day import Day, is_active
from bidder.pacing.line import PacedLine
from bidder.pacing.memory import FULL, Memory, Money, Seen, Terms
from bidder.pacing.outcomes import PPB, Bid, Tally, ratio_at
from bidder.pacing.plan import HOUR_S
from bidder.rehearsal.market import Market, before_micros

STEP_S = 60
FIRST_STEP_S = 2
"""In the first minute, as long as the live pacer takes by default."""
MOST_AUCTIONS = 50_000
"""Of a day that is rehearsed."""
NOTICE_S = 60


class Rehearsal(Struct, frozen=True):
    """What the day was like. Lists by step; micros."""

    at_s: list[int]
    """When each step ended."""
    spent_micros: list[int]
    planned_micros: list[int]
    throttle: list[float]
    multiplier: list[float]
    budget_micros: int
    opportunities: float
    wins: float
    most_committed_micros: int
    """The most that was spent and held at any moment."""

    @property
    def max_deviation(self) -> float:
        """The largest distance from the plan, of the budget."""
        distances = [abs(one - other) for one, other in zip(self.spent_micros, self.planned_micros, strict=True)]
        return max(distances, default=0) / max(1, self.budget_micros)


def rehearse(campaign: Campaign, day: Day, market: Market, memory: Memory | None = None) -> Rehearsal:
    """Play a whole day of the flight; `memory` is what pacing has learned, and what it knows of the days before."""
    spans = range(day.start_s, day.end_s, STEP_S)
    expected = sum(market.expected(at_s, STEP_S) for at_s in spans if is_active(campaign, at_s))
    scale = max(1.0, expected / MOST_AUCTIONS)
    if memory is not None:  # the rates are those of opportunities
        memory = replace(memory, before_micros=int(memory.before_micros / scale), requests=1.0, opportunities=1.0)
    playing = _Playing(_scaled(campaign, scale), day, market, scale, memory)
    for at_s in spans:
        for part_s in range(0, STEP_S, FIRST_STEP_S if at_s == day.start_s else STEP_S):
            playing.step(at_s + part_s, FIRST_STEP_S if at_s == day.start_s else STEP_S)
        playing.note(at_s + STEP_S)
    return playing.rehearsal


class _Playing:
    def __init__(self, campaign: Campaign, day: Day, market: Market, scale: float, memory: Memory | None) -> None:
        self._campaign = campaign
        self._market = market
        self._scale = scale
        self._chance = np.random.default_rng(0)
        self._cumulated = np.cumsum(market.costs)
        self._line = PacedLine(campaign, market.value_micros, memory and replace(memory, day=Day()))
        self._terms = Terms()
        self._tally = Tally()
        self._open: deque[tuple[int, Bid, int | None]] = deque()
        self._spent = self._held = self._came = self._wins = self._most = self._opportunities = self._first = 0
        self._day = day
        self._hours: Counter[int] = Counter()
        """Spent, by the beginning of each hour."""
        self._before = before_micros(campaign, day, memory)
        self._steps: list[tuple[int, int, int, float, float, int]] = []

    def step(self, at_s: int, seconds: int) -> None:
        """Tell the controller what came, then bid for the span that begins."""
        self._settle(at_s)
        seen = Seen(self._came, self._came, self._tally.take(), self._first)
        hour_s = self._hour_of(at_s)
        money = Money(self._before + self._spent, self._spent, self._held, self._hours[hour_s], hour_s)
        terms = self._line.step(at_s, money, seen, self._rate)
        if self._campaign.pacing.mode == "asap":
            terms = FULL
        self._came = self._first = 0
        if is_active(self._campaign, at_s):
            self._bid(at_s, seconds, terms)
        self._terms = terms

    def note(self, at_s: int) -> None:
        """Write down how the day stands."""
        view, terms = self._line.view, self._terms
        planned, budget = (view.planned_micros, view.budget_micros) if view is not None else (0, 0)
        told = (terms.throttle_ppb / PPB, terms.multiplier_ppb / PPB)
        self._steps.append((at_s, self._spent, planned, *told, budget))

    @property
    def rehearsal(self) -> Rehearsal:
        at_s, spent, planned, throttle, multiplier, budget = (list(each) for each in zip(*self._steps, strict=True))
        return Rehearsal(
            at_s,
            [round(micros * self._scale) for micros in spent],
            [round(micros * self._scale) for micros in planned],
            throttle,
            multiplier,
            round(max(budget) * self._scale),
            self._opportunities * self._scale,
            self._wins * self._scale,
            round(self._most * self._scale),
        )

    def _hour_of(self, at_s: int) -> int:
        """When the hour of the day began."""
        return at_s - (at_s - self._day.start_s) % HOUR_S

    def _rate(self, hour: int) -> float:
        return self._market.rate(hour) / self._scale

    def _bid(self, at_s: int, seconds: int, terms: Terms) -> None:
        came = int(self._chance.poisson(self._market.expected(at_s, seconds) / self._scale))
        taken = int(self._chance.binomial(came, terms.throttle_ppb / PPB))
        self._came += came
        self._opportunities += came
        value = round(self._market.value_micros)
        price = min(value * terms.multiplier_ppb // PPB, micros_from_cpm(self._campaign.max_cpm))
        bid = Bid(max(1, min(terms.multiplier_ppb, price * PPB // value)), value, price)
        places = np.searchsorted(self._cumulated, self._chance.random(taken), side="right")
        for place, part in zip(places.tolist(), self._chance.random(taken).tolist(), strict=True):
            if price > 0 and price <= self._free:
                self._made(at_s, bid, place + part)

    def _made(self, at_s: int, bid: Bid, place: float) -> None:
        clearing = round(ratio_at(place) * bid.value_micros) if place < len(self._market.costs) else None
        won = clearing is not None and clearing <= bid.price_micros
        paid = None if not won else bid.price_micros if self._market.first_price else clearing
        self._tally.made(bid)
        self._held += bid.price_micros
        self._first += self._market.first_price
        self._most = max(self._most, self._spent + self._held)
        self._open.append((at_s + NOTICE_S, bid, paid))

    @property
    def _free(self) -> int:
        view = self._line.view
        return view.budget_micros - self._spent - self._held if view is not None else 0

    def _settle(self, at_s: int) -> None:
        while self._open and self._open[0][0] <= at_s:
            _, bid, paid = self._open.popleft()
            self._held -= bid.price_micros
            if paid is None:
                self._tally.lost(bid, NOTICE_S)
            else:
                self._tally.won(bid, paid, NOTICE_S)
                self._spent += paid
                self._hours[self._hour_of(at_s)] += paid
                self._wins += 1


def _scaled(campaign: Campaign, scale: float) -> Campaign:
    """The campaign with a budget for one auction in so many."""
    part = Decimal(1 / scale)
    amounts = {name: getattr(campaign.budget, name) for name in Budget.__struct_fields__}
    scaled = {name: amount if amount is None else amount * part for name, amount in amounts.items()}
    return replace(campaign, budget=Budget(**scaled))
