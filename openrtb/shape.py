"""What each attribute of the model holds, worked out once per class for the repairing pass."""

import sys
from functools import cache, cached_property
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Raw, Struct

from openrtb.scalar import ANYTHING, DOCUMENT, INTEGER, KEYWORDS, NUMBER, ROUNDED, STRING, Scalar

SCALARS = {str: STRING, int: INTEGER, float: NUMBER, Raw: ANYTHING}

PARTICULAR = {("Native", "request"): DOCUMENT, ("Bid", "adm"): DOCUMENT, ("BidRequest", "tmax"): ROUNDED}
"""Attributes that are read otherwise than their type alone says; so is every `keywords`."""

PLURALS = {"Video": {"protocol": "protocols"}}
"""Single values that were sent as arrays before they had a plural of their own."""


class Shape:
    """How one type is read: one of `scalar`, `item` and `fields` applies; `strict` reads what needs no repair."""

    def __init__(self, annotation: Any, owner: str = "", name: str = "") -> None:
        self.strict: msgspec.json.Decoder[Any] = msgspec.json.Decoder(annotation)
        annotation = _without_none(annotation)
        self.longest = _longest(annotation)
        self.cls = _plain(annotation)
        self.plurals: dict[str, str] = PLURALS.get(getattr(self.cls, "__name__", ""), {})
        self.scalar: Scalar | None = SCALARS.get(self.cls)
        if self.scalar is not None:
            self.scalar = KEYWORDS if name == "keywords" else PARTICULAR.get((owner, name), self.scalar)

    @cached_property
    def item(self) -> "Shape | None":
        """The shape of the items, where this is an array."""
        return shape_of(get_args(self.cls)[0]) if get_origin(self.cls) is list else None

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
