"""The calls an exchange and a browser owe the bidder, and the account of what became of each."""

from collections import Counter
from enum import StrEnum
from typing import Any

from msgspec import Struct, field

ACKNOWLEDGED = frozenset({200, 204, 302})
"""HTTP statuses that settle a notice."""

REDIRECTS = frozenset({302, 303, 307})
"""HTTP statuses that settle a click, with a Location."""


class Kind(StrEnum):
    """What is told."""

    WIN = "win"  # nurl
    BILLING = "billing"  # burl
    LOSS = "loss"  # lurl
    IMPRESSION = "impression"  # a pixel of the markup
    AUDIT = "audit"  # a pixel of markup rendered as a check
    CLICK = "click"
    CLICK_TRACKER = "click tracker"
    CONVERSION = "conversion"


class Account(Struct):
    """The notices of one kind. Each that is due ends acknowledged, failed by cause, or abandoned at the end of the run.

    `copies` and `late` say how many of those due were sent a second time or with delay; `retries` counts attempts
    beyond the first; `elsewhere` counts URLs of other hosts, which are not called.
    """

    due: int = 0
    acknowledged: int = 0
    failed: Counter[str] = field(default_factory=Counter)
    abandoned: int = 0
    copies: int = 0
    late: int = 0
    retries: int = 0
    elsewhere: int = 0

    @property
    def failures(self) -> int:
        """How many failed, whatever the cause."""
        return self.failed.total()

    @property
    def open(self) -> int:
        """How many are still under way."""
        return self.due - self.acknowledged - self.failures - self.abandoned

    def as_json(self) -> dict[str, Any]:
        """The figures by name."""
        figures = {name: getattr(self, name) for name in self.__struct_fields__ if name != "failed"}
        return figures | {"failed": self.failures, "failed_by_cause": dict(self.failed), "open": self.open}


def new_accounts() -> dict[Kind, Account]:
    """An empty account for each kind."""
    return {kind: Account() for kind in Kind}
