"""A sound directory becomes a `Config`: exact money, defaults, order, a digest; quickly where little changed."""

from decimal import Decimal
from pathlib import Path

import pytest
from msgspec import structs

from bidder.config.convert import convert
from bidder.config.load import Loader, load
from bidder.config.parse import parse
from bidder.config.rules import faults_of
from bidder.config.schema import Advertiser, Bidder, Campaign, Exchange, Table
from bidder.config.sources import KINDS
from bidder.config.tables import in_bounds, tables
from bidder.config.templates import TEMPLATES, Template, init
from tests.config.broken_edits import SOUND, write


def other(directory: Path) -> Campaign:
    (advertiser,) = load(directory).advertisers
    return advertiser.campaigns[0]


def test_money_is_exactly_what_was_written(tmp_path: Path) -> None:
    text = SOUND["campaigns/other.toml"].replace("4.00", "0.1").replace("1000.00", "12345678901.123456")
    campaign = other(write(tmp_path, SOUND | {"campaigns/other.toml": text}))
    assert campaign.max_cpm == Decimal("0.1")
    assert campaign.budget.total == Decimal("12345678901.123456")


def test_places_on_the_map_are_floats(tmp_path: Path) -> None:
    text = SOUND["campaigns/other.toml"].replace(
        "\n[[campaigns.cr", "include = { radius = [{ lat = 40.7, lon = -74, km = 1.5 }] }\n[[campaigns.cr"
    )
    (circle,) = other(write(tmp_path, SOUND | {"campaigns/other.toml": text})).include.radius
    assert (circle.lat, circle.lon, circle.km) == (40.7, -74.0, 1.5)
    assert isinstance(circle.lon, float)


def test_exchanges_go_by_the_names_of_their_files(tmp_path: Path) -> None:
    assert list(load(write(tmp_path, SOUND)).exchanges) == ["demo", "plain26"]


def test_advertisers_come_in_the_order_of_their_files(tmp_path: Path) -> None:
    config = load(write(tmp_path, SOUND | {"campaigns/a.toml": 'advertiser = "z"\ncampaigns = []\n'}))
    assert [each.advertiser for each in config.advertisers] == ["z", "other"]
    assert config.files == ("campaigns/a.toml", "campaigns/other.toml")


def test_the_digest_is_of_names_and_bytes_alone(tmp_path: Path) -> None:
    first, second = write(tmp_path / "1", SOUND), write(tmp_path / "2", dict(reversed(SOUND.items())))
    assert load(first).digest == load(second).digest
    (second / "bidder.toml").write_text(SOUND["bidder.toml"] + "\n")
    assert load(first).digest != load(second).digest


def test_the_digest_tells_files_apart_by_their_names(tmp_path: Path) -> None:
    first, second = write(tmp_path / "1", SOUND), write(tmp_path / "2", SOUND)
    (second / "exchanges/demo.toml").rename(second / "exchanges/demo2.toml")
    assert load(first).digest != load(second).digest


def test_what_did_not_change_is_not_parsed_again(tmp_path: Path) -> None:
    loader = Loader(write(tmp_path, SOUND))
    before = loader.load()
    (tmp_path / "exchanges/demo.toml").write_text("one_imp = true\n")
    after = loader.load()
    assert after.exchanges["demo"] == Exchange(one_imp=True)
    assert after.advertisers[0] is before.advertisers[0]


def test_rules_across_files_hold_for_files_that_did_not_change(tmp_path: Path) -> None:
    text = SOUND["campaigns/other.toml"].replace(
        "\n[[campaigns.cr", 'include = { exchange = ["demo"] }\n[[campaigns.cr'
    )
    loader = Loader(write(tmp_path, SOUND | {"campaigns/other.toml": text}))
    loader.load()
    (tmp_path / "exchanges/demo.toml").unlink()
    with pytest.raises(ValueError, match=r"campaigns/other\.toml:9: campaigns\[other\]\.include\.exchange\[0\]"):
        loader.load()


@pytest.mark.parametrize("template", TEMPLATES)
def test_walking_value_by_value_finds_the_same_as_converting_at_once(template: Template, tmp_path: Path) -> None:
    for path in init(tmp_path, template, 100):
        kind = KINDS[path.relative_to(tmp_path).parts[0]]
        document = parse(path.read_text("utf-8"))
        at_once = convert(document, kind)
        walked = convert(document | {"zzz": 1}, kind)  # an unknown key makes it walk
        assert at_once.faults == []
        assert [fault.path for fault in walked.faults] == [("zzz",)]
        assert walked.table == at_once.table


@pytest.mark.parametrize("kind", [Bidder, Exchange])
def test_defaults_keep_all_rules(kind: type[Table]) -> None:
    table = convert({}, kind).table
    inside = [inner for field in structs.fields(kind) if isinstance(inner := getattr(table, field.name), Table)]
    for each in (table, *inside):
        assert list(faults_of(each)) == []
        assert in_bounds(each)


def test_tables_that_are_written_are_visited_and_defaults_are_not(tmp_path: Path) -> None:
    (advertiser,) = load(write(tmp_path, SOUND)).advertisers
    kinds = [type(table).__name__ for _, table in tables(advertiser)]
    assert kinds == ["Advertiser", "Campaign", "Flight", "Budget", "Goal", "Creative"]
    assert isinstance(advertiser, Advertiser)
