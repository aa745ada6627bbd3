"""Every table of a converted document, with where it stands; bounds of decimals, which msgspec does not check."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple, TypeVar, get_args, get_origin

from msgspec import UNSET, structs

from bidder.config.lines import Path
from bidder.config.schema import Table
from bidder.config.wording import unwrap

Bounds = Mapping[str, int | Decimal]
"""Any of `min`, `max` (included), `above`, `below` (not included)."""


V = TypeVar("V")


class Member(NamedTuple):
    """A field of a table that needs a closer look."""

    name: str
    default: object
    many: bool
    """Whether it is a list of tables, or a table of decimals."""


class Shape(NamedTuple):
    """The fields of a kind of table that hold tables, and those that hold bounded decimals."""

    tables: tuple[Member, ...]
    decimals: tuple[tuple[Member, Bounds], ...]


def tables(root: Table, path: Path = ()) -> Iterator[tuple[Path, Table]]:
    """A table and all tables inside it. A table that is the default of its field was not written, and is left out."""
    yield path, root
    for name, default, many in shape(type(root)).tables:
        value = getattr(root, name)
        if value is default or value is UNSET or value is None:
            continue
        if many:
            for index, element in enumerate(value):
                if element is not UNSET:
                    yield from tables(element, (*path, name, index))
        else:
            yield from tables(value, (*path, name))


def in_bounds(table: Table) -> bool:
    """Whether the decimals of one table are within their bounds."""
    for (name, default, many), bounds in shape(type(table)).decimals:
        value = getattr(table, name)
        if value is default or value is None:
            continue
        if not all(within(each, bounds) for each in (value.values() if many else (value,))):
            return False
    return True


def within(value: Decimal, bounds: Bounds) -> bool:
    """Whether a decimal is a number and within bounds."""
    return (
        value.is_finite()
        and ("min" not in bounds or value >= bounds["min"])
        and ("max" not in bounds or value <= bounds["max"])
        and ("above" not in bounds or value > bounds["above"])
        and ("below" not in bounds or value < bounds["below"])
    )


def bounds_of(kind: Any) -> Bounds | None:
    """The bounds of a decimal annotation; `None` for any other kind of value."""
    plain, metas = unwrap(kind)
    return next((meta.extra for meta in metas if meta.extra), {}) if plain is Decimal else None


@cache
def shape(kind: type[Table]) -> Shape:
    """What to look at in a kind of table."""
    fields = structs.fields(kind)
    inner = [(field, unwrap(field.type)[0]) for field in fields]
    return Shape(
        tables=tuple(
            Member(field.name, field.default, get_origin(plain) is tuple)
            for field, plain in inner
            if _is_table(get_args(plain)[0] if get_origin(plain) is tuple else plain)
        ),
        decimals=tuple(
            (Member(field.name, field.default, get_origin(plain) is dict), bounds)
            for field, plain in inner
            if (bounds := bounds_of(get_args(plain)[1] if get_origin(plain) is dict else field.type)) is not None
        ),
    )


def is_right(value: object) -> bool:
    """Whether a value is right. Where a document has faults, values that are wrong are `UNSET`."""
    return value is not UNSET


def elements(values: tuple[V, ...]) -> Iterator[tuple[int, V]]:
    """The elements of a list with their indexes, past those that are wrong; none where the whole list is."""
    return ((index, value) for index, value in enumerate(values if is_right(values) else ()) if is_right(value))


def ids(named: tuple[Any, ...]) -> Iterator[tuple[int, str]]:
    """Indexes and ids in a list of tables, past those that are wrong."""
    return ((index, each.id) for index, each in elements(named) if is_right(each.id))


def _is_table(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Table)
