"""Instances of the model that could have come off the wire: every attribute, every type, within what JSON can say."""

from functools import cache
from typing import Any, get_args, get_origin

import msgspec
from hypothesis import strategies as st
from msgspec import Raw, Struct

TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)
EXTS = st.sampled_from([b'{"a":1}', b"{}", b"null", b"7", b'"text"', b"[1,2]", b'{"b":{"c":[null,"\xc3\xa9"]}}']).map(
    Raw
)


def instances(cls: type[Struct]) -> st.SearchStrategy[Any]:
    """Any instance of `cls`: each attribute either left at its default or set to something its type allows."""
    fields = {field.name: _values(field.type) for field in msgspec.structs.fields(cls)}
    return st.fixed_dictionaries({}, optional=fields).map(lambda values: cls(**values))


@cache
def _values(annotation: Any) -> st.SearchStrategy[Any]:
    if annotation is str:
        return TEXT
    if annotation is float:
        return st.floats(allow_nan=False, allow_infinity=False)
    if annotation is Raw:
        return EXTS
    if annotation is type(None):
        return st.none()
    if get_origin(annotation) is list:
        return st.lists(_values(get_args(annotation)[0]), max_size=2)
    if hasattr(annotation, "__metadata__"):
        return st.integers(-(2**53), 2**53) if annotation.__origin__ is int else _values(annotation.__origin__)
    if isinstance(annotation, type) and issubclass(annotation, Struct):
        return st.deferred(lambda: instances(annotation))
    return st.one_of([_values(part) for part in get_args(annotation)])
