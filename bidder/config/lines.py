"""Lines of keys in TOML text: a scan that knows where things stand, for text that a TOML parser has accepted.

The parsers with TOML's full rules tell no positions, so messages get theirs from here. The scan reads only as much
grammar as it takes to tell keys from values (TOML 1.0, "Keys", "String", "Array", "Inline Table", "Array of Tables");
on text that no parser accepted it stops at the first thing it cannot read.
"""

import re
import tomllib
from bisect import bisect_left
from collections.abc import Iterator
from typing import NamedTuple

Path = tuple[str | int, ...]
"""Where a value is: keys of tables and indexes of arrays, from the root of the document."""

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_STRING = (
    r'"""(?:\\[\s\S]|[^\\])*?"""(?:"{0,2})'
    r"|'''[\s\S]*?'''(?:'{0,2})"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|'[^'\n]*'"
)
_KEY = re.compile(rf"[A-Za-z0-9_-]+|{_STRING}")
_SCALAR = re.compile(rf"{_STRING}|[^\s,\[\]{{}}#\"'=]+(?:[ ](?=\d)[^\s,\[\]{{}}#\"'=]+)?")  # a date may have one space


class Place(NamedTuple):
    """A key or an array element, and the offset at which it begins."""

    path: Path
    offset: int


class Lines:
    """Lines of the keys and array elements of one document."""

    def __init__(self, text: str) -> None:
        self._ends = [match.start() for match in re.finditer("\n", text)]
        self._offsets: dict[Path, int] = {}
        found = list(places(text))
        for path, offset in found:
            self._offsets.setdefault(path, offset)
        for path, offset in found:  # tables that no header names begin where something in them first does
            for depth in range(len(path) - 1, 0, -1):
                if self._offsets.setdefault(path[:depth], offset) != offset:
                    break

    def line(self, path: Path) -> int:
        """The line, from 1, of a path or of the nearest table or array around it that the text has."""
        while path and path not in self._offsets:
            path = path[:-1]
        return bisect_left(self._ends, self._offsets[path]) + 1 if path else 1


def places(text: str) -> Iterator[Place]:
    """All keys and array elements in the order of the text; ends early where the text cannot be read."""
    try:
        yield from _Scan(text).statements()
    except _UnreadableError:
        return


def last_place(text: str, offset: int) -> Place:
    """The last key or table header that begins at or before an offset: where a parser was when it stopped there."""
    found = Place((), 0)
    for place in places(text):
        if place.offset > offset:
            break
        if isinstance(place.path[-1], str):
            found = place
    return found


class _UnreadableError(ValueError):
    """The text is not TOML from here on."""


class _Scan:
    def __init__(self, text: str) -> None:
        self._text = text
        self._offset = 0
        self._tables: dict[Path, int] = {}  # arrays of tables: how many elements each has so far

    def statements(self) -> Iterator[Place]:
        table: Path = ()
        while self._skip(_BLANK):
            start = self._offset
            if self._take("["):
                table = self._header()
                yield Place(table, start)
            else:
                path = table + self._key()
                self._expect("=")
                yield Place(path, start)
                yield from self._value(path)

    def _header(self) -> Path:
        is_array = self._take("[")
        *parents, last = self._key()
        path: Path = ()
        for key in parents:
            path = self._latest((*path, key))
        self._expect("]")
        if not is_array:
            return self._latest((*path, last))
        self._expect("]")
        path = (*path, last)
        self._tables[path] = self._tables.get(path, 0) + 1
        return self._latest(path)

    def _latest(self, path: Path) -> Path:
        """Below an array of tables, a header speaks of its last element."""
        return (*path, self._tables[path] - 1) if path in self._tables else path

    def _value(self, path: Path) -> Iterator[Place]:
        """The places inside a value. Arrays and inline tables that are open stand on a stack: they nest deep."""
        stack: list[_Open] = []
        inside: Path | None = path
        while inside is not None:
            self._skip(_BLANK)
            if self._take("["):
                stack.append(_Open(inside, is_array=True))
            elif self._take("{"):
                stack.append(_Open(inside, is_array=False))
            else:
                self._match(_SCALAR)
            start, inside = self._next(stack)
            if inside is not None:
                yield Place(inside, start)

    def _next(self, stack: "list[_Open]") -> tuple[int, Path | None]:
        """Closes what ends here; the offset and path of the next value inside what is still open."""
        while stack:
            self._skip(_BLANK)
            self._take(",")
            self._skip(_BLANK)
            around, start = stack[-1], self._offset
            if self._take("]") or self._take("}"):
                stack.pop()
            elif around.is_array:
                around.count += 1
                return start, (*around.path, around.count - 1)
            else:
                path = around.path + self._key()
                self._expect("=")
                return start, path
        return self._offset, None

    def _key(self) -> tuple[str, ...]:
        keys: list[str] = []
        while True:
            self._skip(_SPACE)
            keys.append(_unquoted(self._match(_KEY)))
            self._skip(_SPACE)
            if not self._take("."):
                return tuple(keys)

    def _skip(self, pattern: re.Pattern[str]) -> bool:
        """Skips what does not matter; whether anything is left."""
        match = pattern.match(self._text, self._offset)
        self._offset = match.end() if match else self._offset
        return self._offset < len(self._text)

    def _take(self, mark: str) -> bool:
        found = self._text.startswith(mark, self._offset)
        self._offset += len(mark) * found
        return found

    def _expect(self, mark: str) -> None:
        self._skip(_SPACE)
        if not self._take(mark):
            raise _UnreadableError

    def _match(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self._text, self._offset)
        if match is None:
            raise _UnreadableError
        self._offset = match.end()
        return match[0]


class _Open:
    """An array or inline table whose end has not been read."""

    def __init__(self, path: Path, *, is_array: bool) -> None:
        self.path = path
        self.is_array = is_array
        self.count = 0


def _unquoted(key: str) -> str:
    if key[0] not in "\"'":
        return key
    try:
        text: str = tomllib.loads(f"key = {key}")["key"]
    except tomllib.TOMLDecodeError:
        raise _UnreadableError from None
    return text
