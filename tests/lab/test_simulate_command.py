"""`bidder simulate` as it is called."""

import argparse
import json
from pathlib import Path

import numpy as np
import pytest

from bidder.lab.simulate import AuditError, add_arguments, command, plot, run
from bidder.lab.simulate.command import DEFECT, FINE, UNUSABLE
from bidder.lab.simulate.market import FEN_CPM_MICROS
from tests.lab.simulated import small_market

KEYS = {
    "value_ratio",
    "utilisation",
    "spend_over_budget",
    "overspend_micros",
    "max_deviation",
    "slot_error",
    "clicks",
    "auctions",
    "wins",
}


@pytest.fixture
def auctions(tmp_path: Path) -> Path:
    """Five hundred auctions of a made-up market, in the form of the recorded ones."""
    market = small_market(auctions=500)
    hours = np.arange(500) // 100
    lines = [
        f"{click}\t{max(1, price // FEN_CPM_MICROS)}\t{ctr / 1e9:.6f}\t{hour}"
        for click, price, ctr, hour in zip(market.clicks, market.price_micros, market.ctr_ppb, hours, strict=True)
    ]
    path = tmp_path / "auctions.txt"
    path.write_text("\n".join(lines) + "\n")
    return path


def simulate(*arguments: object) -> int:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return run(parser.parse_args([str(each) for each in arguments]))


def figures(capsys: pytest.CaptureFixture[str]) -> dict[str, float]:
    found: dict[str, float] = json.loads(capsys.readouterr().out)
    return found


def test_json_has_the_figures_by_their_keys(auctions: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert simulate("--auctions", auctions, "--format", "ipinyou", "--json") == FINE
    found = figures(capsys)
    assert set(found) == KEYS
    assert found["auctions"] == 500
    assert found["overspend_micros"] == 0


def test_people_get_a_table(auctions: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert simulate("--auctions", auctions, "--budget-total", "0.02") == FINE
    printed = capsys.readouterr().out
    assert "0.02" in printed
    assert "of the budget is spent" in printed


@pytest.mark.parametrize("pacing", ["even", "front", "asap", "traffic"])
def test_every_plan_spends_within_the_budget(auctions: Path, pacing: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert simulate("--auctions", auctions, "--pacing", pacing, "--json") == FINE
    assert 0.5 < figures(capsys)["spend_over_budget"] <= 1


def test_all_arguments_together(auctions: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    prior = tmp_path / "info.json"
    prior.write_text(json.dumps({"price_counter_train": [0, *[1] * 300], "clk_train": 2, "imp_train": 1000}))
    code = simulate(
        *("--auctions", auctions, "--prior", prior, "--learn", auctions, "--budget-fraction", "0.25"),
        *("--clock", "hours", "--forecast", "2.0", "--notice-delay", 20, "--auction", "first", "--json"),
    )
    assert code == FINE
    assert figures(capsys)["spend_over_budget"] <= 1


def test_a_seed_is_a_market_too(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bidder.lab.simulate.scenario.seeded", small_market)
    assert simulate("--seed", 3, "--json") == FINE
    assert figures(capsys)["auctions"] == 800


def test_a_missing_file_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert simulate("--auctions", tmp_path / "none.txt") == UNUSABLE
    assert "none.txt" in capsys.readouterr().err


def test_a_budget_in_money_goes_before_a_part(auctions: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert simulate("--auctions", auctions, "--budget-total", "0.02", "--json") == FINE
    alone = capsys.readouterr().out
    assert simulate("--auctions", auctions, "--budget-fraction", "1/2", "--budget-total", "0.02", "--json") == FINE
    assert capsys.readouterr().out == alone


def test_the_same_arguments_give_the_same_bytes(auctions: Path, capsys: pytest.CaptureFixture[str]) -> None:
    printed = []
    for _ in range(2):
        assert simulate("--auctions", auctions, "--notice-delay", 20, "--json") == FINE
        printed.append(capsys.readouterr().out)
    assert printed[0] == printed[1]


def test_a_directory_in_the_place_of_a_file_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert simulate("--auctions", tmp_path) == UNUSABLE
    assert capsys.readouterr().err == f"bidder simulate: {tmp_path}: Is a directory\n"


def test_a_budget_of_nothing_is_refused(auctions: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert simulate("--auctions", auctions, "--budget-fraction", "1e-9") == UNUSABLE
    assert "a budget of at least a micro is needed, found 1e-09 of 0." in capsys.readouterr().err


def test_a_value_beyond_all_money_is_refused(auctions: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert simulate("--auctions", auctions, "--click-value", "1000000000") == UNUSABLE
    assert "worth at most 9,223, found a predicted CTR of 0." in capsys.readouterr().err


def test_a_plot_into_no_directory_is_refused_before_the_work(
    auctions: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert simulate("--auctions", auctions, "--plot", "nowhere/flight.png", "--json") == UNUSABLE
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", "bidder simulate: --plot: no such directory: nowhere\n")


def test_a_market_without_predictions_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "zeros.txt"
    path.write_text("0 10 0.0\n0 20 0.0\n")
    assert simulate("--auctions", path) == UNUSABLE
    assert "predicted clicks" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--seed", "1", "--budget-fraction", "-1"), "a number above 0, up to 1000, is needed, found '-1'"),
        (("--seed", "1", "--budget-fraction", "1/0"), "found '1/0'"),
        (("--seed", "1", "--budget-total", "much"), "an amount from 0.000001 to 1,000,000,000 is needed, found 'much'"),
        (("--seed", "1", "--budget-total", "nan"), "found 'nan'"),
        (("--seed", "1", "--max-cpm", "1e30"), "found '1e30'"),
        (("--seed", "1", "--forecast", "-2"), "a number from 0 to 1000 is needed, found '-2'"),
        (("--seed", "1", "--notice-delay", "-5"), "a whole number, not negative, is needed, found '-5'"),
        (("--seed", "1", "--auctions", "x"), "not allowed with"),
        ((), "required"),
    ],
)
def test_wrong_usage_is_told_by_the_argument(
    arguments: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as refused:
        simulate(*arguments)
    assert refused.value.code == UNUSABLE
    assert message in capsys.readouterr().err


def test_a_failed_audit_is_our_defect(
    auctions: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def find(*arguments: object) -> int:
        raise AuditError("spent: planted")

    monkeypatch.setattr(command, "audit", find)
    assert simulate("--auctions", auctions) == DEFECT
    assert "the audit failed: spent: planted" in capsys.readouterr().err


def test_an_overspend_is_told_by_the_exit_code(
    auctions: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "audit", lambda *_: 5)
    assert simulate("--auctions", auctions, "--json") == DEFECT
    assert figures(capsys)["overspend_micros"] == 5


def test_without_matplotlib_a_plot_is_refused_before_the_work(
    auctions: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plot, "find_spec", lambda _: None)
    assert simulate("--auctions", auctions, "--plot", "flight.png") == UNUSABLE
    assert "pip install 'bidder[report]'" in capsys.readouterr().err


def test_a_plot_of_an_unknown_kind_is_refused(auctions: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert simulate("--auctions", auctions, "--plot", "flight.docx") == UNUSABLE
    assert ".png" in capsys.readouterr().err


@pytest.mark.parametrize("pacing", ["even", "traffic"])
def test_a_plot_is_drawn(auctions: Path, tmp_path: Path, pacing: str) -> None:
    pytest.importorskip("matplotlib")
    picture = tmp_path / "flight.png"
    assert simulate("--auctions", auctions, "--pacing", pacing, "--plot", picture) == FINE
    assert picture.read_bytes().startswith(b"\x89PNG")
