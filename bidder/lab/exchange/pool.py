"""Work that goes on in the background, all of it accounted for."""

import asyncio
from collections.abc import Coroutine
from typing import Any


class Pool:
    """Tasks that nobody awaits one by one. A failure in one of them is a defect, and comes out of `settle`."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()
        self._defects: list[BaseException] = []
        self._idle = asyncio.Event()
        self._idle.set()

    def spawn(self, coroutine: Coroutine[Any, Any, None]) -> None:
        """Start `coroutine` as a task."""
        task = asyncio.get_running_loop().create_task(coroutine)
        self._tasks.add(task)
        self._idle.clear()
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (defect := task.exception()) is not None:
            self._defects.append(defect)
        if not self._tasks:
            self._idle.set()

    def cancel(self) -> None:
        """Ask every task to end now."""
        for task in self._tasks:
            task.cancel()

    async def settle(self, within_s: float) -> None:
        """Wait until all tasks have ended; after `within_s` seconds they are cancelled. Raises what one has raised."""
        try:
            async with asyncio.timeout(within_s):
                await self._idle.wait()
        except TimeoutError:
            self.cancel()
            await self._idle.wait()
        if self._defects:
            raise self._defects[0]
