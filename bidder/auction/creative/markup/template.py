"""Literal text with holes, filled by one formatting."""

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any

Hole = int
"""A place in a template: the index of the value that goes there."""


class Template:
    """Text and holes in any order, made into a format string once, so that filling does little."""

    __slots__ = ("_format", "_in_order")

    def __init__(self, parts: Sequence[str | Hole]) -> None:
        self._format = "".join([part.replace("%", "%%") if isinstance(part, str) else "%s" for part in parts])
        holes = [part for part in parts if isinstance(part, int)]
        self._in_order: Callable[[Sequence[str]], Any] = itemgetter(*holes) if holes else lambda _: ()

    def fill(self, values: Sequence[str]) -> str:
        """The text with `values[hole]`, escaped by the caller, in each hole."""
        text: str = self._format % self._in_order(values)
        return text
