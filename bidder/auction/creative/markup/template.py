"""Literal text with holes, filled by one join."""

from collections.abc import Sequence

Hole = int
"""A place in a template: the index of the value that goes there."""


class Template:
    """Text and holes in any order. Literal neighbours are merged when it is made, so that filling does little."""

    __slots__ = ("_holes", "_pieces")

    def __init__(self, parts: Sequence[str | Hole]) -> None:
        self._pieces: list[str] = []
        self._holes: list[tuple[int, Hole]] = []
        text = ""
        for part in parts:
            if isinstance(part, str):
                text += part
            else:
                self._holes.append((len(self._pieces) + 1, part))
                self._pieces += (text, "")
                text = ""
        self._pieces.append(text)

    def fill(self, values: Sequence[str]) -> str:
        """The text with `values[hole]`, escaped by the caller, in each hole."""
        pieces = self._pieces.copy()
        for position, hole in self._holes:
            pieces[position] = values[hole]
        return "".join(pieces)
