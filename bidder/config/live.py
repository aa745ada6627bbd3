"""The configuration that is live, and what became of the edits after it."""

from collections import deque
from collections.abc import Callable
from pathlib import Path

from msgspec import Struct

from bidder.config.diff import Change, changes
from bidder.config.load import Loader
from bidder.config.mistake import ConfigError, Mistake
from bidder.config.schema import Config


class Accepted(Struct, frozen=True):
    """An edit that went live."""

    at: float
    """Unix time in seconds."""
    digest: str
    changes: tuple[Change, ...]
    hashes: dict[str, str] = {}
    """SHA-256 of the files that changed, as they went live; files that are gone are left out."""


class Rejected(Struct, frozen=True):
    """An edit that did not go live."""

    at: float
    """Unix time in seconds."""
    mistakes: tuple[Mistake, ...]


class Live:
    """Holds the live configuration of a directory. An edit replaces it as a whole or not at all.

    Raises `ConfigError` at the start, when there is nothing to fall back on.
    """

    def __init__(
        self, directory: Path, now: float, fallback: Callable[[], Config | None] | None = None, *, remembered: int = 100
    ) -> None:
        """`fallback` is asked for the configuration to go on with where the directory holds mistakes."""
        self._loader = Loader(directory)
        self.rejected: Rejected | None = None
        """The last edit that was refused; None where the directory is as it is live."""
        self.config: Config = self._first(fallback, now)
        self.since = now
        """Unix time at which this configuration went live."""
        self.history: deque[Accepted] = deque(maxlen=remembered)
        """The last accepted edits, the newest last."""

    def _first(self, fallback: Callable[[], Config | None] | None, now: float) -> Config:
        try:
            return self._loader.load()
        except ConfigError as error:
            config = fallback() if fallback is not None else None
            if config is None:
                raise
            self.rejected = Rejected(now, tuple(error.mistakes))
            return config

    def reload(self, now: float) -> Config | None:
        """Reads the directory again: the new configuration, or None where it is the same or was refused.

        Reading may take seconds where there are very many campaigns; call it in a thread.
        """
        try:
            config = self._loader.load()
        except ConfigError as error:
            self.rejected = Rejected(now, tuple(error.mistakes))
            return None
        self.rejected = None
        if config.digest == self.config.digest:
            return None
        found = tuple(changes(self.config, config))
        hashes = {each.file: self._loader.hashes[each.file] for each in found if each.file in self._loader.hashes}
        self.history.append(Accepted(now, config.digest, found, hashes))
        self.config, self.since = config, now
        return config
