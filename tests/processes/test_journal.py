"""The journal: nothing is safe before the store says so, and what it refuses is written later, once."""

import asyncio
import threading

import pytest

from bidder.events.recorder import RecordError
from bidder.ledger.store import Batch
from bidder.processes.journal import STALLED_SECONDS, Journal
from tests.ledger.lines import bill, fund, gap
from tests.ledger.memory_store import MemoryStore


class SlowStore(MemoryStore):
    """Writes only when it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.let = threading.Semaphore(0)

    def write(self, batch: Batch) -> None:
        self.let.acquire(timeout=60)
        super().write(batch)


def kept(store: MemoryStore) -> list[int]:
    return [entry.bid_id for entry in store.entries()]


async def test_a_line_is_safe_once_it_is_in_the_store() -> None:
    store = MemoryStore()
    journal = Journal(store)
    journal.post(bill(1))
    assert (kept(store), journal.pending) == ([], 1)
    await journal.safe(1)
    assert (kept(store), journal.pending) == ([1], 0)
    await journal.close()


@pytest.mark.parametrize("taken", [Batch(exposures={"shoes": 5}), Batch(funds=[fund()]), Batch(gaps=[gap(7)])])
async def test_it_is_ahead_of_the_disk_from_when_something_is_taken_until_it_is_written(taken: Batch) -> None:
    store = SlowStore()
    journal = Journal(store)
    assert not journal.is_ahead
    journal.state(taken.exposures, taken.funds, taken.gaps)
    assert journal.is_ahead
    commit = asyncio.ensure_future(journal.commit())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert journal.is_ahead
    store.let.release()
    await commit
    assert not journal.is_ahead
    store.let.release()
    await journal.close()


async def test_a_bid_of_which_nothing_waits_is_safe_without_a_write() -> None:
    store = MemoryStore()
    journal = Journal(store)
    await journal.safe(7)
    assert store.writes == 0
    await journal.close()


async def test_those_who_come_while_the_disk_is_slow_share_the_next_commit() -> None:
    store = SlowStore()
    journal = Journal(store)
    journal.post(bill(0))
    first = asyncio.ensure_future(journal.safe(0))
    await asyncio.sleep(0)
    others = []
    for bid_id in range(1, 20):
        journal.post(bill(bid_id))
        others.append(asyncio.ensure_future(journal.safe(bid_id)))
    store.let.release()
    await first
    assert not any(each.done() for each in others)
    store.let.release()
    await asyncio.gather(*others)
    assert (store.writes, kept(store)) == (2, list(range(20)))
    store.let.release()
    await journal.close()


async def test_what_the_store_refuses_is_told_to_all_who_wait_and_written_once_it_takes_it() -> None:
    store = MemoryStore()
    journal = Journal(store)
    store.refuses = True
    journal.post(bill(1))
    journal.state({"shoes": 5}, funds=[fund()])
    for _ in range(2):
        with pytest.raises(RecordError, match="told to refuse"):
            await journal.safe(1)
    assert (journal.pending, journal.failures, journal.failure is not None) == (1, 2, True)
    store.refuses = False
    await journal.safe(1)
    assert (kept(store), store.exposures(), len(store.funds())) == ([1], {"shoes": 5}, 1)
    assert journal.failure is None
    await journal.close()


class StuckDisk:
    """A journal whose first commit is under way and does not end, at a time turned by hand."""

    def __init__(self) -> None:
        self.now_s = 100.0
        self.store = SlowStore()
        self.journal = Journal(self.store, lambda: self.now_s)

    async def settle(self) -> None:
        for _ in range(9):
            self.store.let.release()
        await self.journal.close()


async def test_a_commit_that_does_not_end_counts_as_failing_after_a_second_until_it_ends() -> None:
    disk = StuckDisk()
    disk.journal.post(bill(1))
    waiting = asyncio.ensure_future(disk.journal.safe(1))
    await asyncio.sleep(0)
    disk.now_s += STALLED_SECONDS - 0.1
    assert not disk.journal.is_failing
    disk.now_s += 0.1
    assert (disk.journal.is_failing, disk.journal.waits_s, disk.journal.failure) == (True, STALLED_SECONDS, None)
    disk.store.let.release()
    await waiting
    assert (disk.journal.is_failing, disk.journal.waits_s, kept(disk.store)) == (False, 0.0, [1])
    await disk.settle()


async def test_a_commit_that_waits_for_a_slow_one_is_as_old_as_its_call() -> None:
    disk = StuckDisk()
    disk.journal.post(bill(1))
    first = asyncio.ensure_future(disk.journal.safe(1))
    await asyncio.sleep(0)
    disk.now_s += 0.7
    disk.journal.post(bill(2))
    second = asyncio.ensure_future(disk.journal.safe(2))
    await asyncio.sleep(0)
    disk.now_s += 0.4
    disk.store.let.release()
    await first
    assert disk.journal.waits_s == pytest.approx(0.4)
    disk.store.let.release()
    await second
    await disk.settle()


async def test_nobody_waits_for_ever_and_what_is_written_in_the_end_is_safe() -> None:
    disk = StuckDisk()
    disk.journal.post(bill(1))
    with pytest.raises(RecordError, match="not written after 0 s"):
        await disk.journal.commit(patience_s=0)
    assert (disk.journal.pending, kept(disk.store)) == (1, [])
    disk.store.let.release(2)
    await disk.journal.commit()
    assert (disk.journal.pending, kept(disk.store)) == (0, [1])
    await disk.settle()


async def test_a_failure_that_comes_after_all_have_gone_is_known_and_its_lines_are_written_again() -> None:
    disk = StuckDisk()
    disk.store.refuses = True
    disk.journal.post(bill(1))
    with pytest.raises(RecordError):
        await disk.journal.commit(patience_s=0)
    disk.store.let.release(2)
    with pytest.raises(RecordError, match="told to refuse"):
        await disk.journal.commit()
    assert disk.journal.is_failing
    disk.store.refuses = False
    disk.store.let.release()
    await disk.journal.safe(1)
    assert (disk.journal.is_failing, kept(disk.store)) == (False, [1])
    await disk.settle()
