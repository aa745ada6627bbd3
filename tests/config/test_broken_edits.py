"""Every kind of broken edit is refused with its file, line, key, rule and value: all of them at once."""

import re
from pathlib import Path

import pytest

from bidder.config.load import load
from bidder.config.mistake import ConfigError
from tests.config.broken_edits import CASES, SOUND, edited, expected, write


def told(directory: Path) -> list[str]:
    """The lines that a directory's mistakes are told in; none where it is sound."""
    try:
        load(directory)
    except ConfigError as error:
        return str(error).split("\n")
    return []


def test_the_directory_that_edits_break_is_sound(tmp_path: Path) -> None:
    assert told(write(tmp_path, SOUND)) == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_a_broken_edit_is_told_with_every_file_line_key_rule_and_value(case: Path, tmp_path: Path) -> None:
    write(tmp_path, {**SOUND, edited(case): case.read_text("utf-8")})
    assert expected(case)
    assert told(tmp_path) == expected(case)


def test_there_are_many_kinds_of_broken_edit() -> None:
    assert len(CASES) >= 80


def test_mistakes_of_all_files_are_told_at_once_in_the_order_of_files_and_lines(tmp_path: Path) -> None:
    write(tmp_path, SOUND | {"bidder.toml": "[account]\ncurrency = 1\n[server]\nport = 1\n"})
    write(tmp_path, {"exchanges/demo.toml": "enabled = 1\n", "campaigns/other.toml": "advertiser =\n"})
    places = [line.split(": ")[0] for line in told(tmp_path)]
    assert places == ["bidder.toml:2", "bidder.toml:4", "campaigns/other.toml:1", "exchanges/demo.toml:1"]


def test_lines_are_right_in_files_with_windows_line_ends(tmp_path: Path) -> None:
    write(tmp_path, SOUND)
    (tmp_path / "exchanges/demo.toml").write_bytes(b"enabled = true\r\n\r\nseat = 1\r\n")
    assert [line.split(": ")[0] for line in told(tmp_path)] == ["exchanges/demo.toml:3"]


def test_a_file_that_is_not_utf_8_is_told_with_the_line_of_the_byte(tmp_path: Path) -> None:
    write(tmp_path, SOUND)
    (tmp_path / "campaigns/latin.toml").write_bytes('advertiser = "a"\nname = "Café"\n'.encode("latin-1"))
    assert told(tmp_path) == ["campaigns/latin.toml:2: UTF-8 text, found the byte 0xe9"]


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    write(tmp_path, SOUND)
    (tmp_path / "campaigns/folder.toml").mkdir()
    assert told(tmp_path) == ["campaigns/folder.toml:1: a file that can be read, found Is a directory"]


def test_an_empty_directory_is_told_what_it_lacks(tmp_path: Path) -> None:
    assert told(tmp_path) == [
        "bidder.toml:1: required; it may be empty, found nothing",
        "exchanges:1: at least one exchange, as `exchanges/NAME.toml`, found nothing",
    ]


def test_a_missing_directory_is_told(tmp_path: Path) -> None:
    missing = tmp_path / "missing"
    assert told(missing)[0] == (
        f"{missing}:1: a directory with `bidder.toml`, `exchanges/` and `campaigns/`, found nothing"
    )


@pytest.mark.parametrize(("name", "meant"), [("campaign", "campaigns"), ("biddder.toml", "bidder.toml")])
def test_a_name_that_would_not_be_read_is_told_with_the_name_that_was_meant(
    name: str, meant: str, tmp_path: Path
) -> None:
    write(tmp_path, SOUND | {name: ""})
    assert told(tmp_path) == [f'{name}:1: a name that is read; did you mean `{meant}`?, found "{name}"']


def test_files_that_editors_leave_behind_are_passed_over(tmp_path: Path) -> None:
    write(tmp_path, SOUND | {"campaigns/.other.toml": "half a", "campaigns/other.toml~": "?", "notes.md": "#"})
    assert told(tmp_path) == []


def test_a_file_with_an_unprintable_name_is_told_on_one_line(tmp_path: Path) -> None:
    write(tmp_path, SOUND | {"campaigns/a\nb.toml": '"k\\nk" = 1\nadvertiser = "a"\ncampaigns = []\n'})
    (line,) = told(tmp_path)
    assert line.startswith('campaigns/a\N{REPLACEMENT CHARACTER}b.toml:1: "k\\nk": no such key; known are')


def test_an_exchange_whose_file_has_mistakes_still_is_a_known_name(tmp_path: Path) -> None:
    other = SOUND["campaigns/other.toml"].replace(
        "[[campaigns.cr", '[campaigns.include]\nexchange = ["demo"]\n[[campaigns.cr'
    )
    write(tmp_path, SOUND | {"exchanges/demo.toml": "enabled =", "campaigns/other.toml": other})
    assert [line.split(":")[0] for line in told(tmp_path)] == ["exchanges/demo.toml"]


def test_a_long_value_is_shown_shortened_on_one_line(tmp_path: Path) -> None:
    write(tmp_path, SOUND | {"exchanges/demo.toml": 'seat = ["x"]\nbillable = """\n' + "long\n" * 1000 + '"""\n'})
    (first, second) = sorted(told(tmp_path), key=len)[::-1]
    assert re.fullmatch(r'exchanges/demo\.toml:2: billable: .*, found "long\\nlong.{30,60}…', first)
    assert second.endswith("found a list")
