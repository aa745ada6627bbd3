"""The auditor adds the money up by itself, and finds every error that is planted."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from msgspec.structs import replace as with_changes

from bidder.lab.simulate import AuditError, Market, Record, Terms, audit, play
from bidder.lab.simulate.play import NOT_WON
from tests.lab.simulated import small_market, terms_for

MARKET = small_market(auctions=400)
DELAYED = terms_for(MARKET, notice_delay=20)
RECORD = play(MARKET, DELAYED)
WON = int(np.flatnonzero(RECORD.paid_micros != NOT_WON)[5])
LOST = int(np.flatnonzero((RECORD.bid_micros > 0) & (RECORD.paid_micros == NOT_WON))[5])


def with_paid(index: int, micros: int) -> Record:
    paid = RECORD.paid_micros.copy()
    paid[index] = micros
    return replace(RECORD, paid_micros=paid)


def with_bid(index: int, micros: int) -> Record:
    bids = RECORD.bid_micros.copy()
    bids[index] = micros
    return replace(RECORD, bid_micros=bids)


def with_account(**changes: int) -> Record:
    return replace(RECORD, account=with_changes(RECORD.account, **changes))


def test_a_right_record_passes_and_was_never_above_the_budget() -> None:
    assert audit(MARKET, DELAYED, RECORD) == 0


@pytest.mark.parametrize(
    ("planted", "message"),
    [
        (lambda: with_paid(WON, int(MARKET.price_micros[WON]) + 1), f"auction {WON}: the winner pays"),
        (lambda: with_paid(WON, NOT_WON), f"auction {WON}: the highest bid wins"),
        (lambda: with_paid(LOST, int(MARKET.price_micros[LOST])), f"auction {LOST}: the highest bid wins"),
        (lambda: with_bid(LOST, -1), f"auction {LOST}: a bid is not negative"),
        (lambda: with_bid(WON, 3_001), f"auction {WON}: a bid is at most"),
        (lambda: with_account(spent=RECORD.account.spent - 1), "spent: the bids add up"),
        (lambda: with_account(released=RECORD.account.released + 1), "released: the bids add up"),
        (lambda: with_account(held=1), "held at the end"),
    ],
)
def test_a_planted_error_is_found_and_named(planted: Callable[[], Record], message: str) -> None:
    with pytest.raises(AuditError, match=message):
        audit(MARKET, DELAYED, planted())


def test_a_bid_made_without_money_shows_as_overspend() -> None:
    committed = most_committed(MARKET, DELAYED, RECORD)
    assert committed <= DELAYED.budget_micros
    assert audit(MARKET, replace(DELAYED, budget_micros=committed - 7), RECORD) == 7


def most_committed(market: Market, terms: Terms, record: Record) -> int:
    """The most that was spent and held at any moment, bid by bid."""
    most = spent = 0
    held: dict[int, int] = {}
    for index in range(len(market)):
        done = index - terms.notice_delay
        if done in held:
            del held[done]
            spent += max(0, int(record.paid_micros[done]))
        if record.bid_micros[index]:
            held[index] = int(record.bid_micros[index])
        most = max(most, spent + sum(held.values()))
    return most
