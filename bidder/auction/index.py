"""Bitsets: which of the lines of a block accept a value, one Python int per value.

Lines are dense and sorted by the highest price they could ever bid, so the lowest set bit is the most promising line.
Matching is one AND per attribute; a value that no line names costs one dictionary look-up.
"""

from collections.abc import Hashable, Iterable, Sequence

import numpy as np

_FEW = 24


Bits = int


class Entries:
    """What the lines of a block name in one table."""

    __slots__ = ("exclude", "include", "including")

    def __init__(self) -> None:
        self.include: dict[Hashable, Bits] = {}
        self.exclude: dict[Hashable, Bits] = {}
        self.including: Bits = 0
        """Lines that name something to include."""

    def add(self, lines: Bits, include: Iterable[Hashable], exclude: Iterable[Hashable]) -> None:
        """Take in lines that name the same."""
        for key in include:
            self.include[key] = self.include.get(key, 0) | lines
        for key in exclude:
            self.exclude[key] = self.exclude.get(key, 0) | lines
        if include:
            self.including |= lines


class Naming:
    """The lines of a block by what they name, where only that is asked."""

    __slots__ = ("_include",)

    def __init__(self, entries: Entries) -> None:
        self._include = entries.include

    def naming(self, values: Sequence[Hashable]) -> int:
        """The lines that name any of these values."""
        bits = 0
        for value in values:
            bits |= self._include.get(value, 0)
        return bits


class Table:
    """The answers of one block of lines to one attribute."""

    __slots__ = ("_exclude", "_include", "_single", "named", "open")

    def __init__(self, size: int, entries: Entries) -> None:
        """`size` is the number of lines."""
        self._include = entries.include
        self._exclude = entries.exclude
        self.open = (1 << size) - 1 ^ entries.including
        """Lines that name nothing to include: they accept any value and none."""
        keys = self._include.keys() | self._exclude.keys()
        self._single = {key: (self._include.get(key, 0) | self.open) & ~self._exclude.get(key, 0) for key in keys}
        self.named = frozenset(keys)
        """All values that any line names."""

    def accept(self, values: Sequence[Hashable]) -> int:
        """The lines that accept a request with these values; without values, those that need none."""
        if not values:
            return self.open
        if len(values) == 1:
            return self._single.get(values[0], self.open)
        named = self.named.intersection(values)
        bits, single = self.open, self._single
        if self._exclude:
            for value in named:
                bits |= self._include.get(value, 0)
            for value in named:
                bits &= ~self._exclude.get(value, 0)
        else:
            for value in named:
                bits |= single[value]
        return bits


def bits_of(positions: Sequence[int]) -> int:
    """The bitset with these positions, which ascend. At once, since setting one bit copies all of them."""
    if len(positions) <= _FEW:
        bits = 0
        for position in positions:
            bits |= 1 << position
        return bits
    flags = np.zeros(positions[-1] + 1, np.uint8)
    flags[positions] = 1
    return int.from_bytes(np.packbits(flags, bitorder="little").tobytes(), "little")


def positions_of(bits: int) -> Iterable[int]:
    """The set positions, lowest first."""
    while bits:
        low = bits & -bits
        yield low.bit_length() - 1
        bits ^= low
