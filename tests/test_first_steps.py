"""What somebody new gets wrong is told in one line: what, where, what was found and what would be right."""

import socket
from collections.abc import Sequence
from pathlib import Path

import pytest

import loadtests.__main__
from bidder.cli import main
from tests.processes.free_ports import free_ports


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a directory with an empty one, one that is not empty, and a file."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").write_text("{}")


def said(arguments: Sequence[str], capfd: pytest.CaptureFixture[str]) -> str:
    """The last line on standard error of a command that ends with 2."""
    try:
        code = main(arguments)
    except SystemExit as ended:
        code = int(ended.code or 0)
    error = capfd.readouterr().err
    assert code == 2, error
    assert "Traceback" not in error
    return error.splitlines()[-1]


A_DIRECTORY = "a directory with bidder.toml, exchanges/ and campaigns/; `bidder init DIR` writes one"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("init full", "full: an empty or new directory is needed; this one is not empty"),
        ("check nowhere", f"nowhere: {A_DIRECTORY}; found nothing"),
        ("check full/file", f"full/file: {A_DIRECTORY}; found a file"),
        ("ledger audit --state empty", "bidder ledger: empty: no ledger.db here; is this a --state of `bidder serve`?"),
        ("ledger show x", "bidder ledger: state: no ledger.db here; is this a --state of `bidder serve`?"),
        ("demo --keep full", "bidder demo: --keep full: a new or empty directory is needed; this one is not empty"),
        ("demo --seconds -1", "bidder: error: argument --seconds: expected a number above zero, found '-1'"),
        ("demo-log --state full", "bidder demo-log: --state full: a new directory is needed: File exists"),
        ("explain nowhere.json --config empty", "nowhere.json: No such file or directory"),
    ],
)
def test_a_wrong_place_is_named_with_what_would_be_right(
    arguments: str, message: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert said(arguments.split(), capfd).replace("bidder demo: error", "bidder: error") == message


def test_an_exchange_without_a_bidder_asks_whether_it_runs(capfd: pytest.CaptureFixture[str]) -> None:
    url = f"http://127.0.0.1:{free_ports(1)[0]}/openrtb2/demo"
    assert said(["exchange", f"--url={url}"], capfd) == f"exchange: {url}: Connection refused; is the bidder running?"


@pytest.mark.parametrize("command", ["openloop --rate 5", "load --seconds 1"])
def test_a_load_test_without_a_bidder_asks_whether_it_runs(command: str, capfd: pytest.CaptureFixture[str]) -> None:
    url = f"http://127.0.0.1:{free_ports(1)[0]}/openrtb2/demo"
    assert loadtests.__main__.main([*command.split(), f"--url={url}", "--out=out"]) == 2
    message = f"{command.split(maxsplit=1)[0]}: {url}: Connection refused; is the bidder running?\n"
    assert capfd.readouterr().err == message


def test_a_load_test_without_a_page_of_metrics_names_it(capfd: pytest.CaptureFixture[str]) -> None:
    page = f"http://127.0.0.1:{free_ports(1)[0]}/metrics"
    with socket.create_server(("127.0.0.1", 0)) as bidder:
        url = f"http://127.0.0.1:{bidder.getsockname()[1]}/openrtb2/demo"
        assert loadtests.__main__.main(["openloop", "--rate=5", f"--url={url}", f"--metrics={page}"]) == 2
    assert capfd.readouterr().err == f"openloop: {page}: Connection refused; is the bidder running?\n"


def test_a_comparison_names_the_file_that_is_no_result(capfd: pytest.CaptureFixture[str]) -> None:
    assert loadtests.__main__.main(["compare", "full/file", "full/file"]) == 2
    assert capfd.readouterr().err.startswith("compare: full/file: not the JSON of a load test, as `--out` leaves it: ")
