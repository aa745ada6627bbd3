"""The ledger in one SQLite file beside its write-ahead log.

A transaction is on disk when it returns (WAL, `synchronous=FULL`). Balances are kept by a trigger, so that they move
with the journal and with nothing else; the rows check themselves. After a failure nobody knows what the log holds: the
file is opened anew and the log folded into it before anything else is written.

SQLite goes on writing to a file that was removed or replaced under it. What is written there is lost, so it is refused.
"""

import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from bidder.ledger.entry import Balance, Entry, Fund, Gap
from bidder.ledger.store import Batch, StoreError

BUSY_SECONDS = 5.0
"""How long to wait for a reader of the same file."""

_FIRST = """
CREATE TABLE entries (
    seq INTEGER PRIMARY KEY, bid_id INTEGER NOT NULL, kind TEXT NOT NULL, at_ms INTEGER NOT NULL,
    campaign TEXT NOT NULL, day TEXT NOT NULL, expires_s INTEGER NOT NULL, life INTEGER NOT NULL,
    outcome TEXT NOT NULL, price INTEGER NOT NULL, reserved INTEGER NOT NULL, spent INTEGER NOT NULL,
    released INTEGER NOT NULL, late INTEGER NOT NULL, margin INTEGER NOT NULL,
    UNIQUE (bid_id, kind),
    CHECK (reserved = spent + released AND reserved IN (0, price)),
    CHECK (min(price, spent, released, late, margin) >= 0)
) STRICT;
CREATE INDEX entries_by_expiry ON entries (expires_s);
CREATE TABLE balances (
    campaign TEXT NOT NULL, day TEXT NOT NULL, bills INTEGER NOT NULL, spent INTEGER NOT NULL,
    released INTEGER NOT NULL, late INTEGER NOT NULL, margin INTEGER NOT NULL,
    PRIMARY KEY (campaign, day)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER entries_add_up AFTER INSERT ON entries BEGIN
    INSERT INTO balances
    VALUES (new.campaign, new.day, new.kind = 'bill', new.spent, new.released, new.late, new.margin)
    ON CONFLICT (campaign, day) DO UPDATE SET
        bills = bills + excluded.bills, spent = spent + excluded.spent, released = released + excluded.released,
        late = late + excluded.late, margin = margin + excluded.margin;
END;
CREATE TABLE exposures (campaign TEXT PRIMARY KEY, micros INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE gaps (
    epoch INTEGER NOT NULL, campaign TEXT NOT NULL, micros INTEGER NOT NULL CHECK (micros > 0),
    until_s INTEGER NOT NULL, PRIMARY KEY (epoch, campaign)
) STRICT, WITHOUT ROWID;
CREATE TABLE funds (
    seq INTEGER PRIMARY KEY, campaign TEXT NOT NULL, at_ms INTEGER NOT NULL, advertiser TEXT NOT NULL, total INTEGER,
    daily INTEGER, since TEXT NOT NULL, timezone TEXT NOT NULL, margin_ppb INTEGER NOT NULL
) STRICT;
CREATE TABLE epochs (epoch INTEGER PRIMARY KEY) STRICT;
"""
_FEES_AND_HOURS = """
ALTER TABLE entries ADD COLUMN fee INTEGER NOT NULL DEFAULT 0 CHECK (fee >= 0);
ALTER TABLE balances ADD COLUMN fee INTEGER NOT NULL DEFAULT 0;
ALTER TABLE funds ADD COLUMN hourly INTEGER;
DROP TRIGGER entries_add_up;
CREATE TRIGGER entries_add_up AFTER INSERT ON entries BEGIN
    INSERT INTO balances (campaign, day, bills, spent, released, late, margin, fee)
    VALUES (new.campaign, new.day, new.kind = 'bill', new.spent, new.released, new.late, new.margin, new.fee)
    ON CONFLICT (campaign, day) DO UPDATE SET
        bills = bills + excluded.bills, spent = spent + excluded.spent, released = released + excluded.released,
        late = late + excluded.late, margin = margin + excluded.margin, fee = fee + excluded.fee;
END;
"""
STEPS = (_FIRST, _FEES_AND_HOURS)
"""What lifts a ledger from each version to the next; a new file is of version 0."""
VERSION = len(STEPS)

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
_WRITE_GAP = "INSERT INTO gaps VALUES (?, ?, ?, ?) ON CONFLICT (epoch, campaign) DO NOTHING"
_FUND = "campaign, at_ms, advertiser, total, daily, since, timezone, margin_ppb, hourly"
_WRITE_FUND = f"INSERT INTO funds ({_FUND}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 - constants

_ADVICE = {
    sqlite3.SQLITE_FULL: "make room on its disk",
    sqlite3.SQLITE_READONLY: "let this user write it",
    sqlite3.SQLITE_CANTOPEN: "let this user open and make it",
}
"""By what SQLite says: what would be right."""

Connect = Callable[[Path], sqlite3.Connection]


def connect(path: Path) -> sqlite3.Connection:
    """A connection that writes durably. Raises `sqlite3.Error`."""
    found = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        found.execute(f"PRAGMA {pragma}")
    return found


def connect_to_read(path: Path) -> sqlite3.Connection:
    """A connection that changes nothing, beside a bidder that writes. Raises `sqlite3.Error`."""
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=ro",
        uri=True,
        timeout=BUSY_SECONDS,
        isolation_level=None,
        check_same_thread=False,
    )


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

    def begin_epoch(self) -> int:
        """As `LedgerStore` says."""
        with _told(self._path):
            rows = self._connection.execute("INSERT INTO epochs DEFAULT VALUES RETURNING epoch").fetchall()
        return int(rows[0][0])

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
        many(_WRITE_GAP, ((gap.epoch, gap.campaign, gap.micros, gap.until_s) for gap in batch.gaps))
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
            self._check_version(found)
        except BaseException:
            found.close()
            raise
        return found

    def _check_version(self, found: sqlite3.Connection) -> None:
        (version,) = found.execute("PRAGMA user_version").fetchone()
        if version > VERSION:
            raise StoreError(f"{self._path}: a ledger of version {VERSION} is wanted, found version {version}")
        if version < VERSION:
            steps = "".join(STEPS[version:])
            found.executescript(f"BEGIN IMMEDIATE; {steps} PRAGMA user_version = {VERSION}; COMMIT;")


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
