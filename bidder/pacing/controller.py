"""How a campaign paces: at each step, from what is left and what is still expected, a throttle and a multiplier. Pure.

Of all ways to spend a budget, the one that wins the most value bids value / price on everything, with one price of
budget for the whole flight (linear programming duality: the dual variable of the budget). The multiplier is one over
that price, at most one, so that no bid is above what the campaign is worth paying. Each step takes the price that
would spend what is left over the opportunities still expected, in the landscape learned so far; it minimises the dual
that the history estimates, again at each step with what is left (`parameters` names the sources). A campaign with a
plan does the same over a short horizon: the price that would bring it back to its target curve.

Money that is held for unresolved bids counts as far as it is likely to be paid, and a bid is never so high, or made so
often, that holds would use up the budget before outcomes free it. That no budget is exceeded does not rest on this
module: purses refuse what is not granted. With its help they have little to refuse.
"""

from msgspec import Struct
from msgspec.structs import replace

from bidder.pacing.forecast import Traffic, expected, observe, skip
from bidder.pacing.landscape import Landscape, Terms, learn, terms_for
from bidder.pacing.outcomes import PPB, Outcomes
from bidder.pacing.parameters import (
    CATCH_UP_MOST_S,
    CATCH_UP_SHARE,
    FIRST_MULTIPLIER,
    FIRST_THROTTLE,
    FREE_FIRST,
    HELD_LEAD,
)
from bidder.pacing.plan import Plan

_ROUNDS = 4
"""What is held depends on the price, and that on what is held; so often the one is put into the other."""
_FULLY = Terms(1.0, 1.0)


class Flight(Struct, frozen=True):
    """What a campaign is paced by."""

    traffic: Plan
    """How opportunities are expected to come, from the start to the end of the flight."""
    plan: Plan | None = None
    """What is to be spent when. None: whenever it buys most, at the same price from start to end."""
    forecast: float | None = None
    """Opportunities in the whole flight; may well be half or double the truth. None where there is no forecast."""
    least_micros: int = 0
    """To be spent at least, as the traffic is expected, even where the plan would save it for later."""


class Cap(Struct, frozen=True):
    """A limit on top of the budget, such as that of an hour."""

    left_micros: int
    """What may still be spent or held."""
    until_s: float


class Sample(Struct, frozen=True):
    """What is known at a step. Integer micros."""

    at_s: float
    """Seconds since 1970 UTC, later than in the sample before."""
    budget_micros: int
    """What may be spent in the flight; may change from sample to sample."""
    spent_micros: int
    held_micros: int
    """The full prices of unresolved bids."""
    opportunities: int = 0
    """Since the sample before: auctions that the campaign would have bid on, throttle and budget permitting."""
    outcomes: Outcomes = Outcomes()
    """Bids made and bids resolved since the sample before."""
    cap: Cap | None = None

    @property
    def free_micros(self) -> int:
        """What is neither spent nor held."""
        free = self.budget_micros - self.spent_micros - self.held_micros
        return free if self.cap is None else min(free, self.cap.left_micros)


class Anchor(Struct, frozen=True):
    """From where the plan is followed: the start, or a change of the budget. What was before is not made up for."""

    budget_micros: int = -1
    """-1: anchored anew at the next sample."""
    share: float = 0.0
    """Of the plan, or of the traffic where there is none, due before."""
    spent_micros: float = 0.0
    """Spent by then."""


class State(Struct, frozen=True):
    """All that a step needs to know of the steps before; plain data, to be kept over a restart."""

    flight: Flight
    landscape: Landscape
    traffic: Traffic
    anchor: Anchor = Anchor()
    throttle_ppb: int = int(FIRST_THROTTLE * PPB)
    multiplier_ppb: int = int(FIRST_MULTIPLIER * PPB)


def begin(flight: Flight, at_s: float, landscape: Landscape | None = None) -> State:
    """The state before the first sample; `landscape` may be that of an earlier flight."""
    since_s = max(at_s, flight.traffic.start_s)
    return State(flight, landscape or Landscape(), Traffic(since_s, since_s))


def resume(state: State, at_s: float) -> State:
    """After a pause that ends at `at_s`, or a time without samples: it tells nothing of the traffic, and what it left
    unspent is spread over the rest of the flight, not caught up with at once."""
    return replace(state, anchor=Anchor(), traffic=skip(state.traffic, at_s))


def step(state: State, sample: Sample) -> tuple[State, int, int]:
    """The next state, the throttle and the multiplier, both in parts per billion and at most one.

    The throttle is the share of auctions to take part in; the multiplier is the factor on the value. Source: see above.
    """
    seen = _seen(state, sample)
    terms = _terms(seen, sample)
    throttle_ppb, multiplier_ppb = int(terms.throttle * PPB), max(1, int(terms.multiplier * PPB))
    return replace(seen, throttle_ppb=throttle_ppb, multiplier_ppb=multiplier_ppb), throttle_ppb, multiplier_ppb


