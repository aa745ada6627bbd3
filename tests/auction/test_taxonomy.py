"""A category covers those below it, as far as the list of its taxonomy is configured."""

from typing import Any

import pytest
from msgspec.structs import replace

from bidder.auction.choice import Always
from bidder.auction.compile import compile_snapshot
from bidder.auction.score import FixedPredictor
from bidder.config.schema import Campaign, Categories, Config, Safety, Targeting, Taxonomy
from bidder.domain.reason import Reason
from bidder.engine import Engine
from bidder.explain import explain
from tests.auction import builders
from tests.auction.builders import NAME, NOW, Grants, campaign, creative, request

GAMES = Taxonomy(parents={"10": "", "11": "10", "A1B2C3": "11", "20": ""})


def engine(config: Config, before: Engine | None = None) -> Engine:
    predictor = FixedPredictor(config.bidder.prediction)
    snapshot = compile_snapshot(config, predictor.ceiling, before.snapshot if before is not None else None)
    purse = Grants()
    purse.slots = [line.id for line in snapshot.lines]
    snapshot.refresh(NOW)
    return Engine(snapshot, purse, Always(predictor))


def configured(one: Campaign, **taxonomies: Taxonomy) -> Config:
    known = {int(name.removeprefix("of_")): each for name, each in taxonomies.items()}
    return replace(builders.config([one], rate="1"), taxonomies=known)


def reason(one: Campaign, *, known: bool = True, **asked: Any) -> Reason:
    """Where the campaign ends, as the full evaluation and the explanation tell alike."""
    deciding = engine(configured(one, of_7=GAMES) if known else configured(one))
    decision = deciding.bid(request(**asked), NAME, NOW, NOW)
    assert decision.funnel is not None
    found = builders.reasons(decision.funnel)[one.id]
    (report,) = explain(deciding, request(**asked), NAME, NOW).lines
    assert report.outcome == found.label
    assert (decision.reason is Reason.BID) == (found is Reason.BID)
    return found


def about(*categories: str) -> Campaign:
    return campaign(creatives=(creative(cat=categories, cattax=7),))


@pytest.mark.parametrize(
    ("bcat", "expected"),
    [
        (["10"], Reason.BLOCKED_CATEGORY),
        (["11"], Reason.BLOCKED_CATEGORY),
        (["A1B2C3"], Reason.BLOCKED_CATEGORY),
        (["20"], Reason.BID),
    ],
)
def test_a_blocked_category_blocks_those_below_it(bcat: list[str], expected: Reason) -> None:
    assert reason(about("A1B2C3"), bcat=bcat, cattax=7) is expected


def test_a_blocked_category_leaves_those_above_it() -> None:
    assert reason(about("10"), bcat=["11"], cattax=7) is Reason.BID


def test_an_allowed_category_allows_those_below_it() -> None:
    assert reason(about("A1B2C3"), acat=["10"], cattax=7) is Reason.BID
    assert reason(about("A1B2C3", "20"), acat=["10"], cattax=7) is Reason.BLOCKED_CATEGORY
    assert reason(about("10"), acat=["11"], cattax=7) is Reason.BLOCKED_CATEGORY


def test_without_the_list_categories_are_compared_code_by_code() -> None:
    assert reason(about("A1B2C3"), known=False, bcat=["10"], cattax=7) is Reason.BID
    assert reason(about("A1B2C3"), known=False, bcat=["A1B2C3"], cattax=7) is Reason.BLOCKED_CATEGORY
    assert reason(about("A1B2C3"), known=False, acat=["10"], cattax=7) is Reason.BLOCKED_CATEGORY


def test_the_list_of_one_taxonomy_says_nothing_of_another() -> None:
    other = campaign(creatives=(creative(cat=("A1B2C3",), cattax=6),))
    assert reason(other, bcat=["10"], cattax=6) is Reason.BID


def page(*categories: str, cattax: int = 7) -> dict[str, Any]:
    return {"site": {"domain": "news.example", "cat": categories, "cattax": cattax}}


def target(*ids: str) -> Targeting:
    return Targeting(category=(Categories(ids=ids, cattax=7),))


def test_a_campaign_that_includes_a_category_runs_on_pages_about_those_below_it() -> None:
    wanted = campaign(include=target("10"))
    assert reason(wanted, **page("A1B2C3")) is Reason.BID
    assert reason(wanted, **page("20")) is Reason.CATEGORY
    assert reason(wanted, **page("A1B2C3", cattax=6)) is Reason.CATEGORY
    assert reason(campaign(include=target("A1B2C3")), **page("10")) is Reason.CATEGORY
    assert reason(wanted, known=False, **page("A1B2C3")) is Reason.CATEGORY


def test_a_campaign_that_excludes_a_category_leaves_pages_about_those_below_it() -> None:
    assert reason(campaign(exclude=target("10")), **page("A1B2C3")) is Reason.CATEGORY
    assert reason(campaign(exclude=target("11")), **page("10")) is Reason.BID


def test_an_unsafe_category_covers_those_below_it_in_the_content_too() -> None:
    careful = campaign(safety=Safety(categories=(Categories(ids=("10",), cattax=7),)))
    content = {"cat": ["A1B2C3"], "cattax": 7}
    assert reason(careful, site={"domain": "news.example", "content": content}) is Reason.BRAND_SAFETY
    assert reason(careful, **page("20")) is Reason.BID


def test_categories_of_the_first_taxonomy_still_go_by_their_codes() -> None:
    wanted = campaign(include=Targeting(category=(Categories(ids=("IAB7",)),)))
    assert reason(wanted, **page("IAB7-3", cattax=1)) is Reason.BID


def test_another_list_takes_effect_on_campaigns_that_stay_as_they_are() -> None:
    one = campaign(include=target("10"))
    flat = engine(configured(one))
    asked = request(**page("A1B2C3"))
    assert flat.bid(asked, NAME, NOW, NOW).reason is Reason.CATEGORY
    deep = engine(configured(one, of_7=GAMES), flat)
    assert deep.snapshot.lines == flat.snapshot.lines
    assert deep.bid(asked, NAME, NOW, NOW).reason is Reason.BID
    same = engine(configured(one, of_7=Taxonomy(parents=dict(GAMES.parents))), deep)
    assert same.snapshot.blocks == deep.snapshot.blocks
    assert engine(configured(one), same).bid(asked, NAME, NOW, NOW).reason is Reason.CATEGORY
