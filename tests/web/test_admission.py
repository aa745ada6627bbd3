"""Admission: whose turn it is, what is refused under too much traffic, and what is kept by that."""

from collections import Counter, deque
from typing import NamedTuple

import pytest

from bidder.web.listener.admission import Admission
from bidder.web.listener.lane import Lane, Times, Verdict
from bidder.web.listener.placements import MOST, Placements, placement_of

LATEST_S = 0.1
TIMES = Times(LATEST_S, LATEST_S)
COST_S = 0.001
HANDLING_S = COST_S / 100


class Request:
    """A request of an exchange, and when it came."""

    def __init__(self, exchange: str, whole_s: float, *, placement: bytes = b"", is_alone: bool = True) -> None:
        self.exchange = exchange
        self.whole_s = whole_s
        self.placement = placement
        self.is_alone = is_alone


class Played(NamedTuple):
    """How a market ended, by exchange."""

    decided: dict[str, int]
    turned_away: dict[str, int]
    longest_s: dict[str, float]
    """From arrival to the end of the decision, the longest."""
    longest_refusal_s: dict[str, float]


class Market:
    """Arrivals decided one after another; the clock moves by what things cost."""

    def __init__(self, rates: dict[str, float], costs: dict[str, float], handling_s: float) -> None:
        self.admission: Admission[Request] = Admission()
        self.admission.configure(dict.fromkeys(rates, TIMES))
        self.costs = costs
        self.handling_s = handling_s
        """What each request costs beside its decision."""
        self.now_s = 0.0
        self.played = Played(*(dict.fromkeys(rates, zero) for zero in (0, 0, 0.0, 0.0)))  # type: ignore[arg-type]

    def arrive(self, request: Request) -> None:
        self.now_s += self.handling_s
        if self.admission.add(request.exchange, request) is not None:
            self._refused(request)

    def answer_one(self) -> bool:
        taken = self.admission.take(self.now_s)
        if taken is None:
            return False
        if taken.verdict is Verdict.DECIDE:
            name = taken.item.exchange
            self.now_s += self.costs[name]
            self.admission.spent(taken, self.costs[name])
            self.played.decided[name] += 1
            waited_s = self.now_s - taken.item.whole_s
            self.played.longest_s[name] = max(self.played.longest_s[name], waited_s)
        else:
            self.admission.spent(taken, 0.0)
            self._refused(taken.item)
        return True

    def _refused(self, request: Request) -> None:
        name = request.exchange
        self.played.turned_away[name] += 1
        waited_s = self.now_s - request.whole_s
        self.played.longest_refusal_s[name] = max(self.played.longest_refusal_s[name], waited_s)


def play(
    rates: dict[str, float],
    *,
    seconds: float = 3.0,
    costs: dict[str, float] | None = None,
    bids: dict[str, int] | None = None,
    handling_s: float = HANDLING_S,
    connections: float = float("inf"),
) -> Played:
    """Arrivals at constant rates (per second); with all connections taken, a caller gives a request up."""
    market = Market(rates, costs or dict.fromkeys(rates, COST_S), handling_s)
    played = market.played
    coming = deque(sorted(((n / rate, name) for name, rate in rates.items() for n in range(int(rate * seconds)))))
    learn_s, sent = 0.0, 0
    while market.now_s < seconds:
        while coming and coming[0][0] <= market.now_s:
            at_s, name = coming.popleft()
            if sent - sum(played.decided.values()) - sum(played.turned_away.values()) < connections:
                sent += 1
                market.arrive(Request(name, at_s))
        if market.now_s >= learn_s:
            learn_s += 0.1
            bid = {name: count * (bids or {}).get(name, 0) for name, count in played.decided.items()}
            market.admission.learn(bid, market.now_s)
        if not market.answer_one():
            market.now_s = max(market.now_s, coming[0][0] if coming else seconds)
    return played


def test_what_can_be_done_is_done() -> None:
    assert play({"adx": 900.0}).turned_away == {"adx": 0}


@pytest.mark.parametrize("times", [1.5, 3.0, 8.0])
def test_beyond_capacity_as_much_is_decided_as_ever_and_all_of_it_in_time(times: float) -> None:
    played = play({"adx": 1000.0 * times})
    assert played.decided["adx"] > 0.9 * 3000 * 0.99
    assert played.longest_s["adx"] < LATEST_S
    assert played.longest_refusal_s["adx"] < LATEST_S