def _seen(state: State, sample: Sample) -> State:
    """The state with all that the sample tells."""
    landscape = learn(state.landscape, sample.outcomes)
    traffic = observe(state.traffic, state.flight.traffic, sample.at_s, sample.opportunities)
    seen = replace(state, landscape=landscape, traffic=traffic)
    if state.anchor.budget_micros == sample.budget_micros:
        return seen
    curve = state.flight.plan or state.flight.traffic
    anchor = Anchor(sample.budget_micros, curve.share(sample.at_s), _committed(seen, sample))
    return replace(seen, anchor=anchor)


def _committed(state: State, sample: Sample) -> float:
    """What is spent, and what is likely to be of what is held."""
    return sample.spent_micros + state.landscape.paid_share(state.multiplier_ppb / PPB) * sample.held_micros


def _terms(state: State, sample: Sample) -> Terms:
    flight = state.flight
    if not flight.traffic.start_s <= sample.at_s < flight.traffic.end_s or sample.free_micros <= 0:
        return _not_at_all(state)
    until_s = _until_s(flight, sample.at_s)
    ahead = _expected(state, until_s)
    if not state.landscape.value_micros or (until_s > sample.at_s and not ahead):
        return Terms(FIRST_THROTTLE, FIRST_MULTIPLIER)
    due = _due_micros(state, sample, until_s)
    if due <= 0:
        return _not_at_all(state)
    if until_s <= sample.at_s and sample.cap is None:
        return _covered(_FULLY, state, sample)
    each = due / max(1.0, ahead)
    if sample.cap is not None:
        each = min(each, sample.cap.left_micros / max(1.0, _expected(state, sample.cap.until_s)))
    return _covered(terms_for(state.landscape, each), state, sample)


def _not_at_all(state: State) -> Terms:
    return Terms(0.0, state.multiplier_ppb / PPB)


def _until_s(flight: Flight, at_s: float) -> float:
    """The end of the horizon over which the target is to be reached; now, where all is due already."""
    if flight.plan is None:
        return flight.traffic.end_s
    share = flight.plan.share(at_s)
    if share >= 1:
        return at_s
    return min(flight.plan.when(min(1.0, share + CATCH_UP_SHARE)), at_s + CATCH_UP_MOST_S)


def _due_micros(state: State, sample: Sample, until_s: float) -> float:
    """What is to be spent until then."""
    spent = _committed(state, sample)
    whole = sample.budget_micros + HELD_LEAD * _usually_held(state, sample.budget_micros - spent)
    least = _since_anchor(state, state.flight.traffic, state.flight.least_micros, until_s)
    return max(least, _planned_micros(state, whole, until_s)) - spent


def _planned_micros(state: State, whole: float, until_s: float) -> float:
    """What is to be spent by then, from the anchor on."""
    if state.flight.plan is None:
        return whole
    return _since_anchor(state, state.flight.plan, whole, until_s)


def _since_anchor(state: State, curve: Plan, whole: float, until_s: float) -> float:
    """What was spent at the anchor, and of the rest the part that the curve has by then."""
    anchor = state.anchor
    if anchor.share >= 1:
        return whole
    share = (curve.share(until_s) - anchor.share) / (1 - anchor.share)
    return anchor.spent_micros + (whole - anchor.spent_micros) * share


def target_micros(state: State, sample: Sample) -> int:
    """What the plan wants spent by the moment of the sample; without a plan, as the traffic was expected to come."""
    curve = state.flight.plan or state.flight.traffic
    return int(_since_anchor(state, curve, sample.budget_micros, sample.at_s))


def _usually_held(state: State, left_micros: float) -> float:
    """What unresolved bids hold where all that is left, and the lead, is spent at one price to the end."""
    landscape, end_s = state.landscape, state.flight.traffic.end_s
    waiting = _expected(state, min(end_s, state.traffic.at_s + landscape.wait_s))
    opportunities = max(1.0, _expected(state, end_s))
    held = 0.0
    for _ in range(_ROUNDS if waiting else 0):
        terms = terms_for(landscape, (left_micros + HELD_LEAD * held) / opportunities)
        held = waiting * terms.throttle * terms.multiplier * landscape.value_micros
    return held


def _expected(state: State, until_s: float) -> float:
    return expected(state.traffic, state.flight.traffic, until_s, state.flight.forecast)


def _covered(terms: Terms, state: State, sample: Sample) -> Terms:
    """The terms, lowered so far that holds leave room for all bids until outcomes free the money again."""
    wait_s = state.landscape.wait_s
    window_s = min(wait_s, state.flight.traffic.end_s - sample.at_s)
    bids = max(1.0, _expected(state, sample.at_s + window_s) * terms.throttle)
    free, freed = sample.free_micros, 0.0
    if wait_s:
        lost = 1 - state.landscape.paid_share(state.multiplier_ppb / PPB)
        freed = lost * sample.held_micros * window_s / wait_s
    most = min(free, (FREE_FIRST * free + freed) / bids) / state.landscape.value_micros
    if most >= terms.multiplier:
        return terms
    if terms.throttle < 1:  # a cliff: a lower bid would win nothing
        return Terms(terms.throttle * most / terms.multiplier, terms.multiplier)
    return Terms(terms.throttle, most)
