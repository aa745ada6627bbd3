"""What kind of value each attribute of the model holds, worked out once per class for the repairing pass."""

import sys
from enum import Enum
from functools import cache, cached_property
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Raw, Struct


class Kind(Enum):
    """The kinds of wire values; the value is how messages call it."""

    OBJECT = "an object"
    ARRAY = "an array"
    STRING = "a string"
    DOCUMENT = "a string or an object"
    INTEGER = "an integer"
    NUMBER = "a number"
    RAW = "anything"


DOCUMENTS = {("Native", "request"), ("Bid", "adm")}
"""Strings that hold a JSON document, which some senders leave as an object (Native 1.2, 4.1 and 5.1)."""

PLURALS = {"Video": {"protocol": "protocols"}}
"""Single values that were sent as arrays before they had a plural of their own."""

FRACTIONS = {("BidRequest", "tmax")}
"""Integers that are sent as fractions; they are rounded down."""


class Shape:
    """How one type is read: its kind, its strict decoder and, by kind, its fields or its items."""

    def __init__(self, annotation: Any, owner: str = "", name: str = "") -> None:
        self.strict: msgspec.json.Decoder[Any] = msgspec.json.Decoder(annotation)
        self.fractions = (owner, name) in FRACTIONS
        self.joins = name == "keywords"
        annotation = _without_none(annotation)
        self.cls = _plain(annotation)
        self.kind = _kind(self.cls, owner, name)
        self.is_scalar = self.kind not in {Kind.OBJECT, Kind.ARRAY}
        self.longest = _longest(annotation)
        self.plurals: dict[str, str] = PLURALS.get(getattr(self.cls, "__name__", ""), {})

    @cached_property
    def item(self) -> "Shape":
        """The shape of the items of an array."""
        return shape_of(get_args(self.cls)[0])

    @cached_property
    def fields(self) -> dict[str, "Shape"]:
        """The shapes of the attributes of an object, by name."""
        return _fields(self.cls)


@cache
def shape_of(annotation: Any) -> Shape:
    """The shape of a type used in the model."""
    return Shape(annotation)


@cache
def _fields(cls: type[Struct]) -> dict[str, Shape]:
    hints = get_type_hints(cls, include_extras=True)
    return {name: Shape(hints[name], cls.__name__, name) for name in cls.__struct_fields__}


def _without_none(annotation: Any) -> Any:
    if get_origin(annotation) in {Union, UnionType}:
        (annotation,) = (each for each in get_args(annotation) if each is not NoneType)
    return annotation


def _plain(annotation: Any) -> Any:
    return get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation


def _longest(annotation: Any) -> int:
    """The most items that an array may have."""
    bounds = [meta.max_length for meta in getattr(annotation, "__metadata__", ()) if meta.max_length is not None]
    return min(bounds, default=sys.maxsize)


def _kind(cls: Any, owner: str, name: str) -> Kind:
    if get_origin(cls) is list:
        return Kind.ARRAY
    if cls is str:
        return Kind.DOCUMENT if (owner, name) in DOCUMENTS else Kind.STRING
    if issubclass(cls, Struct):
        return Kind.OBJECT
    return {int: Kind.INTEGER, float: Kind.NUMBER, Raw: Kind.RAW}[cls]
