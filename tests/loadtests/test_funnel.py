"""Reading the bidder's counters, and whether they add up to what a client got."""

import msgspec

from loadtests import gates
from loadtests.prometheus import Between, funnel, parse
from loadtests.result import Machine, Run

BEFORE = """\
# HELP bidder_requests_total Answers on the bid port
bidder_requests_total{exchange="demo",status="200"} 10.0
bidder_answers_total{reason="bid"} 10.0
bidder_faults_total 0.0
"""
AFTER = """\
bidder_requests_total{exchange="demo",status="200"} 70.0
bidder_requests_total{exchange="demo",status="204"} 30.0
bidder_requests_total{exchange="demo",status="413"} 2.0
bidder_answers_total{reason="bid"} 70.0
bidder_answers_total{reason="below_floor"} 30.0
bidder_faults_total 0.0
"""
GOT = {200: 60, 204: 30, 413: 2}
LIMITS = gates.Limits()
MACHINE = Machine("abc", 2, "3.11", "Linux", 0.1, "2026-01-01T00:00:00Z")


def between(after: str = AFTER) -> Between:
    return Between(parse(BEFORE), parse(after))


def test_only_what_was_counted_during_the_run_is_told() -> None:
    found = funnel(between(), GOT)
    assert found.requests == 92
    assert found.reasons == {"bid": 60, "below_floor": 30}
    assert found.closes


def test_an_answer_without_a_reason_opens_the_funnel() -> None:
    found = funnel(between(AFTER.replace('"below_floor"} 30', '"below_floor"} 29')), GOT)
    assert found.unexplained == 1
    assert not found.closes


def test_an_answer_that_we_got_and_the_bidder_did_not_count_opens_the_funnel() -> None:
    found = funnel(between(), GOT | {204: 31})
    assert found.uncounted == 1
    assert not found.closes


def test_an_answer_that_came_after_we_gave_up_is_no_fault_of_the_bidder() -> None:
    assert funnel(between(), GOT | {204: 20}).closes


def run(**changes: object) -> Run:
    """A run that passes, with changes."""
    given = Run(
        kind="openloop",
        url="http://127.0.0.1/",
        profile="mixed",
        arrivals="constant",
        seconds=1,
        asked_rate=100,
        achieved_rate=100,
        planned=100,
        sent=100,
        machine=MACHINE,
        outcomes={"bid": 100},
        funnel=funnel(between(), GOT),
    )
    return msgspec.structs.replace(given, **changes)


def failed(run: Run, limits: gates.Limits = LIMITS) -> list[str]:
    """Names of the gates that a run fails."""
    return [gate.name for gate in gates.judge(run, limits) if not gate.passed]


def test_a_good_run_passes_every_gate() -> None:
    assert failed(run()) == []


def test_each_gate_fails_for_its_own_reason() -> None:
    open_ended = funnel(between(AFTER.replace("bidder_faults_total 0.0", "bidder_faults_total 1.0")), GOT)
    assert failed(run(outcomes={"bid": 99, "timed_out": 1})) == ["error_share"]
    assert failed(run(achieved_rate=98.9)) == ["rate_ratio"]
    assert failed(run(invalid=1)) == ["invalid"]
    assert failed(run(funnel=open_ended)) == ["funnel_open_ends"]


def test_what_was_not_measured_does_not_pass() -> None:
    assert failed(run(), gates.Limits(p99_ms=50)) == ["p99_ms"]


def test_a_refused_run_never_passes() -> None:
    assert not run(refusal="asked for more").passed
