"""Markup that waits for the win notice of its bid."""

from bidder.domain.money import RATE_UNIT
from bidder.domain.ticket import Billable, Ticket
from bidder.processes.markups import Markups
from bidder.processes.messages import Markup


def ticket(bid_id: int) -> Ticket:
    return Ticket(
        bid_id=bid_id,
        at_s=0,
        expires_s=100,
        exchange="adx",
        imp_id="1",
        campaign="c",
        creative="a",
        price_micros=1,
        currency="USD",
        rate=RATE_UNIT,
        billable=Billable.BURL,
    )


def test_a_win_gets_the_markup_of_its_own_bid_each_time_it_asks() -> None:
    markups = Markups()
    markups.keep(Markup(1, 100, "one"))
    markups.keep(Markup(2, 100, "two"))
    assert [markups.of(ticket(bid_id)) for bid_id in (2, 1, 2, 3)] == ["two", "one", "two", None]


def test_markup_is_forgotten_with_its_bid() -> None:
    markups = Markups()
    markups.keep(Markup(1, 100, "one"))
    markups.keep(Markup(2, 200, "two"))
    markups.expire(99.9)
    assert len(markups) == 2
    markups.expire(100.0)
    assert (markups.of(ticket(1)), markups.of(ticket(2))) == (None, "two")
    markups.expire(1000.0)
    assert len(markups) == 0


def test_the_oldest_go_where_there_are_too_many() -> None:
    markups = Markups(most=2)
    for bid_id in range(5):
        markups.keep(Markup(bid_id, 100, str(bid_id)))
    assert [markups.of(ticket(bid_id)) for bid_id in range(5)] == [None, None, None, "3", "4"]
