"""What can go wrong, by whose fault it is.

ModelError
├── DataError        the data cannot be used as asked: a file, a row, too few positives, a leak
├── RecipeError      what was asked of training cannot be done: unknown features, wrong settings
├── StoreError       no such model or version, or the store cannot do what was asked
└── RefusedError     a model version failed its check; `reasons` says exactly why
"""

from collections.abc import Sequence


class ModelError(Exception):
    """Anything below; the message is for the person at the command line."""


class DataError(ModelError):
    """The data cannot be used as asked."""


class RecipeError(ModelError):
    """What was asked of training cannot be done."""


class StoreError(ModelError):
    """The store has no such thing, or cannot do what was asked."""


class RefusedError(ModelError):
    """A model version that must not serve."""

    def __init__(self, version: str, reasons: Sequence[str]) -> None:
        super().__init__(f"{version} is refused: " + "; ".join(reasons))
        self.reasons = tuple(reasons)
