"""Adding up anew everything that a state directory says about money, and naming what does not agree.

Telemetry is read before the ledger: control writes it after the commit, so what it tells must be in the ledger.
"""

from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import chain
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from msgspec import Struct

from bidder.clock import monotonic_s
from bidder.domain.outcome import Outcome
from bidder.events.reader import Damage, read_closed
from bidder.events.schema import Bid, Notice
from bidder.ledger.board import Board
from bidder.ledger.entry import Entry
from bidder.ledger.outage import Outage, Outages
from bidder.ledger.sqlite import SqliteStore
from bidder.ledger.sqlite_file import connect_to_read
from bidder.processes.ledger_differences import (
    Told,
    between_lines,
    beyond_budgets,
    from_balances,
    from_funds,
    from_telemetry,
)
from bidder.processes.ledger_standing import Record, Standing, is_served, recorded, standings

MOST_READINGS = 3


class Logged(Struct, frozen=True):
    """A notice, as segments and Parquet files have it."""

    kind: str
    outcome: str
    bid_id: int
    campaign: str
    price_micros: int | None
    fee_micros: int

    @property
    def took_effect(self) -> bool:
        """Whether the journal has a line of it."""
        return Outcome(self.outcome).counts or (self.kind == "billing" and self.outcome == Outcome.LATE)

    def told(self) -> Told:
        """What its line must have."""
        if self.kind != "billing":
            return Told(self.kind, self.bid_id, self.campaign, {"outcome": self.outcome})
        micros, is_late = self.price_micros or 0, self.outcome == Outcome.LATE
        values: dict[str, int | str] = {
            "outcome": self.outcome,
            "spent_micros": 0 if is_late else micros,
            "late_micros": micros if is_late else 0,
            "fee_micros": self.fee_micros,
        }
        return Told("bill", self.bid_id, self.campaign, values)


class Audit(Struct, frozen=True):
    """What was found."""

    workers: int
    lines: int
    """Lines of the journal that were added up."""
    unrecorded: int
    """Those of them whose notice is not recorded, so that they were compared with nothing but each other."""
    bids: int
    """Recorded bids that lines of the journal were compared with."""
    notices: int
    """Recorded notices that took effect, and were looked up in the journal."""
    standings: list[Standing]
    differences: list[str]
    """Empty where everything agrees."""
    unread: list[str]
    """Records that cannot be read, so that nothing was compared with them: torn in a crash, or damaged."""


def audit(state: Path, now_s: float) -> Audit:
    """Read and compare everything. Raises `OSError`, `ledger.store.StoreError`.

    While a bidder serves, money moves between one read and the next: what differs then is read again.
    """
    found = _audit(state, now_s)
    for _ in range(MOST_READINGS - 1):
        if not found.differences or not is_served(state):
            break
        found = _audit(state, now_s)
    return found


def _audit(state: Path, now_s: float) -> Audit:
    damages = [*_retired(state)]
    notices = [*_logged_notices(state, damages)]
    safe_lines = _safe_lines(state / "board")
    record = read(state, now_s)
    bids = [*_logged_bids(state, record, {entry.bid_id for entry in record.entries})]
    found = standings(record)
    notices_of = {(notice.bid_id, notice.kind) for notice in notices}
    unrecorded = sum((entry.bid_id, entry.kind) not in notices_of for entry in record.entries)
    differences = [
        *_shorter(record.entries, safe_lines),
        *between_lines(record.entries),
        *from_balances(record.entries, record.balances),
        *from_telemetry(record.entries, [*notices, *bids]),
        *from_funds(record.entries, record.funds),
        *beyond_budgets(found, record.entries, record.funds),
    ]
    workers = record.board.shape.workers if record.board is not None else 0
    unread = [*map(_unread, [*damages, *record.damages])]
    return Audit(workers, len(record.entries), unrecorded, len(bids), len(notices), found, differences, unread)


def read(state: Path, now_s: float) -> Record:
    """What the directory says. Raises `OSError`, `ledger.store.StoreError`.

    Money that a bidder moves meanwhile must not be seen twice, so it is followed on its way: what is recorded, then
    what is granted and bid without a record, then at once what is resolved. The time goes on with the reading.
    """
    began_s = monotonic_s()
    damages: list[Damage] = []
    events = recorded((state / "segments").glob("worker-*/"), damages)
    bids = {event.bid_id: event for event in events if isinstance(event, Bid) and not event.test}
    store = SqliteStore(state / "ledger.db", connect_to_read)
    with closing(store), store.at_one_moment():
        board = _board_of(state)
        return Record(
            entries=list(store.entries()),
            balances=list(store.balances()),
            funds=list(store.funds()),
            gaps=list(store.gaps(now_s)),
            bids=bids,
            board=board,
            outages=Outages([*store.outages()] or [Outage(now_s, now_s)], _longest_s(state / "board")),
            now_s=now_s + monotonic_s() - began_s,
            damages=damages,
        )


def _board_of(state: Path) -> Board | None:
    """The board as it is now, where a bidder serves."""
    board = Board.found(state / "board") if is_served(state) else None
    return board.copied() if board is not None else None


def _longest_s(path: Path) -> int:
    """How long a bid may be open, as the bidder had it that served last."""
    board = Board.found(path)
    return board.longest_s if board is not None else 0


def _safe_lines(path: Path) -> int:
    """What the board says at this moment; it goes on counting."""
    board = Board.found(path)
    return board.safe_lines if board is not None else 0


def _shorter(entries: Sequence[Entry], safe_lines: int) -> Iterator[str]:
    if len(entries) < safe_lines:
        yield f"the journal: {safe_lines} lines were safe on disk, {len(entries)} are there"


def _retired(state: Path) -> Iterator[Damage]:
    """What could not be read when segments were rolled, which are kept aside for that."""
    for segment in sorted((state / "damaged").glob("*.seg")):
        for chunk in read_closed(segment):
            yield from chunk.damages


def _unread(damage: Damage) -> str:
    return f"{damage.segment}: {damage.skipped_bytes} bytes from {damage.offset} on cannot be read: {damage.what}"


def _logged_notices(state: Path, damages: list[Damage]) -> Iterator[Told]:
    """Notices that took effect, as telemetry of control tells them."""
    columns = list(Logged.__struct_fields__)
    found = recorded([state / "segments" / "control"], damages)
    events = (event for event in found if isinstance(event, Notice))
    logged = (Logged(*(getattr(event, name) for name in columns)) for event in events)
    for notice in chain(logged, (Logged(**row) for row in _rows(state, "notice", columns))):
        if notice.took_effect:
            yield notice.told()


def _logged_bids(state: Path, record: Record, wanted: set[int]) -> Iterator[Told]:
    for bid in record.bids.values():
        if bid.bid_id in wanted:
            yield _told_bid(bid.bid_id, bid.campaign, bid.price_micros, bid.expires_ms)
    columns = ["bid_id", "campaign", "price_micros", "expires_ms"]
    for row in _rows(state, "bid", [*columns, "test"]):
        if row["bid_id"] in wanted and row["bid_id"] not in record.bids and not row["test"]:
            yield _told_bid(*(row[name] for name in columns))


def _told_bid(bid_id: int, campaign: str, price_micros: int, expires_ms: int) -> Told:
    return Told("bid", bid_id, campaign, {"price_micros": price_micros, "expires_s": -(-expires_ms // 1000)})


def _rows(state: Path, event: str, columns: list[str]) -> Iterator[dict[str, Any]]:
    """Rows of the Parquet files of an event."""
    for path in sorted((state / "events" / event).glob("**/*.parquet")):
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(columns=columns):
                yield from batch.to_pylist()
