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
from bidder.processes.compile import WorkerContext, compile_brain
from bidder.processes.handover import read
from bidder.web.bid_counts import BidCounts
from bidder.web.bid_handler import Lane, Service

SWITCH_SECONDS = 0.0005
"""How long the compiling thread may keep an answering one waiting; Python's own setting is ten times that."""


class Generation(Struct, frozen=True):
    """A configuration, compiled."""

    number: int
    config: Config
    slots: Mapping[str, int]
    brain: DecidingBrain


async def compile_aside(number: int, path: Path, context: WorkerContext) -> Generation:
    """Compile a configuration in a thread, while this one goes on answering. Raises what makes that impossible."""
    with _requests_first():
        return await asyncio.to_thread(_compile, number, path, context)


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


def _compile(number: int, path: Path, context: WorkerContext) -> Generation:
    config, slots = read(path)
    brain = compile_brain(config, slots, context)
    brain.tick(wall_s())
    return Generation(number, config, slots, brain)


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
