"""What follows a bid: which calls the bidder gets, in which order, with which values."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientSession

from bidder.lab.exchange.aftermath import Aftermath
from bidder.lab.exchange.auctioneer import Hammered
from bidder.lab.exchange.clearing import Outcome
from bidder.lab.exchange.client import open_session
from bidder.lab.exchange.courier import Courier
from bidder.lab.exchange.fate import Fate
from bidder.lab.exchange.notices import Kind
from bidder.lab.exchange.routes import Routes
from bidder.lab.exchange.substitution import Auctioned
from bidder.lab.exchange.tally import Tally
from bidder.lab.exchange.tempo import Tempo
from openrtb.enums import LossReasonCodes
from openrtb.imp import Banner, Imp
from openrtb.request import BidRequest
from tests.lab.eager_bidder import PUBLIC, Listening, bid_for, eager_bidder

IMP = Imp(id="1", banner=Banner(w=300, h=250))
REQUEST = BidRequest(id="r1", imp=[IMP])


class Stage:
    """A bidder that listens, and an aftermath that plays against it."""

    def __init__(self, bidder: Listening, session: ClientSession, conversion_url: str | None) -> None:
        self.bidder, self.tally = bidder, Tally()
        tempo = Tempo(0.0)
        courier = Courier(session, Routes({PUBLIC: bidder.origin}), self.tally.notices, tempo)
        self.aftermath = Aftermath(courier, tempo, self.tally, conversion_url)

    def received(self) -> dict[str, int]:
        """How often each path was called, silent ones left out."""
        return {path: len(calls) for path, calls in self.bidder.calls.items() if calls}


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with eager_bidder() as bidder, open_session(4, 5.0) as session:
        yield Stage(bidder, session, f"{bidder.origin}/conversion?id={{click_id}}")


def hammered(
    loss: LossReasonCodes = LossReasonCodes.BID_WON,
    *,
    renders: bool = True,
    clicks: bool = False,
    converts: bool = False,
    test: bool = False,
) -> Hammered:
    won = loss is LossReasonCodes.BID_WON
    return Hammered(
        auctioned=Auctioned("r1", "answer", "USD", "eager"),
        outcome=Outcome(bid_for(IMP, REQUEST), loss, 700_000 if won else None, 650_000),
        fate=Fate(
            renders=renders,
            render_delay_s=0.5,
            clicks=clicks,
            click_delay_s=1.0,
            converts=converts,
            conversion_delay_s=2.0,
            copied=frozenset(),
            late={},
        ),
        ua="browser",
        test=test,
    )


async def test_a_loser_is_told_why(stage: Stage) -> None:
    await stage.aftermath.follow(hammered(LossReasonCodes.LOST_TO_HIGHER_BID))
    assert stage.received() == {"loss": 1}
    assert stage.bidder.calls["loss"][0]["loss"] == "102"
    assert stage.bidder.calls["loss"][0]["min"] == "0.65"


async def test_a_win_that_renders_is_billed_and_seen(stage: Stage) -> None:
    await stage.aftermath.follow(hammered())
    assert stage.received() == {"win": 1, "billing": 1, "pixel": 1}
    assert stage.bidder.calls["pixel"] == [{"bid": "r1-1", "price": "0.7"}]
    assert (stage.tally.impressions, stage.tally.spend_micros("USD")) == (1, 700)


async def test_a_win_that_does_not_render_is_told_and_not_billed(stage: Stage) -> None:
    await stage.aftermath.follow(hammered(renders=False))
    assert stage.received() == {"win": 1}
    assert (stage.tally.impressions, stage.tally.spend_micros("USD")) == (0, 0)


async def test_a_click_follows_the_first_link_and_is_no_sale(stage: Stage) -> None:
    await stage.aftermath.follow(hammered(clicks=True))
    assert stage.received() == {"win": 1, "billing": 1, "pixel": 1, "click": 1}
    assert (stage.tally.clicks, stage.tally.conversions) == (1, 0)


async def test_a_sale_names_the_click_of_the_landing_page(stage: Stage) -> None:
    await stage.aftermath.follow(hammered(clicks=True, converts=True))
    assert stage.bidder.calls["conversion"] == [{"id": "r1"}]
    assert (stage.tally.conversions, stage.tally.without_click_id) == (1, 0)


async def test_nobody_buys_without_a_click(stage: Stage) -> None:
    await stage.aftermath.follow(hammered(converts=True))
    assert stage.tally.conversions == 0


async def test_a_sale_without_click_id_is_counted_and_cannot_be_reported(stage: Stage) -> None:
    bid = hammered(clicks=True, converts=True)
    bid.outcome.bid.adm = f'<a href="{stage.bidder.origin}/win">plain</a>'
    await stage.aftermath.follow(bid)
    assert stage.tally.without_click_id == 1
    assert stage.tally.notices[Kind.CLICK].failed == {"204 No Content": 1}
    assert "conversion" not in stage.received()


async def test_a_test_is_rendered_as_an_audit_and_nothing_else(stage: Stage) -> None:
    await stage.aftermath.follow(hammered(clicks=True, test=True))
    assert stage.received() == {"pixel": 1}
    assert stage.bidder.calls["pixel"][0]["price"] == "AUDIT"
    assert (stage.tally.notices[Kind.AUDIT].acknowledged, stage.tally.impressions) == (1, 0)


async def test_a_bid_without_notice_urls_is_shown_all_the_same(stage: Stage) -> None:
    bid = hammered()
    bid.outcome.bid.nurl = bid.outcome.bid.burl = None
    await stage.aftermath.follow(bid)
    assert stage.received() == {"pixel": 1}
    assert stage.tally.impressions == 1
