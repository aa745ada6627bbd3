"""What the control process begins with."""

import asyncio
from collections.abc import AsyncIterator

from msgspec import Struct

from bidder.config.live import Live
from bidder.processes.places import Places
from bidder.processes.settings import Settings
from bidder.processes.state import State
from bidder.processes.worker_link import Begun


class Given(Struct, frozen=True, kw_only=True):
    """What control is built from: all of it read, checked or taken."""

    settings: Settings
    workers: int
    live: Live
    edits: AsyncIterator[frozenset[str]]
    state: State
    places: Places
    leash: int
    """A descriptor that is at its end when the watchdog is gone."""
    ready: int
    """A descriptor to tell the watchdog by that all workers answer."""
    begun: list[Begun]
    """Worker processes that were started ahead."""
    stopping: asyncio.Event
    """Set by the first signal, which may come before control is built."""
    greets: bool
    """Whether to say where everything is: a restart does not."""
