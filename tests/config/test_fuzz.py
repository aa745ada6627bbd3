"""Whatever is written into the files, loading answers with a configuration or with mistakes that point into them."""

import random
from collections.abc import Iterator
from copy import deepcopy
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bidder import demo
from bidder.config.across import names_of
from bidder.config.convert import convert
from bidder.config.load import Loader
from bidder.config.mistake import ConfigError, Mistake
from bidder.config.parse import parse
from bidder.config.schema import Advertiser
from bidder.config.tables import tables
from bidder.config.templates import init

DEMO = Path(demo.__file__).parent / "config"

TOKENS = (
    b"=", b"[", b"]", b"[[", b"]]", b"{", b"}", b'"', b"'''", b'"""', b".", b",", b"\n", b"\r", b"#", b"\x00", b"\xff",
    b"\\", b"true", b"nan", b"-1", b"1e400", b"99999999999999999999", b"2020-02-30", b"campaigns", b"id", b"{}", b"[]",
)  # fmt: skip


Mutation = tuple[int, list[tuple[float, int, bytes]]]


@st.composite
def mutations(draw: st.DrawFn) -> Mutation:
    """A file by number, and cuts in it: where, how many bytes are removed, what is put there instead."""
    cut = st.tuples(
        st.floats(0, 1), st.sampled_from((0, 0, 1, 2, 5, 30, 300)), st.sampled_from(TOKENS) | st.binary(max_size=4)
    )
    return draw(st.integers(0, 1000)), draw(st.lists(cut, min_size=1, max_size=6))


def mutate(data: bytes, cuts: list[tuple[float, int, bytes]]) -> bytes:
    for where, removed, put in cuts:
        at = int(where * len(data))
        data = data[:at] + put + data[at + removed :]
    return data


class Directory:
    """A directory of the demo in which one file at a time is something else. Sound files are parsed once."""

    def __init__(self, path: Path) -> None:
        self.files = init(path, "demo")
        self._path = path
        self._loader = Loader(path)
        self._loader.load()

    def mistakes(self, file: Path, data: bytes) -> list[tuple[Mistake, int]]:
        """Mistakes where a file has these bytes, with the number of lines of their file. No other error is caught."""
        sound = file.read_bytes()
        file.write_bytes(data)
        try:
            self._loader.load()
        except ConfigError as error:
            return [(each, (self._path / each.file).read_bytes().count(b"\n") + 1) for each in error.mistakes]
        finally:
            file.write_bytes(sound)
        return []


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Directory:
    return Directory(tmp_path_factory.mktemp("fuzz") / "config")


@settings(max_examples=500, deadline=None)
@given(mutation=mutations())
def test_loading_a_mutated_directory_never_fails_in_another_way(mutation: Mutation, directory: Directory) -> None:
    number, cuts = mutation
    file = directory.files[number % len(directory.files)]
    for mistake, lines in directory.mistakes(file, mutate(file.read_bytes(), cuts)):
        assert 1 <= mistake.line <= lines
        assert "\n" not in str(mistake)


@settings(max_examples=100, deadline=None)
@given(seed=st.integers(0, 10**9))
def test_shuffled_lines_are_refused_or_accepted_and_nothing_else(seed: int, directory: Directory) -> None:
    file = next(path for path in directory.files if path.stem == "meridian-motors")
    lines = file.read_bytes().splitlines(keepends=True)
    random.Random(seed).shuffle(lines)
    for mistake, count in directory.mistakes(file, b"".join(lines)):
        assert mistake.file == "campaigns/meridian-motors.toml"
        assert 1 <= mistake.line <= count


VALUES = st.recursive(
    st.none().map(lambda _: "")
    | st.booleans()
    | st.integers()
    | st.sampled_from([Decimal("0.5"), Decimal(-1), Decimal("NaN"), Decimal("Infinity"), Decimal("1e300")])
    | st.sampled_from(["banner", "video", "IAB1", "USA", "https://a.example/", "a.example", "300x250", "UTC", "\n"])
    | st.dates()
    | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(("id", "min", "ids", "url")), inner, max_size=3)
    ),
    max_leaves=4,
)
"""What TOML values become."""

DOCUMENTS = [parse(path.read_text("utf-8")) for path in sorted(DEMO.glob("campaigns/*.toml"))]


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every table or array with each of its keys or indexes."""
    for key, each in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield value, key
        yield from places(each)


@settings(max_examples=500, deadline=None)
@given(st.data())
def test_any_value_in_any_place_is_accepted_or_told_as_a_fault(data: st.DataObject) -> None:
    document = deepcopy(data.draw(st.sampled_from(DOCUMENTS)))
    for _ in range(data.draw(st.integers(1, 3))):
        around, key = data.draw(st.sampled_from(list(places(document))))
        if data.draw(st.booleans()):
            around[key] = data.draw(VALUES)
        else:
            del around[key]
    table, faults = convert(document, Advertiser)
    names_of(tables(table))
    try:
        assert msgspec.convert(document, Advertiser) == table or faults
    except msgspec.ValidationError:
        assert faults
