"""`bidder explain`: from files to a table or JSON, with an exit code that scripts can use."""

import argparse
import json
from io import BytesIO, TextIOWrapper
from pathlib import Path

import msgspec
import pytest

from bidder.config.templates import init
from bidder.explain.command import add_arguments, run
from tests.auction.builders import body


def command(*arguments: str) -> int:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return run(parser.parse_args(arguments))


@pytest.fixture
def directory(tmp_path: Path) -> str:
    init(tmp_path / "config", "everything")
    return str(tmp_path / "config")


def written(tmp_path: Path, **changes: object) -> str:
    file = tmp_path / "request.json"
    file.write_bytes(msgspec.json.encode(body(**changes)))
    return str(file)


def test_a_table_and_exit_code_0_where_something_would_bid(
    directory: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(written(tmp_path), "--config", directory) == 0
    assert "any-banner" in capsys.readouterr().out


def test_exit_code_1_where_nothing_would_bid(
    directory: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(written(tmp_path, cur=["XXX"]), "--config", directory) == 1
    assert "no_currency" in capsys.readouterr().out


def test_json_for_one_campaign_on_a_named_exchange(
    directory: str, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    arguments = ("--config", directory, "--exchange", "demo", "--campaign", "any-video", "--json")
    assert command(written(tmp_path), *arguments) == 0
    told = json.loads(capfdbinary.readouterr().out)
    assert (told["exchange"], told["bids"]) == ("demo", {"1": ["any-banner"]})
    assert [(each["campaign"], each["outcome"]) for each in told["lines"]] == [("any-video", "no_creative_of_format")]


def test_a_request_on_standard_input(directory: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(msgspec.json.encode(body()))))
    assert command("-", "--config", directory) == 0


def test_exit_code_2_and_a_reason_where_there_is_nothing_to_explain(
    directory: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text('{"id":')
    empty = tmp_path / "empty"
    empty.mkdir()
    for arguments in (
        (str(tmp_path / "absent.json"), "--config", directory),
        (str(broken), "--config", directory),
        (written(tmp_path), "--config", str(empty)),
    ):
        assert command(*arguments) == 2
        told = capsys.readouterr()
        assert told.err.strip()
        assert not told.out
