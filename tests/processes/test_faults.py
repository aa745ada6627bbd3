"""Disks that fail, fill up, are slow or say nothing, and clocks that jump, under a running bidder.

Nothing is acknowledged that is not on disk, nothing is spent that cannot be recorded, and every request is answered.
"""

import errno
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

import pytest

from bidder.processes.ledger_audit import audit
from tests.processes.faults import Call, Faults, Target
from tests.processes.market import Market, set_up
from tests.processes.reckoning import bills_in, reckon
from tests.processes.resumption import RESUME_SECONDS, Resumption
from tests.processes.served import Bidder, configured, fetch, kill, until
from tests.processes.test_disks import answered, bid_of
from tests.processes.test_serve import billed

FULL = Path("/dev/full")
"""A log on a full disk."""

HOUR_S, DAY_S = 3600, 86_400
SLOW_MS = 2000
"""What a slow disk takes, at the least: an answer that waits for one takes no less."""


@pytest.fixture
def faults(tmp_path: Path) -> Faults:
    return Faults(tmp_path)


@pytest.fixture
def bidder(tmp_path: Path, faults: Faults) -> Iterator[Bidder]:
    with configured(tmp_path, "minimal"):
        set_up(tmp_path / "config", tight_total=1.0, hold_seconds=60, endless_total=2.0)
        with Bidder(tmp_path, environment=faults.environment) as made:
            yield made


def bill_url(bidder: Bidder) -> tuple[int, str]:
    """A bid, and the URL that bills it."""
    bid = bid_of(bidder)
    return int(bid["id"], 16), bid["burl"].replace("${AUCTION_PRICE}", str(bid["price"]))