@pytest.mark.parametrize("handling_s", [COST_S / 20, COST_S / 10])
def test_where_refusing_costs_much_callers_wait_and_decisions_go_on(handling_s: float) -> None:
    played = play({"adx": 10_000.0}, handling_s=handling_s, connections=100)
    most = 3.0 / (COST_S + handling_s)
    assert played.decided["adx"] > 0.85 * most
    assert played.longest_s["adx"] < LATEST_S


def test_no_refusal_waits_for_ever_however_many_there_are() -> None:
    played = play({"adx": 40_000.0}, connections=5000)
    assert 2.9 * LATEST_S < played.longest_refusal_s["adx"] < 3.2 * LATEST_S
    assert played.decided["adx"] > 0.75 * 3000


def test_a_refusal_comes_at_once() -> None:
    admission = standing()
    lane = admission.add("adx", Request("adx", 9.0))
    assert lane is not None


def test_a_refusal_of_a_request_with_others_behind_it_comes_in_its_turn() -> None:
    admission = standing()
    first = Request("adx", 9.0, is_alone=False)
    assert admission.add("adx", first) is None
    taken = admission.take(9.0)
    assert taken is not None
    assert (taken.item, taken.verdict) == (first, Verdict.SHED)


def test_a_burst_that_can_be_done_in_time_is_done() -> None:
    admission: Admission[Request] = Admission()
    admission.configure({"adx": TIMES})
    for _ in range(45):
        admission.add("adx", Request("adx", 5.0))
    now_s = 5.0
    while (taken := admission.take(now_s)) is not None:
        assert taken.verdict is Verdict.DECIDE
        admission.spent(taken, COST_S)
        now_s += COST_S


def test_one_exchange_that_sends_too_much_takes_nothing_from_another() -> None:
    played = play({"loud": 20_000.0, "quiet": 300.0})
    assert played.turned_away["quiet"] == 0
    assert played.longest_s["quiet"] < LATEST_S / 10
    assert played.turned_away["loud"] > 0


def test_exchanges_that_all_send_too_much_share_alike() -> None:
    decided = play({"one": 2000.0, "two": 6000.0}).decided
    assert decided["one"] == pytest.approx(decided["two"], rel=0.1)


def test_an_exchange_with_costly_requests_gets_no_more_of_the_processor() -> None:
    decided = play({"costly": 3000.0, "cheap": 3000.0}, costs={"costly": 0.003, "cheap": 0.001}).decided
    assert decided["cheap"] > 2.5 * decided["costly"]


def test_what_is_worth_least_is_refused_first_but_not_all_of_it() -> None:
    played = play({"rich": 3000.0, "poor": 3000.0}, bids={"rich": 9000, "poor": 1000})
    assert played.decided["rich"] > 2 * played.decided["poor"]
    assert played.decided["poor"] > 0.2 * sum(played.decided.values())


def test_of_one_exchange_the_placements_that_bring_least_are_refused_first() -> None:
    market = Market({"adx": 2000.0}, {"adx": COST_S}, HANDLING_S)
    decided, refused, bid_micros = Counter[bytes](), Counter[bytes](), 0
    for number in range(6000):
        placement = b"poor" if number % 2 else b"rich"
        request = Request("adx", number / 2000, placement=placement)
        if market.admission.add("adx", request) is not None:
            refused[placement] += 1
        while market.now_s < number / 2000 and (taken := market.admission.take(market.now_s)):
            bid = 1000 if taken.item.placement == b"rich" else 100
            taken.lane.placements.decided(taken.item.placement, bid, market.now_s)
            bid_micros += bid
            decided[taken.item.placement] += 1
            market.now_s += COST_S
            market.admission.spent(taken, COST_S)
        if number % 200 == 0:
            market.admission.learn({"adx": bid_micros}, market.now_s)
    assert decided[b"rich"] > 0.8 * decided.total()
    assert decided[b"poor"] > 0, "what was refused for a while is tried again"
    assert refused[b"poor"] > 3 * refused[b"rich"]


