"""The roller as control sees it: a process that is told now and then how far control has read."""

import asyncio
import contextlib
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec
import structlog

from bidder.events.reader import Position

ROLL_SECONDS = 10.0
COMMAND = (sys.executable, "-m", "bidder.processes.roller")

_log = structlog.get_logger()
_encode = msgspec.json.Encoder().encode


class Rolling:
    """Keeps a roller, and a new one where it ended."""

    def __init__(self, state: Path, read: Callable[[], Mapping[str, Position]]) -> None:
        self._state = state
        self._read = read
        self._process: Process | None = None

    async def run(self) -> None:
        """Have closed segments rolled for as long as this runs."""
        while True:
            await asyncio.sleep(ROLL_SECONDS)
            await self._ask()

    def kill(self) -> None:
        """End the roller; what it was at is done again another time."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()

    async def _ask(self) -> None:
        read = self._read()
        if self._process is None or self._process.returncode is not None:
            if self._process is not None:
                _log.error("the roller ended; another one is started", code=self._process.returncode)
            try:
                self._process = await asyncio.create_subprocess_exec(
                    *COMMAND, str(self._state), "control", *read, stdin=PIPE, stdout=DEVNULL
                )
            except OSError as error:
                _log.error("the roller cannot be started; it is tried again", error=str(error))
                return
        if self._process.stdin is not None:
            self._process.stdin.write(_encode(read) + b"\n")
