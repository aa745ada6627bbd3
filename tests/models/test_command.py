"""The commands of `bidder model`: what they print, what they leave behind, how they refuse."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.__main__ import main
from models.manifest import MANIFEST, MODEL, REPORT
from models.store import Store

Capture = pytest.CaptureFixture[str]
FIGURES = {"auc", "log_loss", "normalised_entropy", "predicted_over_actual", "rows", "positives"}


@pytest.fixture(scope="session")
def clicks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """2,000 clicks over two days, of which an app and a channel make installs likely."""
    chance = np.random.default_rng(3)
    lines = ["ip,app,device,os,channel,click_time,attributed_time,is_attributed"]
    for number in range(2000):
        day, minute = divmod(number * 1440 // 1000, 1440)
        app, channel = chance.integers(4), chance.integers(3)
        hit = chance.random() < 0.02 + 0.05 * app + 0.03 * channel
        at = f"2017-11-{6 + day:02} {minute // 60}:{minute % 60:02}"
        lines.append(f"{chance.integers(500)},{app},1,13,{channel},{at},{at if hit else ''},{int(hit)}")
    path = tmp_path_factory.mktemp("data") / "clicks.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Where the store of the test lies."""
    return tmp_path / "store"


@pytest.fixture
def model(root: Path, capsys: Capture) -> Callable[..., tuple[int, str, str]]:
    """Runs a command on the store: exit code, standard output, standard error."""

    def run(command: str, *arguments: object) -> tuple[int, str, str]:
        capsys.readouterr()
        code = main([command, *map(str, arguments), "--store", str(root)])
        return code, *capsys.readouterr()

    return run


@pytest.fixture
def train(model: Any, clicks: Path) -> Callable[..., dict[str, Any]]:
    """Trains a version; what it prints as JSON."""

    def run(*arguments: object) -> dict[str, Any]:
        code, said, _ = model("train", "--format", "installs", "--data", clicks, "--name", "cvr", "--json",
                              "--kind", "rates", "--features", "campaign_x_publisher_rate", *arguments)  # fmt: skip
        assert code == 0
        found: dict[str, Any] = json.loads(said)
        return found

    return run


def test_training_prints_figures_and_leaves_a_whole_version(train: Any, root: Path) -> None:
    found = train("--test-share", 0.3)
    assert set(found) >= FIGURES
    assert (found["rows"], found["measured_on"], found["version"]) == (600, "test", "1")
    assert 0.6 < found["auc"] < 0.8
    assert {path.name for path in (root / "cvr" / "1").iterdir()} == {MODEL, MANIFEST, "parity.npz", REPORT}


def test_trees_are_trained_by_the_recipe_of_the_format(model: Any, clicks: Path, root: Path) -> None:
    code, said, _ = model("train", "--format", "installs", "--data", clicks, "--name", "cvr", "--train-rows", 1500)
    assert code == 0
    assert "auc" in said
    assert Store(root).manifest("cvr", "1").kind == "lightgbm"


@pytest.mark.parametrize(
    ("kind", "features"),
    [("constant", []), ("rates", ["campaign_x_publisher_x_os_rate", "campaign_x_publisher_x_os_seen"])],
)
def test_simple_kinds_need_no_other_arguments(
    model: Any, clicks: Path, root: Path, kind: str, features: list[str]
) -> None:
    said = ["train", "--format", "installs", "--data", clicks, "--name", "cvr", "--kind", kind, "--test-share", 0.3]
    assert model(*said, "--json")[0] == 0
    manifest = Store(root).manifest("cvr", "1")
    assert manifest.kind == kind
    assert sorted(each.name for each in manifest.features) == features
    assert 0.8 < (manifest.metrics.predicted_over_actual or 0.0) < 1.25
    assert model("promote", "cvr")[0] == 0


def test_a_bonus_raises_what_was_never_seen_and_fades_with_rows(train: Any, root: Path) -> None:
    train()
    train("--bonus", 0.5)
    plain, tried = (Store(root).load("cvr", version) for version in ("1", "2"))
    new, known = ({"campaign": app, "publisher": "1"} for app in ("new", "3"))
    assert tried.of_rows([new]) == pytest.approx(1.5 * plain.of_rows([new]))
    assert plain.of_rows([known]) < tried.of_rows([known]) < 1.1 * plain.of_rows([known])


def test_training_again_gives_the_same_bytes_under_the_next_number(train: Any, root: Path) -> None:
    assert [train()["version"], train()["version"]] == ["1", "2"]
    for file in (MODEL, MANIFEST, "parity.npz", REPORT):
        assert (root / "cvr" / "1" / file).read_bytes() == (root / "cvr" / "2" / file).read_bytes()


