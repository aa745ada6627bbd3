"""Every object of a document with its JSON path."""

from collections.abc import Iterator
from functools import cache
from typing import Any, get_args

import msgspec
from msgspec import Struct


def walk(node: Struct, path: str) -> Iterator[tuple[Struct, str]]:
    """`node` and every object below it, parents first. The depth is that of the model, whatever was sent."""
    yield node, path
    for name in _branches(type(node)):
        value = getattr(node, name)
        if isinstance(value, list):
            for index, item in enumerate(value):
                yield from walk(item, f"{path}.{name}[{index}]")
        elif value is not None:
            yield from walk(value, f"{path}.{name}")


@cache
def _branches(cls: type[Struct]) -> tuple[str, ...]:
    """The attributes of a class that hold an object or an array of objects."""
    return tuple(field.name for field in msgspec.structs.fields(cls) if _holds_objects(field.type))


def _holds_objects(annotation: Any) -> bool:
    if isinstance(annotation, type) and issubclass(annotation, Struct):
        return True
    return any(_holds_objects(part) for part in get_args(annotation))
