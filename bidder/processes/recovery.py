"""What a new control process takes over from those before it, however they ended.

    store      what is spent, and what notices told of bids that may be heard of again
    segments   bids that have not expired
    board      how much was bid beyond the records: held in one sum until the longest of such bids has expired

Held again is what was held when control was last alive. What had expired by then was released, and others may have it.
Where the clock went back meanwhile, nobody knows which bids had: those are held as far as the budget goes. What expired
since is held for as long as it was meant to be, through all restarts that come within that time (`ledger.outage`).

A board of an earlier life of the machine proves nothing, since memory reaches the disk in no order: then all that was
granted or open at the last word of the store is held instead. Of whatever life, a board knows how many lines of the
journal were safe: a ledger that has fewer forgot what was acknowledged, and nothing is bid on its word.
"""

import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from bidder.events.segment import seal
from bidder.ledger.account import Account
from bidder.ledger.board import Board, Shape
from bidder.ledger.book import Book
from bidder.ledger.entry import Gap, Post
from bidder.ledger.outage import Outage, Outages
from bidder.ledger.store import Batch, LedgerStore
from bidder.processes.open_bids import known_bids, named
from bidder.processes.state import State, StateError
from bidder.processes.tailing import Unexpired, recorded_bids

LATE_SECONDS = 3600
"""How long billed bids are remembered after their expiry."""

HOUR_SECONDS = 3600
STRAGGLERS_SECONDS = 10.0
"""How long workers of an earlier control process may take to end."""

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


class Moment(Struct, frozen=True):
    """When, and how long a bid may be open at most, in seconds."""

    now_s: float
    longest_s: float
    alive_s: float = 0.0
    """When control before this one gave up expired bids last: what expired later is still held."""
    wall_s: float = 0.0
    """What the wall clock said then."""


class Recovered(Struct, frozen=True):
    """Where control goes on."""

    epoch: int
    board: Board
    """A new one, for this life."""
    book: Book
    gaps: Sequence[Gap]
    """Those of the store."""
    unexpired: Unexpired
    carried: Mapping[str, tuple[int, int]]
    """Throttle and multiplier of each campaign, as they stood."""
    wall_ahead_s: float | None
    """How far the wall clock was ahead of the machine's, while the control process before this one lived."""


def recover(state: State, store: LedgerStore, shape: Shape, moment: Moment, post: Post) -> Recovered:
    """Take over. Raises `StateError`, `OSError`, `ledger.store.StoreError`."""
    _wait_for_stragglers(state.segments)
    before = Board.found(state.board)
    lines = store.lines()
    if before is not None and lines < before.safe_lines:
        raise StateError(_forgotten(state, lines, before.safe_lines))
    moment = _after(moment, before)
    epoch = store.begin_epoch(Outage(moment.alive_s, moment.now_s, moment.wall_s))
    outages = Outages(store.outages(), moment.longest_s)
    book = Book(moment.now_s, LATE_SECONDS, post, store.is_billed)
    for fund in store.funds():
        book.fund(fund.campaign, fund.budget)
    for balance in store.balances():
        book.reopen_balance(balance)
    for entry in store.latest(moment.now_s - HOUR_SECONDS):
        book.reopen_hour(entry)
    unexpired = Unexpired()
    told = store.entries(expire_after_s=outages.earliest_s)
    known = known_bids(recorded_bids(state.segments, unexpired, outages), told, outages)
    for each in known:
        if each.surely:
            book.reopen_hold(each.bid, each.told, is_recorded=each.is_recorded)
    told_of = named(known)
    _keep_gaps(book, store, _counted(before, store, book, epoch, told_of), moment)
    gaps = store.gaps(moment.now_s)
    _reopen_gaps(book, gaps, told_of, moment)
    for each in reversed(known):  # what was bid last is the likeliest to be open
        if not each.surely:
            book.reopen_hold(each.bid, each.told, surely=False, is_recorded=each.is_recorded)
    board = Board.create(state.board, shape)
    board.mark(epoch, boot_number())
    board.witness(lines)
    board.control_beat_ms = board.control_wall_ms = int(moment.now_s * 1000)
    return Recovered(epoch, board, book, gaps, unexpired, _carried(before), _wall_ahead_s(before))


