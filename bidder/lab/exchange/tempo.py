"""Waiting that can be shortened: real seconds in a run, none in a test, none once the run is being stopped."""

import asyncio


class Tempo:
    """`scale` stretches every wait; at 0 nothing waits."""

    def __init__(self, scale: float = 1.0) -> None:
        self._scale = scale
        self._waiting: set[asyncio.Future[None]] = set()

    async def sleep(self, seconds: float) -> None:
        """Wait for `seconds` times the scale, or until `hurry`."""
        if seconds * self._scale <= 0:
            return
        loop = asyncio.get_running_loop()
        wake = loop.create_future()
        timer = loop.call_later(seconds * self._scale, _wake, wake)
        self._waiting.add(wake)
        try:
            await wake
        finally:
            timer.cancel()
            self._waiting.discard(wake)

    def hurry(self) -> None:
        """End every wait, and have none from here on."""
        self._scale = 0.0
        for wake in self._waiting:
            _wake(wake)


def _wake(wake: asyncio.Future[None]) -> None:
    if not wake.done():
        wake.set_result(None)
