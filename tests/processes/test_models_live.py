"""Models of a store in a running bidder: live when right, refused with the reason when wrong, back after a restart."""

import json
import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import msgspec
import pytest

from bidder.events.reader import Position, tail
from bidder.events.schema import Bid
from models import pointers
from models.manifest import MANIFEST, MODEL, decode, encode, fingerprint
from models.store import Store
from tests.processes.model_store import PAUSE_SECONDS, add_constant, use_store, wait_for_seconds
from tests.processes.served import REQUEST, Bidder, configured, fetch, kill, until
from tests.processes.test_serve import Traffic, bid_of


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A store with three versions of `ctr`, of which the first is the champion."""
    store = Store(tmp_path_factory.mktemp("store"))
    for version, rows_for_one_click in (("1", 100), ("2", 50), ("3", 25)):
        add_constant(store, version, rows_for_one_click)
    pointers.promote(store.root / "ctr", "1")
    return store


@pytest.fixture(scope="module")
def bidder(tmp_path_factory: pytest.TempPathFactory, store: Store) -> Iterator[Bidder]:
    """One bidder for the tests that leave version 1 live."""
    with configured(tmp_path_factory.mktemp("bidder")) as directory:
        use_store(directory / "config", store, "sample_rate = 1.0\n")
        wait_for_seconds(directory / "config")
        with Bidder(directory, workers=2) as running:
            yield running


def cpm_of(bidder: Bidder) -> float:
    return float(bid_of(bidder.post())["price"])


@contextmanager
def stopped(bidder: Bidder, process: str) -> Iterator[None]:
    """A child of control stands still."""
    (pid,) = bidder.children(process)
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def ctr(bidder: Bidder) -> dict[str, Any]:
    """What `/api/models` says of the model."""
    (found,) = json.loads(fetch(f"{bidder.web_url}/api/models")[1])["models"]
    return dict(found)


def post(bidder: Bidder, path: str, **body: str) -> tuple[int, dict[str, Any]]:
    status, answer = fetch(f"{bidder.web_url}/api/models/{path}", json.dumps(body).encode())
    return status, json.loads(answer)


def bids(bidder: Bidder) -> list[Bid]:
    """Every bid that was recorded."""
    found: list[Bid] = []
    for directory in sorted((bidder.state / "segments").glob("worker-*")):
        read, before = tail(directory, Position()), Position()
        while read.position != before:
            found += [event for event in read.events if isinstance(event, Bid)]
            read, before = tail(directory, read.position), read.position
    return found


def test_the_champion_prices_bids_from_the_first_one_on(bidder: Bidder) -> None:
    assert cpm_of(bidder) == pytest.approx(0.01 * 5 * 1000)
    assert (ctr(bidder)["live"], ctr(bidder)["outcome"]) == ("1", "click")
    assert ctr(bidder)["about"]["kind"] == "constant"


def test_a_bid_names_the_model_that_scored_it(bidder: Bidder) -> None:
    bid_id = int(bid_of(bidder.post())["id"], 16)
    found = until(lambda: [each for each in bids(bidder) if each.bid_id == bid_id], "the record of the bid")
    assert [(each.model, each.probability) for each in found] == [("ctr:1", 0.01)]


def test_a_request_is_explained_with_the_price_of_the_model_that_answers(bidder: Bidder) -> None:
    found = json.loads(fetch(f"{bidder.web_url}/api/explain?exchange=demo&campaign=any-banner", REQUEST)[1])
    (line,) = found["lines"]
    assert found["models"]["cpc"] == line["model"] == "ctr:1"
    assert (line["probability"], line["price_cpm"]) == (0.01, cpm_of(bidder))


def test_a_pointer_that_is_edited_by_hand_is_live_in_seconds_and_so_is_its_rollback(
    bidder: Bidder, store: Store
) -> None:
    swaps = bidder.metric("bidder_model_swaps_total")
    (store.root / "ctr" / "champion").write_text("2\n")
    until(lambda: ctr(bidder)["live"] == "2", "version 2")
    assert cpm_of(bidder) == pytest.approx(100)
    (store.root / "ctr" / "champion").write_text("1\n")
    until(lambda: ctr(bidder)["live"] == "1", "version 1 again")
    assert bidder.metric("bidder_model_swaps_total") == swaps + 2
    assert cpm_of(bidder) == pytest.approx(50)


def test_promote_and_rollback_over_http_move_the_pointers_that_the_command_moves(bidder: Bidder, store: Store) -> None:
    assert post(bidder, "ctr/promote", version="2", why="better on Tuesday")[0] == 200
    assert pointers.read(store.root / "ctr", "champion") == "2"
    until(lambda: ctr(bidder)["live"] == "2", "version 2")
    assert ctr(bidder)["history"][-1]["why"] == "better on Tuesday"
    found = json.loads(fetch(f"{bidder.web_url}/api/explain?exchange=demo&campaign=any-banner", REQUEST)[1])
    assert (found["lines"][0]["model"], found["lines"][0]["price_cpm"]) == ("ctr:2", cpm_of(bidder))
    assert post(bidder, "ctr/rollback")[0] == 200
    until(lambda: ctr(bidder)["live"] == "1", "version 1 again")


def test_a_model_of_another_outcome_is_not_promoted_over_http(bidder: Bidder, store: Store) -> None:
    place = store.root / "ctr" / "9"
    shutil.copytree(store.root / "ctr" / "1", place)
    manifest = decode((place / MANIFEST).read_bytes())
    (place / MANIFEST).write_bytes(encode(msgspec.structs.replace(manifest, outcome="conversion")))
    reason = "it predicts conversion, and it is named as a model of click"
    found = until(lambda: ctr(bidder)["refused"], "the refusal")
    assert found[0]["reasons"] == [reason]
    status, answer = post(bidder, "ctr/promote", version="9")
    assert (status, answer["reasons"]) == (409, [reason])
    assert pointers.read(store.root / "ctr", "champion") == "1"
    shutil.rmtree(place)
    until(lambda: not ctr(bidder)["refused"], "the refusal forgotten")


def test_what_cannot_be_changed_over_http_is_told(bidder: Bidder) -> None:
    assert post(bidder, "ctr/promote", version="9") == (404, {"error": ctr_has_no(bidder, "9")})
    assert post(bidder, "cvr/promote", version="1") == (404, {"error": "bidder.toml names no model cvr"})
    assert post(bidder, "ctr/promote", colour="red")[0] == 400


def ctr_has_no(bidder: Bidder, version: str) -> str:
    root = json.loads(fetch(f"{bidder.web_url}/api/models")[1])["store"]
    return f"{root} has no version {version} of a model ctr"


def damage(store: Store, version: str, file: str, data: bytes) -> None:
    """Another version: the first one with one file replaced, under a manifest that vouches for it."""
    place = store.root / "ctr" / version
    shutil.copytree(store.root / "ctr" / "1", place)
    (place / file).write_bytes(data)
    if file != MANIFEST:
        manifest = decode((place / MANIFEST).read_bytes())
        files = {**manifest.files, file: fingerprint(data)}
        (place / MANIFEST).write_bytes(encode(msgspec.structs.replace(manifest, files=files)))


def test_a_version_that_may_not_serve_is_refused_with_the_reason_and_the_champion_goes_on(
    bidder: Bidder, store: Store
) -> None:
    damage(store, "7", MODEL, b'{"probability": "high"}')
    refused = bidder.metric("bidder_model_refusals_total")
    (store.root / "ctr" / "champion").write_text("7\n")
    (refusal,) = until(lambda: ctr(bidder)["refused"], "the refusal")
    assert refusal["version"] == "ctr:7"
    assert "not of the kind constant" in refusal["reasons"][0]
    assert bidder.metric("bidder_model_refusals_total") == refused + 1
    assert bidder.metric("bidder_model_refused") == 1
    assert "a model is refused; what answered before goes on" in bidder.log_events()
    assert (ctr(bidder)["live"], cpm_of(bidder)) == ("1", pytest.approx(50))
    status, answer = post(bidder, "ctr/promote", version="7")
    assert (status, answer["reasons"]) == (409, refusal["reasons"])
    (store.root / "ctr" / "champion").write_text("1\n")
    shutil.rmtree(store.root / "ctr" / "7")
    until(lambda: not ctr(bidder)["refused"], "the refusal forgotten")


def test_a_mistake_in_one_pointer_takes_nothing_from_the_others(bidder: Bidder, store: Store) -> None:
    (store.root / "ctr" / "canary").write_text("3 lots\n")
    (refusal,) = until(lambda: ctr(bidder)["refused"], "the refusal")
    assert "expected a version and a share such as `4 5%`, found '3 lots'" in refusal["reasons"][0]
    (store.root / "ctr" / "champion").write_text("2\n")
    until(lambda: ctr(bidder)["live"] == "2", "version 2")
    (store.root / "ctr" / "champion").write_text("two of them\n")
    until(lambda: len(ctr(bidder)["refused"][0]["reasons"]) == 2, "the second refusal")
    assert (ctr(bidder)["live"], cpm_of(bidder)) == ("2", pytest.approx(100))
    (store.root / "ctr" / "canary").unlink()
    (store.root / "ctr" / "champion").write_text("1\n")
    until(lambda: (ctr(bidder)["live"], ctr(bidder)["refused"]) == ("1", []), "version 1 again")


def test_a_version_that_appears_file_by_file_may_serve_once_it_is_whole(bidder: Bidder, store: Store) -> None:
    place, whole = store.root / "ctr" / "8", store.root / "ctr" / "2"
    place.mkdir()
    (store.root / "ctr" / "champion").write_text("8\n")
    missing = {f"{file.name} is missing" for file in whole.iterdir()}
    until(lambda: ctr(bidder)["refused"] and set(ctr(bidder)["refused"][0]["reasons"]) == missing, "the refusal")
    for file in whole.iterdir():
        shutil.copy(file, place)
    until(lambda: (ctr(bidder)["live"], ctr(bidder)["refused"]) == ("8", []), "version 8")
    (store.root / "ctr" / "champion").write_text("1\n")
    until(lambda: ctr(bidder)["live"] == "1", "version 1 again")
    shutil.rmtree(place)


def test_swaps_under_traffic_fail_no_request_and_every_bid_comes_from_exactly_one_version(
    bidder: Bidder, store: Store
) -> None:
    said = {"ctr:1": 0.01, "ctr:2": 0.02, "ctr:3": 0.04}
    with Traffic(bidder.bid_url, pause_s=PAUSE_SECONDS) as traffic:
        for version in ("2", "3", "1"):
            (store.root / "ctr" / "champion").write_text(f"{version}\n")
            until(lambda version=version: ctr(bidder)["live"] == version, f"version {version}")  # type: ignore[misc]
    assert traffic.failures == []
    assert set(traffic.statuses) == {200}, traffic.silent
    until(lambda: {each.model for each in bids(bidder)} == set(said), "bids of all versions")
    assert all(each.probability == said[each.model] for each in bids(bidder))


def test_a_worker_that_is_started_again_answers_with_the_live_version(bidder: Bidder) -> None:
    for worker in bidder.workers():
        kill(worker)
    until(lambda: bidder.metric("bidder_workers") == 0 or bidder.metric("bidder_worker_restarts_total") >= 2, "an end")
    until(lambda: bidder.metric("bidder_workers") == 2, "two workers again")
    assert cpm_of(bidder) == pytest.approx(50)


def test_control_comes_back_with_the_live_version_though_its_pointer_names_a_wrong_one(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    add_constant(store, "1", 100)
    with configured(tmp_path) as directory:
        use_store(directory / "config", store, "sample_rate = 1.0\n")
        with Bidder(directory) as first:
            assert cpm_of(first) == pytest.approx(50)
        (store.root / "ctr" / "champion").write_text("8\n")
        with Bidder(directory) as again:
            assert cpm_of(again) == pytest.approx(50)
            assert ctr(again)["refused"][0]["reasons"] == ["there is no such version"]


def test_an_edit_that_names_a_model_whose_check_takes_long_is_live_at_once_with_the_model_before(
    tmp_path: Path,
) -> None:
    store = Store(tmp_path / "store")
    add_constant(store, "1", 100)
    add_constant(store, "1", 20, "other")
    with configured(tmp_path) as directory:
        use_store(directory / "config", store)
        wait_for_seconds(directory / "config")
        with Bidder(directory) as bidder:
            with stopped(bidder, "model_checker"):
                bidder.edit("bidder.toml", lambda text: text.replace('click = "ctr"', 'click = "other"'))
                until(lambda: bidder.metric("bidder_config_generation") == 2, "the edit")
                told = until(lambda: [each for each in [ctr(bidder)] if each["awaited"]], "the version to be awaited")[
                    0
                ]
                assert (told["name"], told["live"], told["answers"]) == ("other", None, "ctr:1")
                assert (told["awaited"], bidder.metric("bidder_model_awaited")) == (["other:1"], 1)
                assert cpm_of(bidder) == pytest.approx(50)
            until(lambda: ctr(bidder)["answers"] == "other:1", "the other model")
            assert cpm_of(bidder) == pytest.approx(250)
            until(lambda: (ctr(bidder)["awaited"], bidder.metric("bidder_model_awaited")) == ([], 0), "nothing awaited")


def test_a_canary_answers_its_share_of_users_and_is_compared_with_the_champion(bidder: Bidder, store: Store) -> None:
    (store.root / "ctr" / "canary").write_text("3 50%\n")
    until(lambda: ctr(bidder)["canary"], "the canary")
    before = len(bids(bidder))
    prices = [float(bid_of(bidder.post(of_user(user)))["price"]) for user in [*range(40)] * 2]
    assert prices[:40] == prices[40:], "a user stays in one arm"
    assert {round(price) for price in prices} == {50, 200}
    until(lambda: len(bids(bidder)) >= before + 80, "their records")
    assert {each.model for each in bids(bidder)[-80:]} >= {"ctr:1", "ctr:3"}
    until(lambda: ctr(bidder)["canary"]["canary"]["arm"]["bids"] > 10, "bids of the canary in its arm")
    sides = ctr(bidder)["canary"]
    assert sides["share"] == 0.5
    assert 10 < sides["champion"]["arm"]["bids"] <= 80 - sides["canary"]["arm"]["bids"]
    assert post(bidder, "ctr/canary", why="seen enough")[0] == 200
    until(lambda: ctr(bidder)["canary"] is None, "the canary gone")
    assert cpm_of(bidder) == pytest.approx(50)


def of_user(number: int) -> bytes:
    request = json.loads(REQUEST)
    return json.dumps({**request, "user": {"id": f"user-{number}"}}).encode()


def test_a_canary_that_asks_for_more_than_it_may_have_is_refused(bidder: Bidder, store: Store) -> None:
    (store.root / "ctr" / "canary").write_text("3 60%\n")
    (refusal,) = until(lambda: ctr(bidder)["refused"], "the refusal")
    assert refusal["reasons"] == ["as a canary it asks for 0.6 of the users, models.canary.max_share is 0.5"]
    pointers.clear(store.root / "ctr", "canary")
    until(lambda: not ctr(bidder)["refused"], "the refusal forgotten")


def test_requests_near_their_deadline_are_priced_by_the_last_word_and_counted(bidder: Bidder) -> None:
    assert cpm_of(bidder) == pytest.approx(50)
    bidder.edit("bidder.toml", lambda text: f"{text}near_deadline = {{ below_ms = 1000 }}\n")
    generation = bidder.config_status()["generation"]
    until(lambda: bidder.config_status()["generation"] > generation, "the edit")
    hurried = json.dumps({**json.loads(REQUEST), "tmax": 500}).encode()
    assert json.loads(bidder.post()[1])
    until(lambda: bidder.post(hurried)[0] == 200, "a bid in a hurry")
    until(lambda: {each.model for each in bids(bidder)} >= {"last:ctr:1"}, "the record of it")
    counted = b'bidder_predictor_requests_total{predictor="in a hurry last word"}'
    until(lambda: counted in fetch(f"{bidder.web_url}/metrics")[1], "the count of it")


def test_a_shadow_is_scored_beside_the_champion_and_its_regret_told_in_money(bidder: Bidder, store: Store) -> None:
    assert post(bidder, "ctr/shadow", version="2")[0] == 200

    def regret() -> Any:
        bidder.post(json.dumps({**json.loads(REQUEST), "id": f"request-{next(numbers)}"}).encode())
        found = appraisal(bidder)["shadow"]
        return found if found is not None and found["requests"] >= 3 else None

    numbers = count()
    found = until(regret, "requests played with the shadow")
    assert (found["different"], found["bids"]) == (1.0, 0.0)
    assert found["spend"] > 0, "twice the probability is twice the price"
    assert [each["version"] for each in appraisal(bidder)["calibration"]] == ["ctr:1", "ctr:2"]
    assert bidder.metric("bidder_replayed_requests") >= 3
    assert all(each.model != "ctr:2" for each in bids(bidder)[-3:])
    assert post(bidder, "ctr/shadow")[0] == 200
    until(lambda: appraisal(bidder)["shadow"] is None, "the shadow gone")


def appraisal(bidder: Bidder) -> Any:
    return json.loads(fetch(f"{bidder.web_url}/api/models")[1])["appraisal"]
