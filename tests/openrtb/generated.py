"""Documents that hypothesis invents: any attribute of the model set to anything its type allows."""

from functools import cache
from typing import Any, TypeVar, get_args, get_origin

import msgspec
from hypothesis import strategies as st
from msgspec import Raw, Struct

from openrtb.wire import NO_EXT
from tests.openrtb.builders import HTML, vast

S = TypeVar("S", bound=Struct)

MOST_ATTRIBUTES = 6
"""Attributes set per object: few, so that whole documents stay small enough to shrink."""

IDS = st.sampled_from(["1", "2", "USD", "EUR", "IAB1", "shop.test", "a.shop.test", "de", "en-GB"])
MARKUPS = {
    "banner": HTML,
    "VAST": vast(),
    "VAST for VPAID": vast(version="4.2", api="VPAID", tracker="http://track.test"),
    "an unfinished tag": "<VAST",
    "a document type": "<!DOCTYPE a>",
    "native": '{"assets":[{"id":1,"title":{"text":"x"}}],"link":{"url":"x"},"eventtrackers":[{"event":1,"method":2}]}',
    "native 1.0": '{"native":{"assets":[{"id":1,"required":1,"img":{"w":1}},{"id":2,"data":{"type":1,"value":4}}]}}',
    "depth": '{"assets":' * 2_000,
    "misspelt macros": "${AUCTION_PRISE} %24%7BAUCTION_PRICE%7D",
    "an unfinished URL": "http://",
}
MARKUP = st.sampled_from(sorted(MARKUPS)).map(MARKUPS.__getitem__)
EXTS = st.sampled_from(
    [b"", b"3", b"{}", b'{"dsa":', b'{"dsa":{"dsarequired":2}}', b'{"dsa":{"adrender":0}}', b'{"gpc":1}']
)
STRINGS = IDS | MARKUP | st.text(max_size=20)
INTEGERS = st.integers(-2, 20) | st.integers(-(2**53), 2**53)
FLOATS = st.floats(0, 10) | st.floats()


@st.composite
def documents(draw: st.DrawFn, /, cls: type[S], **always: st.SearchStrategy[Any]) -> S:
    """An instance of `cls` with some of its attributes set, and all of `always`."""
    fields = attribute_strategies(cls)
    names = draw(st.lists(st.sampled_from(sorted(fields)), max_size=MOST_ATTRIBUTES, unique=True))
    return cls(**{name: draw(always.get(name, fields[name])) for name in {*names, *always}})


@cache
def attribute_strategies(cls: type[Struct]) -> dict[str, st.SearchStrategy[Any]]:
    return {field.name: values(field.type) for field in msgspec.structs.fields(cls)}


def values(annotation: Any) -> st.SearchStrategy[Any]:
    """Anything that an attribute of this type can hold after decoding."""
    simple = {str: STRINGS, int: INTEGERS, float: FLOATS, type(None): st.none(), Raw: EXTS.map(raw)}
    if annotation in simple:
        return simple[annotation]
    if isinstance(annotation, type) and issubclass(annotation, Struct):
        return documents(annotation)
    if get_origin(annotation) is list:
        return st.lists(values(get_args(annotation)[0]), max_size=3)
    if hasattr(annotation, "__metadata__"):
        return values(annotation.__origin__)
    return st.one_of([values(part) for part in get_args(annotation)])


def raw(text: bytes) -> Raw:
    return Raw(text) if text else NO_EXT
