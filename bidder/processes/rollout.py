"""How configurations and models become live: in all workers, or in none, and then in all who go by them here."""

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import structlog

from bidder.config.schema import Config
from bidder.processes.agreements import agreements
from bidder.processes.handover import Packer
from bidder.processes.lineup import Lineup
from bidder.processes.model_keeper import PATIENCE_SECONDS, Keeper
from bidder.processes.pacer import Pacer
from bidder.processes.state import State
from bidder.processes.supervisor import Generation, Supervisor
from bidder.processes.treasury import Treasury
from bidder.web.prices import Prices

_log = structlog.get_logger()


class Sources(NamedTuple):
    """Where configurations come from, and where generations are kept."""

    directory: Path
    first: Config
    state: State


class Followers(NamedTuple):
    """Who goes by the live configuration in this process."""

    treasury: Treasury
    pacer: Pacer
    prices: Prices


class Rollout:
    """One generation after the other."""

    def __init__(self, sources: Sources, keeper: Keeper, supervisor: Supervisor, followers: Followers) -> None:
        """Prepares the generation that the workers start with. Raises `OSError`, `NoSlotError`."""
        self._directory, first, self._state = sources
        self._tickets = first.bidder.tickets
        self._keeper = keeper
        self._supervisor = supervisor
        self._treasury, self._pacer, self._prices = followers
        self._packer = Packer()
        self._publishing = asyncio.Lock()
        self._begin(first)

    def _begin(self, config: Config) -> None:
        first = self._supervisor.live
        slots = self._place(config, first.number)
        self._packer.write(first.path, config, slots)
        self._follow(config, slots, first.number)

    async def publish(self, config: Config, number: int) -> None:
        """Make a configuration live everywhere. Raises as `reload.Publish` says."""
        if config.bidder.tickets != self._tickets:
            _log.warning("ticket settings are read at the start only")
        async with self._publishing:
            models = await self._keeper.wanted(config.bidder.models, PATIENCE_SECONDS)
            coming = Generation(number, self._state.live(number), models)
            slots = self._place(config, number)
            await asyncio.to_thread(self._packer.write, coming.path, config, slots)
            await self._supervisor.roll_out(coming)
            await self._keeper.went_live(models)
        self._follow(config, slots, number)
        self._prices.serve(agreements(config, self._directory))

    async def swap(self, models: Lineup, next_number: Callable[[], int]) -> None:
        """Make models live everywhere. Raises as `model_keeper.Swap` says."""
        async with self._publishing:
            await self._supervisor.roll_out(self._supervisor.live.with_models(next_number(), models))
            await self._keeper.went_live(models)

    def _place(self, config: Config, number: int) -> Mapping[str, int]:
        slots = self._treasury.place(config, number)
        self._pacer.prepare(config, slots)
        return slots

    def _follow(self, config: Config, slots: Mapping[str, int], number: int) -> None:
        self._treasury.serve(config, slots)
        self._pacer.serve(config, slots)
        self._state.forget_generations(but=number)
