"""What a setting may be, in words: for error messages and the reference."""

import re
from collections.abc import Iterable
from difflib import get_close_matches
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from msgspec import Meta, Struct

_NAMES = {bool: "true or false", int: "a whole number", float: "a number", str: "text"}


def wording(kind: Any) -> str:
    """What an annotation of the schema asks for, as in `a whole number from 1 to 600`."""
    kind, metas = unwrap(kind)
    described = [meta.description for meta in metas if meta.description]
    if described:
        return described[0]
    if get_origin(kind) is Literal:
        return _choices(get_args(kind))
    if get_origin(kind) is tuple:
        least = "at least one: " if any(meta.min_length for meta in metas) else ""
        return f"a list of {least}{wording(get_args(kind)[0])}"
    if get_origin(kind) is dict:
        return f"a table of {wording(get_args(kind)[1])}"
    if isinstance(kind, type) and issubclass(kind, Struct):
        return "a table"
    return _NAMES[kind] + _bounds(metas)


def unwrap(kind: Any) -> tuple[Any, list[Meta]]:
    """An annotation without `Annotated` and `| None`, and its metadata. TOML has no null: optional is left out."""
    metas: list[Meta] = []
    while get_origin(kind) in {Annotated, Union, UnionType}:
        if get_origin(kind) is Annotated:
            kind, *found = get_args(kind)
            metas += [meta for meta in found if isinstance(meta, Meta)]
        else:
            kind = next(each for each in get_args(kind) if each is not type(None))
    return kind, metas


def is_secret(kind: Any) -> bool:
    """Whether values of an annotation, or their elements, must not be shown."""
    plain, metas = unwrap(kind)
    inner = get_args(plain)[:1] if get_origin(plain) is tuple else ()
    return any(meta.extra and meta.extra.get("secret") for meta in metas) or any(map(is_secret, inner))


def nearest(name: str, known: Iterable[str]) -> str:
    """`; did you mean ...?` where a name nearly is one of the known ones, else nothing."""
    by_fold = {_folded(each): each for each in known}
    near = get_close_matches(_folded(name), by_fold, n=1, cutoff=0.6)
    return f"; did you mean `{by_fold[near[0]]}`?" if near else ""


def _folded(name: str) -> str:
    return re.sub(r"[\s-]+", "_", name).lower()


def _choices(values: Iterable[str | int]) -> str:
    return "one of " + ", ".join(f'"{value}"' if isinstance(value, str) else str(value) for value in values)


def _bounds(metas: list[Meta]) -> str:
    least = next((meta.ge for meta in metas if meta.ge is not None), None)
    above = next((meta.gt for meta in metas if meta.gt is not None), None)
    most = next((meta.le for meta in metas if meta.le is not None), None)
    if least is not None and most is not None:
        return f" from {least} to {most}"
    if above is not None and most is not None:
        return f" above {above}, at most {most}"
    return "" if least is None else f" of at least {least}"
