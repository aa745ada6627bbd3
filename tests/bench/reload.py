"""Edits of large configurations: what the first start and one edited file cost control and worker, and how long the
worker's event loop stands still meanwhile. Without sockets; the parts are those of the running server.
"""

import asyncio
import re
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from time import perf_counter, process_time
from typing import NamedTuple

from bidder.config.load import Loader
from bidder.config.schema import Config
from bidder.config.templates import init
from bidder.processes.generations import Generation, compile_aside, let_go
from bidder.processes.handover import Packer
from bidder.processes.messages import Load
from tests.processes.test_handover import context, slots_of

SIZES = (100, 1_000, 10_000)
EDITS = 7
"""Of which the best is told."""
BEAT_SECONDS = 0.001

COMMENT = """
An edit is one file saved, of a hundred campaigns, of which one or all have another `max_cpm`. Until it is live: from
reading the directory to the compiled generation, the worker resting four fifths of the time; noticing the edit
(0.05 to 0.45 s) and the flip come on top. Pause: the longest that the worker's event loop kept a timer of 1 ms waiting,
with the edit and without.
"""

Edit = Callable[[str, int], str]


class Took(NamedTuple):
    """What an edit took."""

    control_s: float
    """Processor time."""
    worker_s: float
    """Processor time."""
    live_s: float
    pause_s: float


def rows() -> Iterator[tuple[str, str, str]]:
    """What was measured, the figure, and the bar."""
    for campaigns in SIZES:
        with tempfile.TemporaryDirectory() as home:
            yield from asyncio.run(_measured(campaigns, Path(home)))


async def _measured(campaigns: int, home: Path) -> list[tuple[str, str, str]]:
    parts = Parts(home, campaigns)
    first = await parts.reload()
    found = [(f"{campaigns:,} campaigns: the start", _cost(first), "")]
    quiet_s = min([await _longest_pause(asyncio.sleep(0.3)) for _ in range(EDITS)])
    for what, edit in (("one campaign", _one), ("a file of 100", _all)):
        took = [await parts.edited(edit, number) for number in range(EDITS)]
        best = Took(*map(min, zip(*took, strict=True)))
        figure = f"{_cost(best)}, live after {best.live_s:.2f} s"
        found.append((f"    {what} edited", figure, "<= 1 s" if campaigns == SIZES[-1] else ""))
        found.append(("        longest pause", f"{best.pause_s * 1e3:.1f} ms, {quiet_s * 1e3:.1f} ms without", ""))
    return found


class Parts:
    """What control and a worker do with a configuration directory."""

    def __init__(self, home: Path, campaigns: int) -> None:
        init(home / "config", "bench", campaigns)
        self._home = home
        self._file = home / "config" / "campaigns" / "a0000.toml"
        self._loader = Loader(home / "config")
        self._packer = Packer()
        self._context = context()
        self._number = 0
        self._live: Generation | None = None

    async def edited(self, edit: Edit, number: int) -> Took:
        """Save the file with an edit, and reload."""
        self._file.write_text(edit(self._file.read_text(), number))
        return await self.reload()

    async def reload(self) -> Took:
        """Make the directory live as it is."""
        self._number += 1
        began_s = perf_counter()
        control_s, load = _processor_time(self._hand_over)
        compiling_s = process_time()
        pause_s = await _longest_pause(self._compile(load))
        live_s = perf_counter() - began_s
        return Took(control_s, process_time() - compiling_s, live_s, pause_s)

    def _hand_over(self) -> Load:
        config: Config = self._loader.load()
        path = self._home / f"{self._number}.config"
        self._packer.write(path, config, slots_of(config))
        return Load(self._number, str(path))

    async def _compile(self, load: Load) -> None:
        replaced = [self._live] if self._live is not None else []
        self._live = await compile_aside(load, self._live, self._context)
        if replaced:
            await let_go(replaced)


def _processor_time(run: Callable[[], Load]) -> tuple[float, Load]:
    began_s = process_time()
    found = run()
    return process_time() - began_s, found


async def _longest_pause(work: Awaitable[object]) -> float:
    """The longest that a timer waited beyond its time while the work was under way, in seconds."""
    ended, longest_s = asyncio.ensure_future(work), 0.0
    while not ended.done():
        due_s = perf_counter() + BEAT_SECONDS
        await asyncio.sleep(BEAT_SECONDS)
        longest_s = max(longest_s, perf_counter() - due_s)
    ended.result()
    return longest_s


def _one(text: str, number: int) -> str:
    return re.sub(r"max_cpm = [0-9.]+", f"max_cpm = {100 + number}", text, count=1)


def _all(text: str, number: int) -> str:
    return re.sub(r"max_cpm = [0-9.]+", f"max_cpm = {200 + number}", text)


def _cost(took: Took) -> str:
    return f"{took.control_s:.3f} s control, {took.worker_s:.3f} s worker"
