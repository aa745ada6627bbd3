"""Every template loads without a mistake and is what it says."""

from argparse import ArgumentParser
from collections import Counter
from pathlib import Path

import pytest

from bidder.config import templates
from bidder.config.load import load
from bidder.config.schema import Campaign, Config, Creative, Targeting
from bidder.config.templates import TEMPLATES, NotEmptyError, Template, init


def written(directory: Path, template: Template, campaigns: int = 300) -> Config:
    init(directory, template, campaigns)
    return load(directory)


def campaigns_of(config: Config) -> list[Campaign]:
    return [campaign for advertiser in config.advertisers for campaign in advertiser.campaigns]


def creatives_of(config: Config) -> list[Creative]:
    return [creative for campaign in campaigns_of(config) for creative in campaign.creatives]


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_template_has_no_mistakes(template: Template, tmp_path: Path) -> None:
    assert campaigns_of(written(tmp_path, template))


def test_a_directory_that_is_not_empty_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "kept.txt").write_text("kept")
    with pytest.raises(NotEmptyError, match="not empty"):
        init(tmp_path, "minimal")
    assert [path.name for path in tmp_path.iterdir()] == ["kept.txt"]


def test_minimal_is_one_campaign_on_one_exchange(tmp_path: Path) -> None:
    config = written(tmp_path, "minimal")
    assert (len(campaigns_of(config)), list(config.exchanges)) == (1, ["demo"])


def test_the_demo_has_all_formats_goals_and_nearly_all_kinds_of_targeting(tmp_path: Path) -> None:
    config = written(tmp_path, "demo")
    campaigns = campaigns_of(config)
    named = {
        name
        for campaign in campaigns
        for target in (campaign.include, campaign.exclude)
        for name in Targeting.__struct_fields__
        if getattr(target, name)
    }
    assert len(campaigns) >= 12
    assert {creative.format for creative in creatives_of(config)} == {"banner", "video", "audio", "native"}
    assert {campaign.goal.type for campaign in campaigns} == {"cpm", "cpc", "cpa", "value"}
    assert set(Targeting.__struct_fields__) - named <= {"app"}
    assert any(campaign.dayparting and campaign.dayparting.clock == "user" for campaign in campaigns)
    assert {*config.exchanges} >= {"demo", "plain25", "plain26", "prebid"}


def test_all_domains_of_the_demo_are_reserved_for_examples(tmp_path: Path) -> None:
    domains = {domain for creative in creatives_of(written(tmp_path, "demo")) for domain in creative.adomain}
    assert all(domain.endswith(".example") for domain in domains)


def test_everything_targets_nothing_and_fits_any_banner(tmp_path: Path) -> None:
    config = written(tmp_path, "everything")
    assert all(campaign.include == campaign.exclude == Targeting() for campaign in campaigns_of(config))
    assert [creative.size for creative in creatives_of(config) if creative.format == "banner"] == [None]
    assert Counter(creative.format for creative in creatives_of(config)) >= Counter(
        {"banner": 1, "video": 3, "audio": 3, "native": 1}
    )


def test_bench_writes_as_many_campaigns_as_asked_for(tmp_path: Path) -> None:
    assert len(campaigns_of(written(tmp_path, "bench", 250))) == 250


def test_bench_is_the_same_for_the_same_number_and_varied(tmp_path: Path) -> None:
    first, second = written(tmp_path / "1", "bench"), written(tmp_path / "2", "bench")
    assert first == second
    assert {creative.format for creative in creatives_of(first)} == {"banner", "video", "audio", "native"}
    assert len({campaign.max_cpm for campaign in campaigns_of(first)}) > 200


def test_bench_begins_alike_whatever_the_number(tmp_path: Path) -> None:
    few, many = written(tmp_path / "1", "bench", 100), written(tmp_path / "2", "bench", 300)
    assert many.advertisers[: len(few.advertisers)] == few.advertisers


@pytest.mark.parametrize(("argument", "code"), [("new", 0), ("full", 2)])
def test_the_command_tells_success_by_its_exit_code(argument: str, code: int, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full/file").touch()
    parser = ArgumentParser()
    templates.add_arguments(parser)
    assert templates.run(parser.parse_args([str(tmp_path / argument), "--template", "demo"])) == code


def test_the_command_refuses_a_number_of_campaigns_that_makes_no_sense() -> None:
    parser = ArgumentParser()
    templates.add_arguments(parser)
    with pytest.raises(SystemExit):
        parser.parse_args(["new", "--campaigns", "0"])
