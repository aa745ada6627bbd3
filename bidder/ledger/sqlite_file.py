"""The file of the ledger: its tables, their versions, and connections to it.

Balances are kept by a trigger, so that they move with the journal and with nothing else; the rows check themselves.
"""

import sqlite3
from collections.abc import Callable
from pathlib import Path

from bidder.ledger.store import StoreError

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
_OUTAGES = """
ALTER TABLE epochs ADD COLUMN alive_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE epochs ADD COLUMN opened_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE epochs ADD COLUMN wall_ms INTEGER NOT NULL DEFAULT 0;
"""
_GROUPS = """
ALTER TABLE funds ADD COLUMN shares TEXT NOT NULL DEFAULT '';
"""
STEPS = (_FIRST, _FEES_AND_HOURS, _OUTAGES, _GROUPS)
"""What lifts a ledger from each version to the next; a new file is of version 0."""
VERSION = len(STEPS)

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


def lift(found: sqlite3.Connection, path: Path) -> None:
    """Make the tables, or bring those of an older version up to this one. Raises `StoreError`, `sqlite3.Error`."""
    (version,) = found.execute("PRAGMA user_version").fetchone()
    if version > VERSION:
        raise StoreError(f"{path}: a ledger of version {VERSION} is wanted, found version {version}")
    if version < VERSION:
        steps = "".join(STEPS[version:])
        found.executescript(f"BEGIN IMMEDIATE; {steps} PRAGMA user_version = {VERSION}; COMMIT;")
