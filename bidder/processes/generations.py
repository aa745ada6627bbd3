"""The configurations of one worker: the live one, and the one that waits to become live."""

import asyncio
import gc
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct

from bidder.auction.arrange import Rest
from bidder.auction.compile import successor
from bidder.auction.snapshot import Snapshot
from bidder.brain import DecidingBrain
from bidder.clock import wall_s
from bidder.config.schema import Config, Exchange, Goal
from bidder.processes.compile import WorkerContext, brain_of
from bidder.processes.handover import Parcel, read
from bidder.processes.lines import Held, capped, change, lines_of
from bidder.processes.messages import Load
from bidder.processes.predictors import Ceilings, ceilings_of, choice_of, still_fit
from bidder.processes.slices import Slices, at_once
from bidder.web.bid_counts import BidCounts
from bidder.web.bid_handler import Dialect, Lane, Service

SWITCH_SECONDS = 0.0005
"""How long the compiling thread may keep an answering one waiting; Python's own setting is ten times that."""


class Generation(Struct, frozen=True):
    """A configuration, compiled, and the models that it predicts with, loaded."""

    load: Load
    config: Config
    """Without campaigns."""
    held: Held
    slots: frozenset[int]
    """Places of its campaigns on the board."""
    ceilings: Ceilings
    """By which the lines of the snapshot are sorted."""
    brain: DecidingBrain


async def compile_aside(load: Load, live: Generation | None, context: WorkerContext) -> Generation:
    """Compile a configuration in a thread, while the live one goes on answering. Raises what makes that impossible."""
    with _requests_first():
        return await asyncio.to_thread(_compile, load, live, context)


async def let_go(replaced: list[Generation]) -> None:
    """Free what a generation, the one in the list, does not share with the live one: bit by bit, for it takes long."""
    await asyncio.to_thread(_let_go, replaced)


def service(generation: Generation, counts: BidCounts) -> Service:
    """What the bid port answers with in a generation."""
    config = generation.config
    lanes = {
        name: Lane(
            name,
            _dialect(exchange),
            counts.exchange(name),
        )
        for name, exchange in config.exchanges.items()
    }
    return Service(generation.brain, lanes, config.bidder.server.max_body_bytes)


def _dialect(exchange: Exchange) -> Dialect:
    latest_ms = exchange.deadline_ms - exchange.network_margin_ms
    usual_ms = min(exchange.default_tmax_ms, exchange.deadline_ms) - exchange.network_margin_ms
    return Dialect(
        exchange.version,
        exchange.gzip,
        latest_s=latest_ms / 1000,
        usual_s=(usual_ms if usual_ms > 0 else latest_ms) / 1000,
    )


def _compile(load: Load, live: Generation | None, context: WorkerContext) -> Generation:
    """What is live is not made again: an edit takes over the lines it does not touch, a swap of models all of them."""
    rest: Rest = Slices() if live is not None else at_once
    config, parcels = read(Path(load.path))
    predictors = choice_of(load.models, config.bidder.prediction, context.tallies, context.loaded)
    found = ceilings_of(predictors)
    ceilings = live.ceilings if live is not None and still_fit(live.ceilings, found) else found
    held = _lines(parcels, ceilings, live, rest)
    snapshot = _snapshot(config, held, live, rest)
    slots = frozenset(line.slot for line in snapshot.lines)
    return Generation(load, config, held, slots, ceilings, brain_of(config, snapshot, predictors, context))


def _lines(parcels: Iterable[Parcel], ceilings: Ceilings, live: Generation | None, rest: Rest) -> Held:
    def ceiling(goal: Goal) -> int:
        return ceilings[goal.type]

    if live is None:
        return lines_of(parcels, {}, ceiling, rest)
    return lines_of(parcels, live.held if ceilings == live.ceilings else capped(live.held, ceiling), ceiling, rest)


def _snapshot(config: Config, held: Held, live: Generation | None, rest: Rest) -> Snapshot:
    """The snapshot, its blocks told the time; those that are live already are told it by the event loop."""
    before = live.brain.engine.snapshot if live is not None else None
    snapshot = successor(before, config, *change(live.held if live is not None else {}, held), rest)
    shared = {*map(id, before.blocks)} if before is not None else set()
    for block in snapshot.blocks:
        if id(block) not in shared:
            block.refresh(wall_s())
            rest()
    return snapshot


def _let_go(replaced: list[Generation]) -> None:
    rest = Slices()
    snapshot = replaced.pop().brain.engine.snapshot
    parts: list[object] = [*snapshot.lines, *snapshot.blocks]
    del snapshot
    while parts:
        parts.pop()
        rest()


MANY_OBJECTS = 20_000
"""To look through fewer takes the collector about a millisecond."""


@contextmanager
def _requests_first() -> Iterator[None]:
    """Compiling makes millions of objects: let neither the thread nor the collector stop the answers meanwhile.

    Where much was made, it is put where the collector does not look any more: nothing of it is garbage before the next
    generation replaces it, and then reference counts free it. A swap of models makes little, and leaves cycles.
    """
    before = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_SECONDS)
    gc.disable()
    try:
        yield
    finally:
        if gc.get_count()[0] >= MANY_OBJECTS:
            gc.freeze()
        gc.enable()
        sys.setswitchinterval(before)
