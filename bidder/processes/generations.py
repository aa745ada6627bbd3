"""The configurations of one worker: the live one, and the one that waits to become live."""

import asyncio
import gc
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct

from bidder.brain import DecidingBrain
from bidder.clock import wall_s
from bidder.config.schema import Config
from bidder.processes.compile import WorkerContext, brain_of, placed_snapshot
from bidder.processes.handover import read
from bidder.processes.messages import Load
from bidder.processes.predictors import Ceilings, ceilings_of, choice_of, still_fit
from bidder.web.bid_counts import BidCounts
from bidder.web.bid_handler import Lane, Service

SWITCH_SECONDS = 0.0005
"""How long the compiling thread may keep an answering one waiting; Python's own setting is ten times that."""


class Generation(Struct, frozen=True):
    """A configuration, compiled, and the models that it predicts with, loaded."""

    load: Load
    config: Config
    slots: Mapping[str, int]
    ceilings: Ceilings
    """By which the lines of the snapshot are sorted."""
    brain: DecidingBrain


async def compile_aside(load: Load, live: Generation | None, context: WorkerContext) -> Generation:
    """Compile a configuration in a thread, while the live one goes on answering. Raises what makes that impossible."""
    with _requests_first():
        return await asyncio.to_thread(_compile, load, live, context)


def service(generation: Generation, counts: BidCounts) -> Service:
    """What the bid port answers with in a generation."""
    config = generation.config
    lanes = {
        name: Lane(
            name,
            version=exchange.version,
            gzip=exchange.gzip,
            latest_s=(exchange.deadline_ms - exchange.network_margin_ms) / 1000,
            counts=counts.exchange(name),
        )
        for name, exchange in config.exchanges.items()
    }
    return Service(generation.brain, lanes, config.bidder.server.max_body_bytes)


def _compile(load: Load, live: Generation | None, context: WorkerContext) -> Generation:
    """What is live already is not made again: a swap of models takes the configuration over."""
    known = live is not None and live.load.path == load.path
    config, slots = (live.config, live.slots) if live is not None and known else read(Path(load.path))
    predictors = choice_of(load.models, config.bidder.prediction)
    ceilings = ceilings_of(predictors)
    if live is not None and known and still_fit(live.ceilings, ceilings):
        ceilings, snapshot = live.ceilings, live.brain.engine.snapshot
    else:
        snapshot = placed_snapshot(config, slots, lambda goal: ceilings[goal.type])
    brain = brain_of(config, snapshot, predictors, context)
    brain.tick(wall_s())
    return Generation(load, config, slots, ceilings, brain)


@contextmanager
def _requests_first() -> Iterator[None]:
    """Compiling makes millions of objects: let neither the thread nor the collector stop the answers meanwhile.

    What was made is put where the collector does not look any more: nothing of it is garbage before the next generation
    replaces it, and then reference counts free it.
    """
    before = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_SECONDS)
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
        sys.setswitchinterval(before)
