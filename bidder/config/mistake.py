"""What is wrong with a configuration, in a form that a person can act on."""

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import NamedTuple

from msgspec import Struct

from bidder.config.lines import Path

NOTHING = object()
"""The value found where there is none."""

_LONGEST = 60
_BARE = re.compile(r"[A-Za-z0-9_-]{1,60}")
_NAME = re.compile(r"[A-Za-z0-9._ -]{1,64}")


class Words(str):
    """A description of what was found, where the value itself cannot or must not be shown."""

    __slots__ = ()


class Fault(NamedTuple):
    """A mistake before its file and line are known."""

    path: Path
    rule: str
    """What would be right."""
    found: object = NOTHING


class Mistake(Struct, frozen=True, order=True):
    """One mistake in one file."""

    file: str
    """Relative to the configuration directory."""
    line: int
    """From 1."""
    key: str
    """The key as in `campaigns[spring].max_cpm`; empty for a whole file."""
    rule: str
    """What would be right."""
    found: str
    """The value found, shortened."""

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}: {self.key}: " if self.key else f"{self.file}:{self.line}: "
        return f"{where}{self.rule}, found {self.found}"


class ConfigError(ValueError):
    """The configuration directory has mistakes: all that were found, in the order of files and lines."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes: Sequence[Mistake] = tuple(sorted(set(mistakes)))
        super().__init__("\n".join(map(str, self.mistakes)))

    @property
    def counted(self) -> str:
        """How many, for people."""
        return "1 mistake" if len(self.mistakes) == 1 else f"{len(self.mistakes)} mistakes"


def key_text(path: Path, document: object) -> str:
    """A path as people read it. Tables in arrays are named by their `id`, or else by their index from 0."""
    text, inside = "", document
    for step in path:
        inside = _step(inside, step)
        if isinstance(step, str):
            name = step if _BARE.fullmatch(step) else found_text(step)
            text += f".{name}" if text else name
        else:
            found = inside.get("id") if isinstance(inside, dict) else None
            text += f"[{found}]" if isinstance(found, str) and _NAME.fullmatch(found) else f"[{step}]"
    return text


def found_text(value: object) -> str:
    """A value as it would stand in TOML, shortened to one short line."""
    if value is NOTHING:
        return "nothing"
    if isinstance(value, Words):
        return value
    if isinstance(value, dict | Struct):
        return "a table"
    if isinstance(value, list | tuple):
        return "a list" if value else "an empty list"
    if isinstance(value, bool):
        return "true" if value else "false"
    return _shortened(_scalar(value))


def _scalar(value: object) -> str:
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    if isinstance(value, int | float | Decimal):
        return str(value) if not isinstance(value, int) or abs(value) < 10**_LONGEST else "a very large number"
    return '"' + "".join(each if each.isprintable() else ascii(each)[1:-1] for each in str(value)) + '"'


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _step(inside: object, step: str | int) -> object:
    if isinstance(inside, dict):
        return inside.get(step)
    return inside[step] if isinstance(inside, list) and isinstance(step, int) and step < len(inside) else None
