"""Where the money of each campaign is, put together from what is on disk: of a bidder that runs, or has ended."""

import fcntl
import os
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from bidder.events.reader import Damage, Position, tail
from bidder.events.schema import Bid, Event
from bidder.ledger.account import UNLIMITED_MICROS
from bidder.ledger.board import Board
from bidder.ledger.entry import Balance, Entry, Fund, Gap
from bidder.ledger.outage import Outages
from bidder.processes.open_bids import Known, claim, known_bids, named


class Record(Struct, frozen=True):
    """All that a state directory says about money, as read once."""

    entries: list[Entry]
    balances: list[Balance]
    funds: list[Fund]
    gaps: list[Gap]
    bids: dict[int, Bid]
    """Recorded bids that are still in segments, without tests."""
    board: Board | None
    """None where nobody serves: then no grant is out."""
    outages: Outages
    """Those that a hold may have lived through."""
    now_s: float
    damages: list[Damage] = []
    """What could not be read of the segments of bids."""


class Standing(Struct, frozen=True, kw_only=True):
    """The money of one campaign. Integer micros of the account currency."""

    campaign: str
    advertiser: str
    budget: int | None
    """For the flight; None is no limit."""
    daily: int | None
    since: str
    """First day of the flight."""
    unspent: int
    """Granted to workers, and not bid."""
    held: int
    """Bids that are known and not resolved, at full price."""
    unnamed: int
    """Bids that boards counted and no record names."""
    spent: int
    """In this flight."""
    released: int
    late: int
    margin: int
    fee: int
    """Owed to exchanges beside what is spent."""
    wins: int
    bills: int
    losses: int
    days: dict[str, int]
    """Spent by day."""

    @property
    def committed(self) -> int:
        """What is spent or may yet be."""
        return self.spent + self.held + self.unnamed + self.unspent

    @property
    def left(self) -> int:
        """What may still be granted of the flight's budget."""
        return UNLIMITED_MICROS if self.budget is None else max(0, self.budget - self.committed)

    @property
    def overspend_bound(self) -> int:
        """The most by which the flight can end above its budget."""
        return 0 if self.budget is None else max(0, self.committed - self.budget)


def is_served(state: Path) -> bool:
    """Whether a bidder uses the directory. Raises `OSError`."""
    try:
        fd = os.open(state / "lock", os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(fd)
    return False


def recorded(segments: Iterable[Path], damages: list[Damage]) -> Iterator[Event]:
    """What stands in the segments of some writers; what cannot be read goes to `damages`. Raises `OSError`."""
    for directory in sorted(segments):
        position, before = Position(), None
        while position != before:
            before = position
            found = tail(directory, position)
            position = found.position
            damages += found.damages
            yield from found.events


def standings(record: Record) -> list[Standing]:
    """Every campaign that there ever was, by name."""
    latest = {fund.campaign: fund for fund in record.funds}
    known = _open(record)
    held, unsure, unnamed, unspent = _held(known), _held(known, surely=False), _unnamed(record, known), _unspent(record)
    kinds: dict[str, Counter[str]] = defaultdict(Counter)
    for entry in record.entries:
        kinds[entry.campaign][entry.kind] += 1
    names = sorted({*latest, *kinds, *held, *unsure, *unnamed, *unspent})
    found = [
        _standing(name, latest.get(name), record.balances, kinds[name], (unspent[name], held[name], unnamed[name]))
        for name in names
    ]
    return [replace(each, held=each.held + min(unsure[each.campaign], each.left)) for each in found]


def _standing(
    name: str, fund: Fund | None, balances: Iterable[Balance], kinds: Mapping[str, int], out: tuple[int, int, int]
) -> Standing:
    own = [balance for balance in balances if balance.campaign == name]
    since = fund.since if fund is not None else ""
    return Standing(
        campaign=name,
        advertiser=fund.advertiser if fund is not None else "",
        budget=fund.total_micros if fund is not None else None,
        daily=fund.day_micros if fund is not None else None,
        since=since,
        unspent=out[0],
        held=out[1],
        unnamed=out[2],
        spent=sum(each.spent_micros for each in own if each.day >= since),
        released=sum(each.released_micros for each in own),
        late=sum(each.late_micros for each in own),
        margin=sum(each.margin_micros for each in own),
        fee=sum(each.fee_micros for each in own),
        wins=kinds.get("win", 0),
        bills=kinds.get("bill", 0),
        losses=kinds.get("loss", 0),
        days={each.day: each.spent_micros for each in sorted(own, key=lambda each: each.day)},
    )


def _open(record: Record) -> list[Known]:
    """Known bids that have not expired."""
    claims = map(claim, record.bids.values())
    known = known_bids(((bid, record.outages.term(bid)) for bid in claims), record.entries, record.outages)
    return [each for each in known if each.bid.expires_s > record.now_s]


def _held(known: Iterable[Known], *, surely: bool = True) -> Counter[str]:
    """What is not resolved."""
    held: Counter[str] = Counter()
    for each in known:
        if each.surely is surely and each.told.keys() <= {"win"}:
            held[each.bid.campaign] += each.bid.price_micros
    return held


def _unnamed(record: Record, known: Iterable[Known]) -> Counter[str]:
    """Gaps, less what notices named since; and what the board counts beyond the records."""
    told_of = named(known)
    counted: Counter[tuple[int, str]] = Counter({(gap.epoch, gap.campaign): gap.micros for gap in record.gaps})
    if record.board is not None:
        for slot, name in enumerate(record.board.slot_names()):
            if name:
                workers = range(record.board.shape.workers)
                unrecorded = sum(record.board.unrecorded(worker, slot) for worker in workers)
                counted[record.board.epoch, name] += unrecorded
    unnamed: Counter[str] = Counter()
    for (epoch, name), micros in counted.items():
        unnamed[name] += max(0, micros - told_of[epoch, name])
    return unnamed


def _unspent(record: Record) -> Counter[str]:
    if record.board is None:
        return Counter()
    return Counter({name: record.board.unspent(slot) for name, slot in record.board.slots_by_name().items()})
