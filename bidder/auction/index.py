"""Bitsets: which of the lines of a block accept a value, one Python int per value.

Lines are dense and sorted by the highest price they could ever bid, so the lowest set bit is the most promising line.
Matching is one AND per attribute; a value that no line names costs one dictionary look-up.
"""

from collections.abc import Hashable, Iterable, Sequence


class Table:
    """The answers of one block of lines to one attribute."""

    __slots__ = ("_exclude", "_excluding", "_include", "_single", "open")

    def __init__(self, includes: Sequence[Iterable[Hashable]], excludes: Sequence[Iterable[Hashable]]) -> None:
        """`includes[i]` and `excludes[i]` are what line i names."""
        self._include: dict[Hashable, int] = {}
        self._exclude: dict[Hashable, int] = {}
        self.open = 0
        """Lines that name nothing to include: they accept any value and none."""
        for position, (wanted, refused) in enumerate(zip(includes, excludes, strict=True)):
            bit = 1 << position
            names = tuple(wanted)
            self.open |= 0 if names else bit
            for key in names:
                self._include[key] = self._include.get(key, 0) | bit
            for key in refused:
                self._exclude[key] = self._exclude.get(key, 0) | bit
        keys = self._include.keys() | self._exclude.keys()
        self._single = {key: (self._include.get(key, 0) | self.open) & ~self._exclude.get(key, 0) for key in keys}
        self._excluding = bool(self._exclude)

    def accept(self, values: Sequence[Hashable]) -> int:
        """The lines that accept a request with these values; without values, those that need none."""
        if not values:
            return self.open
        if len(values) == 1:
            return self._single.get(values[0], self.open)
        bits = self.open
        include = self._include
        for value in values:
            bits |= include.get(value, 0)
        if self._excluding:
            exclude = self._exclude
            for value in values:
                bits &= ~exclude.get(value, 0)
        return bits

    def naming(self, values: Sequence[Hashable]) -> int:
        """The lines that name any of these values."""
        bits = 0
        for value in values:
            bits |= self._include.get(value, 0)
        return bits


def positions_of(bits: int) -> Iterable[int]:
    """The set positions, lowest first."""
    while bits:
        low = bits & -bits
        yield low.bit_length() - 1
        bits ^= low
