"""Recorded requests over real sockets to real processes: every answer is a valid bid, a no-bid or a due refusal."""

import argparse
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from bidder.config.templates import init
from bidder.lab.feed import command
from tests import shared
from tests.processes.served import Bidder

CORPUS = "corpus/requests.ndjson.gz"
RECORDED = ("data/bid_requests_2012/auctions.first16000.jsonl.gz", "data/bid_requests_2016/adx.first800.jsonl.gz")


@contextmanager
def bidder_with(template: Any, directory: Path) -> Iterator[Bidder]:
    """A bidder with a template as it is written, its https URLs included."""
    init(directory / "config", template)
    with Bidder(directory) as bidder:
        yield bidder


def feed(bidder: Bidder, file: Path, directory: Path, *more: str) -> dict[str, Any]:
    """What `bidder feed FILE` counts, with `more` options."""
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    table = directory / "table.json"
    url = f"{bidder.bid_url}/openrtb2/plain26"
    options = [str(file), f"--url={url}", f"--json={table}", "--tmax=20000", "--show=5", *more]
    command.run(parser.parse_args(options))
    counted: dict[str, Any] = json.loads(table.read_text())
    return counted


@pytest.mark.parametrize("template", ["demo", "everything"])
def test_every_request_of_the_corpus_is_answered_as_it_should_be(template: str, tmp_path: Path) -> None:
    file = shared.path(CORPUS)
    with bidder_with(template, tmp_path) as bidder:
        counted = feed(bidder, file, tmp_path)
    assert counted["requests"] > 950
    assert counted["as_expected"] == counted["requests"]
    assert counted["errors"] == {}


def test_who_bids_on_everything_bids_on_95_of_100_eligible_requests(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = shared.path(CORPUS)
    with bidder_with("everything", tmp_path) as bidder:
        counted = feed(bidder, file, tmp_path, "--in-flight=1")  # a busy machine refuses some of many at once
    eligible = counted["eligible"]
    with capsys.disabled():
        print(f"\nbids on {eligible['bids']} of {eligible['requests']} eligible; the rest: {counted['no_bid_reasons']}")
    assert eligible["bids"] >= 0.95 * eligible["requests"]


@pytest.mark.slow
@pytest.mark.parametrize("template", ["demo", "everything"])
@pytest.mark.parametrize("name", RECORDED)
def test_every_recorded_request_is_answered_as_it_should_be(name: str, template: str, tmp_path: Path) -> None:
    file = shared.path(name)
    with bidder_with(template, tmp_path) as bidder:
        counted = feed(bidder, file, tmp_path)
    assert counted["requests"] in {16_000, 800}
    assert counted["as_expected"] == counted["requests"]
    assert counted["errors"] == {}