def test_what_is_refused_is_worth_what_its_placement_brings_or_else_its_exchange() -> None:
    lane: Lane[Request] = Lane(TIMES)
    lane.value_micros = 500.0
    for _ in range(100):
        lane.placements.decided(b"top", 2000, 1.0)
    assert lane.worth_micros(Request("adx", 1.0, placement=b"top")) == pytest.approx(2000)
    assert lane.worth_micros(Request("adx", 1.0, placement=b"new")) == 500
    assert lane.worth_micros(Request("adx", 60.0, placement=b"top")) == 500, "what was learned long ago is forgotten"


def test_ever_new_placements_are_forgotten_again() -> None:
    placements = Placements()
    for number in range(3 * MOST):
        placements.decided(b"%d" % number, 1, 1.0)
        assert len(placements) <= MOST


@pytest.mark.parametrize(
    ("body", "placement"),
    [
        (b'{"id":"1","imp":[{"id":"1","tagid":"home-top","bidfloor":1}]}', b"home-top"),
        (b'{"id":"1","imp":[{"tagid":"a"},{"tagid":"b"}]}', b"a"),
        (b'{"id":"1","imp":[{"id":"1"}]}', b""),
        (b'{"imp":[{"tagid":"' + b"x" * 100 + b'"}]}', b""),
        (b'{"imp":[{"tagid":"cut sho', b""),
        (b'{"ext":"' + b" " * 4000 + b'","tagid":"far"}', b""),
        (b"", b""),
    ],
)
def test_a_glance_tells_the_placement_or_nothing(body: bytes, placement: bytes) -> None:
    assert placement_of(body) == placement


def test_what_cannot_be_answered_in_time_is_told_from_what_is_shed() -> None:
    lane: Lane[Request] = Lane(TIMES)
    lane.cost_s = COST_S
    assert lane.verdict(0.0995) is Verdict.LATE
    assert lane.verdict(0.07) is Verdict.SHED
    assert lane.verdict(0.04) is Verdict.DECIDE


def test_after_the_storm_bursts_are_let_in_again() -> None:
    admission = standing()
    while admission.take(5.0) is not None:
        pass
    for _ in range(40):
        admission.add("adx", Request("adx", 9.0))
    verdicts = {taken.verdict for _ in range(40) if (taken := admission.take(9.0))}
    assert verdicts == {Verdict.DECIDE}


@pytest.mark.parametrize("waiting", [1, 40])
def test_a_process_that_stood_still_decides_again_soon(waiting: int) -> None:
    admission = standing()
    stood_still = admission.take(1.0)
    assert stood_still is not None
    admission.spent(stood_still, 60.0)
    while (taken := admission.take(61.0)) is not None:
        admission.spent(taken, 0.0)
    decided_s = None
    for tenth in range(100):
        now_s = 61.0 + tenth / 10
        admission.learn({}, now_s)
        for _ in range(waiting):
            admission.add("adx", Request("adx", now_s))
        taken_now = [taken for _ in range(waiting) if (taken := admission.take(now_s)) is not None]
        for taken in taken_now:
            admission.spent(taken, COST_S if taken.verdict is Verdict.DECIDE else 0.0)
        admission.take(now_s)
        if decided_s is None and [taken.verdict for taken in taken_now] == [Verdict.DECIDE] * waiting:
            decided_s = now_s
    assert decided_s is not None
    assert decided_s <= 63.0


def test_requests_of_an_exchange_that_is_gone_are_still_handed_out() -> None:
    admission: Admission[Request] = Admission()
    admission.configure({"adx": TIMES})
    request = Request("adx", 1.0)
    admission.add("adx", request)
    admission.configure({})
    taken = admission.take(1.0)
    assert taken is not None
    assert taken.item is request
    assert admission.take(1.0) is None


def test_what_is_for_no_exchange_is_never_refused() -> None:
    admission: Admission[Request] = Admission()
    for _ in range(10_000):
        admission.add(None, Request("", 1.0))
    assert {taken.verdict for _ in range(10_000) if (taken := admission.take(1000.0))} == {Verdict.DECIDE}


def standing() -> Admission[Request]:
    """A queue of 40 ms that has not been empty for seconds."""
    admission: Admission[Request] = Admission()
    admission.configure({"adx": TIMES})
    admission.add("adx", Request("adx", 1.0))
    learned = admission.take(1.0)
    assert learned is not None
    admission.spent(learned, COST_S)
    admission.learn({}, 1.0)
    for _ in range(40):
        admission.add("adx", Request("adx", 1.0))
    return admission
