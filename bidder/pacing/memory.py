"""What is known of a campaign that is paced, from one step to the next. Pure; plain data, to be kept over a restart."""

from math import exp

from msgspec import Struct
from msgspec.structs import replace

from bidder.pacing.controller import Cap, State
from bidder.pacing.day import Day, Rate, Ration, expected_requests
from bidder.pacing.forecast import DAY_S
from bidder.pacing.outcomes import PPB, Outcomes
from bidder.pacing.parameters import FIRST_MULTIPLIER, FIRST_THROTTLE
from bidder.pacing.plan import HOUR_S


class Terms(Struct, frozen=True):
    """How the auction is to bid for a campaign; parts per billion."""

    throttle_ppb: int = int(FIRST_THROTTLE * PPB)
    multiplier_ppb: int = int(FIRST_MULTIPLIER * PPB)


FULL = Terms(PPB, PPB)


class Money(Struct, frozen=True):
    """What the book says of a campaign; micros."""

    spent: int
    """In the flight."""
    today: int
    held: int
    this_hour: int = 0
    """Spent since the present clock hour began ..."""
    hour_s: int = 0
    """... at this moment."""


class Seen(Struct, frozen=True):
    """What came in since the step before."""

    requests: int = 0
    """Of the exchanges that the campaign runs on."""
    opportunities: int = 0
    outcomes: Outcomes = Outcomes()
    first_price: int = 0
    """How many of the bids made pay what they bid."""


class Memory(Struct, frozen=True):
    """What is known of a campaign, to be kept over a restart."""

    state: State
    day: Day
    ration: Ration
    """Of the day, where there is no daily budget."""
    before_micros: int = 0
    """Spent in the flight before this day."""
    requests: float = 0.0
    opportunities: float = 0.0
    """Out of so many requests; both fade by the day."""
    bids: float = 0.0
    first_price: float = 0.0
    """Of so many bids; both fade by the day."""
    sharing: tuple[str, ...] = ()
    """Of a group: the campaigns whose money `before_micros` was."""


def expected_opportunities(memory: Memory, rate: Rate, at_s: float) -> float | None:
    """The opportunities expected in the rest of the day, from the traffic of the exchanges; None before any came."""
    if not memory.requests:
        return None
    return memory.opportunities / memory.requests * expected_requests(memory.state.flight, rate, at_s) or None


def counted(memory: Memory, seen: Seen, at_s: float) -> Memory:
    """What is known, with what was seen since."""
    keep = exp(-max(0.0, at_s - memory.state.traffic.at_s) / DAY_S)
    return replace(
        memory,
        requests=memory.requests * keep + seen.requests,
        opportunities=memory.opportunities * keep + seen.opportunities,
        bids=memory.bids * keep + seen.outcomes.made,
        first_price=memory.first_price * keep + seen.first_price,
    )


def opportunities(memory: Memory, seen: Seen) -> int:
    """Requests are counted one by one, and which of them are opportunities is known from samples: so their part, as it
    was over the last day, tells more than the samples of one step."""
    if not seen.requests:
        return seen.opportunities
    return round(seen.requests * memory.opportunities / memory.requests)


def cap_of(cap_micros: int, money: Money, day: Day) -> Cap:
    """What the limit of an hour leaves."""
    left = cap_micros - money.this_hour - money.held
    return Cap(max(0, left), min(money.hour_s + HOUR_S, day.end_s))


def priced(memory: Memory) -> State:
    """The state, with the landscape of the kind of auction that most bids are made in."""
    state = memory.state
    pays_bid = 2 * memory.first_price > memory.bids if memory.bids else state.landscape.pays_bid
    return replace(state, landscape=replace(state.landscape, pays_bid=pays_bid))
