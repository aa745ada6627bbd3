"""One gate that a line did not pass, in words."""

from msgspec import Struct

from bidder.domain.reason import Reason


class Failure(Struct, frozen=True):
    """One gate that a line did not pass."""

    reason: str
    phase: str
    seen: str
    wanted: str
    change: str = ""
    """The smallest change that would let it pass, where one can be named."""


def failed(reason: Reason, seen: str, wanted: str, change: str = "") -> Failure:
    """The gate of this reason, and what was seen and wanted there."""
    return Failure(reason.label, reason.phase.value, seen, wanted, change)
