"""The event records of the control process: written in groups. They tell what happened; money is in the journal."""

import asyncio

from bidder.clock import Clock
from bidder.events.recorder import Counts, Recorder, RecordError
from bidder.events.schema import Event


class Records:
    """Takes events, and makes them safe in groups: whoever calls during a sync waits for the next one, together."""

    def __init__(self, recorder: Recorder, clock: Clock) -> None:
        self._recorder = recorder
        self._clock = clock
        self._running: asyncio.Task[None] | None = None
        self._next: asyncio.Task[None] | None = None

    @property
    def counts(self) -> Counts:
        """What became of the events."""
        return self._recorder.counts

    @property
    def pending(self) -> int:
        """Events that are not yet in a segment."""
        return self._recorder.pending

    @property
    def is_failing(self) -> bool:
        """Whether the last writing failed."""
        return self._recorder.failure is not None

    def append(self, event: Event) -> None:
        """Take telemetry, or drop and count it."""
        self._recorder.append(event)

    async def commit(self) -> None:
        """Return once all that was taken before the call is on disk. Raises `RecordError` where it is not."""
        if self._next is None:
            self._next = asyncio.ensure_future(self._sync_after(self._running))
        await asyncio.shield(self._next)

    async def close(self) -> None:
        """Make all safe and let go of the files. Raises `RecordError`."""
        if self._running is not None:
            await asyncio.wait([self._running])
        self._recorder.close(self._now_ms())

    async def _sync_after(self, running: asyncio.Task[None] | None) -> None:
        if running is not None:
            await asyncio.wait([running])
        self._running, self._next = self._next, None
        await asyncio.to_thread(self._sync)

    def _sync(self) -> None:
        """After a failed sync nobody knows what the segment holds: what comes now goes into a new one."""
        if self._recorder.is_broken:
            self._reopen()
        self._recorder.flush(self._now_ms(), durable=True)

    def _reopen(self) -> None:
        try:
            self._recorder.reopen()
        except OSError as error:
            raise RecordError(f"no new segment: {error}") from error

    def _now_ms(self) -> int:
        return int(self._clock() * 1000)
