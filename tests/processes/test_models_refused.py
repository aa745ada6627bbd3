"""Every kind of wrong model is refused by the running bidder, each with its own reason, and bids go on as before."""

import pickle
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from models import pointers
from models.manifest import MODEL, PARITY
from models.store import Store
from tests.models.build import stored, trained, world
from tests.models.test_check import edit_model, resized, rewrite
from tests.processes.model_store import use_store
from tests.processes.served import Bidder, configured, until
from tests.processes.test_models_live import ctr
from tests.processes.test_serve import bid_of

LIMITS = "limits = { megabytes = 1, row_us = 60 }\n"


class Running(NamedTuple):
    bidder: Bidder
    store: Store


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A bidder with trees as its champion."""
    store = stored(tmp_path_factory.mktemp("trees") / "store", trained(world()[0].slice(0, 3000)))
    pointers.promote(store.root / "ctr", "1")
    with configured(tmp_path_factory.mktemp("bidder")) as directory:
        use_store(directory / "config", store, LIMITS)
        with Bidder(directory) as bidder:
            yield Running(bidder, store)


def flipped(place: Path) -> None:
    data = bytearray((place / MODEL).read_bytes())
    data[len(data) // 2] ^= 1
    (place / MODEL).write_bytes(data)


def truncated(place: Path) -> None:
    (place / PARITY).write_bytes((place / PARITY).read_bytes()[:-100])


def oversized(place: Path) -> None:
    (place / MODEL).write_bytes(b" " * (2 << 20))


def nan(place: Path) -> None:
    edit_model(place, lambda text: resized(text.replace("leaf_value=", "leaf_value=nan ", 1)))


def another_schema(place: Path) -> None:
    rewrite(place, schema="0" * 64)


def missing(place: Path) -> None:
    (place / MODEL).unlink()


def pickled(place: Path) -> None:
    (place / "model.pkl").write_bytes(pickle.dumps(print))


def linked(place: Path) -> None:
    (place / MODEL).rename(place.parent / "elsewhere.txt")
    (place / MODEL).symlink_to(place.parent / "elsewhere.txt")


def astray(place: Path) -> None:
    rewrite(place, name="../ctr")


def empty(place: Path) -> None:
    for file in place.iterdir():
        file.unlink()


WRONG: dict[Callable[[Path], None], str] = {
    flipped: "model.txt has the hash ",
    truncated: "parity.npz has the hash ",
    oversized: "model.txt has 2097152 bytes, at most 1048576 are allowed",
    another_schema: "the features have the hash ",
    nan: "model.txt: tree 0 has ",
    missing: "model.txt is missing",
    empty: "parity.npz is missing",
    pickled: "model.pkl is no file of a version",
    linked: "model.txt is a link, expected a file",
    astray: "manifest.json is of the model ../ctr, and lies under ctr",
}


@pytest.mark.parametrize("spoil", WRONG, ids=lambda spoil: spoil.__name__)
def test_a_wrong_model_is_refused_with_its_reason_and_the_champion_goes_on(
    running: Running, tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    price = bid_of(running.bidder.post())["price"]
    place = tmp_path / "ctr" / "2"
    shutil.copytree(running.store.directory("ctr", "1"), place)
    spoil(place)
    assert any(reason.startswith(WRONG[spoil]) for reason in refusal(running, place))
    assert (ctr(running.bidder)["live"], bid_of(running.bidder.post())["price"]) == ("1", price)


def test_a_model_that_is_slower_than_allowed_is_refused_and_what_it_answered_before_goes_on(running: Running) -> None:
    bidder = running.bidder
    bidder.edit("bidder.toml", lambda text: text.replace("row_us = 60", "row_us = 1"))
    (found,) = until(lambda: ctr(bidder)["refused"], "the refusal")
    assert re.fullmatch(r"a row takes \d+ µs, at most 1 are allowed", found["reasons"][0])
    assert ctr(bidder)["live"] == "1"
    bid_of(bidder.post())
    bidder.edit("bidder.toml", lambda text: text.replace("row_us = 1", "row_us = 60"))
    until(lambda: not ctr(bidder)["refused"], "the refusal forgotten")


def refusal(running: Running, version: Path) -> Any:
    """Drop the version in, have it pointed at, and take it away again; the reasons that `/api/models` gave."""
    place = running.store.root / "ctr" / "2"
    version.rename(place)
    (running.store.root / "ctr" / "champion").write_text("2\n")
    (found,) = until(lambda: ctr(running.bidder)["refused"], "the refusal")
    assert running.bidder.metric("bidder_model_refused") == 1
    (running.store.root / "ctr" / "champion").write_text("1\n")
    shutil.rmtree(place)
    until(lambda: not ctr(running.bidder)["refused"], "the refusal forgotten")
    return found["reasons"]
