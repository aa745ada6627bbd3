"""Model versions that may not serve, and why; each told once."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

import structlog
from msgspec import Struct

from bidder.clock import Clock

_log = structlog.get_logger()


class Refusal(Struct, frozen=True):
    """Why a version may not serve. `at` is Unix time in seconds."""

    version: str
    """`NAME:VERSION`; the name alone where its pointers cannot be read."""
    at: float
    reasons: tuple[str, ...]


class Refusals:
    """What is refused as the store stands."""

    def __init__(self, clock: Clock) -> None:
        self.standing: dict[str, Refusal] = {}
        self.total = 0
        """Since the start; only grows."""
        self._clock = clock
        self._pinned: dict[str, tuple[str, ...]] = {}

    def pin(self, reasons: Mapping[str, str]) -> None:
        """Stand by these refusals of the workers, and no longer by others of theirs, whatever checks say."""
        self._pinned = {version: (reason,) for version, reason in reasons.items()}
        for version, why in self._pinned.items():
            self.refuse(version, why)

    def refuse(self, version: str, reasons: Sequence[str]) -> None:
        """Tell, unless the same was told last."""
        known = self.standing.get(version)
        if known is not None and known.reasons == tuple(reasons):
            return
        self.total += 1
        self.standing[version] = Refusal(version, self._clock(), tuple(reasons))
        _log.error("a model is refused; what answered before goes on", version=version, reasons=list(reasons))

    def keep(self, versions: AbstractSet[str]) -> None:
        """Forget all others: nobody wants them any more."""
        self.standing = {
            version: each for version, each in self.standing.items() if version in versions | self._pinned.keys()
        }

    def forget(self, version: str) -> None:
        """It may serve after all, or is no longer there."""
        if version not in self._pinned:
            self.standing.pop(version, None)
