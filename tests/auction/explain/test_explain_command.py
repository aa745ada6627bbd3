"""`bidder explain`: from files to a table or JSON, with an exit code that scripts can use."""

import argparse
import json
from io import BytesIO, TextIOWrapper
from pathlib import Path

import msgspec
import pytest

from bidder.config.load import load
from bidder.config.templates import init
from bidder.ledger.board import NAME_BYTES, Board, Shape
from bidder.processes.explain_command import add_arguments, run
from bidder.processes.handover import Packer
from bidder.processes.lineup import Lineup
from bidder.processes.model_shelf import Shelf
from bidder.processes.state import State
from models.manifest import MANIFEST, fingerprint
from models.store import Store
from tests.auction.builders import body
from tests.processes.model_store import add_constant, use_store


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


def test_a_request_that_is_none_is_told_what_it_lacks(
    directory: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(written(tmp_path, id="", imp=[]), "--config", directory) == 1
    shown = capsys.readouterr().out
    assert "$.id: BidRequest.id is missing or empty" in shown
    assert "$.imp: BidRequest.imp is missing or empty" in shown


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


def test_the_champions_of_a_store_price_what_is_explained_and_a_refused_one_is_told(
    directory: str, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    store = Store(tmp_path / "store")
    add_constant(store, "1", 100)
    use_store(Path(directory), store)
    asked = (written(tmp_path), "--config", directory, "--campaign", "any-banner", "--json")
    assert command(*asked) == 0
    (line,) = json.loads(capfdbinary.readouterr().out)["lines"]
    assert (line["model"], line["price_cpm"]) == ("ctr:1", 50)
    assert command(*asked, "--models", str(tmp_path / "elsewhere")) == 0
    told = capfdbinary.readouterr()
    (line,) = json.loads(told.out)["lines"]
    assert line["model"] == "fixed:1"
    assert told.err.decode().endswith("has no model ctr, it has none; the fixed probability stands instead\n")


def test_what_is_live_in_a_state_directory_explains_by_its_models_and_its_pacing(
    directory: str, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    store, state = Store(tmp_path / "store"), State(tmp_path / "state")
    add_constant(store, "1", 100)
    use_store(Path(directory), store)
    config = load(Path(directory))
    (advertiser,) = config.advertisers
    slots = {campaign.id: slot for slot, campaign in enumerate(advertiser.campaigns)}
    Packer().write(state.live(1), config, slots)
    shelf = Shelf(state.models)
    version = shelf.take(store.directory("ctr", "1"), fingerprint((store.root / "ctr" / "1" / MANIFEST).read_bytes()))
    shelf.remember(Lineup({"click": version}))
    board = Board.create(state.board, Shape(workers=2, slots=8, stats=0))
    for campaign, slot in slots.items():
        board.names[slot * NAME_BYTES : slot * NAME_BYTES + len(campaign)] = campaign.encode()
    slot = slots["any-banner"]
    board.multiplier_ppb[slot] = 500_000_000
    asked = (written(tmp_path), "--state", str(state.directory), "--campaign", "any-banner", "--json")
    assert command(*asked) == 1
    (line,) = json.loads(capfdbinary.readouterr().out)["lines"]
    assert line["outcome"] == "no_budget"
    board.grant(1, slot, 25_000)
    assert command(*asked) == 0
    (line,) = json.loads(capfdbinary.readouterr().out)["lines"]
    assert (line["model"], line["price_cpm"]) == ("ctr:1", 25)


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
        (written(tmp_path), "--state", str(empty)),
    ):
        assert command(*arguments) == 2
        told = capsys.readouterr()
        assert told.err.strip()
        assert not told.out


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("--campaign", "any-baner"), "no campaign 'any-baner'; did you mean `any-banner`?"),
        (("--campaign", "zzz"), "no campaign 'zzz'; there are any-audio, any-banner, any-native, any-video"),
        (("--exchange", "plain-26"), "no exchange 'plain-26'; did you mean `plain26`?"),
    ],
)
def test_a_name_that_is_not_there_is_told_with_those_that_are(
    directory: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], expected: str
) -> None:
    assert command(written(tmp_path), "--config", directory, *arguments) == 2
    assert capsys.readouterr() == ("", f"{expected}\n")


def test_what_is_no_request_is_told_with_its_file(
    directory: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "half.json"
    assert command(str(file), "--config", directory) == 2
    file.write_text('{"id":')
    assert command(str(file), "--config", directory) == 2
    missing, half = capsys.readouterr().err.splitlines()
    assert missing == f"{file}: No such file or directory"
    assert half.startswith(f"{file}: a bid request as JSON is needed; $: ")
