"""Adding up counts: of the workers there are, and of those that were."""

from typing import Any, TypeVar

import msgspec

Counts = TypeVar("Counts")


def added(one: Counts, other: Counts) -> Counts:
    """Two structs of counts, number by number; mappings by key, lists of one length by place."""
    total = _added(msgspec.to_builtins(one), msgspec.to_builtins(other))
    return msgspec.convert(total, type(one), strict=False)


def _added(one: Any, other: Any) -> Any:
    match one, other:
        case dict(), dict():
            return {
                key: _added(one[key], other[key]) if key in one and key in other else one.get(key, other.get(key))
                for key in one | other
            }
        case list(), list():
            return [_added(each, its) for each, its in zip(one, other, strict=True)]
        case _:
            return one + other
