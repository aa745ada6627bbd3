"""The journal: nothing is safe before the store says so, and what it refuses is written later, once."""

import asyncio
import threading

import pytest

from bidder.events.recorder import RecordError
from bidder.ledger.store import Batch
from bidder.processes.journal import Journal
from tests.ledger.lines import bill, fund
from tests.ledger.memory_store import MemoryStore


class SlowStore(MemoryStore):
    """Writes only when it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.let = threading.Semaphore(0)

    def write(self, batch: Batch) -> None:
        self.let.acquire(timeout=10)
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