def test_evaluation_prints_the_same_figures_as_training_on_the_same_rows(
    train: Any, model: Any, clicks: Path, tmp_path: Path
) -> None:
    trained = train("--train-rows", 1400)
    page = tmp_path / "page.html"
    code, said, _ = model("evaluate", "--format", "installs", "--data", clicks, "--model", "cvr:1", "--from-row", 1400,
                          "--json", "--report", page)  # fmt: skip
    assert code == 0
    assert {key: json.loads(said)[key] for key in FIGURES} == {key: trained[key] for key in FIGURES}
    assert "<h1>Model cvr:1</h1>" in page.read_text()


def test_the_life_of_two_versions(train: Any, model: Any) -> None:
    train()
    train()
    assert json.loads(model("promote", "cvr:1", "--json")[1]) == {"name": "cvr", "champion": "1", "previous": None}
    model("shadow", "cvr:2")
    model("canary", "5%", "cvr:2")
    listed = json.loads(model("list", "--json")[1])
    assert [(row["model"], row["roles"]) for row in listed] == [("cvr:1", "champion"), ("cvr:2", "shadow canary")]
    assert json.loads(model("promote", "cvr", "--json")[1]) == {"name": "cvr", "champion": "2", "previous": "1"}
    assert json.loads(model("rollback", "cvr", "--json")[1]) == {"name": "cvr", "champion": "1", "rolled_back": "2"}
    code, _, complaint = model("rollback", "cvr")
    assert (code, complaint) == (1, "model: cvr has no previous version to roll back to\n")


def test_a_damaged_version_is_not_rolled_back_to(train: Any, model: Any, root: Path) -> None:
    for _ in range(2):
        train()
        model("promote", "cvr")
    (root / "cvr" / "1" / REPORT).write_text("")
    code, _, complaint = model("rollback", "cvr")
    assert code == 1
    assert "cvr:1 is refused: report.html has the hash" in complaint
    assert (root / "cvr" / "champion").read_text() == "2\n"


def test_what_is_wrong_with_a_pointer_is_told_beside_the_list(train: Any, model: Any, root: Path) -> None:
    train()
    (root / "cvr" / "canary").write_text("1 0%\n")
    code, said, complaint = model("list", "--json")
    assert (code, json.loads(said)[0]["roles"]) == (0, "canary")
    assert complaint.startswith(f"model list: {root}/cvr/canary: expected a version and a share such as `4 5%`")


def test_another_outcome_is_no_version_of_the_same_model(train: Any, model: Any, clicks: Path) -> None:
    train()
    code, _, complaint = model(
        "train", "--format", "installs", "--data", clicks, "--name", "cvr", "--kind", "constant", "--outcome", "click"
    )
    assert code == 1
    assert complaint == "model: cvr:1 predicts conversion_after_click; a model of click needs another --name\n"


def test_a_canary_is_taken_back(train: Any, model: Any, root: Path) -> None:
    train()
    model("canary", "12.5%", "cvr")
    assert (root / "cvr" / "canary").read_text() == "1 12.5%\n"
    assert model("canary", "--off", "cvr")[0] == 0
    assert not (root / "cvr" / "canary").exists()


def test_a_canary_without_a_share_is_wrong_usage(train: Any, model: Any) -> None:
    train()
    assert model("canary", "cvr")[0] == 2


def test_a_damaged_version_gets_no_role_and_show_says_why(train: Any, model: Any, root: Path) -> None:
    train()
    (root / "cvr" / "1" / REPORT).write_text("")
    for command in (["promote", "cvr"], ["shadow", "cvr"], ["canary", "5%", "cvr"]):
        code, _, complaint = model(*command)
        assert code == 1
        assert "cvr:1 is refused: report.html has the hash" in complaint
    code, said, _ = model("show", "cvr", "--json")
    assert code == 1
    assert json.loads(said)["refused"][0].startswith("report.html has the hash")
    assert sorted(path.name for path in (root / "cvr").iterdir()) == ["1"]


def test_show_tells_where_a_version_comes_from(train: Any, model: Any) -> None:
    train("--seed", 4)
    code, said, _ = model("show", "cvr", "--json")
    lineage = json.loads(said)["lineage"]
    assert code == 0
    assert lineage["command"].startswith("model train --name cvr --format installs --outcome conversion_after_click")
    assert lineage["recipe"]["seed"] == 4
    assert list(lineage["data"]) == ["clicks.csv"]


def test_the_champion_is_the_parent_of_what_is_trained_next(train: Any, model: Any, root: Path) -> None:
    train()
    model("promote", "cvr")
    train()
    assert Store(root).manifest("cvr", "2").lineage.parent == "1"