def _after(moment: Moment, before: Board | None) -> Moment:
    """The moment as the board of the last life makes it known."""
    if before is None:
        return replace(moment, alive_s=moment.now_s)
    moment = replace(moment, longest_s=max(moment.longest_s, before.longest_s))
    if before.boot != boot_number():
        return replace(moment, alive_s=moment.now_s)
    return replace(moment, alive_s=before.control_beat_ms / 1000, wall_s=before.control_wall_ms / 1000)


def _forgotten(state: State, lines: int, safe: int) -> str:
    return (
        f"{state.ledger}: of {safe} lines that were safe on disk {lines} are there, so acknowledged notices are lost;"
        f" put the file and its -wal back; or have `bidder ledger audit` name what is known of them, and remove"
        f" {state.board} to go on without"
    )


def boot_number() -> int:
    """A number that differs from one start of this machine to the next."""
    return int.from_bytes(blake2b(_BOOT_ID.read_bytes(), digest_size=7).digest())


def _wait_for_stragglers(segments: Path) -> None:
    """Workers end when control does; until they have, they may bid. Sealing also cuts what they left half written."""
    end_s = time.monotonic() + STRAGGLERS_SECONDS
    for directory in segments.glob("worker-*/"):
        while not seal(directory):
            if time.monotonic() > end_s:
                raise StateError(f"{directory}: a worker of an earlier bidder is still alive; end it and start again")
            time.sleep(0.01)


def _counted(
    board: Board | None, store: LedgerStore, book: Book, epoch: int, told_of: Counter[tuple[int, str]]
) -> Mapping[tuple[int, str], int]:
    """What may be open without a record, by epoch and campaign; with those that are named."""
    if board is None or board.boot != boot_number():
        last = epoch - 1
        return {
            (last, name): _unheard_of(book, name, out) + told_of[last, name] for name, out in store.exposures().items()
        }
    found: Counter[tuple[int, str]] = Counter()
    for slot, name in enumerate(board.slot_names()):
        if name:
            found[board.epoch, name] += sum(board.unrecorded(worker, slot) for worker in range(board.shape.workers))
    return found


def _keep_gaps(book: Book, store: LedgerStore, counted: Mapping[tuple[int, str], int], moment: Moment) -> None:
    """Put the gaps into the store before the board goes that they were read from."""
    until_s = int(moment.now_s + moment.longest_s) + 1
    gaps = [
        Gap(epoch=epoch, campaign=campaign, micros=micros, until_s=until_s)
        for (epoch, campaign), micros in counted.items()
        if micros > 0
    ]
    held = {campaign: account.held for campaign, account in book.accounts.items()}
    exposures = {campaign: held.get(campaign, 0) for campaign in {*held, *store.exposures()}}
    store.write(Batch(gaps=gaps, exposures=exposures))


def _unheard_of(book: Book, campaign: str, out: int) -> int:
    """What may be open beside what is held, where `out` was told to be out at most; it was within the budget."""
    account = book.accounts.get(campaign, Account(campaign))
    total = account.budget.total_micros
    left = out - account.held
    return left if total is None else min(left, total - account.committed)


def _reopen_gaps(book: Book, gaps: Iterable[Gap], told_of: Counter[tuple[int, str]], moment: Moment) -> None:
    """Hold what nobody named since."""
    for gap in gaps:
        micros = gap.micros - told_of[gap.epoch, gap.campaign]
        if micros > 0:
            book.reopen_gap(gap, micros, min(gap.until_s - moment.now_s, moment.longest_s))


def _carried(board: Board | None) -> dict[str, tuple[int, int]]:
    if board is None:
        return {}
    cells = zip(board.slot_names(), board.throttle_ppb, board.multiplier_ppb, strict=True)
    return {name: (throttle, multiplier) for name, throttle, multiplier in cells if name}


def _wall_ahead_s(board: Board | None) -> float | None:
    if board is None or board.boot != boot_number() or not board.wall_ahead_ms:
        return None
    return board.wall_ahead_ms / 1000
