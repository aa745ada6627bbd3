"""Notices edits of a configuration directory."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

from watchfiles import awatch

from bidder.config.sources import Stamp, listed

_DEBOUNCE_MS, _QUIET_MS = 400, 50


def changes(directory: Path, poll_s: float = 2.0) -> AsyncIterator[frozenset[str]]:
    """The names of files that were written, added or removed, each time that some were. Ends only when closed.

    The system's notifications make it quick; looking at the files every `poll_s` makes it sure, on file systems that
    do not notify and where directories are replaced. Call it before loading, so that no edit falls between.
    """
    return _changes(directory, poll_s, snapshot(directory))


async def _changes(directory: Path, poll_s: float, seen: Mapping[str, Stamp]) -> AsyncIterator[frozenset[str]]:
    async for _ in _occasions(directory, poll_s):
        found = await asyncio.to_thread(snapshot, directory)
        changed = frozenset(name for name in seen.keys() | found.keys() if seen.get(name) != found.get(name))
        seen = found
        if changed:
            yield changed


async def _occasions(directory: Path, poll_s: float) -> AsyncIterator[None]:
    """Comes round when something in the directory may have changed, at the latest every `poll_s`."""
    yield
    try:
        async for _ in awatch(
            directory, debounce=_DEBOUNCE_MS, step=_QUIET_MS, rust_timeout=int(poll_s * 1000), yield_on_timeout=True
        ):
            yield
    except OSError:  # no directory to watch, or no watches left: looking alone has to do
        while True:
            await asyncio.sleep(poll_s)
            yield


def snapshot(directory: Path) -> dict[str, Stamp]:
    """The files of the configuration, as far as they can be told apart without reading them."""
    try:
        found = listed(directory)
    except OSError:
        return {}
    return {name: stamp for name, stamp in found.items() if stamp is not None}
