"""How the campaigns stand, as people ask for it."""

from pathlib import Path

import pytest

from bidder.config.load import load
from bidder.config.templates import init
from bidder.domain.reason import Reason
from bidder.ledger.account import Account, Budget
from bidder.pacing.line import View
from bidder.processes.campaign_report import CampaignReport, Known, Report, Row
from bidder.processes.campaign_tally import CampaignTally
from bidder.web.campaign_route import Asked
from tests.events.build import NOON_MS, a_bid, a_notice
from tests.processes.test_campaign_tally import evaluated, live

NOON_S = NOON_MS / 1000
CAMPAIGN = """
[[campaigns]]
id = "{0}"
name = "{1}"
flight = {{ start = {2}, end = 2099-12-31 }}
budget = {{ daily = 10.00 }}
goal = {{ type = "cpm", amount = 2.00 }}
max_cpm = 2.00

[[campaigns.creatives]]
id = "any"
format = "banner"
size = "300x250"
landing = "https://a.example/"
adomain = ["a.example"]
html = '<a href="{{click}}">look</a>'
"""


class Desk:
    """Three campaigns, and what is known of them."""

    def __init__(self, directory: Path) -> None:
        init(directory, "minimal")
        texts = [('"shoes"', "Spring", "2020-01-01"), ('"boots"', "Autumn", "2020-01-01"), ('"late"', "", "2098-01-01")]
        (directory / "campaigns" / "first.toml").write_text(
            'advertiser = "acme"\nname = "Acme Wear"\n'
            + "".join(CAMPAIGN.format(name.strip('"'), *rest) for name, *rest in texts)
        )
        self.config = load(directory)
        self.accounts = {name: Account(name, Budget(None, 10_000_000)) for name in ("shoes", "boots", "late")}
        self.views: list[View] = []
        self.tally = CampaignTally(lambda: NOON_S)
        self.report = CampaignReport(
            Known(lambda: self.config, lambda: self.accounts, lambda: self.views, self.tally), lambda: NOON_S
        )

    def spend(self, campaign: str, micros: int) -> None:
        account = self.accounts[campaign]
        account.grant(micros)
        account.hold(micros)
        account.spend(micros, micros)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "config")


def names(report: Report) -> list[str]:
    return [row.campaign for row in report.campaigns]


def row_of(desk: Desk, campaign: str) -> Row:
    (row,) = desk.report(Asked(find=campaign)).campaigns
    return row


def test_the_report_says_what_is_known_of_a_campaign(desk: Desk) -> None:
    desk.spend("shoes", 3_000_000)
    desk.views = [View("shoes", True, 0.5, 0.9, 10_000_000, 4_000_000, 3_000_000, -0.1, 100.0)]
    desk.tally.take_in([live(), a_bid(1), a_bid(2), a_notice(1, campaign="shoes", price_micros=900)])
    desk.tally.take_in([evaluated(Reason.BID, Reason.DEAL), evaluated(Reason.OUTBID, Reason.DEAL)])
    row = row_of(desk, "shoes")
    assert (row.name, row.advertiser, row.state, row.mode) == ("Spring", "Acme Wear", "live", "even")
    assert (row.today_micros, row.flight_micros, row.daily_micros, row.total_micros) == (
        3_000_000,
        3_000_000,
        10_000_000,
        None,
    )
    assert (row.bids, row.wins, row.spend_micros, row.bid_on, row.pacing) == (2, 1, 900, 1, desk.views[0])
    assert [(each.reason, each.phase, each.requests) for each in row.reasons] == [("outbid", "answer", 1)]


def test_a_campaign_of_which_nothing_is_known_yet_stands_there_with_zeros(desk: Desk) -> None:
    row = row_of(desk, "late")
    assert (row.state, row.today_micros, row.bids, row.pacing, row.reasons) == ("not started", 0, 0, None, [])


def test_sums_are_of_all_campaigns_whatever_was_asked_for(desk: Desk) -> None:
    desk.spend("shoes", 1_000_000)
    desk.spend("boots", 2_000_000)
    report = desk.report(Asked(find="shoes", limit=1))
    assert (report.today_micros, report.known, report.live, report.found) == (3_000_000, 3, 2, 1)
    assert report.currency == "USD"


@pytest.mark.parametrize(
    ("find", "found"),
    [("", 3), ("SHOES", 1), ("boo", 1), ("autumn", 1), ("acme", 3), ("nothing of the kind", 0)],
)
def test_campaigns_are_found_by_their_names_and_their_advertisers(desk: Desk, find: str, found: int) -> None:
    assert desk.report(Asked(find=find)).found == found


def test_the_most_spent_the_furthest_behind_and_the_fewest_bids_come_first(desk: Desk) -> None:
    desk.spend("boots", 2_000_000)
    desk.spend("shoes", 1_000_000)
    desk.views = [View(name, True, 1, 1, 1, 1, 1, behind, 1) for name, behind in (("boots", 0.1), ("shoes", -0.2))]
    desk.tally.take_in([a_bid(1), a_bid(2), a_bid(3, campaign="boots")])
    assert names(desk.report(Asked(sort="spend"))) == ["boots", "shoes", "late"]
    assert names(desk.report(Asked(sort="behind"))) == ["shoes", "boots", "late"]
    assert names(desk.report(Asked(sort="bids"))) == ["late", "boots", "shoes"]
    assert names(desk.report(Asked(sort="name"))) == ["boots", "shoes", "late"]
    assert names(desk.report(Asked(sort="name", limit=2))) == ["boots", "shoes"]


def test_groups_stand_beside_the_campaigns(desk: Desk) -> None:
    group = View("group:acme", True, 1.0, 1.0, 1, 1, 1, 0.0, 1.0)
    desk.views = [group]
    report = desk.report(Asked())
    assert report.groups == [group]
    assert "group:acme" not in names(report)
