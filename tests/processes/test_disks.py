"""A disk that is full, under a running bidder: nothing is acknowledged or bid that cannot be written; 204s go on."""

import errno
import json
import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from bidder.processes.control_process import UNWRITTEN
from tests.processes.faults import Call, Faults, Target
from tests.processes.market import set_up
from tests.processes.served import Bidder, configured, fetch, kill, until
from tests.processes.test_serve import billed


@contextmanager
def full_disk(pid: int) -> Iterator[None]:
    """The kernel refuses every byte that a process wants to add to a file."""
    before = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (1, before[1]))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, before)


@contextmanager
def bidding(directory: Path) -> Iterator[Bidder]:
    with configured(directory, "minimal"):
        set_up(directory / "config", tight_total=1.0, hold_seconds=60, endless_total=2.0)
        with Bidder(directory) as bidder:
            yield bidder


def bid_of(bidder: Bidder) -> Any:
    """A bid, once there is one."""

    def answer() -> Any:
        status, body = bidder.post()
        return json.loads(body)["seatbid"][0]["bid"][0] if status == 200 else None

    return until(answer, "a bid")


def test_while_the_ledger_cannot_be_written_no_notice_is_acknowledged_and_then_it_counts_once(tmp_path: Path) -> None:
    with bidding(tmp_path) as bidder:
        bid = bid_of(bidder)
        url = bid["burl"].replace("${AUCTION_PRICE}", str(bid["price"]))
        with full_disk(bidder.control()):
            assert [fetch(url)[0] for _ in range(2)] == [503, 503]
            assert bidder.metric("bidder_ledger_failing") == 1
            until(lambda: bidder.post()[0] == 204, "no bids once the grants are used up")
            assert billed(bidder) == []
        assert until(lambda: fetch(url)[0] == 204, "an acknowledgement")
        assert billed(bidder) == [int(bid["id"], 16)]
        bid_of(bidder)
        assert bidder.metric("bidder_ledger_failing") == 0


def test_where_the_state_directory_is_removed_nothing_more_is_acknowledged_or_bid_and_no_budget_begins_anew(
    tmp_path: Path,
) -> None:
    aside = tmp_path / "aside"
    with bidding(tmp_path) as bidder:
        bid = bid_of(bidder)
        url = bid["burl"].replace("${AUCTION_PRICE}", str(bid["price"]))
        bidder.state.rename(aside)
        assert fetch(url)[0] == 503
        until(lambda: bidder.metric("bidder_ledger_failing") == 1, "an alarm")
        until(lambda: bidder.post()[0] == 204, "no bids once the grants are used up")
        kill(bidder.control())
        until(lambda: "it was removed or replaced while the bidder ran; put it back" in bidder.log.read_text(), "why")
        assert not bidder.state.exists()
        aside.rename(bidder.state)
        assert until(lambda: answered(url) == 204, "an acknowledgement")
        assert billed(bidder) == [int(bid["id"], 16)]


def test_a_bidder_that_is_stopped_after_its_state_directory_was_removed_says_in_a_line_what_is_not_written_and_where(
    tmp_path: Path,
) -> None:
    with bidding(tmp_path) as bidder:
        bid = bid_of(bidder)
        bidder.state.rename(tmp_path / "aside")
        assert fetch(bid["burl"].replace("${AUCTION_PRICE}", str(bid["price"])))[0] == 503
        bidder.signal(signal.SIGTERM)
        assert bidder.exit_code() == UNWRITTEN
        said = [line for line in bidder.log.read_text().splitlines() if not line.startswith("{")]
    (line,) = said
    assert line == (
        "bidder serve: stopped, but what came last, and was not acknowledged, is not written:"
        f" {bidder.state}/ledger.db: it or its -wal was removed or replaced under the bidder, and what is written is"
        " lost; put the files back, or end this bidder and decide what the next one begins with"
    )
    assert "a fault ended the process" not in bidder.log_events()


def answered(url: str) -> int:
    """The status of a GET; 0 while nobody answers."""
    try:
        return fetch(url)[0]
    except OSError:
        return 0


@pytest.mark.parametrize(
    ("target", "why"),
    [
        (Target.LEDGER, "ledger.db: database or disk is full; make room on its disk"),
        (
            Target.SEGMENTS,
            "cannot be used for --state: No space left on device; make room on its disk, or choose another",
        ),
    ],
)
def test_a_disk_that_is_full_at_the_start_is_told_with_where_and_what_would_be_right(
    tmp_path: Path, target: Target, why: str
) -> None:
    faults = Faults(tmp_path)
    with configured(tmp_path, "minimal"), faults.failing(target, Call.WRITE, errno.ENOSPC):
        bidder = Bidder(tmp_path, environment=faults.environment)
        assert bidder.exit_code() == 2
    said = bidder.log.read_text()
    assert said.startswith(f"bidder serve: {tmp_path}/state")
    assert why in said
    assert "Traceback" not in said
    assert said.count("\n") == 1


def test_while_bids_cannot_be_recorded_none_are_made_and_requests_are_answered(tmp_path: Path) -> None:
    with bidding(tmp_path) as bidder:
        bid_of(bidder)
        (worker,) = bidder.workers()
        with full_disk(worker):
            until(lambda: bidder.post() and bidder.metric("bidder_events_failing") == 1, "an alarm")
            assert [bidder.post()[0] for _ in range(5)] == [204] * 5
        bid_of(bidder)
        until(lambda: bidder.metric("bidder_events_failing") == 0, "the end of the alarm")
        assert bidder.workers() == [worker]
