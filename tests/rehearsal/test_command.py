"""`bidder pacing preview`: the day an edit would lead to, drawn before it is saved."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from bidder.cli import main
from bidder.config.load import load
from bidder.config.schema import Budget, Campaign, Pacing
from bidder.config.templates import init
from bidder.pacing.exchanges import Watched
from bidder.processes.handover import Packer
from bidder.processes.pacer_file import Kept, save
from bidder.rehearsal.draw import HEIGHT, WIDTH
from bidder.rehearsal.edit import EditError, edited
from tests.pacing.paced import at, campaign
from tests.pacing.test_line import Live, spent

NAME = "first-banner"
DAY = "--date=2026-03-10"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    init(tmp_path / "config", "minimal")
    return tmp_path / "config"


def preview(config: Path, *arguments: str, name: str = NAME) -> int:
    return main(["pacing", "preview", name, f"--config={config}", DAY, *arguments])


def figures(config: Path, capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    assert preview(config, "--json", *arguments) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_a_day_is_drawn_with_its_spend_plan_throttle_and_multiplier(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert preview(config) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "first-banner, 2026-03-10 (UTC), even; market: seeded"
    chart = [line[14:] for line in lines if line[13:14] in {"│", "┤"}]
    assert len(chart) == HEIGHT
    filled = [sum(line[column : column + 1] == "█" for line in chart) for column in range(WIDTH)]
    assert filled == sorted(filled)
    assert max(len(line) for line in lines[:-1]) <= 80  # as wide as most terminals
    assert "· planned" in lines
    assert filled[WIDTH // 2] == pytest.approx(HEIGHT / 2, abs=1)
    assert lines[-1].startswith("█ as it is: spends 9")


def test_an_edit_is_played_beside_what_is_written(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = figures(config, capsys, "--set", "budget.daily=140", "--set", "pacing.mode=front")
    assert found["before"]["budget_micros"] == pytest.approx(100_000_000, rel=1e-4)
    assert found["after"]["budget_micros"] == pytest.approx(140_000_000, rel=1e-4)
    assert found["after"]["spent_micros"][-1] == pytest.approx(140_000_000, rel=0.02)
    assert found["after"]["spent_micros"][720] > 0.55 * 140_000_000


def test_a_day_by_another_clock_is_played_beside_the_day_by_its_own(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = figures(config, capsys, "--set", 'flight.timezone="Asia/Tokyo"')
    for played in (found["before"], found["after"]):
        assert played["planned_micros"] == sorted(played["planned_micros"])
        assert played["spent_micros"][720] == pytest.approx(50_000_000, rel=0.1)
    assert found["before"]["at_s"][0] - found["after"]["at_s"][0] == 9 * 3600


def test_without_the_edit_a_day_outside_the_flight_is_not_played(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    later = ("--set", "flight.end=2100-12-31", "--date=2100-03-10")
    assert figures(config, capsys, *later)["before"] is None


SPENT = ("--set=flight.start=2020-01-01", "--set=budget.daily=100", "--set=budget.total=100")
WEEKENDS = '--set=dayparting={hours=[{days=["sat","sun"]}]}'


@pytest.mark.parametrize(
    ("edits", "why"),
    [
        (SPENT, "by its plan the days before have spent all that it has; --state of a running bidder tells what they"),
        (("--set=enabled=false",), "it is paused"),
        ((WEEKENDS,), "it runs in no hour of this day"),
        (("--set=budget.daily=0",), "its budget is 0"),
    ],
)
def test_a_day_that_spends_nothing_says_why(
    config: Path, capsys: pytest.CaptureFixture[str], edits: tuple[str, ...], why: str
) -> None:
    assert preview(config, *edits) == 0
    assert f"edited: spends nothing: {why}" in capsys.readouterr().out


def test_a_date_that_there_is_not_is_refused(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        preview(config, "--date=2026-13-01")
    assert "a day such as 2026-01-31 is needed, found '2026-13-01'" in capsys.readouterr().err


@pytest.mark.parametrize(("day", "left"), [(10, 70), (11, 60), (16, 10), (17, 0)])
def test_what_the_days_before_have_really_spent_is_not_left_to_the_plan(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], day: int, left: int
) -> None:
    live = Live(campaign(id=NAME))
    live.spent = 30_000_000
    spent(live, at(10, 2), at(10, 3))
    assert live.line.memory is not None
    (tmp_path / "state").mkdir()
    save(tmp_path / "state/pacing", Kept({NAME: live.line.memory}))
    edits = ("--set=flight.start=2020-01-01", "--set=budget.daily=10", "--set=budget.total=100")
    found = figures(config, capsys, f"--state={tmp_path / 'state'}", f"--date=2026-03-{day}", *edits)
    assert found["after"]["budget_micros"] == pytest.approx(min(10, left) * 1_000_000, abs=100)


def test_nothing_is_saved(config: Path) -> None:
    before = {path: path.read_bytes() for path in config.rglob("*.toml")}
    preview(config, "--set", "budget.daily=140")
    assert {path: path.read_bytes() for path in config.rglob("*.toml")} == before


def test_the_market_that_pacing_has_learned_is_played(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    live = Live(campaign(id=NAME))
    spent(live, at(9), at(10))
    assert live.line.memory is not None
    hours = Watched()
    for minute in range(24 * 60):
        hours = hours.saw(240, at(9) + 60 * minute)
    (tmp_path / "state").mkdir()
    save(tmp_path / "state/pacing", Kept({NAME: live.line.memory}, {"demo": hours}))
    found = figures(config, capsys, f"--state={tmp_path / 'state'}")
    assert found["market"] == "recorded"
    assert found["after"]["opportunities"] == pytest.approx(120 * 24 * 60, rel=0.1)
    assert found["after"]["spent_micros"][-1] == pytest.approx(100_000_000, rel=0.03)


def test_an_edited_directory_is_compared_with_what_is_live(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "state/live").mkdir(parents=True)
    Packer().write(tmp_path / "state/live/7.config", load(config), {NAME: 0})
    file = config / "campaigns/first.toml"
    file.write_text(file.read_text().replace("daily = 100.00", "daily = 50.00"))
    found = figures(config, capsys, f"--state={tmp_path / 'state'}")
    assert found["before"]["budget_micros"] == pytest.approx(100_000_000, rel=1e-4)
    assert found["after"]["budget_micros"] == pytest.approx(50_000_000, rel=1e-4)


def test_a_picture_is_drawn_where_it_is_wanted(config: Path, tmp_path: Path) -> None:
    assert preview(config, "--set", "budget.daily=140", f"--plot={tmp_path / 'day.png'}") == 0
    assert (tmp_path / "day.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["--set", "budget.daily=-1"], 1, "budget.daily: an amount of money from 0 to 10^12, found -1"),
        (["--set", "pacing.mode=fast"], 1, 'pacing.mode: one of "even", "front", "traffic", "asap"'),
        (["--set", "daily"], 1, "a setting is KEY=VALUE"),
        (["--date=2199-01-01"], 2, "2199-01-01 is not in its flight, 2020-01-01 to 2099-12-31"),
        (["--state=missing"], 2, "--state: no such directory"),
        (["--plot=day.txt"], 2, "--plot draws"),
        (["--plot=nowhere/day.png"], 2, "--plot: no such directory: nowhere"),
    ],
)
def test_what_cannot_be_played_is_told(
    arguments: list[str], code: int, told: str, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert preview(config, *arguments) == code
    assert told in capsys.readouterr().err


def test_a_campaign_that_is_not_there_is_told_with_the_nearest(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert preview(config, name="first-baner") == 2
    assert "no campaign has the id 'first-baner'; did you mean `first-banner`?" in capsys.readouterr().err


def test_an_edit_changes_what_it_names_and_nothing_else() -> None:
    acts: Campaign = campaign()
    changed = edited(acts, ["budget.daily=140", 'pacing.mode="front"', "flight.end=2026-04-30"])
    assert changed.budget == Budget(daily=Decimal(140))
    assert changed.pacing == Pacing(mode="front")
    assert changed.flight.end == date(2026, 4, 30)
    assert edited(acts, []) == acts
    with pytest.raises(EditError, match="`daily` is not a table"):
        edited(acts, ["budget.daily.more=1"])
