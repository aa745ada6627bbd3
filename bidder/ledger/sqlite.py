"""The ledger in one SQLite file beside its write-ahead log.

A transaction is on disk when it returns (WAL, `synchronous=FULL`). After a failure nobody knows what the log holds: the
file is opened anew and the log folded into it before anything else is written.

SQLite goes on writing to a file that was removed or replaced under it. What is written there is lost, so it is refused.
"""

import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from bidder.ledger.entry import Balance, Entry, Fund, Gap
from bidder.ledger.outage import Outage
from bidder.ledger.sqlite_file import Connect, connect, connect_to_read, lift
from bidder.ledger.store import Batch, StoreError

_ENTRY = (
    "bid_id, kind, at_ms, campaign, day, expires_s, life, outcome, price, reserved, spent, released, late, margin, fee"
)
_WRITE_ENTRY = (
    f"INSERT INTO entries ({_ENTRY}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 - constants
    " ON CONFLICT (bid_id, kind) DO NOTHING"
)
_READ_BILL = "SELECT EXISTS (SELECT 1 FROM entries WHERE bid_id = ? AND kind = 'bill')"
_READ_ENTRIES = f"SELECT {_ENTRY} FROM entries WHERE expires_s > ? AND (? IS NULL OR campaign = ?) ORDER BY seq"  # noqa: S608
_READ_LATEST = (
    f"SELECT {_ENTRY} FROM entries WHERE seq >"  # noqa: S608 - constants
    " coalesce((SELECT seq FROM entries WHERE at_ms < ? ORDER BY seq DESC LIMIT 1), 0) ORDER BY seq"
)
_WRITE_EXPOSURE = "INSERT INTO exposures VALUES (?, ?) ON CONFLICT (campaign) DO UPDATE SET micros = excluded.micros"
_WRITE_GAP = (
    "INSERT INTO gaps VALUES (?, ?, ?, ?)"
    " ON CONFLICT (epoch, campaign) DO UPDATE SET micros = min(micros, excluded.micros)"
)
_END_GAP = "DELETE FROM gaps WHERE epoch = ? AND campaign = ?"
_WRITE_EPOCH = "INSERT INTO epochs (alive_ms, opened_ms, wall_ms) VALUES (?, ?, ?) RETURNING epoch"
_FUND = "campaign, at_ms, advertiser, total, daily, since, timezone, margin_ppb, hourly, shares"
_WRITE_FUND = f"INSERT INTO funds ({_FUND}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 - constants

_ADVICE = {
    sqlite3.SQLITE_FULL: "make room on its disk",
    sqlite3.SQLITE_READONLY: "let this user write it",
    sqlite3.SQLITE_CANTOPEN: "let this user open and make it",
}
"""By what SQLite says: what would be right."""


