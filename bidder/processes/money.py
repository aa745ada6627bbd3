"""All that control does about money: taken over at the start, kept up to date while it runs, closed at the end."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

import structlog

from bidder.clock import Steady, wall_s
from bidder.config.schema import Config
from bidder.domain.money import MICROS
from bidder.events.reader import Position
from bidder.events.recorder import RecordError
from bidder.events.schema import Event
from bidder.ledger.sqlite import SqliteStore
from bidder.processes.journal import STALLED_SECONDS, Journal
from bidder.processes.recovery import Moment, recover
from bidder.processes.state import State
from bidder.processes.tailing import Tails, worker_name
from bidder.processes.treasury import Treasury, longest_hold_s, shape_for

ROUND_SECONDS = 0.1
MOST_TOLD = 50
"""Campaigns whose bound is logged though it is zero."""

HearOf = Callable[[Sequence[Event]], Awaitable[None]]
"""Told what workers recorded, once it is booked."""

_log = structlog.get_logger()


class Money:
    """Store, journal, book, board and the workers' records, connected."""

    def __init__(self, state: State, config: Config, workers: int) -> None:
        """Takes over what is in the state directory. Raises `StateError`, `OSError`, `ledger.store.StoreError`."""
        store = SqliteStore(state.ledger)
        self.journal = Journal(store)
        self.clock = Steady()
        """Holds last as long as they were meant to, whatever becomes of the wall clock; days are its own."""
        moment = Moment(self.clock(), longest_hold_s(config))
        recovered = recover(state, store, shape_for(config, workers), moment, self.journal.post)
        self.treasury = Treasury(recovered, self.journal, store.funds(), moment.now_s)
        if recovered.wall_ahead_s is not None:
            self.clock.remember(recovered.wall_ahead_s)
        self._tick()
        self.journal.witness = self.treasury.board.witness
        self._tails = Tails(state.segments, workers, recovered.unexpired)

    async def keep(self, hear_of: HearOf) -> None:
        """Take in what workers record, expire and grant, for as long as this runs."""
        while True:
            try:
                events = await self._tails.read()
            except OSError as error:  # what the bids hold stays granted meanwhile, so nothing is overspent
                _log.error("the workers' records cannot be read", error=str(error))
                events = {}
            self._take_in(events)
            self._tick()
            await hear_of([event for each in events.values() for event in each])
            await self.treasury.round()
            await asyncio.sleep(ROUND_SECONDS)

    async def begin_life(self, worker: int) -> int:
        """A worker is about to be started; the one before it is gone. The number of its life. Raises `OSError`."""
        name = worker_name(worker)
        self._take_in({name: await self._tails.read_to_the_end(name)})
        self.treasury.end_life(worker)
        return self.treasury.begin_life(worker)

    async def commit(self) -> None:
        """Write what nobody waits for, and again what could not be written."""
        try:
            await self.journal.commit(STALLED_SECONDS)
        except RecordError as error:  # those who wait for an acknowledgement have the error, too
            _log.error("the ledger cannot be written; nothing is granted meanwhile", error=str(error))

    def tell_bounds(self, workers: int, currency: str) -> None:
        """Log by how much each flight can end above its budget; of many campaigns, only those that can."""
        accounts = self.treasury.book.accounts
        few = len(accounts) <= MOST_TOLD
        for name, account in accounts.items():
            over = account.overspend_bound
            if few or over:
                above = f"at most {over / MICROS:.2f} {currency}"
                _log.info("overspend bound", campaign=name, workers=workers, held_micros=account.held, above=above)
        total = sum(account.overspend_bound for account in accounts.values())
        above = f"at most {total / MICROS:.2f} {currency}"
        _log.info("overspend bound of all campaigns", campaigns=len(accounts), workers=workers, above=above)

    def rollable(self) -> Mapping[str, Position]:
        """By writer: the records before it are not needed any more."""
        return self._tails.rollable(self.clock())

    async def close(self) -> None:
        """Take in the last records and let go of the store. The workers are gone. Raises `RecordError`, `OSError`."""
        self._take_in(await self._tails.read())
        await self.journal.close()

    def _tick(self) -> None:
        self.treasury.tick(self.clock(), wall_s())
        self.treasury.board.wall_ahead_ms = int(self.clock.least_s * 1000)

    def _take_in(self, events: Mapping[str, Iterable[Event]]) -> None:
        for writer, each in events.items():
            self.treasury.take_in(int(writer.rpartition("-")[2]), each)
