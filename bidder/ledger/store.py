"""What a store of the ledger does. It is the truth for money: what it has written is so, whatever else is lost."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from msgspec import Struct

from bidder.ledger.entry import Balance, Entry, Fund, Gap
from bidder.ledger.outage import Outage


class StoreError(Exception):
    """The store cannot be opened, or did not write. A batch that failed may be written again: it counts once."""


class Batch(Struct, frozen=True, kw_only=True):
    """What is written together, or not at all."""

    entries: Sequence[Entry] = ()
    """An entry whose bid and kind stand in the journal already changes nothing."""
    exposures: Mapping[str, int] = {}
    """By campaign: the most that grants and open bids come to from here on, in micros."""
    gaps: Sequence[Gap] = ()
    """Where one of its epoch and campaign is there already, the smaller sum counts, and until when it said first.

    Of nothing: it is over.
    """
    funds: Sequence[Fund] = ()


class LedgerStore(Protocol):
    """Calls come from one thread at a time, but for `is_billed`. All raise `StoreError`."""

    def begin_epoch(self, outage: Outage) -> int:
        """Count one more life of control, and what lies between it and the last, durably; its number, from 1 on."""

    def outages(self) -> Sequence[Outage]:
        """One for each life of control, the oldest first."""

    def write(self, batch: Batch) -> None:
        """Returns when the batch is on disk, whole."""

    def lines(self) -> int:
        """How many lines the journal has."""

    def is_billed(self, bid_id: int) -> bool:
        """Whether the journal has a bill of this bid. May be called beside any other call, and does not wait for it."""

    def balances(self) -> Sequence[Balance]:
        """The journal added up, by campaign and day."""

    def entries(self, *, expire_after_s: float = 0, campaign: str | None = None) -> Iterator[Entry]:
        """Lines of the journal in the order they were written: of one campaign, of bids that expire later."""

    def latest(self, since_s: float) -> Iterator[Entry]:
        """Lines of the journal in the order they were written: those after the last one that is older."""

    def exposures(self) -> Mapping[str, int]:
        """As written last."""

    def gaps(self, now_s: float) -> Sequence[Gap]:
        """Those that still hold."""

    def funds(self) -> Sequence[Fund]:
        """All there were, oldest first."""

    def close(self) -> None:
        """Let go of it."""


def added_up(entries: Iterable[Entry]) -> dict[tuple[str, str], Balance]:
    """The balances that entries come to, by campaign and day."""
    sums: dict[tuple[str, str], list[int]] = {}
    for entry in entries:
        row = sums.setdefault((entry.campaign, entry.day), [0] * 6)
        moved = (entry.spent_micros, entry.released_micros, entry.late_micros, entry.margin_micros, entry.fee_micros)
        for index, each in enumerate((int(entry.kind == "bill"), *moved)):
            row[index] += each
    return {
        (campaign, day): Balance(
            campaign=campaign,
            day=day,
            bills=row[0],
            spent_micros=row[1],
            released_micros=row[2],
            late_micros=row[3],
            margin_micros=row[4],
            fee_micros=row[5],
        )
        for (campaign, day), row in sums.items()
    }
