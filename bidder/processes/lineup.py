"""Which versions answer: decided by control, the same in all workers, and part of what a generation is."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from msgspec import Struct

from models.manifest import Outcome


class Version(Struct, frozen=True):
    """A version that was checked."""

    name: str
    version: str
    directory: str
    fingerprint: str
    """Hash of its manifest, by which a worker knows that it loads what was checked."""

    @property
    def label(self) -> str:
        """`NAME:VERSION`, as recorded with each bid."""
        return f"{self.name}:{self.version}"

    @property
    def path(self) -> Path:
        """Where its files are."""
        return Path(self.directory)


class Lineup(Struct, frozen=True):
    """The versions that answer, by what they predict. An outcome without one has a fixed probability."""

    champions: Mapping[Outcome, Version] = {}

    def versions(self) -> Iterator[Version]:
        """All that answer."""
        yield from self.champions.values()
