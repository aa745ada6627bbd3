"""Training on a cluster: two workers in processes of their own on the loopback interface."""

import json
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from models.__main__ import main
from models.dataset.read import Target
from models.errors import RecipeError
from models.store import Store

dask = pytest.importorskip("dask", reason="needs the extra `dask`")
pytest.importorskip("lightgbm.dask")
distributed = pytest.importorskip("distributed", reason="needs the extra `dask`")
pytest.importorskip("sklearn", reason="needs the extra `dask`")

from models.distributed.partitions import Source  # noqa: E402
from models.distributed.train import connected  # noqa: E402

pytestmark = pytest.mark.slow
ROWS, PARTS = 12_000, 4
HEADER = "ip,app,device,os,channel,click_time,attributed_time,is_attributed"


@pytest.fixture(scope="module")
def scheduler() -> Iterator[str]:
    """The address of the cluster."""
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, host="127.0.0.1", protocol="tcp", dashboard_address="127.0.0.1:0"
    ) as cluster:
        yield cluster.scheduler_address


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Clicks of eight days in four files, two days each; app and channel make installs likely."""
    chance = np.random.default_rng(5)
    folder = tmp_path_factory.mktemp("logs")
    lines: list[list[str]] = [[] for _ in range(PARTS)]
    for number in range(ROWS):
        day, minute = divmod(number * 8 * 1440 // ROWS, 1440)
        app, channel = chance.integers(5), chance.integers(4)
        hit = chance.random() < 0.01 + 0.03 * app + 0.03 * channel
        at = f"2017-11-{6 + day:02} {minute // 60}:{minute % 60:02}"
        line = f"{chance.integers(2000)},{app},1,{chance.integers(3)},{channel},{at},{at if hit else ''},{int(hit)}"
        lines[number * PARTS // ROWS].append(line)
    paths = [folder / f"clicks-{part}.csv" for part in range(PARTS)]
    for path, part in zip(paths, lines, strict=True):
        path.write_text("\n".join([HEADER, *part]) + "\n")
    return paths


RECIPE = """
features = ["campaign_rate", "publisher_rate", "campaign_x_publisher_rate", "os_category", "hour", "ip_seen"]
leaves = 7
calibration = ["platt"] # the choice between methods is a matter of chance on so few rows
"""


def trained(logs: list[Path], store: Path, name: str, *more: str) -> int:
    (store / "recipe.toml").write_text(RECIPE)
    more = ("--recipe", str(store / "recipe.toml"), *more)
    said = ["--format", "installs", "--data", *map(str, logs), "--name", name, "--test-share", "0.25"]
    return main(["train", *said, "--store", str(store), "--json", *more])


def test_a_cluster_learns_as_well_as_one_machine_from_the_same_command(
    scheduler: str, logs: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert trained(logs, tmp_path, "alone") == 0
    assert trained(logs, tmp_path, "together", "--dask", scheduler) == 0
    alone, together = map(json.loads, capsys.readouterr().out.splitlines())
    assert together["auc"] == pytest.approx(alone["auc"], abs=0.01)
    assert together["log_loss"] == pytest.approx(alone["log_loss"], rel=0.01)
    assert together["predicted_over_actual"] == pytest.approx(alone["predicted_over_actual"], abs=0.05)
    assert abs(together["rows"] - alone["rows"]) < 10  # rows of one minute are not parted


def test_what_a_cluster_trained_is_a_version_like_any_other(scheduler: str, logs: list[Path], tmp_path: Path) -> None:
    assert trained(logs, tmp_path, "together", "--dask", scheduler) == 0
    store = Store(tmp_path)
    manifest = store.manifest("together", "1")
    assert store.load("together", "1").name == "together:1"
    assert sorted(manifest.lineage.data) == sorted(path.name for path in logs)
    assert scheduler.removeprefix("tcp://").partition(":")[0] not in (tmp_path / "together/1/model.txt").read_text()
    assert manifest.sketches.keys() == {each.name for each in manifest.features}
    assert main(["promote", "together", "--store", str(tmp_path)]) == 0


def test_features_are_counted_as_on_one_machine(scheduler: str, logs: list[Path], tmp_path: Path) -> None:
    assert trained(logs, tmp_path, "alone", "--until", "2017-11-13T23:59") == 0
    assert trained(logs, tmp_path, "together", "--until", "2017-11-13T23:59", "--dask", scheduler) == 0
    alone, together = (Store(tmp_path).manifest(name, "1") for name in ("alone", "together"))
    assert [each.name for each in together.features] == [each.name for each in alone.features]
    for mine, theirs in zip(together.features, alone.features, strict=True):
        if mine.table is not None and theirs.table is not None:
            assert mine.table.rows == pytest.approx(theirs.table.rows, abs=10)
            assert {each.key for each in mine.table.levels[0]} == {each.key for each in theirs.table.levels[0]}


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--from-row", "5"], "--from-row and --to-row need all rows in one place"),
        (["--kind", "rates", "--features", "campaign_rate"], "on a cluster trees are trained"),
        (["--train-rows", "99999"], "training on 99999 rows of 12000 is not possible"),
    ],
)
def test_what_a_cluster_cannot_do_is_said(
    scheduler: str, logs: list[Path], tmp_path: Path, more: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert trained(logs, tmp_path, "together", "--dask", scheduler, *more) == 1
    assert said in capsys.readouterr().err


def test_a_cluster_that_does_not_answer_is_named(
    logs: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.distributed.train._CONNECT_S", 1)
    assert trained(logs, tmp_path, "together", "--dask", "tcp://127.0.0.1:9") == 1
    assert "no Dask scheduler answers at tcp://127.0.0.1:9" in capsys.readouterr().err


def test_what_listens_there_and_is_no_scheduler_is_not_waited_for(
    logs: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.distributed.train._CONNECT_S", 1)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        address = f"tcp://127.0.0.1:{listening.getsockname()[1]}"
        assert trained(logs, tmp_path, "together", "--dask", address) == 1
    assert f"no Dask scheduler answers at {address} within 1 s" in capsys.readouterr().err


def test_a_cluster_that_loses_what_it_held_is_said_and_no_version_written(logs: list[Path]) -> None:
    source = Source("installs", Target("conversion"))
    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 0}),
        distributed.LocalCluster(
            n_workers=1, threads_per_worker=1, host="127.0.0.1", protocol="tcp", dashboard_address="127.0.0.1:0"
        ) as cluster,
        pytest.raises(RecipeError, match="lost a worker, or was lost itself; no version was written, train again"),
        connected(cluster.scheduler_address, logs[:1], source) as partitions,
    ):
        partitions.of_each(lambda *_: os._exit(1))
