"""Admission: whose turn it is, what is refused under too much traffic, and what is kept by that."""

from collections import deque
from typing import NamedTuple

import pytest

from bidder.web.listener.admission import Admission, Lane, Times, Verdict

LATEST_S = 0.1
TIMES = Times(LATEST_S, LATEST_S)
COST_S = 0.001


class Request:
    """A request of an exchange, and when it came."""

    def __init__(self, exchange: str, whole_s: float) -> None:
        self.exchange = exchange
        self.whole_s = whole_s


class Played(NamedTuple):
    """How a market ended, by exchange."""

    decided: dict[str, int]
    turned_away: dict[str, int]
    longest_s: dict[str, float]
    """From arrival to the end of the decision, the longest."""
    longest_refusal_s: dict[str, float]


def play(
    rates: dict[str, float],
    *,
    seconds: float = 3.0,
    costs: dict[str, float] | None = None,
    bids: dict[str, int] | None = None,
    refusal_s: float = COST_S / 100,
) -> Played:
    """Arrivals at constant rates (per second), decided one after another; the clock moves by what things cost."""
    admission: Admission[Request] = Admission()
    admission.configure(dict.fromkeys(rates, TIMES))
    costs = costs or dict.fromkeys(rates, COST_S)
    coming = deque(sorted(((n / rate, name) for name, rate in rates.items() for n in range(int(rate * seconds)))))
    played = Played(
        dict.fromkeys(rates, 0), dict.fromkeys(rates, 0), dict.fromkeys(rates, 0.0), dict.fromkeys(rates, 0.0)
    )
    now_s, learn_s = 0.0, 0.0
    while now_s < seconds:
        while coming and coming[0][0] <= now_s:
            at_s, name = coming.popleft()
            admission.add(name, Request(name, at_s))
        if now_s >= learn_s:
            learn_s += 0.1
            admission.learn({name: count * (bids or {}).get(name, 0) for name, count in played.decided.items()})
        taken = admission.take(now_s)
        if taken is None:
            now_s = coming[0][0] if coming else seconds
            continue
        name = taken.item.exchange
        decides = taken.verdict is Verdict.DECIDE
        took_s = costs[name] if decides else refusal_s
        now_s += took_s
        admission.spent(taken, took_s)
        if decides:
            played.decided[name] += 1
            played.longest_s[name] = max(played.longest_s[name], now_s - taken.item.whole_s)
        else:
            played.turned_away[name] += 1
            played.longest_refusal_s[name] = max(played.longest_refusal_s[name], now_s - taken.item.whole_s)
    return played


def test_what_can_be_done_is_done() -> None:
    assert play({"adx": 900.0}).turned_away == {"adx": 0}


@pytest.mark.parametrize("times", [1.5, 3.0, 10.0])
def test_beyond_capacity_as_much_is_decided_as_ever_and_all_of_it_in_time(times: float) -> None:
    played = play({"adx": 1000.0 * times})
    assert played.decided["adx"] > 0.9 * 3000 * (1 if times < 10 else 0.99)
    assert played.longest_s["adx"] < LATEST_S
    assert played.longest_refusal_s["adx"] < LATEST_S


def test_where_refusing_costs_nearly_as_much_as_deciding_decisions_go_first() -> None:
    played = play({"adx": 3000.0}, refusal_s=COST_S / 2)
    assert played.decided["adx"] > 0.82 * 3000
    assert played.longest_s["adx"] < LATEST_S


def test_a_refusal_comes_at_once() -> None:
    admission = standing()
    late_comer = Request("adx", 9.0)
    admission.add("adx", late_comer)
    taken = admission.take(9.0)
    assert taken is not None
    assert (taken.item, taken.verdict) == (late_comer, Verdict.SHED)


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


def test_what_cannot_be_answered_in_time_is_told_from_what_is_shed() -> None:
    lane: Lane[Request] = Lane(TIMES)
    lane.cost_s = COST_S
    assert lane.verdict(0.0995, 10.0) is Verdict.LATE
    assert lane.verdict(0.07, 10.0) is Verdict.SHED
    lane.filled_s = 10.0
    assert lane.verdict(0.04, 10.0) is Verdict.DECIDE


def test_after_the_storm_bursts_are_let_in_again() -> None:
    admission = standing()
    while admission.take(5.0) is not None:
        pass
    for _ in range(40):
        admission.add("adx", Request("adx", 9.0))
    verdicts = {taken.verdict for _ in range(40) if (taken := admission.take(9.0))}
    assert verdicts == {Verdict.DECIDE}


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
    admission.learn({})
    for _ in range(40):
        admission.add("adx", Request("adx", 1.0))
    return admission
