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


class Trial(Struct, frozen=True):
    """A canary, and the share of users whose requests it answers."""

    version: Version
    share_ppb: int


class Lineup(Struct, frozen=True):
    """The versions that answer, by what they predict. An outcome without one has a fixed probability."""

    champions: Mapping[Outcome, Version] = {}
    canaries: Mapping[Outcome, Trial] = {}
    hurry_ms: int = 0
    """Time to the deadline below which the quick ones answer; 0: never."""
    quick: Mapping[Outcome, Version] = {}
    """An outcome without one is predicted by what the champion said last."""

    def versions(self) -> Iterator[Version]:
        """All that answer."""
        yield from self.champions.values()
        yield from (trial.version for trial in self.canaries.values())
        yield from self.quick.values()
