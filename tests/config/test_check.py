"""`bidder check` tells mistakes or what would be live, and says which by its exit code."""

from argparse import ArgumentParser
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bidder.config import check
from bidder.config.load import load
from bidder.config.templates import init
from tests.config.broken_edits import SOUND, write

NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)


def run(directory: Path) -> int:
    parser = ArgumentParser()
    check.add_arguments(parser)
    return check.run(parser.parse_args([str(directory)]))


def test_a_sound_directory_is_summed_up(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(write(tmp_path, SOUND)) == 0
    assert "no mistakes" in capsys.readouterr().out


def test_mistakes_are_printed_one_a_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, SOUND | {"exchanges/demo.toml": "enabled = 1\nseat = 2\n"})
    assert run(tmp_path) == 1
    printed = capsys.readouterr()
    assert [line.split(": ")[0] for line in printed.out.splitlines()] == [
        "exchanges/demo.toml:1",
        "exchanges/demo.toml:2",
    ]
    assert "2 mistakes" in printed.err


def test_what_is_no_directory_is_a_mistake_of_the_call(tmp_path: Path) -> None:
    assert run(tmp_path / "missing") == 2


def test_the_summary_tells_exchanges_campaigns_and_creatives(tmp_path: Path) -> None:
    lines = list(check.summary(load(write(tmp_path, SOUND)), NOON))
    assert lines[1:] == [
        "exchanges: 2",
        "  demo     2.6  USD      bills on burl",
        "  plain26  2.6  USD EUR  bills on burl",
        "campaigns: 1 live",
        "  other  live  cpc 0.50  max 4.00 USD  1000.00 in all  banner",
        "creatives: 1 banner",
    ]


@pytest.mark.parametrize(
    ("now", "state"),
    [
        (datetime(2025, 12, 31, 23, tzinfo=UTC), "not started"),
        (datetime(2026, 1, 1, tzinfo=UTC), "live"),
        (datetime(2026, 12, 31, 23, 59, tzinfo=UTC), "live"),
        (datetime(2027, 1, 1, tzinfo=UTC), "ended"),
    ],
)
def test_a_campaign_is_live_from_its_first_day_through_its_last(now: datetime, state: str, tmp_path: Path) -> None:
    assert check.state(load(write(tmp_path, SOUND)).advertisers[0].campaigns[0], now) == state


def test_a_long_list_of_campaigns_is_cut(tmp_path: Path) -> None:
    init(tmp_path, "bench", 120)
    assert "  and 70 more" in list(check.summary(load(tmp_path), NOON))
