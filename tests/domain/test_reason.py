"""The closed list of reasons: every one belongs to a phase and maps to the lists of OpenRTB."""

import re
from pathlib import Path

import pytest

from bidder.domain.reason import Phase, Reason
from openrtb.enums import LossReasonCodes, NoBidReasonCodes


@pytest.mark.parametrize("reason", Reason)
def test_a_reason_has_a_phase_a_label_and_codes_of_both_lists(reason: Reason) -> None:
    assert reason.phase in Phase
    assert re.fullmatch(r"[a-z_]+", reason.label)
    assert reason.nbr in set(NoBidReasonCodes)
    assert reason.loss in set(LossReasonCodes)


def test_the_lists_are_those_of_the_nearest_meaning() -> None:
    assert Reason.TOO_LATE.nbr == NoBidReasonCodes.INSUFFICIENT_AUCTION_TIME
    assert Reason.BELOW_FLOOR.loss == LossReasonCodes.BELOW_AUCTION_FLOOR
    assert Reason.CREATIVE_DURATION.loss == LossReasonCodes.CREATIVE_FILTERED
    assert Reason.NO_BUDGET.loss == LossReasonCodes.INTERNAL_ERROR


def test_every_reason_is_documented() -> None:
    page = (Path(__file__).parents[2] / "bidder" / "domain" / "README.md").read_text()
    documented = dict(re.findall(r"^\| `([a-z_]+)` \| (\d+) \|", page, re.MULTILINE))
    assert documented == {reason.label: str(int(reason)) for reason in Reason}
