"""Groups of campaigns: who belongs to which, and what is told about those that are none."""

from pathlib import Path

import pytest

from bidder.config.load import load
from bidder.config.mistake import ConfigError
from bidder.config.templates import init

TEAM = '[[groups]]\nid = "team"\nbudget = { daily = 50 }\n'


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    init(tmp_path, "minimal")
    return tmp_path


def write(directory: Path, *, campaign: str = "", before: str = "", after: str = "") -> None:
    file = directory / "campaigns/first.toml"
    text = file.read_text().replace('id = "first-banner"\n', f'id = "first-banner"\n{campaign}\n')
    file.write_text(f"{before}\n{text}\n{after}\n")


@pytest.mark.parametrize(("campaign", "before"), [('group = "team"', ""), ("", 'group = "team"')])
def test_a_campaign_belongs_to_the_group_that_it_or_its_file_names(directory: Path, campaign: str, before: str) -> None:
    write(directory, campaign=campaign, before=before, after=TEAM)
    (advertiser,) = load(directory).advertisers
    assert [each.id for each in advertiser.members(advertiser.groups[0])] == ["first-banner"]


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        ({"campaign": 'group = "tean"', "after": TEAM}, "one of the `[[groups]]` of this file; did you mean `team`?"),
        ({"before": 'group = "team"'}, "the id of one of the `[[groups]]` of this file"),
        ({"after": TEAM + TEAM}, "an id that no other group has"),
        ({"after": TEAM + 'timezone = "Europe/Berln"'}, "did you mean `Europe/Berlin`?"),
        ({"after": '[[groups]]\nid = "team"\nbudget = {}\n'}, "`total`, `daily` or both"),
    ],
)
def test_groups_that_are_none_are_told(directory: Path, parts: dict[str, str], told: str) -> None:
    write(directory, **parts)
    with pytest.raises(ConfigError) as refused:
        load(directory)
    assert told in str(refused.value)


def test_an_hour_and_a_minimum_beyond_the_day_are_told(directory: Path) -> None:
    file = directory / "campaigns/first.toml"
    file.write_text(file.read_text().replace("daily = 100.00", "daily = 100.00, hourly = 101, minimum_daily = 102"))
    with pytest.raises(ConfigError) as refused:
        load(directory)
    assert len(refused.value.mistakes) == 2
    file.write_text(file.read_text().replace("hourly = 101, minimum_daily = 102", "hourly = 0"))
    with pytest.raises(ConfigError, match="above 0; to stop a campaign"):
        load(directory)
