"""Runs of the open-loop sender against stub servers on this machine."""

import asyncio
from pathlib import Path

import msgspec
import pytest

from loadtests import gates, result, summary
from loadtests.__main__ import main
from loadtests.openloop import FAILED, PASSED, UNUSABLE, Plan, send
from tests.loadtests.stub_server import NO_BID, a_bid, answered, bid, bid_port, no_bid


def plan(url: str, **changes: object) -> Plan:
    """A short run that waits for its answers, however busy the machine is."""
    return msgspec.structs.replace(Plan(url=url, rate=200, seconds=0.5, connections=8, patience_s=60.0), **changes)


@pytest.fixture(autouse=True)
def _sent_late_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """What counts is how many were sent: when the last of them left is up to the machine."""
    monkeypatch.setattr(summary, "TAIL_S", 60.0)


def test_a_run_sends_all_that_is_due_and_counts_each_answer_once() -> None:
    with bid_port(bid) as url:
        run, record = send(plan(url, check_every=1))
    assert (run.planned, run.sent, len(record)) == (100, 100, 100)
    assert run.outcomes == {"bid": 100}
    assert run.statuses == {"200": 100}
    assert (run.checked, run.invalid) == (100, 0)
    assert run.refusal is None
    assert run.latency_us is not None
    assert run.latency_us.count == 100
    assert sum(moment.due for moment in run.series) == 100


def test_a_server_that_is_too_slow_for_the_rate_gets_no_latency_published(capsys: pytest.CaptureFixture[str]) -> None:
    async def slow(_request: bytes) -> bytes:
        await asyncio.sleep(0.2)
        return NO_BID

    with bid_port(slow) as url:
        run, _ = send(plan(url, rate=400, seconds=1.0, connections=2, patience_s=0.3))
        code = main(
            ["openloop", "--url", url, "--rate=400", "--seconds=1", "--connections=2", "--patience=0.3", "--metrics="]
        )
    assert run.refusal is not None
    assert run.refusal.startswith("asked for 400 requests/s, sent ")
    assert (run.latency_us, run.accepted_us, run.series) == (None, None, [])
    assert run.outcomes["unsent"] > 300
    assert code == FAILED
    assert "NO LATENCY" in capsys.readouterr().out


def test_latency_counts_from_the_moment_that_a_request_was_due() -> None:
    held = asyncio.Event()

    async def stalls_once(_request: bytes) -> bytes:
        if not held.is_set():
            held.set()
            await asyncio.sleep(0.2)
        return NO_BID

    with bid_port(stalls_once) as url:
        run, record = send(plan(url, rate=100, seconds=1.0, connections=1))
    # one connection: all that were due while it stalled waited for it, though each was answered at once when sent
    behind = [latency for latency, due in zip(record.latency_us, record.due_s, strict=True) if 0 < due < 0.1]
    assert behind
    assert min(behind) > 90_000
    assert record.waited >= len(behind)
    assert run.outcomes == {"no_bid": 100}


def test_a_request_without_an_answer_is_given_up_and_its_connection_replaced() -> None:
    async def silent(_request: bytes) -> bytes:
        await asyncio.sleep(30)
        return NO_BID

    with bid_port(silent) as url:
        run, record = send(plan(url, rate=40, patience_s=0.1, queue_s=60.0))
    assert run.outcomes == {"timed_out": 20}
    assert min(record.latency_us) >= 100_000


def test_lost_connections_bad_statuses_and_nonsense_each_have_their_count() -> None:
    replies = iter([b"", answered(b"", "503 Oops"), answered(b"", "413 Large"), b"nonsense\r\n\r\n"] * 100)

    async def odd(_request: bytes) -> bytes:
        return next(replies)

    with bid_port(odd) as url:
        run, _ = send(plan(url))
    assert run.outcomes["broken"] + run.outcomes["failed"] + run.outcomes["refused"] == 100
    assert run.statuses.keys() == {"413", "503"}
    assert {name for name in run.errors if name.startswith("unreadable")}


def test_answers_turned_away_for_want_of_time_are_told_apart() -> None:
    async def shedding(_request: bytes) -> bytes:
        return NO_BID.replace(b"below_floor", b"shedding_load")

    with bid_port(shedding) as url:
        run, _ = send(plan(url))
    assert run.outcomes == {"turned_away": 100}
    assert run.reasons == {"shedding_load": 100}
    assert run.accepted_us is None


def test_a_wrong_bid_is_found_and_fails_the_run() -> None:
    async def cheap(request: bytes) -> bytes:
        return answered(a_bid(request, price=0.000001, impid="nowhere"))

    with bid_port(cheap) as url:
        run, _ = send(plan(url, check_every=1))
    assert run.invalid == 100
    assert "impid 'nowhere' is not an imp" in run.examples[0]
    assert [gate.name for gate in gates.judge(run, gates.Limits(late_share=None)) if not gate.passed] == ["invalid"]


def test_the_command_writes_a_result_that_can_be_read_again(tmp_path: Path) -> None:
    out = tmp_path / "run.json"
    with bid_port(no_bid) as url:
        code = main(
            [
                "openloop",
                "--url",
                url,
                "--rate=100",
                "--seconds=0.5",
                "--metrics=",
                "--out",
                str(out),
                "--poisson",
                "--patience=60",
                "--late-share=1",
            ]
        )
    found = result.read(out)
    assert code == PASSED
    assert found.passed
    assert found.arrivals == "poisson"
    assert found.reasons == {"below_floor": found.planned}


def test_a_target_elsewhere_or_nowhere_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["openloop", "--url", "http://203.0.113.9/openrtb2/demo", "--rate=1", "--metrics="]) == UNUSABLE
    assert "is not on this machine" in capsys.readouterr().err
    assert main(["openloop", "--url", "http://127.0.0.1:9/openrtb2/demo", "--rate=1", "--metrics="]) == UNUSABLE
    assert "http://127.0.0.1:9/openrtb2/demo: " in capsys.readouterr().err


def test_a_run_is_bounded_in_count() -> None:
    assert main(["openloop", "--url", "http://127.0.0.1:9/a", "--rate=1000000", "--seconds=10000"]) == UNUSABLE
