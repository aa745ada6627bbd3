"""A parsed TOML document as tables of the schema, or everything that keeps it from being that.

msgspec converts a whole document in one call and stops at the first mistake. Only where it stops, the document is
walked value by value: what is right is kept, what is not becomes a fault and `UNSET`, so that the rules beyond types
can still look at the rest.
"""

from decimal import Decimal
from typing import Any, Generic, NamedTuple, TypeVar, cast, get_args, get_origin

import msgspec
from msgspec import NODEFAULT, UNSET, structs

from bidder.config.lines import Path
from bidder.config.mistake import Fault, Words
from bidder.config.rules import Wrong, faults_of
from bidder.config.schema import Table
from bidder.config.tables import bounds_of, in_bounds, tables, within
from bidder.config.wording import is_secret, nearest, unwrap, wording

T = TypeVar("T", bound=Table)

HIDDEN = Words("something that is not shown")


class Converted(NamedTuple, Generic[T]):
    """A document's root table and its faults. Where there are faults, values that are wrong are `UNSET`."""

    table: T
    faults: list[Fault]


def convert(document: dict[str, Any], kind: type[T]) -> Converted[T]:
    """The tables of one document, checked by types, bounds and all rules that concern one file."""
    table = _at_once(document, kind)
    if table is not None:
        return Converted(table, list(faults_of(table)))
    walk = _Walk()
    table = cast("T", walk.table(document, kind, ()))
    at = {fault.path for fault in walk.faults}
    around = {path[:depth] for path in at for depth in range(len(path) + 1)}
    return Converted(table, walk.faults + list(faults_of(table, Wrong(at, around))))


def _at_once(document: dict[str, Any], kind: type[T]) -> T | None:
    try:
        table = msgspec.convert(document, kind)
    except msgspec.ValidationError:
        return None
    return table if all(in_bounds(each) for _, each in tables(table)) else None


class _Walk:
    """Converts value by value and keeps all faults. What is wrong is `UNSET`."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def table(self, value: dict[str, Any], kind: type[Table], path: Path) -> Table:
        fields = {field.name: field for field in structs.fields(kind)}
        for key in value.keys() - fields.keys():
            known = ", ".join(f"`{name}`" for name in sorted(fields))
            found = HIDDEN if any(is_secret(field.type) for field in fields.values()) else value[key]
            self._fault((*path, key), f"no such key{nearest(key, fields) or f'; known are {known}'}", found)
        for name, field in fields.items():
            if field.required and name not in value:
                self._fault((*path, name), f"required: {wording(field.type)}")
        return kind(**{name: self._member(value, field, path) for name, field in fields.items()})

    def _member(self, value: dict[str, Any], field: structs.FieldInfo, path: Path) -> Any:
        if field.name in value:
            return self._value(value[field.name], field.type, (*path, field.name))
        if field.default_factory is not NODEFAULT:
            return field.default_factory()
        return UNSET if field.required else field.default

    def _value(self, value: Any, kind: Any, path: Path) -> Any:
        plain, _ = unwrap(kind)
        if isinstance(plain, type) and issubclass(plain, Table):
            return self.table(value, plain, path) if isinstance(value, dict) else self._wrong(value, kind, path)
        if get_origin(plain) is tuple:
            return self._list(value, kind, path)
        if get_origin(plain) is dict:
            return self._mapping(value, kind, path)
        return self._scalar(value, kind, path)

    def _list(self, value: Any, kind: Any, path: Path) -> Any:
        plain, metas = unwrap(kind)
        if not isinstance(value, list) or len(value) < max((meta.min_length or 0 for meta in metas), default=0):
            return self._wrong(value, kind, path)
        element = get_args(plain)[0]
        return tuple(self._value(each, element, (*path, index)) for index, each in enumerate(value))

    def _mapping(self, value: Any, kind: Any, path: Path) -> Any:
        if not isinstance(value, dict):
            return self._wrong(value, kind, path)
        name, member = get_args(unwrap(kind)[0])
        return {
            self._scalar(key, name, (*path, key)): self._value(each, member, (*path, key))
            for key, each in value.items()
        }

    def _scalar(self, value: Any, kind: Any, path: Path) -> Any:
        try:
            converted = msgspec.convert(value, kind)
        except msgspec.ValidationError:
            return self._wrong(value, kind, path)
        bounds = bounds_of(kind)
        if bounds is not None and isinstance(converted, Decimal) and not within(converted, bounds):
            return self._wrong(value, kind, path)
        return converted

    def _wrong(self, value: Any, kind: Any, path: Path) -> Any:
        self._fault(path, wording(kind), HIDDEN if is_secret(kind) else value)
        return UNSET

    def _fault(self, path: Path, rule: str, *found: object) -> None:
        self.faults.append(Fault(path, rule, *found))