class SqliteStore:
    """A `LedgerStore` in a file. Raises `StoreError` where it cannot be opened, or is of another version."""

    def __init__(self, path: Path, connect: Connect = connect) -> None:
        self._path = path
        self._connect = connect
        self._sound = True
        with _told(path):
            self._connection = self._opened()
            self._reader = connect_to_read(path)
        self._files = self._standing()

    def begin_epoch(self, outage: Outage) -> int:
        """As `LedgerStore` says."""
        times_ms = [int(seconds * 1000) for seconds in (outage.alive_s, outage.opened_s, outage.wall_s)]
        ((epoch,),) = self._rows(_WRITE_EPOCH, *times_ms)
        return int(epoch)

    def outages(self) -> Sequence[Outage]:
        """As `LedgerStore` says."""
        rows = self._rows("SELECT alive_ms, opened_ms, wall_ms FROM epochs ORDER BY epoch")
        return [Outage(*(time_ms / 1000 for time_ms in row)) for row in rows]

    def write(self, batch: Batch) -> None:
        """As `LedgerStore` says."""
        with _told(self._path):
            self._mend()
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                self._write(batch)
                self._check_standing()
                self._connection.execute("COMMIT")
            except BaseException:
                self._sound = False
                with suppress(sqlite3.Error):
                    self._connection.execute("ROLLBACK")
                raise

    @contextmanager
    def at_one_moment(self) -> Iterator[None]:
        """What is read inside is as it was at one moment, whoever writes meanwhile."""
        with _told(self._path):
            self._connection.execute("BEGIN")
            try:
                yield
            finally:
                self._connection.execute("COMMIT")

    def lines(self) -> int:
        """As `LedgerStore` says; lines are numbered, and none is ever removed."""
        ((last,),) = self._rows("SELECT coalesce(max(seq), 0) FROM entries")
        return int(last)

    def is_billed(self, bid_id: int) -> bool:
        """As `LedgerStore` says: some microseconds, on a connection of its own, which writers do not hold up."""
        with _told(self._path):
            ((found,),) = self._reader.execute(_READ_BILL, (_signed(bid_id),)).fetchall()
        return bool(found)

    def balances(self) -> Sequence[Balance]:
        """As `LedgerStore` says."""
        rows = self._rows("SELECT campaign, day, bills, spent, released, late, margin, fee FROM balances")
        return [Balance(**dict(zip(Balance.__struct_fields__, row, strict=True))) for row in rows]

    def entries(self, *, expire_after_s: float = 0, campaign: str | None = None) -> Iterator[Entry]:
        """As `LedgerStore` says."""
        yield from self._entries(_READ_ENTRIES, expire_after_s, campaign, campaign)

    def latest(self, since_s: float) -> Iterator[Entry]:
        """As `LedgerStore` says."""
        yield from self._entries(_READ_LATEST, since_s * 1000)

    def exposures(self) -> Mapping[str, int]:
        """As `LedgerStore` says."""
        return dict(self._rows("SELECT campaign, micros FROM exposures"))

    def gaps(self, now_s: float) -> Sequence[Gap]:
        """As `LedgerStore` says."""
        rows = self._rows("SELECT epoch, campaign, micros, until_s FROM gaps WHERE until_s > ?", now_s)
        return [Gap(epoch=epoch, campaign=campaign, micros=micros, until_s=s) for epoch, campaign, micros, s in rows]

    def funds(self) -> Sequence[Fund]:
        """As `LedgerStore` says."""
        rows = self._rows(f"SELECT {_FUND} FROM funds ORDER BY seq")  # noqa: S608 - constants
        return [Fund(**dict(zip(Fund.__struct_fields__, row, strict=True))) for row in rows]

    def close(self) -> None:
        """As `LedgerStore` says."""
        with _told(self._path):
            self._reader.close()
            self._connection.close()

    def _entries(self, query: str, *values: Any) -> Iterator[Entry]:
        with _told(self._path):
            for row in self._connection.execute(query, values):
                yield Entry(**dict(zip(Entry.__struct_fields__, (row[0] % 2**64, *row[1:]), strict=True)))

    def _rows(self, query: str, *values: Any) -> list[Any]:
        with _told(self._path):
            return self._connection.execute(query, values).fetchall()

    def _write(self, batch: Batch) -> None:
        many = self._connection.executemany
        many(_WRITE_ENTRY, map(_entry_row, batch.entries))
        many(_WRITE_EXPOSURE, batch.exposures.items())
        many(_WRITE_GAP, ((gap.epoch, gap.campaign, gap.micros, gap.until_s) for gap in batch.gaps if gap.micros))
        many(_END_GAP, ((gap.epoch, gap.campaign) for gap in batch.gaps if not gap.micros))
        many(_WRITE_FUND, (tuple(getattr(fund, name) for name in Fund.__struct_fields__) for fund in batch.funds))

    def _mend(self) -> None:
        """After a failure: a page that the disk refused may pass for written, so nothing may follow it in the log."""
        if self._sound:
            return
        self._check_standing()  # closing would remove the log of whoever has the name of ours
        with suppress(sqlite3.Error):
            self._connection.close()
        self._connection = self._opened()
        self._files = self._standing()
        busy, *_ = self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            raise sqlite3.OperationalError("the log is read by another process; it is folded in once that has ended")
        self._sound = True

    def _standing(self) -> list[tuple[int, int] | None]:
        """Which files have the names of ledger and log."""
        return [_identity(path) for path in (self._path, self._path.with_name(f"{self._path.name}-wal"))]

    def _check_standing(self) -> None:
        if self._standing() != self._files:
            raise StoreError(
                f"{self._path}: it or its -wal was removed or replaced under the bidder, and what is written is lost;"
                " put the files back, or end this bidder and decide what the next one begins with"
            )

    def _opened(self) -> sqlite3.Connection:
        found = self._connect(self._path)
        try:
            lift(found, self._path)
        except BaseException:
            found.close()
            raise
        return found


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Turns what SQLite raises into `StoreError`."""
    try:
        yield
    except sqlite3.Error as error:
        advice = _ADVICE.get(getattr(error, "sqlite_errorcode", 0) & 0xFF)
        raise StoreError(f"{path}: {error}" + (f"; {advice}" if advice else "")) from error


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _entry_row(entry: Entry) -> tuple[Any, ...]:
    """In the order of `_ENTRY`."""
    return (
        _signed(entry.bid_id),
        entry.kind,
        entry.at_ms,
        entry.campaign,
        entry.day,
        entry.expires_s,
        entry.life,
        str(entry.outcome),
        entry.price_micros,
        entry.reserved_micros,
        entry.spent_micros,
        entry.released_micros,
        entry.late_micros,
        entry.margin_micros,
        entry.fee_micros,
    )


def _signed(bid_id: int) -> int:
    """SQLite has signed integers only."""
    return bid_id - 2**64 if bid_id >= 2**63 else bid_id
