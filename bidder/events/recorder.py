"""What a process records its events with: a list append on the hot path, a file on a timer.

Telemetry (`append`) may be lost, and is counted: when the buffer is full, when the disk refuses. Money (`append_money`)
is taken or refused with `RecordError`; what was taken stays in the buffer until it stands in a segment, whole and once.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bidder.events.frame import frame
from bidder.events.schema import UNENCODABLE, Event, encode
from bidder.events.segment import SegmentLog


class RecordError(Exception):
    """Money is not recorded: whoever waits for the record must not get an acknowledgement."""


@dataclass(frozen=True, slots=True)
class Limits:
    """When the buffer is full and when a segment ends."""

    buffered_events: int = 16_384
    """Telemetry is dropped beyond this; money is refused beyond twice this."""
    segment_bytes: int = 64 << 20
    segment_age_ms: int = 300_000
    """From the first record in the segment."""


@dataclass(slots=True)
class Counts:
    """What became of the events: `written + dropped` and what is pending are all that were taken."""

    written: int = 0
    dropped_full: int = 0
    """The buffer was full."""
    dropped_unwritable: int = 0
    """The disk was full or failed."""
    dropped_unencodable: int = 0
    """No record can hold it (`schema.UNENCODABLE`, or too long)."""

    @property
    def dropped(self) -> int:
        """All telemetry that was lost."""
        return self.dropped_full + self.dropped_unwritable + self.dropped_unencodable


class _Money(bytes):
    """A frame that must not be dropped."""

    event: Event


Written = Callable[[Sequence[Event]], None]
"""Told of money that stands in a segment, in the thread that flushes."""


class Recorder:
    """The events of one process, on their way into the segments of `directory` (STATE/segments/NAME).

    `append` may be called while another thread is in `flush`; all else belongs to one thread at a time. Events are
    written in the order in which they were appended.
    """

    def __init__(
        self,
        directory: Path,
        limits: Limits = Limits(),
        written: Written | None = None,
        *,
        must_open: bool = True,
    ) -> None:
        """Raises `segment.WriterBusyError` where another process records under this name, `OSError`.

        Without `must_open` it begins broken where no segment can be started, and may be reopened when there is room.
        """
        self.counts = Counts()
        self.failure: OSError | None = None
        """What the last flush met with."""
        self._limits = limits
        self._tell = written
        self._pending: list[Event | _Money] = []
        self._first_ms: int | None = None
        self._log = SegmentLog(directory, must_open=must_open)

    @property
    def pending(self) -> int:
        """Events in the buffer."""
        return len(self._pending)

    @property
    def torn_bytes(self) -> int:
        """What opening cut off the last segment: records that a crash left half written."""
        return self._log.torn_bytes

    def append(self, event: Event) -> None:
        """Take an event, or count it as dropped where the buffer is full. The event must not change afterwards."""
        if len(self._pending) < self._limits.buffered_events:
            self._pending.append(event)
        else:
            self.counts.dropped_full += 1

    def append_money(self, event: Event) -> None:
        """Take an event that must not be lost. It is safe when the next `flush(durable=True)` returns.

        Raises `RecordError` where it cannot be taken: no record can hold it, or writing has failed for too long.
        """
        if self._log.failed is not None or len(self._pending) >= 2 * self._limits.buffered_events:
            raise self._refusal(f"{len(self._pending)} events wait to be written", self._log.failed or self.failure)
        try:
            money = _Money(frame(encode(event)))
        except UNENCODABLE as error:
            raise self._refusal(f"{type(event).__name__} cannot be encoded", error) from error
        money.event = event
        self._pending.append(money)

    def flush(self, now_ms: int, *, durable: bool = False) -> None:
        """Write what was appended; with `durable`, return only when it is on disk.

        What could not be written is dropped and counted where it is telemetry, and stays pending where it is money.
        Raises `RecordError` where money is still pending, or `durable` was not reached: then nothing that was appended
        as money since the last durable flush may be acknowledged, and a later flush that returns makes good for it.
        """
        taken = self._pending[:]
        del self._pending[: len(taken)]  # the same list throughout: an append from another thread is never lost
        frames = [framed for item in taken if (framed := self._framed(item)) is not None]
        written, self.failure = self._write(frames, now_ms)
        self.counts.written += written
        if self._tell is not None:
            self._tell([framed.event for framed in frames[:written] if isinstance(framed, _Money)])
        if self.failure is None and durable:
            self.failure = self._sync()
        if self.failure is not None:
            kept = self._give_back(frames[written:])
            if durable or kept:
                raise self._refusal(f"{kept} events stay pending", self.failure)

    @property
    def is_broken(self) -> bool:
        """Whether nothing more can be written unless `reopen` succeeds."""
        return self._log.failed is not None

    def reopen(self) -> None:
        """Go on in a new segment, with what is pending. Raises `OSError`; it can be tried again."""
        self._log.reopen()

    def close(self, now_ms: int) -> None:
        """Flush durably and let go of the files. Raises `RecordError` as `flush` does."""
        try:
            self.flush(now_ms, durable=True)
        finally:
            self._log.close()

    def _framed(self, item: Event | _Money) -> bytes | None:
        if isinstance(item, _Money):
            return item
        try:
            return frame(encode(item))
        except UNENCODABLE:
            self.counts.dropped_unencodable += 1
            return None

    def _write(self, frames: list[bytes], now_ms: int) -> tuple[int, OSError | None]:
        """How many frames were written, and what stopped the others.

        After a failure with nothing left to write, a new segment shows whether the disk takes anything again.
        """
        try:
            if self._segment_is_due(now_ms) or (self.failure is not None and not frames):
                self._log.start_next()
                self._first_ms = None
        except OSError as error:
            return 0, error
        if not frames:
            return 0, None
        if self._first_ms is None:
            self._first_ms = now_ms
        return self._log.write(frames)

    def _segment_is_due(self, now_ms: int) -> bool:
        if self._first_ms is None:
            return False
        aged = now_ms - self._first_ms >= self._limits.segment_age_ms
        return self._log.record_bytes > 0 and (aged or self._log.record_bytes >= self._limits.segment_bytes)

    def _sync(self) -> OSError | None:
        try:
            self._log.sync()
        except OSError as error:
            return error
        return None

    def _give_back(self, frames: list[bytes]) -> int:
        """Put unwritten money back, in front; drop unwritten telemetry. How much money there was."""
        money = [item for item in frames if isinstance(item, _Money)]
        self.counts.dropped_unwritable += len(frames) - len(money)
        self._pending[:0] = money
        return len(money)

    def _refusal(self, what: str, cause: Exception | None) -> RecordError:
        error = RecordError(f"{self._log.directory}: not recorded: {what}: {cause or 'flush has not been called'}")
        error.__cause__ = cause
        return error
