"""The demo's market played without network, and the models that are trained from it and come with the code."""

import os
import re
from pathlib import Path

import lightgbm
import msgspec
import pytest

from bidder.demo.models import TRAINED, train
from bidder.demo.offline import START_S, Flow, OfflineMarket, demo_config, play
from bidder.events.schema import Bid, Click, Conversion, Notice
from bidder.lab.exchange.traffic import opportunities
from models.dataset.events import read
from models.manifest import MANIFEST, Manifest
from models.store import Store

SHIPPED = Store(Path(__file__).parents[2] / "models" / "artifacts")
FLOW = Flow(requests=500, hours=2.0, seed=7)


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The log of a short play."""
    state = tmp_path_factory.mktemp("state")
    counts = play(demo_config(), FLOW, state)
    assert counts["Bid"] >= counts["Notice"] >= counts["Impression"] > counts["Click"] > 0
    return state


def files(state: Path) -> dict[str, bytes]:
    return {str(file.relative_to(state)): file.read_bytes() for file in sorted(state.rglob("*.parquet"))}


def test_a_played_market_writes_the_same_bytes_each_time(state: Path, tmp_path: Path) -> None:
    play(demo_config(), FLOW, tmp_path)
    assert files(tmp_path) == files(state)


def test_a_played_market_lies_where_the_roller_puts_a_log(state: Path) -> None:
    form = r"events/\w+/date=2026-03-10/hour=0[01]/demo-\d+\.parquet"
    assert all(re.fullmatch(form, file) for file in files(state))
    assert list(state.glob("segments/*/*.seg")) == []


def test_a_played_market_is_read_as_the_log_of_a_bidder_is(state: Path) -> None:
    clicks, sales = read([state], "click"), read([state], "conversion_after_click")
    assert len(clicks) > 100
    assert 0 < clicks.positives == len(sales)
    assert {"campaign", "publisher", "tagid", "country", "viewability"} <= set(clicks.facts[0])
    assert clicks.at_ms[0] >= START_S * 1000
    assert (clicks.known_ms[clicks.labels > 0] > clicks.at_ms[clicks.labels > 0]).all()


def test_what_is_skipped_is_the_day_before_of_the_same_market(state: Path, tmp_path: Path) -> None:
    play(demo_config(), FLOW._replace(requests=200, hours=0.8, skipped=300), tmp_path)
    whole, rest = read([state], "click"), read([tmp_path], "click")
    later = whole.slice(len(whole) - len(rest), len(whole))
    assert 0 < len(rest) < len(whole)
    assert (later.at_ms.tolist(), later.facts) == (rest.at_ms.tolist(), rest.facts)


def test_a_person_follows_one_bid_from_the_screen_to_the_sale_in_order() -> None:
    market, sold = OfflineMarket(demo_config(), seed=7), False
    for number, opportunity in zip(range(1500), opportunities(7), strict=False):
        made = market.offer(opportunity, FLOW.at_s(number % FLOW.requests))
        bids = {event.bid_id: event for event in made if isinstance(event, Bid)}
        for event in made:
            if isinstance(event, Notice):
                assert 0 < (event.price_micros or 0) <= bids[event.bid_id].price_micros
        times = [event.at_ms for event in made if isinstance(event, Click | Conversion)]
        assert times == sorted(times)
        sold = sold or any(isinstance(event, Conversion) for event in made)
    assert sold


def test_the_models_that_come_with_the_code_may_serve_and_are_small() -> None:
    for name in TRAINED:
        assert SHIPPED.load(*SHIPPED.resolve(name)).name == f"{name}:1"
        assert sum(file.stat().st_size for file in SHIPPED.directory(name, "1").iterdir()) < 100_000


@pytest.mark.slow
def test_the_models_that_come_with_the_code_are_those_that_training_gives(tmp_path: Path) -> None:
    """Hashes of Parquet files are left out: the files name the version of Arrow that wrote them."""
    if SHIPPED.manifest("demo-ctr", "1").lightgbm != lightgbm.__version__:
        pytest.skip(f"they were trained with LightGBM {SHIPPED.manifest('demo-ctr', '1').lightgbm}")
    assert train(tmp_path / "state", tmp_path / "store") == 0
    for name in TRAINED:
        new, old = Store(tmp_path / "store").directory(name, "1"), SHIPPED.directory(name, "1")
        assert sorted(os.listdir(new)) == sorted(os.listdir(old))
        for file in set(os.listdir(old)) - {MANIFEST}:
            assert (new / file).read_bytes() == (old / file).read_bytes(), f"{name}: {file}"
        assert _told(new) == _told(old)


def _told(directory: Path) -> Manifest:
    manifest = msgspec.json.decode((directory / MANIFEST).read_bytes(), type=Manifest)
    return msgspec.structs.replace(manifest, lineage=msgspec.structs.replace(manifest.lineage, data={}))
