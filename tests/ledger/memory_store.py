"""A ledger store without a disk, for tests: it can be made to refuse."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from msgspec.structs import replace

from bidder.ledger.entry import Balance, Entry, Fund, Gap
from bidder.ledger.outage import Outage
from bidder.ledger.store import Batch, StoreError, added_up


class MemoryStore:
    """Keeps everything in lists."""

    def __init__(self) -> None:
        self.refuses = False
        self.writes = 0
        self._moves = threading.Event()
        self._moves.set()
        self._outages: list[Outage] = []
        self._entries: dict[tuple[int, str], Entry] = {}
        self._exposures: dict[str, int] = {}
        self._gaps: dict[tuple[int, str], Gap] = {}
        self._funds: list[Fund] = []

    @contextmanager
    def stuck(self) -> Iterator[None]:
        """Writes that begin inside do not end before this does."""
        self._moves.clear()
        try:
            yield
        finally:
            self._moves.set()

    def begin_epoch(self, outage: Outage) -> int:
        self._outages.append(outage)
        return len(self._outages)

    def outages(self) -> Sequence[Outage]:
        return list(self._outages)

    def write(self, batch: Batch) -> None:
        self._moves.wait(timeout=60)
        if self.refuses:
            raise StoreError("memory: told to refuse")
        self.writes += 1
        for entry in batch.entries:
            self._entries.setdefault((entry.bid_id, entry.kind), entry)
        for gap in batch.gaps:
            key = gap.epoch, gap.campaign
            known = self._gaps.get(key, gap)
            self._gaps[key] = replace(known, micros=min(known.micros, gap.micros))
        for gap in batch.gaps:
            if not gap.micros:
                self._gaps.pop((gap.epoch, gap.campaign), None)
        self._exposures |= batch.exposures
        self._funds += batch.funds

    def lines(self) -> int:
        return len(self._entries)

    def is_billed(self, bid_id: int) -> bool:
        return (bid_id, "bill") in self._entries

    def balances(self) -> Sequence[Balance]:
        return list(added_up(self._entries.values()).values())

    def entries(self, *, expire_after_s: float = 0, campaign: str | None = None) -> Iterator[Entry]:
        for entry in self._entries.values():
            if entry.expires_s > expire_after_s and campaign in {None, entry.campaign}:
                yield entry

    def latest(self, since_s: float) -> Iterator[Entry]:
        lines = list(self._entries.values())
        older = [number for number, entry in enumerate(lines, 1) if entry.at_ms < since_s * 1000]
        yield from lines[max(older, default=0) :]

    def exposures(self) -> Mapping[str, int]:
        return dict(self._exposures)

    def gaps(self, now_s: float) -> Sequence[Gap]:
        return [gap for gap in self._gaps.values() if gap.until_s > now_s]

    def funds(self) -> Sequence[Fund]:
        return list(self._funds)

    def close(self) -> None:
        return
