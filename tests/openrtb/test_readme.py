"""Everything that the README of the package shows is true."""

import doctest
import re
from pathlib import Path

import pytest

import openrtb
from openrtb import codec, repair, wire
from openrtb.extensions import extension
from openrtb.macros import spelling
from openrtb.validate import finding

README = Path(openrtb.__file__).with_name("README.md")

ROWS = [
    pytest.param(example, holds, id=sent)
    for sent, example, holds in re.findall(r"^\| (.+) \| `(\{.+\})` \| `(.+)` \|$", README.read_text(), re.MULTILINE)
]

LIMITS = {
    "openrtb.MAX_BYTES": openrtb.MAX_BYTES,
    "openrtb.codec.MAX_OBJECTS": codec.MAX_OBJECTS,
    "openrtb.wire.MAX_ITEMS": wire.MAX_ITEMS,
    "openrtb.repair.MAX_REPAIRS": repair.MAX_REPAIRS,
    "openrtb.validate.finding.MAX_FINDINGS": finding.MAX_FINDINGS,
    "openrtb.macros.spelling.MAX_MISSPELT": spelling.MAX_MISSPELT,
}


def test_every_example_runs_as_shown() -> None:
    ran = doctest.testfile(str(README), module_relative=False, encoding="utf-8")
    assert ran.attempted > 15
    assert ran.failed == 0


@pytest.mark.parametrize(("example", "holds"), ROWS)
def test_every_row_of_a_table_is_read_as_it_says(example: str, holds: str) -> None:
    request = openrtb.decode_request(example.encode())
    assert eval(holds, {"request": request, "extension": extension}) is True  # noqa: S307


def test_both_tables_are_found() -> None:
    assert len(ROWS) == 17 + 13


def test_every_limit_has_the_value_stated() -> None:
    stated = re.findall(r"^\| `(openrtb\.[\w.]+)` \| (\d+) ", README.read_text(), re.MULTILINE)
    assert {name: int(value) for name, value in stated} == LIMITS


def test_every_name_of_the_front_door_is_in_the_package() -> None:
    named = re.findall(r"^\| `((?:de|en)code\w+|validate\w+)\(", README.read_text(), re.MULTILINE)
    assert set(named) <= set(openrtb.__all__)
    assert {name for name in openrtb.__all__ if name.startswith(("decode", "encode", "validate"))} == set(named)
