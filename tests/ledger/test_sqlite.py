"""The ledger in SQLite: what is on disk after crashes and on disks that fail."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from bidder.ledger.sqlite import SqliteStore
from bidder.ledger.sqlite_file import STEPS, connect, connect_to_read
from bidder.ledger.store import Batch, StoreError
from tests.events.disk import no_file_longer_than
from tests.ledger.lines import bill, win


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.db"


def bids(path: Path) -> list[int]:
    store = SqliteStore(path)
    found = [entry.bid_id for entry in store.entries()]
    store.close()
    return found


def crashed(path: Path, aside: Path) -> Path:
    """The files as a crash at this moment would leave them."""
    aside.mkdir()
    for file in path.parent.glob(f"{path.name}*"):
        shutil.copy(file, aside)
    return aside / path.name


def test_what_was_written_is_there_for_the_next_one_though_this_one_never_closed(path: Path, tmp_path: Path) -> None:
    store = SqliteStore(path)
    store.write(Batch(entries=[bill(1), bill(2)]))
    assert bids(crashed(path, tmp_path / "after")) == [1, 2]


@pytest.mark.parametrize("cut", [1, 100, 4096, 5000])
def test_a_torn_log_loses_whole_batches_from_its_end_and_nothing_else(path: Path, tmp_path: Path, cut: int) -> None:
    store = SqliteStore(path)
    for bid_id in range(5):
        store.write(Batch(entries=[bill(bid_id), win(bid_id)]))
    copy = crashed(path, tmp_path / "after")
    log = copy.with_name("ledger.db-wal")
    log.write_bytes(log.read_bytes()[:-cut])
    found = SqliteStore(copy)
    left = [entry.bid_id for entry in found.entries()]
    assert left == [bid_id for bid_id in range(len(left) // 2) for _ in range(2)]
    assert sum(each.bills for each in found.balances()) == len(left) // 2


def test_garbage_at_the_end_of_the_log_is_not_read(path: Path, tmp_path: Path) -> None:
    SqliteStore(path).write(Batch(entries=[bill(1)]))
    copy = crashed(path, tmp_path / "after")
    with copy.with_name("ledger.db-wal").open("ab") as log:
        log.write(b"\xff" * 9000)
    assert bids(copy) == [1]


def test_a_ledger_of_the_first_version_is_lifted_to_this_one(path: Path) -> None:
    with closing(sqlite3.connect(path)) as file:
        file.executescript(f"{STEPS[0]} PRAGMA user_version = 1;")
        file.execute(
            "INSERT INTO entries VALUES (1, 7, 'bill', 5, 'hats', '2023-11-14', 9, 1, 'counted', 10, 10, 6, 4, 0, 1)"
        )
        file.execute("INSERT INTO funds VALUES (1, 'hats', 5, 'shop', 100, NULL, '2023-11-01', 'UTC', 0)")
        file.commit()
    store = SqliteStore(path)
    store.write(Batch(entries=[bill(8, 20, campaign="hats", fee_micros=3)]))
    kept = [(entry.bid_id, entry.spent_micros, entry.fee_micros) for entry in store.entries()]
    assert kept == [(7, 6, 0), (8, 20, 3)]
    (balance,) = store.balances()
    assert (balance.spent_micros, balance.margin_micros, balance.fee_micros) == (26, 1, 3)
    (found,) = store.funds()
    assert (found.total_micros, found.hour_micros) == (100, None)


def test_a_ledger_of_another_version_is_refused(path: Path) -> None:
    SqliteStore(path).close()
    with sqlite3.connect(path) as file:
        file.execute("PRAGMA user_version = 99")
    with pytest.raises(StoreError, match=r"ledger\.db: a ledger of version 4 is wanted, found version 99"):
        SqliteStore(path)


def test_a_file_that_is_no_ledger_is_refused(path: Path) -> None:
    path.write_bytes(b"not a database, but long enough to be read as one" * 100)
    with pytest.raises(StoreError, match="not a database"):
        SqliteStore(path)


def test_a_line_that_does_not_balance_is_refused_by_the_file_itself(path: Path) -> None:
    store = SqliteStore(path)
    with pytest.raises(StoreError, match="CHECK constraint"):
        store.write(Batch(entries=[bill(1), bill(2, released_micros=1)]))
    assert bids(path) == []


def test_it_can_be_read_beside_the_one_who_writes(path: Path) -> None:
    store = SqliteStore(path)
    store.write(Batch(entries=[bill(1)]))
    beside = SqliteStore(path, connect_to_read)
    store.write(Batch(entries=[bill(2)]))
    assert [entry.bid_id for entry in beside.entries()] == [1, 2]
    with pytest.raises(StoreError, match="readonly"):
        beside.write(Batch(entries=[bill(3)]))


class Faulty(sqlite3.Connection):
    """A connection whose next COMMIT fails, before or after its effect."""

    fault = ""

    def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
        if sql == "COMMIT" and Faulty.fault:
            fault, Faulty.fault = Faulty.fault, ""
            if fault == "after":
                super().execute(sql)
            raise sqlite3.OperationalError("disk I/O error")
        return super().execute(sql, *values)


def faulty(path: Path) -> sqlite3.Connection:
    found = sqlite3.connect(path, isolation_level=None, check_same_thread=False, factory=Faulty)
    found.execute("PRAGMA journal_mode = WAL")
    return found


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_batch_whose_commit_failed_is_written_again_and_counts_once(path: Path, moment: str) -> None:
    store = SqliteStore(path, faulty)
    store.write(Batch(entries=[bill(1)]))
    Faulty.fault = moment
    with pytest.raises(StoreError, match="disk I/O error"):
        store.write(Batch(entries=[bill(2)]))
    store.write(Batch(entries=[bill(2), bill(3)]))
    assert bids(path) == [1, 2, 3]
    assert sum(each.bills for each in store.balances()) == 3


def test_after_a_failure_nothing_follows_in_the_log_what_may_never_have_reached_the_disk(path: Path) -> None:
    store = SqliteStore(path, faulty)
    store.write(Batch(entries=[bill(1)]))
    Faulty.fault = "after"
    with pytest.raises(StoreError):
        store.write(Batch(entries=[bill(2)]))
    store.write(Batch())
    path.with_name("ledger.db-wal").write_bytes(b"")
    with connect(path) as alone:
        assert alone.execute("SELECT count(*) FROM entries").fetchone() == (2,)


def test_a_full_disk_is_told_and_the_ledger_goes_on_when_there_is_room_again(path: Path) -> None:
    store = SqliteStore(path)
    store.write(Batch(entries=[bill(1)]))
    written, fill = [1], _filling(store)
    with no_file_longer_than(200_000), pytest.raises(StoreError):
        written.extend(fill)
    assert sorted(bids(path)) == sorted(written)
    store.write(Batch(entries=[bill(2)]))
    assert len(bids(path)) == len(written) + 1


@pytest.mark.parametrize("gone", ["ledger.db", "ledger.db-wal"])
def test_nothing_is_written_to_files_that_were_removed_or_replaced_until_they_are_back(path: Path, gone: str) -> None:
    store = SqliteStore(path)
    store.write(Batch(entries=[bill(1)]))
    file, aside = path.with_name(gone), path.with_name("aside")
    file.rename(aside)
    for replace in (lambda: None, file.touch):
        replace()
        for _ in range(2):
            with pytest.raises(
                StoreError, match=r"ledger\.db: it or its -wal was removed or replaced under the bidder"
            ):
                store.write(Batch(entries=[bill(2)]))
    aside.replace(file)
    store.write(Batch(entries=[bill(2), bill(3)]))
    assert bids(path) == [1, 2, 3]


def test_what_sqlite_says_of_a_full_disk_comes_with_what_would_be_right(path: Path) -> None:
    store = SqliteStore(path)
    store._connection.execute("PRAGMA max_page_count = 20")
    with pytest.raises(StoreError, match=r"ledger\.db: database or disk is full; make room on its disk$"):
        list(_filling(store))


def _filling(store: SqliteStore) -> Iterator[int]:
    """Batch after batch without end; the bids of those that were written."""
    for number in count(1):
        batch = [bill(100 * number + each) for each in range(100)]
        store.write(Batch(entries=batch))
        yield from [entry.bid_id for entry in batch]
