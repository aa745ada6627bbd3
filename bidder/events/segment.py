"""The segments of one writer on disk: whole frames or nothing, one file after another.

A segment appears under its name with its header in place, and only after the one before it is on disk. So a segment
that has a successor never changes again, and of the last one only the tail can be torn.
"""

import errno
import fcntl
import os
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path

from bidder.events.frame import HEADER, Fault
from bidder.events.reader import segment_path, sequences, sound_bytes


class WriterBusyError(Exception):
    """Another writer, still alive, holds the segments of this name."""


class SegmentLog:
    """Appends frames to the last segment of `directory`, of which it is the only writer.

    Every opening starts a new segment. The last one is never removed, so that sequences never come twice. After a
    failed fsync nobody knows what the disk holds: that is final (`failed`), and only `reopen` goes on. The name is held
    all the while, until `close`.
    """

    def __init__(self, directory: Path, *, must_open: bool = True) -> None:
        """Cuts off what a crash left half written. Raises `WriterBusyError`, `OSError`.

        `must_open`: whether it is an error of the opening that no segment can be started; else that is in `failed`.
        """
        directory.mkdir(parents=True, exist_ok=True)
        self.directory = directory
        self.torn_bytes = 0
        self.failed: OSError | None = None
        self._directory_fd = _locked(directory)
        self._fd = -1
        self._size = self._synced = 0
        self._sequence = 0
        try:
            self.reopen()
        except OSError:
            if must_open:
                self.close()
                raise

    def reopen(self) -> None:
        """Go on in a new segment after a failure. Raises `OSError`; then it can be tried again."""
        if self._fd >= 0:
            os.close(self._fd)
        self._fd, self._size, self._synced, self.failed = -1, 0, 0, None
        try:
            self._sequence = max(sequences(self.directory), default=0)
            if self._sequence:
                self.torn_bytes = _cut_torn_tail(segment_path(self.directory, self._sequence))
            self.start_next()
        except OSError as error:
            self.failed = error
            raise

    @property
    def record_bytes(self) -> int:
        """The length of the open segment without its header."""
        return self._size - len(HEADER)

    def write(self, frames: Sequence[bytes]) -> tuple[int, OSError | None]:
        """How many frames stand whole in the segment, the first ones, and the error that kept out the others."""
        if self.failed is not None:
            return 0, self.failed
        done, error = _write(self._fd, b"".join(frames))
        if error is not None:
            return self._cut_to_whole(frames, done), error
        self._size += done
        return len(frames), None

    def sync(self) -> None:
        """Returns when all that was written is on disk. Raises `OSError`."""
        if self.failed is not None:
            raise self.failed
        if self._synced < self._size:
            self._fsync(self._fd)
            self._synced = self._size

    def start_next(self) -> None:
        """Close the open segment and go on in a new one. Raises `OSError`; then the open one stays open."""
        self.sync()
        fd = _create(segment_path(self.directory, self._sequence + 1))
        if self._fd >= 0:
            os.close(self._fd)
        self._fd = fd
        self._sequence += 1
        self._size = self._synced = len(HEADER)
        self._fsync(self._directory_fd)

    def close(self) -> None:
        """Let go of files and lock; does not sync. The log stays closed."""
        self.failed = self.failed or OSError(errno.EBADF, "closed", str(self.directory))
        for fd in (self._fd, self._directory_fd):
            if fd >= 0:
                os.close(fd)
        self._fd = self._directory_fd = -1

    def _cut_to_whole(self, frames: Sequence[bytes], done: int) -> int:
        """Cut the file after the last whole frame of the first `done` bytes; how many frames those are."""
        ends = list(accumulate(map(len, frames)))
        whole = bisect_right(ends, done)
        self._size += ends[whole - 1] if whole else 0
        try:
            os.ftruncate(self._fd, self._size)
        except OSError as error:
            self.failed = error  # the next opening cuts what is torn
        return whole

    def _fsync(self, fd: int) -> None:
        try:
            os.fsync(fd)
        except OSError as error:
            self.failed = error
            raise


def seal(directory: Path) -> bool:
    """Close the last segment of a writer that is gone, so that it can be rolled. False where the writer is alive.

    Raises `OSError`.
    """
    try:
        SegmentLog(directory).close()
    except WriterBusyError:
        return False
    return True


def _locked(directory: Path) -> int:
    """A descriptor of the directory that holds its lock; the kernel drops the lock when the process ends in any way."""
    fd = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(fd)
        raise WriterBusyError(f"{directory}: a process that is still alive writes these segments") from error
    return fd


def _cut_torn_tail(segment: Path) -> int:
    """Cut an incomplete last record off; how many bytes that was. Other damage stays, for the reader to report."""
    sound, fault = sound_bytes(segment)
    if fault is not Fault.INCOMPLETE:
        return 0
    with segment.open("r+b", buffering=0) as file:
        torn = os.fstat(file.fileno()).st_size - sound
        file.truncate(sound)
        os.fsync(file.fileno())
    return torn


def _create(segment: Path) -> int:
    """A descriptor of a new segment, which has its name only once its header is on disk."""
    aside = segment.with_suffix(".new")
    fd = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o644)
    try:
        _, error = _write(fd, HEADER)
        if error is not None:
            raise error
        os.fsync(fd)
        aside.replace(segment)
    except OSError:
        os.close(fd)
        raise
    return fd


def _write(fd: int, data: bytes) -> tuple[int, OSError | None]:
    """How many bytes were written, and what stopped it short."""
    done = 0
    view = memoryview(data)
    try:
        while done < len(view):
            done += os.write(fd, view[done:])
    except OSError as error:
        return done, error
    return done, None
