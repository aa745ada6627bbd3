"""Adding up anew everything that a state directory says about money, and naming what does not agree.

Telemetry is read before the ledger: control writes it after the commit, so what it tells must be in the ledger.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from msgspec import Struct

from bidder.clock import monotonic_s
from bidder.domain.outcome import Outcome
from bidder.events.schema import Bid, Notice
from bidder.ledger.board import Board
from bidder.ledger.entry import Balance, Entry, Fund, Kind
from bidder.ledger.sqlite import SqliteStore, connect_to_read
from bidder.ledger.store import added_up
from bidder.processes.ledger_standing import Record, Standing, is_served, recorded, standings

MOST_READINGS = 3


class Told(Struct, frozen=True):
    """What telemetry tells of a bid: of the bid itself, or of its bill."""

    bid_id: int
    campaign: str
    micros: int


class Audit(Struct, frozen=True):
    """What was found."""

    workers: int
    lines: int
    """Lines of the journal that were added up."""
    bids: int
    """Recorded bids that lines of the journal were compared with."""
    notices: int
    """Recorded bills that were looked up in the journal."""
    standings: list[Standing]
    differences: list[str]
    """Empty where everything agrees."""


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
    bills = [*_logged_bills(state)]
    safe_lines = _safe_lines(state / "board")
    record = read(state, now_s)
    entries = {(entry.bid_id, entry.kind): entry for entry in record.entries}
    bids = [*_logged_bids(state, record, {entry.bid_id for entry in record.entries})]
    found = standings(record)
    differences = [
        *_shorter(record.entries, safe_lines),
        *_unbalanced(record.entries),
        *_repeated(record.entries),
        *_unequal(record.entries, record.balances),
        *_unlike_bids(record.entries, bids),
        *_missing(bills, entries),
        *_beyond(found, record.funds),
    ]
    workers = record.board.shape.workers if record.board is not None else 0
    return Audit(workers, len(record.entries), len(bids), len(bills), found, differences)


def read(state: Path, now_s: float) -> Record:
    """What the directory says. Raises `OSError`, `ledger.store.StoreError`.

    Money that a bidder moves meanwhile must not be seen twice, so it is followed on its way: what is recorded, then
    what is granted and bid without a record, then at once what is resolved. The time goes on with the reading.
    """
    began_s = monotonic_s()
    events = recorded((state / "segments").glob("worker-*/"))
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
            now_s=now_s + monotonic_s() - began_s,
        )


def _board_of(state: Path) -> Board | None:
    """The board as it is now, where a bidder serves."""
    board = Board.found(state / "board") if is_served(state) else None
    return board.copied() if board is not None else None


def _unbalanced(entries: Iterable[Entry]) -> Iterator[str]:
    for entry in entries:
        if not entry.balances:
            yield f"bid {entry.bid_id:016x}: the {entry.kind} line does not balance: {entry}"


def _repeated(entries: Iterable[Entry]) -> Iterator[str]:
    reserved: Counter[int] = Counter()
    for (bid_id, kind), count in Counter((entry.bid_id, entry.kind) for entry in entries).items():
        if count > 1:
            yield f"bid {bid_id:016x}: {count} lines of kind {kind}"
    for entry in entries:
        reserved[entry.bid_id] += int(entry.reserved_micros > 0)
    yield from (f"bid {bid_id:016x}: resolved {count} times" for bid_id, count in reserved.items() if count > 1)


def _unequal(entries: Iterable[Entry], balances: Iterable[Balance]) -> Iterator[str]:
    sums = added_up(entries)
    for balance in balances:
        found = sums.pop((balance.campaign, balance.day), None)
        if found != balance:
            yield f"{balance.campaign}, {balance.day}: the lines add up to {found}, the balance is {balance}"
    yield from (f"{campaign}, {day}: no balance of {found}" for (campaign, day), found in sums.items())


def _unlike_bids(entries: Iterable[Entry], bids: Iterable[Told]) -> Iterator[str]:
    lines: dict[int, list[Entry]] = defaultdict(list)
    for entry in entries:
        lines[entry.bid_id].append(entry)
    for bid in bids:
        for entry in lines[bid.bid_id]:
            if (entry.campaign, entry.price_micros) != (bid.campaign, bid.micros):
                told = f"{bid.micros} micros for {bid.campaign}"
                yield f"bid {bid.bid_id:016x}: recorded as {told}, in the journal as {entry}"


def _safe_lines(path: Path) -> int:
    """What the board says at this moment; it goes on counting."""
    board = Board.found(path)
    return board.safe_lines if board is not None else 0


def _shorter(entries: Sequence[Entry], safe_lines: int) -> Iterator[str]:
    if len(entries) < safe_lines:
        yield f"the journal: {safe_lines} lines were safe on disk, {len(entries)} are there"


def _missing(bills: Iterable[Told], entries: Mapping[tuple[int, Kind], Entry]) -> Iterator[str]:
    for bill in bills:
        entry = entries.get((bill.bid_id, "bill"))
        if entry is None:
            yield f"bid {bill.bid_id:016x}: {bill.micros} micros were acknowledged, the journal knows nothing of them"
        elif entry.spent_micros + entry.late_micros != bill.micros:
            yield f"bid {bill.bid_id:016x}: {bill.micros} micros were acknowledged, the journal has {entry}"


def _beyond(found: Iterable[Standing], funds: Iterable[Fund]) -> Iterator[str]:
    """An edit may put a budget below what is committed, so the highest there was in the flight is what counts."""
    totals: dict[str, list[int | None]] = defaultdict(list)
    dailies: dict[str, list[int | None]] = defaultdict(list)
    for fund in funds:
        totals[fund.campaign].append(fund.total_micros)
        dailies[fund.campaign].append(fund.day_micros)
    for each in found:
        total, daily = _highest(totals[each.campaign]), _highest(dailies[each.campaign])
        if total is not None and each.committed > total:
            yield f"{each.campaign}: {each.committed} micros are spent or may yet be, the budget is {total}"
        for day, spent in each.days.items():
            if daily is not None and spent > daily:
                yield f"{each.campaign}, {day}: {spent} micros are spent, the budget of a day is {daily}"


def _highest(limits: list[int | None]) -> int | None:
    known = [limit for limit in limits if limit is not None]
    return max(known) if limits and len(known) == len(limits) else None


def _logged_bills(state: Path) -> Iterator[Told]:
    """Bills that telemetry of control tells were booked."""
    booked = {outcome for outcome in Outcome if outcome.counts} | {Outcome.LATE}
    for event in recorded([state / "segments" / "control"]):
        if isinstance(event, Notice) and event.kind == "billing" and event.outcome in booked:
            yield Told(event.bid_id, event.campaign, event.price_micros or 0)
    for row in _rows(state, "notice", ["kind", "outcome", "bid_id", "campaign", "price_micros"]):
        if row["kind"] == "billing" and row["outcome"] in booked:
            yield Told(row["bid_id"], row["campaign"], row["price_micros"] or 0)


def _logged_bids(state: Path, record: Record, wanted: set[int]) -> Iterator[Told]:
    for bid in record.bids.values():
        if bid.bid_id in wanted:
            yield Told(bid.bid_id, bid.campaign, bid.price_micros)
    for row in _rows(state, "bid", ["bid_id", "campaign", "price_micros", "test"]):
        if row["bid_id"] in wanted and row["bid_id"] not in record.bids and not row["test"]:
            yield Told(row["bid_id"], row["campaign"], row["price_micros"])


def _rows(state: Path, event: str, columns: list[str]) -> Iterator[dict[str, Any]]:
    """Rows of the Parquet files of an event."""
    for path in sorted((state / "events" / event).glob("**/*.parquet")):
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(columns=columns):
                yield from batch.to_pylist()
