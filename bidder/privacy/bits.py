"""Bit fields in base64url text, as the consent strings of IAB TCF and GPP write them: six bits to a character."""

import re
from binascii import a2b_base64
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

_TEXT = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)
_STANDARD = str.maketrans("-_", "+/")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MOST_CHARS = 32_768
"""Longer signals are refused; real ones stay below 10,000."""


class SignalError(ValueError):
    """A consent string that cannot be read; the message says what is wrong with it."""


class Range(NamedTuple):
    """Ids from `first` to `last`, both included."""

    first: int
    last: int


class Ids(NamedTuple):
    """A set of ids that is never expanded: a string of some kilobytes may name hundreds of millions."""

    bits: int = 0
    """Bit `id - 1`."""
    ranges: tuple[Range, ...] = ()

    def __contains__(self, number: object) -> bool:
        if not isinstance(number, int) or number < 1:
            return False
        return bool(self.bits >> (number - 1) & 1) or any(first <= number <= last for first, last in self.ranges)


class Bits:
    """Reads fields from the front to the back of one segment; where bits are missing, a `SignalError` says so."""

    __slots__ = ("_left", "_value")

    def __init__(self, text: str) -> None:
        if len(text) > MOST_CHARS:
            raise SignalError(f"a segment has {len(text)} characters, at most {MOST_CHARS} are read")
        if not _TEXT.fullmatch(text):
            raise SignalError(f"a segment is not base64url without padding: {text[:40]!r}")
        spare = -len(text) % 4
        self._value = int.from_bytes(a2b_base64(text.translate(_STANDARD) + "A" * spare)) >> 6 * spare
        self._left = 6 * len(text)

    @property
    def left(self) -> int:
        """How many bits have not been read."""
        return self._left

    def integer(self, width: int) -> int:
        """The next `width` bits as a number, the highest first."""
        self._left -= width
        if self._left < 0:
            raise SignalError(f"a segment ends {-self._left} bits before a field of {width} bits does")
        return self._value >> self._left & ((1 << width) - 1)

    def flag(self) -> bool:
        """One bit."""
        return self.integer(1) == 1

    def integers(self, count: int, width: int) -> tuple[int, ...]:
        """`count` numbers of the same width."""
        return tuple(self.integer(width) for _ in range(count))

    def field(self, width: int) -> Ids:
        """A bit for each id from 1 to `width`, the first one first."""
        found = self.integer(width)
        return Ids(int(f"{found:0{width}b}"[::-1], 2)) if width else Ids()

    def letters(self) -> str:
        """A code of two letters, six bits each, A is 0."""
        return "".join(chr(ord("A") + number) for number in self.integers(2, 6))

    def time(self) -> datetime:
        """36 bits of tenths of a second since 1970 UTC."""
        return _EPOCH + timedelta(milliseconds=100 * self.integer(36))

    def ranges(self) -> Ids:
        """A counted list of ids and ranges of ids, 16 bits each."""
        found = []
        for _ in range(self.integer(12)):
            ranged = self.flag()
            first = self.integer(16)
            last = self.integer(16) if ranged else first
            if not 0 < first <= last:
                raise SignalError(f"ids from {first} to {last} are no range")
            found.append(Range(first, last))
        return Ids(0, tuple(found))

    def vendors(self) -> Ids:
        """Vendors as a bit each up to the highest id, or as ranges."""
        highest = self.integer(16)
        return self.ranges() if self.flag() else self.field(highest)

    def fibonacci(self) -> int:
        """A number in Fibonacci coding: the lowest place first, ended by two ones."""
        total, one, two, before = 0, 1, 2, False
        for _ in range(40):
            bit = self.flag()
            if bit and before:
                return total
            total += one if bit else 0
            one, two, before = two, one + two, bit
        raise SignalError("a Fibonacci number does not end")
