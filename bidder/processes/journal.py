"""The journal of the running bidder: lines of the book into the store, many to a commit, in one writer thread.

Whoever asks for safety during a commit waits for the next one, together with all who ask meanwhile. What could not be
written stays pending and is written with the next commit; until then nothing of it is acknowledged.

A disk may also say nothing at all. A commit that takes longer than `STALLED_SECONDS` counts as failing while it lasts,
so that nothing is granted, and a sender is asked to call again after `PATIENCE_SECONDS`. The commit itself goes on, and
what it writes in the end is safe.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor

from bidder.clock import Clock, monotonic_s
from bidder.events.recorder import RecordError
from bidder.ledger.entry import Entry, Fund, Gap
from bidder.ledger.store import Batch, LedgerStore, StoreError

MOST_PENDING = 65_536
"""Lines that may wait while the store refuses; beyond that, notices are turned away before they are looked at."""

STALLED_SECONDS = 1.0
"""From when on a commit that was asked for and is not done is taken for a disk that does not write."""

PATIENCE_SECONDS = 5.0
"""The longest that anybody waits for a commit: exchanges give up about then, and call again."""


class Journal:
    """Takes lines, and makes them safe in groups."""

    def __init__(self, store: LedgerStore, clock: Clock = monotonic_s) -> None:
        self.failure: StoreError | None = None
        """What the last commit met with; None where it succeeded."""
        self.commits = self.failures = self.written = 0
        self.witness: Callable[[int], None] = lambda _: None
        """Told how many lines are safe, after each commit and before anything in it is acknowledged."""
        self._store = store
        self._entries: list[Entry] = []
        self._exposures: dict[str, int] = {}
        self._funds: list[Fund] = []
        self._gaps: list[Gap] = []
        self._unsafe: Counter[int] = Counter()
        self._thread = ThreadPoolExecutor(1, "ledger")
        self._running: asyncio.Task[None] | None = None
        self._next: asyncio.Task[None] | None = None
        self._clock = clock
        self._asked_s: list[float] = []
        """When the commits that are not done were asked for, the oldest first."""

    @property
    def waits_s(self) -> float:
        """For how long the oldest commit that is not done has been waited for; 0 where there is none."""
        return self._clock() - self._asked_s[0] if self._asked_s else 0.0

    @property
    def is_failing(self) -> bool:
        """Whether nothing can be recorded now: the last commit failed, or one does not end."""
        return self.failure is not None or self.waits_s >= STALLED_SECONDS

    @property
    def pending(self) -> int:
        """Lines that are not yet safe."""
        return self._unsafe.total()

    @property
    def is_ahead(self) -> bool:
        """Whether anything was taken that is not yet on disk."""
        is_writing = self._running is not None and not self._running.done()
        return is_writing or bool(self._unsafe or self._exposures or self._funds or self._gaps)

    @property
    def is_full(self) -> bool:
        """Whether no more lines can be taken for now."""
        return len(self._entries) >= MOST_PENDING

    def post(self, entry: Entry) -> None:
        """Take a line."""
        self._entries.append(entry)
        self._unsafe[entry.bid_id] += 1

    def state(self, exposures: Mapping[str, int], funds: Iterable[Fund] = (), gaps: Iterable[Gap] = ()) -> None:
        """Take what a restart has to know; exposures replace earlier ones."""
        self._exposures.update(exposures)
        self._funds.extend(funds)
        self._gaps.extend(gaps)

    async def safe(self, bid_id: int) -> None:
        """Return when all lines about a bid are on disk. Raises `RecordError` where that is not possible now."""
        if bid_id in self._unsafe:
            await self.commit()

    async def commit(self, patience_s: float | None = PATIENCE_SECONDS) -> None:
        """Return once all that was taken before the call is on disk.

        Raises `RecordError` where it is not, or not after `patience_s` (None: for ever); then it may yet come to be.
        """
        if self._next is None:
            self._asked_s.append(self._clock())
            self._next = asyncio.ensure_future(self._commit_after(self._running))
            self._next.add_done_callback(_heard)
        commit = self._next
        done, _ = await asyncio.wait([commit], timeout=patience_s)
        if not done:
            raise RecordError(f"the ledger is not written after {patience_s} s; it is still waited for")
        try:
            commit.result()
        except StoreError as error:
            raise RecordError(str(error)) from error

    async def close(self) -> None:
        """Make all safe, however long that takes, and let go of the store. Raises `RecordError`, `StoreError`."""
        try:
            await self.commit(None)
        finally:
            await asyncio.get_running_loop().run_in_executor(self._thread, self._store.close)
            self._thread.shutdown()

    async def _commit_after(self, running: asyncio.Task[None] | None) -> None:
        if running is not None:
            await asyncio.wait([running])
        self._running, self._next = self._next, None
        batch = self._take()
        try:
            lines = await asyncio.get_running_loop().run_in_executor(self._thread, self._write, batch)
        except StoreError as error:
            self._give_back(batch)
            self.failure, self.failures = error, self.failures + 1
            raise
        finally:
            del self._asked_s[0]
        self.witness(lines)
        self.failure, self.commits, self.written = None, self.commits + 1, self.written + len(batch.entries)
        self._unsafe.subtract(entry.bid_id for entry in batch.entries)
        for entry in batch.entries:
            if not self._unsafe[entry.bid_id]:
                del self._unsafe[entry.bid_id]

    def _write(self, batch: Batch) -> int:
        self._store.write(batch)
        return self._store.lines()

    def _take(self) -> Batch:
        batch = Batch(entries=self._entries, exposures=self._exposures, gaps=self._gaps, funds=self._funds)
        self._entries, self._exposures, self._gaps, self._funds = [], {}, [], []
        return batch

    def _give_back(self, batch: Batch) -> None:
        self._entries[:0] = batch.entries
        self._exposures = {**batch.exposures, **self._exposures}
        self._gaps[:0] = batch.gaps
        self._funds[:0] = batch.funds


def _heard(commit: asyncio.Task[None]) -> None:
    """A failure is known by `Journal.failure`, even where nobody waits any more."""
    if not commit.cancelled():
        commit.exception()
