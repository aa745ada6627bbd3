"""An edit goes live as a whole or not at all, and each accepted change is known key by key."""

from hashlib import sha256
from pathlib import Path

import pytest

from bidder.config.diff import Change, changes
from bidder.config.live import Accepted, Live
from bidder.config.load import load
from bidder.config.mistake import ConfigError
from tests.config.broken_edits import SOUND, write

OTHER = "campaigns/other.toml"


def edit(directory: Path, file: str, old: str, new: str) -> None:
    path = directory / file
    assert old in path.read_text("utf-8")
    path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")


def differences(tmp_path: Path, files: dict[str, str]) -> list[str]:
    """What changes from the sound directory to one with other files as well."""
    old, new = load(write(tmp_path / "old", SOUND)), load(write(tmp_path / "new", SOUND | files))
    return [str(change) for change in changes(old, new)]


def test_a_directory_with_mistakes_does_not_go_live_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        Live(tmp_path, 0.0)


def test_an_accepted_edit_replaces_the_configuration_and_is_remembered(tmp_path: Path) -> None:
    live = Live(write(tmp_path, SOUND), 10.0)
    edit(tmp_path, OTHER, "4.00", "5.00")
    config = live.reload(20.0)
    assert config is live.config
    assert live.since == 20.0
    change = Change(OTHER, "campaigns[other].max_cpm", "4.00", "5.00")
    hashes = {OTHER: sha256((tmp_path / OTHER).read_bytes()).hexdigest()}
    assert list(live.history) == [Accepted(20.0, live.config.digest, (change,), hashes)]


def test_a_refused_edit_leaves_everything_as_it_was(tmp_path: Path) -> None:
    live = Live(write(tmp_path, SOUND), 10.0)
    before = live.config
    edit(tmp_path, OTHER, "4.00", "-4.00")
    edit(tmp_path, "bidder.toml", "1.08", "1.10")
    assert live.reload(20.0) is None
    assert live.config is before
    assert live.since == 10.0
    assert live.rejected is not None
    assert live.rejected.at == 20.0
    assert [mistake.line for mistake in live.rejected.mistakes] == [8]


def test_a_correction_after_a_refusal_goes_live_with_all_edits_since(tmp_path: Path) -> None:
    live = Live(write(tmp_path, SOUND), 10.0)
    edit(tmp_path, OTHER, "4.00", "-4.00")
    edit(tmp_path, "bidder.toml", "1.08", "1.10")
    live.reload(20.0)
    edit(tmp_path, OTHER, "-4.00", "4.00")
    assert live.reload(30.0) is not None
    assert live.rejected is None
    assert [change.key for change in live.history[-1].changes] == ["account.rates.EUR"]


def test_taking_a_refused_edit_back_clears_the_refusal_and_changes_nothing(tmp_path: Path) -> None:
    live = Live(write(tmp_path, SOUND), 10.0)
    edit(tmp_path, OTHER, "4.00", "-4.00")
    live.reload(20.0)
    edit(tmp_path, OTHER, "-4.00", "4.00")
    assert live.reload(30.0) is None
    assert live.rejected is None
    assert live.since == 10.0
    assert not live.history


def test_the_memory_of_edits_is_bounded(tmp_path: Path) -> None:
    live = Live(write(tmp_path, SOUND), 0.0, remembered=2)
    for number in range(5, 9):
        (tmp_path / "exchanges/demo.toml").write_text(f"default_tmax_ms = {number * 10}\n")
        live.reload(float(number))
    assert [accepted.at for accepted in live.history] == [7.0, 8.0]


def test_no_difference_is_no_change(tmp_path: Path) -> None:
    assert differences(tmp_path, {OTHER: "# a comment\n" + SOUND[OTHER]}) == []


@pytest.mark.parametrize(
    ("old", "new", "change"),
    [
        ("[[campaigns.cr", 'name = "N"\n[[campaigns.cr', 'campaigns[other].name: "" -> "N"'),
        ("total = 1000.00", "daily = 5", "campaigns[other].budget.daily: nothing -> 5"),
        (
            "[[campaigns.cr",
            'include = { metro = ["5"] }\n[[campaigns.cr',
            'campaigns[other].include.metro: [] -> ["5"]',
        ),
        (
            '"other.example"]',
            '"o.example"]',
            'campaigns[other].creatives[other-1].adomain: ["other.example"] -> ["o.example"]',
        ),
    ],
)
def test_a_change_names_file_key_and_both_values(old: str, new: str, change: str, tmp_path: Path) -> None:
    assert f"{OTHER}: {change}" in differences(tmp_path, {OTHER: SOUND[OTHER].replace(old, new)})


def test_campaigns_and_creatives_that_come_and_go_are_named_by_their_ids(tmp_path: Path) -> None:
    renamed = SOUND[OTHER].replace('id = "other-1"', 'id = "other-2"')
    came_and_went = [change.split(": ")[1] for change in differences(tmp_path, {OTHER: renamed})]
    assert came_and_went == ["campaigns[other].creatives[other-1]", "campaigns[other].creatives[other-2]"]


def test_the_order_of_campaigns_is_no_change(tmp_path: Path) -> None:
    second = SOUND[OTHER].split("\n", 1)[1].replace("other", "second")
    one = write(tmp_path / "1", SOUND | {OTHER: SOUND[OTHER] + second})
    two = write(
        tmp_path / "2", SOUND | {OTHER: SOUND[OTHER].split("\n", 1)[0] + second + SOUND[OTHER].split("\n", 1)[1]}
    )
    assert changes(load(one), load(two)) == []


def test_a_new_file_is_one_change(tmp_path: Path) -> None:
    (change,) = differences(tmp_path, {"exchanges/new.toml": "one_imp = true\n"})
    assert change == 'exchanges/new.toml: nothing -> {"one_imp":true}'


def test_secrets_are_not_written_into_the_record_of_changes(tmp_path: Path) -> None:
    secret = '[tickets]\nkeys = ["a-secret-long-enough"]\n'
    (change,) = differences(tmp_path, {"bidder.toml": SOUND["bidder.toml"] + secret})
    assert change == "bidder.toml: tickets.keys: not shown -> not shown"
