"""The line of a key is the line where a person finds it, however the TOML is written."""

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bidder.config.lines import Lines, Path, last_place

KEYS = (("a", "a"), ("b-1", "b-1"), ("2", "2"), ('"c d"', "c d"), ("'e.f'", "e.f"), ('"\\u0041"', "A"), ('""', ""))
"""Keys as they are written, and what they mean."""

SCALARS = (
    "1", "-1.5e3", "0xff", "true", "nan", "1979-05-27", "1979-05-27 07:32:00", "07:32:00.5", "'lit # x'", '""', "''",
    '"# no comment"', '"[x]\\n= \\"1\\" "', '"""\nk = 1\n[t]\n"" two quotes"""', '"""a""""', '"""a"""""', "''''a'''",
    "'''\n[[x]]\ny = '1' # '''", '"""\\"""\n"""', '"""\\\n   folded"""',
)  # fmt: skip

NOISE = ("", "", "\n", "# [t] k = 1\n", '  # """\n\t\n')


class Writer:
    """Writes a document and knows where it put everything."""

    def __init__(self, draw: st.DrawFn) -> None:
        self._draw = draw
        self.text = ""
        self.lines: dict[Path, int] = {}

    def table(self, path: Path, header: str, depth: int) -> None:
        keys = self._draw(st.lists(st.sampled_from(KEYS), max_size=4, unique=True))
        kinds = [self._draw(st.sampled_from("vvdta" if depth else "vvd")) for _ in keys]
        for (token, name), kind in zip(keys, kinds, strict=True):
            self._noise()
            if kind == "v":
                self._statement(path, token, name, depth)
            elif kind == "d":
                self._mark((*path, name))
                self.text += f"{token} . "
                self._statement((*path, name), "z", "z", depth)
        for (token, name), kind in zip(keys, kinds, strict=True):
            inner = f"{header}.{token}" if header else token
            if kind == "t":
                self._headed((*path, name), f"[ {inner} ]", inner, depth)
            elif kind == "a":
                for index in range(self._draw(st.integers(1, 3))):
                    self._headed((*path, name, index), f"[[{inner}]]", inner, depth)

    def _headed(self, path: Path, written: str, header: str, depth: int) -> None:
        self._noise()
        self._mark(path)
        self.text += f"{written} # header\n"
        self.table(path, header, depth - 1)

    def _statement(self, path: Path, token: str, name: str, depth: int) -> None:
        self._mark((*path, name))
        self.text += f"{token}  = "
        self._value((*path, name), depth)
        self.text += self._draw(st.sampled_from(("\n", " # comment\n", "\n\n")))

    def _value(self, path: Path, depth: int) -> None:
        kind = self._draw(st.sampled_from("ssia" if depth else "s"))
        if kind == "s":
            self.text += self._draw(st.sampled_from(SCALARS))
        elif kind == "a":
            self._array(path, depth - 1)
        else:
            self._inline(path, depth - 1)

    def _array(self, path: Path, depth: int) -> None:
        self.text += "["
        length = self._draw(st.integers(0, 3))
        for index in range(length):
            self._noise()
            self._mark((*path, index))
            self._value((*path, index), depth)
            self._noise()
            self.text += "," if index < length - 1 or self._draw(st.booleans()) else ""
        self._noise()
        self.text += "]"

    def _inline(self, path: Path, depth: int) -> None:
        self.text += "{ "
        for index, (token, name) in enumerate(self._draw(st.lists(st.sampled_from(KEYS), max_size=3, unique=True))):
            self.text += ", " if index else ""
            self._mark((*path, name))
            self.text += f"{token} = "
            self._value((*path, name), depth)
        self.text += " }"

    def _noise(self) -> None:
        self.text += self._draw(st.sampled_from(NOISE))

    def _mark(self, path: Path) -> None:
        for length in range(1, len(path) + 1):
            self.lines.setdefault(path[:length], self.text.count("\n") + 1)


@st.composite
def documents(draw: st.DrawFn) -> Writer:
    writer = Writer(draw)
    writer.table((), "", 3)
    return writer


def paths_in(value: Any, path: Path = ()) -> set[Path]:
    """All paths that a parsed document has."""
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return {path} | {inner for key, each in members for inner in paths_in(each, (*path, key))}


@given(documents())
def test_every_key_and_element_of_any_document_has_its_line(document: Writer) -> None:
    assert paths_in(tomllib.loads(document.text)) == {(), *document.lines}
    lines = Lines(document.text)
    assert {path: lines.line(path) for path in document.lines} == document.lines


@given(documents(), st.integers(0, 400))
def test_where_a_parser_stopped_is_in_the_last_statement_before(document: Writer, offset: int) -> None:
    place = last_place(document.text, min(offset, len(document.text)))
    assert place.offset <= offset
    assert place.path == () or place.path in document.lines


@given(st.text(alphabet="ab=.[]{},\"'\\#\n \t1", max_size=60))
def test_text_that_is_no_toml_ends_the_scan_quietly(text: str) -> None:
    assert 1 <= Lines(text).line(("a", 0, "b")) <= text.count("\n") + 1


@pytest.mark.parametrize(
    ("path", "line"),
    [(("a", "missing"), 3), (("a", "b", "c"), 1), (("nowhere", 0), 1), ((), 1)],
)
def test_what_is_missing_is_looked_for_in_the_table_around_it(path: Path, line: int) -> None:
    assert Lines("[a.b]\n\n[a]\nk = 1\n").line(path) == line