def test_a_feature_that_was_asked_for_and_cannot_be_used_ends_training(model: Any, clicks: Path) -> None:
    code, _, complaint = model(
        "train", "--format", "installs", "--data", clicks, "--name", "cvr", "--features", "city_rate"
    )
    assert (code, complaint) == (1, "model: the feature city_rate cannot be used: no row has the fact city\n")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["evaluate", "--model", "cvr"], "has no model cvr, it has none"),
        (["train", "--name", "cvr", "--train-rows", "9999"], "training on 9999 rows of 2000 is not possible"),
        (["train", "--name", "cvr", "--recipe", "nonsense"], "expected the recipe events, installs, ipinyou, "),
        (["train", "--name", "cvr", "--kind", "constant", "--features", "hour"], "a constant has no features"),
        (["train", "--name", "cvr", "--version", "../1"], "'../1' cannot name a model or a version"),
        (["train", "--name", "cvr", "--to-row", "0"], "no rows are left"),
        (["train", "--name", "cvr", "--seed", "9999999999"], "Expected `int` <= 2147483647 - at `$.seed`"),
        (["train", "--name", "a/b", "--kind", "constant"], "'a/b' cannot name a model or a version"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(model: Any, clicks: Path, arguments: list[str], said: str) -> None:
    code, _, complaint = model(*arguments, "--format", "installs", "--data", clicks)
    assert code == 1
    assert said in complaint
    assert complaint.count("\n") == 1


@pytest.mark.parametrize("command", ["train", "evaluate"])
def test_a_command_without_a_model_is_wrong_usage(model: Any, clicks: Path, command: str) -> None:
    assert model(command, "--format", "installs", "--data", clicks)[0] == 2


@pytest.mark.parametrize(
    "bad",
    [
        ["--negative-rate", "0"],
        ["--negative-rate", "1e-320"],
        ["--bonus", "-1"],
        ["--until", "noon"],
        ["--format", "csv"],
        ["--test-share", "nan"],
        ["--test-share", "1"],
        ["--train-rows", "0"],
        ["--from-row", "-5"],
        ["--to-row", "1.5"],
        ["--parity-rows", "0"],
        ["--seed", "-1"],
    ],
)
def test_arguments_out_of_range_are_wrong_usage(clicks: Path, bad: list[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["train", "--format", "installs", "--data", str(clicks), "--name", "cvr", *bad])
    assert stop.value.code == 2


def test_versions_are_listed_below_the_names_of_their_figures_also_beside_one_that_cannot_be_read(
    train: Any, model: Any, root: Path
) -> None:
    train("--test-share", 0.3)
    train()
    (root / "cvr" / "1" / MANIFEST).write_text("{")
    head, broken, whole = model("list", "cvr")[1].splitlines()
    figures = ["auc", "normalised", "entropy", "measured", "on"]
    assert head.split() == ["model", "roles", "kind", "outcome", "rows", *figures, "manifest"]
    assert broken.endswith("unreadable  manifest.json: Input data was truncated")
    assert "  training rows  " in whole
    assert whole.index("rates") == broken.index("unreadable") == head.index("kind")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["list", "ctr"], "has no model ctr, it has cvr"),
        (["promote", "cvr:"], "cvr: names no version after the colon, cvr has 1"),
        (["rollback", "cvr:1"], "a rollback goes back to the previous champion: NAME without a version, found cvr:1"),
        (["rollback", "ctr"], "has no model ctr, it has cvr"),
        (["shadow", "cvr:1"], "cvr:1 is the champion, a shadow is another version beside it"),
        (["canary", "5%", "cvr:1"], "cvr:1 is the champion, a canary is another version beside it"),
    ],
)
def test_a_role_that_no_version_can_have_is_refused_in_one_line(
    train: Any, model: Any, root: Path, arguments: list[str], said: str
) -> None:
    train()
    model("promote", "cvr:1")
    code, _, complaint = model(*arguments)
    assert (code, complaint.count("\n")) == (1, 1)
    assert said in complaint
    assert sorted(path.name for path in (root / "cvr").iterdir()) == ["1", "champion", "history"]


def test_the_latest_rows_are_those_that_training_left_out(train: Any, model: Any, clicks: Path, tmp_path: Path) -> None:
    trained = train("--test-share", 0.3)
    asked = ("--format", "installs", "--data", clicks, "--model", "cvr:1", "--test-share", 0.3, "--json")
    found = json.loads(model("evaluate", *asked, "--report", tmp_path / "page.html")[1])
    assert {key: found[key] for key in FIGURES} == {key: trained[key] for key in FIGURES}


def test_an_empty_store_lists_nothing(model: Any, root: Path) -> None:
    code, said, told = model("list")
    assert (code, said) == (0, "")
    assert told == f"model list: {root} holds no model\n"
