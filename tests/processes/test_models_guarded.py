"""Watched over while they answer: canaries that do harm are taken away and it is told why; drift is named; haste costs.

All of it over HTTP, with a bidder in processes of its own.
"""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import pytest

from models import pointers
from models.dataset.rows import Dataset
from models.recipe import Recipe
from models.store import Store
from tests.models.build import rows, stored, trained, world
from tests.models.deep_trees import add_deep_trees
from tests.processes.model_store import add_constant, use_store, wait_for_seconds
from tests.processes.served import REQUEST, Bidder, configured, fetch, until
from tests.processes.test_models_live import appraisal, bids, cpm_of, ctr, of_user
from tests.processes.test_serve import bid_of

CHAMPION_CPM = 50
"""What a model bids that says that one of a hundred clicks."""


@contextmanager
def running(directory: Path, store: Store, more: str = "") -> Iterator[Bidder]:
    """A bidder with version 1 of `ctr` live."""
    with configured(directory):
        use_store(directory / "config", store, more)
        wait_for_seconds(directory / "config")
        with Bidder(directory) as bidder:
            yield bidder


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A champion that says 1 %, a version that says 5 % and one that says 50 %."""
    store = Store(tmp_path / "store")
    for version, rows_for_one_click in (("1", 100), ("2", 20), ("3", 2)):
        add_constant(store, version, rows_for_one_click)
    pointers.promote(store.root / "ctr", "1")
    return store


def ended(bidder: Bidder, *, billed_from_cpm: float) -> Any:
    """Send requests of ever other users and pay for bids of such prices, until the canary is rolled back."""
    users = count()

    def end() -> Any:
        for _ in range(10):
            bid = bid_of(bidder.post(of_user(next(users))))
            if bid["price"] >= billed_from_cpm:
                assert fetch(bid["burl"].replace("${AUCTION_PRICE}", str(bid["price"])))[0] == 204
        return ctr(bidder)["canary_ended"]

    return until(end, "the end of the canary")


def start_canary(bidder: Bidder, store: Store, version: str) -> None:
    (store.root / "ctr" / "canary").write_text(f"{version} 50%\n")
    until(lambda: ctr(bidder)["canary"], "the canary")


def assert_rolled_back(bidder: Bidder, store: Store, version: str) -> None:
    until(lambda: ctr(bidder)["canary"] is None, "the canary gone")
    assert pointers.read_canary(store.root / "ctr") is None
    found = ctr(bidder)["canary_ended"]
    last = ctr(bidder)["history"][-1]
    assert (last["before"], last["why"]) == (f"{version} 50%", f"rolled back, {found['cause']}: {found['why']}")
    assert bidder.metric("bidder_canary_rollbacks_total") == 1
    assert "a canary was rolled back" in bidder.log_events()


def test_a_canary_that_promises_clicks_which_do_not_come_is_rolled_back(tmp_path: Path, store: Store) -> None:
    with running(tmp_path, store) as bidder:
        start_canary(bidder, store, "3")
        found = ended(bidder, billed_from_cpm=2 * CHAMPION_CPM)
        assert found["cause"] == "calibration"
        assert found["why"].endswith("impressions and 0 came; models.canary.calibration allows a factor of 2")
        assert_rolled_back(bidder, store, "3")
        assert {bid_of(bidder.post(of_user(user)))["price"] for user in range(20)} == {CHAMPION_CPM}


def test_a_canary_that_spends_far_more_than_the_champion_is_rolled_back(tmp_path: Path, store: Store) -> None:
    with running(tmp_path, store) as bidder:
        start_canary(bidder, store, "2")
        found = ended(bidder, billed_from_cpm=0)
        assert (found["version"], found["cause"]) == ("2", "spend")
        assert found["why"].startswith("it spends ")
        assert_rolled_back(bidder, store, "2")
        assert cpm_of(bidder) == CHAMPION_CPM


@pytest.mark.slow
def test_many_deep_trees_are_refused_as_too_slow_and_where_allowed_rolled_back_once_they_answer_too_late(
    tmp_path: Path,
) -> None:
    """The limits are the default ones first: the trees are within them, and only the time of a row is not."""
    store = stored(tmp_path / "store", trained(world()[0].slice(0, 3000)))
    pointers.promote(store.root / "ctr", "1")
    store.add("ctr", "2", {path.name: path.read_bytes() for path in store.directory("ctr", "1").iterdir()})
    add_deep_trees(store.directory("ctr", "2"), trees=950, leaves=512)
    with running(tmp_path, store, "sample_rate = 0\n") as bidder:
        (refusal,) = until(lambda: ctr(bidder)["refused"], "the refusal")
        assert refusal["version"] == "ctr:2"
        assert refusal["reasons"][0].endswith("µs, at most 100 are allowed")
        assert ctr(bidder)["live"] == "1"
        allowed = "limits = { row_us = 10000, check_seconds = 600 }\n"
        bidder.edit("bidder.toml", lambda text: text + allowed)
        until(lambda: not ctr(bidder)["refused"], "the refusal forgotten")
        start_canary(bidder, store, "2")
        requests = [of_user(user).replace(b'"tmax": 5000', b'"tmax": 11') for user in range(200)]
        outcomes: Counter[int] = Counter()

        def end() -> Any:
            outcomes.update(bidder.post(request)[0] for request in requests)
            return ctr(bidder)["canary_ended"]

        found = until(end, "the end of the canary")
        assert (found["version"], found["cause"]) == ("2", "late")
        assert "of its answers came too late" in found["why"]
        assert set(outcomes) == {200, 204}
        assert_rolled_back(bidder, store, "2")


def test_a_quick_model_answers_near_the_deadline_and_is_counted_with_what_it_costs(
    tmp_path: Path, store: Store
) -> None:
    add_constant(store, "1", 50, name="quick")
    haste = 'sample_rate = 1.0\nnear_deadline = { below_ms = 1000, click = "quick" }\n'
    with running(tmp_path, store, haste) as bidder:
        assert cpm_of(bidder) == CHAMPION_CPM
        hurried = REQUEST.replace(b'"tmax": 5000', b'"tmax": 800')
        assert bid_of(bidder.post(hurried))["price"] == 2 * CHAMPION_CPM
        until(lambda: {each.model for each in bids(bidder)} == {"ctr:1", "quick:1"}, "records of both")
        counted = b'bidder_predictor_requests_total{predictor="in a hurry quick:1"} 1'
        until(lambda: counted in fetch(f"{bidder.web_url}/metrics")[1], "the count of it")
        found = until(lambda: played(bidder), "what haste costs")
        assert (found["different"], found["bids"]) == (1.0, 0.0)
        assert found["if_champion_is_right"] > 0, "it pays twice what an impression is worth"
        assert b'bidder_regret_per_thousand{of="haste",right="champion"}' in fetch(f"{bidder.web_url}/metrics")[1]


def played(bidder: Bidder) -> Any:
    bidder.post(REQUEST.replace(b'"id": "1", "at"', b'"id": "%d", "at"' % next(_numbers)))
    found = appraisal(bidder)["hurry"]
    return found if found is not None and found["requests"] >= 3 else None


_numbers = count(2)


@pytest.mark.slow
def test_drift_names_the_feature_and_the_exchange_that_changed_and_no_other(tmp_path: Path) -> None:
    store = stored(tmp_path / "store", trained(floors(), Recipe(features=("bidfloor", "tagid_category"), rounds=20)))
    pointers.promote(store.root / "ctr", "1")
    with running(tmp_path, store) as bidder:
        chance = Random(2)

        def named() -> set[tuple[str, str]]:
            for exchange, factor in (("demo", 1.0), ("plain26", 3.0)):
                bid = bid_of(bidder.post(with_floor(chance, factor), exchange))
                assert fetch(bid["burl"].replace("${AUCTION_PRICE}", str(bid["price"])))[0] == 204
            told = appraisal(bidder)["drift"].get("ctr:1", [])
            return {(each["feature"], each["source"]) for each in told if each["alarm"]}

        found = until(named, "an alarm", seconds=150)
        assert found == {("bidfloor", "plain26")}
        text = fetch(f"{bidder.web_url}/metrics")[1].decode()
        assert 'bidder_feature_drift_alarms{model="ctr:1"} 1' in text
        assert 'feature="bidfloor"' in text


def floors() -> Dataset:
    """Impressions of both exchanges, clicked the more often the higher the floor."""
    chance = Random(1)
    floor = [chance.gammavariate(4, 0.25) for _ in range(3000)]
    return rows(
        [float(chance.random() < 0.2 * min(each, 3)) for each in floor],
        bidfloor=[*floor],
        exchange=[chance.choice(("demo", "plain26")) for _ in floor],
        tagid=[chance.choice(("top", "side")) for _ in floor],
    )


def with_floor(chance: Random, factor: float) -> bytes:
    request = json.loads(REQUEST)
    imp = {
        **request["imp"][0],
        "bidfloor": factor * chance.gammavariate(4, 0.25),
        "tagid": chance.choice(("top", "side")),
    }
    return json.dumps({**request, "id": f"{chance.random()}", "imp": [imp]}).encode()