class Call204(threading.Thread):
    """A notice that waits for its answer beside the test."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.status = 0
        self._url = url
        self.start()

    def run(self) -> None:
        self.status = fetch(self._url)[0]

    def answer(self) -> int:
        self.join()
        return self.status


def test_while_a_commit_does_not_end_requests_are_answered_grants_end_and_no_notice_is_acknowledged(
    bidder: Bidder, faults: Faults
) -> None:
    bid_id, url = bill_url(bidder)
    with faults.slow(Target.LOG, Call.SYNC):
        notice = Call204(url)
        until(lambda: bidder.metric("bidder_ledger_failing") == 1, "an alarm")
        until(lambda: bidder.post()[0] == 204, "no bids once the grants are used up")
        assert {bidder.post()[0] for _ in range(20)} == {204}
        assert notice.answer() == 503
        assert billed(bidder) == []
    assert until(lambda: fetch(url)[0] == 204, "an acknowledgement")
    assert billed(bidder) == [bid_id]
    bid_of(bidder)
    assert bidder.metric("bidder_ledger_failing") == 0


def test_a_commit_on_a_slow_disk_is_acknowledged_when_it_is_done_and_not_before(bidder: Bidder, faults: Faults) -> None:
    bid_id, url = bill_url(bidder)
    with faults.slow(Target.LOG, Call.SYNC, 1000):
        notice = Call204(url)
        until(lambda: faults.hits(Target.LOG, Call.SYNC) or notice.status, "a sync that was slow")
        assert notice.answer() == 204
    assert billed(bidder) == [bid_id]


def test_while_a_write_of_records_does_not_end_no_bids_are_made_and_requests_are_answered(
    bidder: Bidder, faults: Faults
) -> None:
    bid_of(bidder)
    with faults.slow(Target.SEGMENTS, Call.WRITE):
        until(lambda: "bids cannot be recorded, and are not made" in bidder.log_events(), "an alarm")
        assert {bidder.post()[0] for _ in range(20)} == {204}
    bid_of(bidder)


@pytest.mark.parametrize(
    ("call", "error"), [(Call.SYNC, errno.EIO), (Call.WRITE, errno.EIO), (Call.WRITE, errno.ENOSPC)]
)
def test_while_the_log_of_the_ledger_fails_no_notice_is_acknowledged_and_then_it_counts_once(
    bidder: Bidder, faults: Faults, call: Call, error: int
) -> None:
    bid_id, url = bill_url(bidder)
    with faults.failing(Target.LOG, call, error):
        assert [fetch(url)[0] for _ in range(2)] == [503, 503]
        assert bidder.metric("bidder_ledger_failing") == 1
        until(lambda: bidder.post()[0] == 204, "no bids once the grants are used up")
    assert until(lambda: fetch(url)[0] == 204, "an acknowledgement")
    assert billed(bidder) == [bid_id]
    bid_of(bidder)


@pytest.mark.parametrize("error", [errno.EIO, errno.ENOSPC])
def test_while_records_cannot_be_written_no_bids_are_made_and_requests_are_answered(
    bidder: Bidder, faults: Faults, error: int
) -> None:
    bid_of(bidder)
    workers = bidder.workers()
    with faults.failing(Target.SEGMENTS, Call.WRITE, error):
        until(lambda: bidder.post() and "bids cannot be recorded, and are not made" in bidder.log_events(), "an alarm")
        assert {bidder.post()[0] for _ in range(20)} == {204}
    bid_of(bidder)
    assert bidder.workers() == workers


def test_a_worker_that_is_killed_while_the_disk_is_full_comes_back_answers_and_bids_once_there_is_room(
    tmp_path: Path, faults: Faults
) -> None:
    with configured(tmp_path, "minimal"), FULL.open("wb") as log:
        set_up(tmp_path / "config", tight_total=1.0, hold_seconds=60, endless_total=2.0)
        with Bidder(tmp_path, environment=faults.environment, log_to=log.fileno()) as bidder:
            bid_of(bidder)
            (ended,) = bidder.workers()
            with faults.failing(Target.SEGMENTS, Call.WRITE, errno.ENOSPC):
                kill(ended)
                until(lambda: bidder.metric("bidder_worker_restarts_total") == 1, "the end of the worker noticed")
                until(lambda: bidder.metric("bidder_workers") == 1, "another worker")
                assert {bidder.post()[0] for _ in range(20)} == {204}
                until(lambda: bidder.metric("bidder_events_failing") == 1, "an alarm")
                (worker,) = bidder.workers()
            bid_of(bidder)
            assert bidder.workers() == [worker]


Fault = Callable[[Faults], AbstractContextManager[None]]

DISK_FAULTS: dict[str, tuple[Target, Call, Fault]] = {
    f"{target.name.lower()} {call.name.lower()} {name}": (target, call, fault(target, call))
    for target in Target
    for call in Call
    for name, fault in {
        "EIO": lambda target, call: lambda faults: faults.failing(target, call, errno.EIO),
        "ENOSPC": lambda target, call: lambda faults: faults.failing(target, call, errno.ENOSPC),
        "2 s": lambda target, call: lambda faults: faults.slow(target, call, SLOW_MS),
        "for ever": lambda target, call: lambda faults: faults.slow(target, call),
    }.items()
    if not (call is Call.SYNC and name == "ENOSPC")
}
"""By name: what has to be met with, and how it is brought about."""


@contextmanager
def market(directory: Path, faults: Faults | None = None, seed: int = 3) -> Iterator[tuple[Bidder, Market]]:
    """A bidder under load, with one budget that runs out."""
    with configured(directory, "minimal"):
        set_up(directory / "config", tight_total=1.5)
        with (
            Bidder(directory, workers=2, environment=faults.environment if faults else {}) as bidder,
            Market(bidder.bid_url, bidder.web_url, seed) as traders,
        ):
            until(lambda: traders.bids > 20, "bids")
            yield bidder, traders


def go_on(bidder: Bidder, traders: Market) -> None:
    """Bids resume by themselves, and soon."""
    resumption = Resumption(bidder)
    before, bills = traders.bids, len(traders.billed)
    until(lambda: traders.bids > before + 20, "bids")
    assert resumption.seconds() <= RESUME_SECONDS
    until(lambda: len(traders.billed) > bills, "acknowledgements")


def answers(bidder: Bidder, seconds: float) -> None:
    """Every request is answered, and no answer waits for a disk."""
    end_s = time.monotonic() + seconds
    while time.monotonic() < end_s:
        begun_s = time.monotonic()
        assert bidder.post()[0] in {200, 204}
        assert time.monotonic() - begun_s < SLOW_MS / 1000


def end_a_worker(bidder: Bidder) -> None:
    ended = bidder.workers()[0]
    kill(ended)
    until(lambda: not Path(f"/proc/{ended}").exists(), "the end of all its threads, and so of its socket")


@pytest.mark.slow
@pytest.mark.parametrize("name", DISK_FAULTS)
def test_whatever_a_disk_does_under_load_no_acknowledgement_is_forgotten_and_no_budget_overspent(
    tmp_path: Path, faults: Faults, name: str
) -> None:
    target, call, fault = DISK_FAULTS[name]
    dice = random.Random(name)
    with market(tmp_path, faults, seed=1) as (bidder, traders):
        for victim in ("nobody", "control", "a worker"):
            until(lambda: bidder.metric("bidder_workers") == 2, "all workers")
            hits = faults.hits(target, call)
            with fault(faults):
                until(lambda before=hits: faults.hits(target, call) > before, f"the fault: {name}")
                answers(bidder, dice.uniform(0.5, 3.0))
                if victim == "a worker":
                    end_a_worker(bidder)
                    answers(bidder, 2.0)
                elif victim == "control":
                    kill(bidder.control())
            go_on(bidder, traders)
            reckon(bidder.state, traders, name)


@pytest.mark.slow
def test_when_the_clock_goes_back_in_small_steps_nothing_is_forgotten_and_no_budget_overspent(
    tmp_path: Path, faults: Faults
) -> None:
    with market(tmp_path, faults, seed=4) as (bidder, traders):
        with ExitStack() as steps:
            for step in range(40):
                steps.enter_context(faults.clock_ahead(-step))
                answers(bidder, 0.1)
            go_on(bidder, traders)
            kill(bidder.control())
            go_on(bidder, traders)
            reckon(bidder.state, traders, "steps back")
        go_on(bidder, traders)
        reckon(bidder.state, traders, "steps back, and all of them ahead")


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [HOUR_S, -HOUR_S, DAY_S, -DAY_S])
@pytest.mark.parametrize("killed", [False, True])
def test_when_the_clock_jumps_and_later_jumps_back_nothing_is_forgotten_and_no_budget_overspent(
    tmp_path: Path, faults: Faults, seconds: int, *, killed: bool
) -> None:
    label = f"{seconds:+} s"
    with market(tmp_path, faults, seed=2) as (bidder, traders):
        with faults.clock_ahead(seconds):
            answers(bidder, 0.5)
            if killed:
                go_on(bidder, traders)
                kill(bidder.control())
            go_on(bidder, traders)
            reckon(bidder.state, traders, label)
        go_on(bidder, traders)
        reckon(bidder.state, traders, label)


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [HOUR_S, -HOUR_S, DAY_S, -DAY_S])
def test_notices_that_wait_through_a_restart_in_which_the_clock_jumps_are_each_counted_once(
    bidder: Bidder, faults: Faults, seconds: int
) -> None:
    urls = dict(bill_url(bidder) for _ in range(10))
    until(lambda: sum(each.held for each in audit(bidder.state, time.time()).standings) >= 2000 * len(urls), "records")
    kill(bidder.control())
    with faults.clock_ahead(seconds):
        waiting = [Call204(url) for url in urls.values()]
        assert {each.answer() for each in waiting} == {204}
        booked = bills_in(bidder.state)
        assert booked.keys() == urls.keys()
        assert all(bill.spent_micros == bill.price_micros for bill in booked.values())
        kill(bidder.control())
        assert {fetch(url)[0] for url in urls.values()} == {204}
    kill(bidder.control())
    assert {fetch(url)[0] for url in urls.values()} == {204}
    assert bills_in(bidder.state) == booked
    assert audit(bidder.state, time.time()).differences == []


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [HOUR_S, -HOUR_S, DAY_S, -DAY_S])
def test_bids_that_were_never_recorded_are_billed_in_time_after_a_restart_in_which_the_clock_jumps(
    bidder: Bidder, faults: Faults, seconds: int
) -> None:
    bid_of(bidder)
    (worker,) = bidder.workers()
    with faults.failing(Target.SEGMENTS, Call.WRITE, errno.EIO):
        bid_id, url = bill_url(bidder)
        kill(bidder.control())
        until(lambda: not Path(f"/proc/{worker}").exists(), "the end of the worker, which could not record the bid")
    with faults.clock_ahead(seconds):
        assert until(lambda: answered(url) == 204, "an acknowledgement")
    bill = bills_in(bidder.state)[bid_id]
    assert bill.spent_micros == bill.price_micros
