"""Processes that stand still for a while, as those of a machine do that is moved or short of cores."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bidder.processes.worker_link import SILENT_SECONDS
from tests.processes.reckoning import reckon
from tests.processes.served import until
from tests.processes.test_disks import bid_of, bidding
from tests.processes.test_faults import Call204, answers, bill_url, go_on, market
from tests.processes.test_serve import billed


@contextmanager
def standing_still(pid: int) -> Iterator[None]:
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def test_while_control_stands_still_requests_are_answered_grants_end_and_notices_wait(tmp_path: Path) -> None:
    with bidding(tmp_path) as bidder:
        bid_id, url = bill_url(bidder)
        workers = bidder.workers()
        with standing_still(bidder.control()):
            until(lambda: bidder.post()[0] == 204, "no bids once the grants are used up")
            assert {bidder.post()[0] for _ in range(20)} == {204}
            notice = Call204(url)
        assert notice.answer() == 204
        assert billed(bidder) == [bid_id]
        bid_of(bidder)
        assert bidder.workers() == workers


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [10.0, SILENT_SECONDS + 5])
def test_when_control_goes_on_after_a_standstill_its_workers_are_the_same_and_nothing_is_forgotten(
    tmp_path: Path, seconds: float
) -> None:
    with market(tmp_path) as (bidder, traders):
        workers = bidder.workers()
        with standing_still(bidder.control()):
            answers(bidder, seconds)
        go_on(bidder, traders)
        assert bidder.workers() == workers
        reckon(bidder.state, traders, "control stood still")


@pytest.mark.slow
def test_a_worker_that_stands_still_is_replaced_and_nothing_is_forgotten(tmp_path: Path) -> None:
    with market(tmp_path) as (bidder, traders):
        victim, survivor = bidder.workers()
        os.kill(victim, signal.SIGSTOP)
        until(lambda: victim not in bidder.workers(), "the worker gone")
        until(lambda: bidder.metric("bidder_workers") == 2, "two workers again")
        assert survivor in bidder.workers()
        go_on(bidder, traders)
        reckon(bidder.state, traders, "a worker stood still")
