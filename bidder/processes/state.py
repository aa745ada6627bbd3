"""The state directory: what outlives the processes.

lock           held by the watchdog of the bidder that uses the directory
ticket.key     the secret that tickets are signed with, where the configuration names none
board          the shared counters of control and workers
ledger.db      the journal and what it adds up to (SQLite; with ledger.db-wal and ledger.db-shm)
pacing         what pacing has learned
live/          the configuration as workers read it
models/        the models that answer, as workers read them
segments/      event records, by writer
events/        event records as Parquet
"""

import errno
import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

KEY_BYTES = 32

_ADVICE = {
    errno.ENOSPC: "make room on its disk",
    errno.EDQUOT: "make room within this user's quota",
    errno.EROFS: "mount its disk for writing",
    errno.EACCES: "let this user write it",
    errno.EPERM: "let this user write it",
}
"""By `errno`: what would be right, other than another directory."""


class StateError(Exception):
    """The state directory cannot be used; the message says why."""


class State:
    """A state directory, held by this process alone, or by the watchdog for its control processes."""

    def __init__(self, directory: Path, *, held: bool = False) -> None:
        """Makes the directory where there is none; `held`: the watchdog has made and locked it. Raises `StateError`."""
        self.directory = directory
        self._lock = -1
        if held and not _is_held(directory / "lock"):
            raise StateError(
                f"{directory}: it was removed or replaced while the bidder ran; put it back, or end this bidder and"
                " decide what the next one begins with"
            )
        with self.told():
            (directory / "live").mkdir(parents=True, exist_ok=True)
            self.segments.mkdir(exist_ok=True)
            if not held:
                self._lock = self._locked()

    @contextmanager
    def told(self) -> Iterator[None]:
        """Turns what the file system refuses into a `StateError` that says which file, why, and what would be right."""
        try:
            yield
        except OSError as error:
            file = f" ({error.filename})" if error.filename else ""
            advice = _ADVICE.get(error.errno or 0)
            right = f"{advice}, or choose another directory" if advice else "choose another directory"
            raise StateError(
                f"{self.directory}: cannot be used for --state: {error.strerror}{file}; {right}"
            ) from error

    def _locked(self) -> int:
        try:
            return _locked(self.directory / "lock")
        except BlockingIOError as error:
            raise StateError(
                f"{self.directory}: another bidder uses this directory; give each its own --state"
            ) from error

    @property
    def board(self) -> Path:
        """The file of the board."""
        return self.directory / "board"

    @property
    def pacing(self) -> Path:
        """The file of what pacing has learned."""
        return self.directory / "pacing"

    @property
    def ledger(self) -> Path:
        """The store of the ledger."""
        return self.directory / "ledger.db"

    @property
    def segments(self) -> Path:
        """Event records, by writer."""
        return self.directory / "segments"

    @property
    def models(self) -> Path:
        """Copies of the models that answer."""
        return self.directory / "models"

    def live(self, generation: int) -> Path:
        """The file by which a generation is handed to the workers."""
        return self.directory / "live" / f"{generation}.config"

    def generations(self) -> list[Path]:
        """All such files, the newest last. Raises `OSError`."""
        return sorted((self.directory / "live").glob("*.config"), key=lambda path: path.stat().st_mtime_ns)

    def forget_generations(self, but: int) -> None:
        """Remove the files of all other generations. Raises `OSError`."""
        for path in (self.directory / "live").iterdir():
            if path != self.live(but):
                path.unlink()

    def ticket_key(self) -> bytes:
        """The key kept here, made at the first call. Raises `StateError`."""
        path = self.directory / "ticket.key"
        try:
            if not path.exists():
                _write_secret(path, secrets.token_bytes(KEY_BYTES))
            key = path.read_bytes()
        except OSError as error:
            raise StateError(f"{path}: the ticket key cannot be read or made: {error.strerror}") from error
        if len(key) != KEY_BYTES:
            raise StateError(f"{path}: a ticket key has {KEY_BYTES} bytes, found {len(key)}; remove it for a new one")
        return key

    def close(self) -> None:
        """Let another process have the directory."""
        if self._lock >= 0:
            os.close(self._lock)


def _is_held(lock: Path) -> bool:
    """Whether the watchdog, or anybody, has this lock."""
    try:
        with lock.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _locked(path: Path) -> int:
    """A descriptor that holds the lock; the kernel lets go of it when the process ends, however it ends."""
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(fd)
        raise
    return fd


def _write_secret(path: Path, secret: bytes) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    aside = path.with_suffix(".new")
    fd = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(fd, "wb") as file:
        file.write(secret)
        file.flush()
        os.fsync(fd)
    aside.replace(path)
