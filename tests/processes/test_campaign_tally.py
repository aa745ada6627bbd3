"""What became of campaigns in the last minutes."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from bidder.domain.reason import Reason
from bidder.events.schema import Click, Conversion, Funnel, Generation, pack_reasons
from bidder.processes.campaign_tally import GENERATIONS, SPAN_SECONDS, CampaignTally, Tallied
from tests.events.build import NOON_MS, a_bid, a_notice

CAMPAIGNS = ["shoes", "boots"]


class Hand:
    """A clock that is turned by hand."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


def live(config: str = "c0ffee", campaigns: Sequence[str] = CAMPAIGNS) -> Generation:
    return Generation(at_ms=NOON_MS, generation=1, config=config, campaigns=list(campaigns))


def evaluated(*reasons: Reason, config: str = "c0ffee", test: bool = False) -> Funnel:
    return Funnel(
        at_ms=NOON_MS, request_id="1", exchange="plain", config=config, rate=0.1, campaigns=len(reasons), counts={},
        terminal=pack_reasons(reasons), test=test,
    )  # fmt: skip


def test_bids_and_what_came_of_them_are_counted_by_campaign() -> None:
    tally = CampaignTally(Hand())
    told = {"at_ms": NOON_MS, "campaign": "shoes", "outcome": "counted"}
    tally.take_in([a_bid(1), a_bid(2), a_bid(3, campaign="boots")])
    tally.take_in([a_notice(1, campaign="shoes", price_micros=700), a_notice(2, kind="win", campaign="shoes")])
    tally.take_in([Click(**told), Conversion(**told)])
    assert tally.of("shoes") == Tallied(2, 1, 700, 1, 1)
    assert tally.of("boots") == Tallied(bids=1)
    assert tally.of("nobody") == Tallied()


def test_what_is_repeated_or_a_test_does_not_count() -> None:
    tally = CampaignTally(Hand())
    tally.take_in([live(), a_bid(1, test=True), a_notice(1, campaign="shoes", outcome="repeated")])
    tally.take_in([evaluated(Reason.BID, Reason.BID, test=True)])
    assert tally.of("shoes") == Tallied()
    assert tally.evaluated == 0


def test_reasons_are_those_of_full_evaluations_by_the_place_of_the_campaign() -> None:
    tally = CampaignTally(Hand())
    tally.take_in([live(), evaluated(Reason.BID, Reason.OUTBID), evaluated(Reason.COUNTRY, Reason.OUTBID)])
    assert tally.reasons("shoes") == {Reason.BID: 1, Reason.COUNTRY: 1}
    assert tally.reasons("boots") == {Reason.OUTBID: 2}
    assert tally.evaluated == 2


def test_an_edit_changes_places_and_what_was_counted_before_stays() -> None:
    tally = CampaignTally(Hand())
    tally.take_in([live(), evaluated(Reason.BID, Reason.OUTBID)])
    tally.take_in([live("beef", ["boots", "shoes"]), evaluated(Reason.DEAL, Reason.BID, config="beef")])
    assert tally.reasons("shoes") == {Reason.BID: 2}
    assert tally.reasons("boots") == {Reason.OUTBID: 1, Reason.DEAL: 1}


def test_samples_of_a_configuration_that_nobody_announced_or_of_another_length_are_left_out() -> None:
    tally = CampaignTally(Hand())
    tally.take_in([live(), evaluated(Reason.BID, Reason.BID, config="other"), evaluated(Reason.BID)])
    tally.take_in([live(f"config-{number}") for number in range(GENERATIONS)])
    tally.take_in([evaluated(Reason.BID, Reason.BID)])
    assert tally.evaluated == 0


def test_what_is_older_than_two_spans_is_forgotten() -> None:
    clock = Hand()
    tally = CampaignTally(clock)
    tally.take_in([live(), a_bid(1), evaluated(Reason.BID, Reason.BID)])
    clock.now_s += SPAN_SECONDS
    tally.take_in([a_bid(2), evaluated(Reason.DEAL, Reason.DEAL)])
    assert (tally.of("shoes").bids, tally.evaluated, tally.since_s) == (2, 2, 1000.0)
    clock.now_s += SPAN_SECONDS
    assert (tally.of("shoes").bids, tally.evaluated, tally.since_s) == (1, 1, 1000.0 + SPAN_SECONDS)
    clock.now_s += 2 * SPAN_SECONDS
    assert (tally.of("shoes").bids, tally.evaluated, tally.reasons("shoes")) == (0, 0, {})


def test_a_clock_that_jumps_back_begins_anew() -> None:
    clock = Hand()
    tally = CampaignTally(clock)
    tally.take_in([a_bid(1)])
    clock.now_s -= 3600
    assert (tally.of("shoes").bids, tally.since_s) == (0, clock.now_s)


@given(st.lists(st.tuples(st.sampled_from(Reason), st.sampled_from(Reason)), max_size=30))
def test_every_sampled_request_ends_in_one_reason_for_each_campaign(samples: list[tuple[Reason, Reason]]) -> None:
    tally = CampaignTally(Hand())
    tally.take_in([live(), *(evaluated(*reasons) for reasons in samples)])
    for campaign in CAMPAIGNS:
        assert sum(tally.reasons(campaign).values()) == tally.evaluated == len(samples)
