"""The book against a reference that keeps a list of bids and adds everything up anew after every step."""

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from msgspec import Struct

from bidder.domain.outcome import Outcome
from bidder.ledger.account import Budget
from bidder.ledger.book import Book
from bidder.ledger.entry import Entry

CAMPAIGN = "shoes"
LATE_S = 50


class Bid(Struct):
    """A bid, and all that was ever said about it."""

    bid_id: int
    at_s: int
    expires_s: int
    price_micros: int
    campaign: str = CAMPAIGN
    life: int = 1
    known: bool = False
    due_s: int = 0
    """When its hold ends, once it is known: a record that is read late holds for as long again."""
    recorded: bool = False
    won: bool = False
    lost: bool = False
    billed: int | None = None
    late: int | None = None


class Reference:
    """The ledger of thirty lines: every number is a sum over all bids there ever were."""

    def __init__(self) -> None:
        self.granted = self.returned = self.now_s = 0
        self.bids: list[Bid] = []

    def sums(self) -> tuple[int, int, int, int]:
        """Spent, held, unspent grants, late."""
        spent = sum(bid.billed or 0 for bid in self.bids)
        held = sum(bid.price_micros for bid in self.bids if self.is_open(bid))
        known = sum(bid.price_micros for bid in self.bids if bid.known)
        late = sum(bid.late or 0 for bid in self.bids)
        return spent, held, self.granted - self.returned - known, late

    def is_open(self, bid: Bid) -> bool:
        return bid.known and bid.billed is None and bid.late is None and not bid.lost and self.in_time(bid)

    def in_time(self, bid: Bid) -> bool:
        return self.now_s < (bid.due_s if bid.known else bid.expires_s)

    def know(self, bid: Bid) -> None:
        if not bid.known:
            late = self.now_s >= bid.expires_s
            bid.known, bid.due_s = True, self.now_s + bid.expires_s - bid.at_s if late else bid.expires_s

    def win(self, bid: Bid) -> None:
        if self.in_time(bid):
            self.know(bid)
        bid.won = bid.won or (self.in_time(bid) and not bid.lost)

    def lose(self, bid: Bid) -> None:
        if self.in_time(bid):
            self.know(bid)
        bid.lost = bid.lost or (self.in_time(bid) and not bid.won and bid.billed is None)

    def bill(self, bid: Bid, price: int) -> Outcome:
        if bid.billed is not None or bid.late is not None:
            return Outcome.REPEATED
        if bid.lost or not self.in_time(bid):
            bid.late = min(price, bid.price_micros)
            return Outcome.LATE
        outcome = Outcome.COUNTED if bid.known else Outcome.UNRECORDED
        self.know(bid)
        bid.billed = min(price, bid.price_micros)
        return Outcome.OVER_HOLD if price > bid.price_micros else outcome


def is_bill(line: Entry, bid_id: int) -> bool:
    return (line.bid_id, line.kind) == (bid_id, "bill")


picks = st.integers(0, 1000)


class Ledgers(RuleBasedStateMachine):
    """A worker that bids within its grants, an exchange that says anything in any order, a manager who edits."""

    @initialize(budget=st.integers(50, 200))
    def open_the_book(self, budget: int) -> None:
        lines: list[Entry] = []
        self.book = Book(0, LATE_S, lines.append, lambda bid_id: any(is_bill(line, bid_id) for line in lines))
        self.book.begin_life(1)
        self.reference = Reference()
        self.worker_left = 0
        self.set_budget(budget)
        self.make_a_bid(10, 40, 30)

    @rule(budget=st.integers(0, 200))
    def edit(self, budget: int) -> None:
        self.set_budget(budget)

    @rule(price=st.integers(1, 30), seconds=st.integers(1, 40), grant=st.integers(0, 60))
    def bid(self, price: int, seconds: int, grant: int) -> None:
        self.make_a_bid(price, seconds, grant)

    @rule()
    def give_grants_back(self) -> None:
        self.book.reclaim(CAMPAIGN, self.worker_left)
        self.reference.returned += self.worker_left
        self.worker_left = 0

    @rule(pick=picks)
    def read_a_record(self, pick: int) -> None:
        unrecorded = [bid for bid in self.reference.bids if not bid.recorded]
        if unrecorded:
            bid = unrecorded[pick % len(unrecorded)]
            self.book.hold(bid)
            self.reference.know(bid)
            bid.recorded = True

    @rule(pick=picks, price=st.integers(0, 60))
    def bill(self, pick: int, price: int) -> None:
        bid = self.picked(pick)
        assert self.book.bill(bid, price, self.reference.now_s) is self.reference.bill(bid, price)

    @rule(pick=picks)
    def win(self, pick: int) -> None:
        self.book.win(self.picked(pick), self.reference.now_s)
        self.reference.win(self.picked(pick))

    @rule(pick=picks)
    def lose(self, pick: int) -> None:
        self.book.lose(self.picked(pick), self.reference.now_s)
        self.reference.lose(self.picked(pick))

    @rule(seconds=st.integers(1, 30))
    def pass_time(self, seconds: int) -> None:
        self.reference.now_s += seconds
        self.book.expire(self.reference.now_s)

    @invariant()
    def the_book_says_what_the_reference_says(self) -> None:
        account = self.book.accounts[CAMPAIGN]
        assert (account.spent, account.held, account.unspent, account.late) == self.reference.sums()
        self.book.audit()

    @invariant()
    def nothing_is_ever_committed_beyond_the_budget(self) -> None:
        """What workers may yet bid and what they have bid without the book knowing are among the unspent grants."""
        unknown = sum(bid.price_micros for bid in self.reference.bids if not bid.known)
        assert self.reference.sums()[2] == self.worker_left + unknown
        assert self.committed() <= self.bound
        self.bound = max(self.budget, self.committed())

    def set_budget(self, budget: int) -> None:
        self.budget = budget
        self.bound = max(budget, self.committed())
        self.book.fund(CAMPAIGN, Budget(budget))

    def make_a_bid(self, price: int, seconds: int, grant: int) -> None:
        granted = min(grant, max(0, self.budget - self.committed()))
        assert self.book.grant(CAMPAIGN, grant) == granted
        self.reference.granted += granted
        self.worker_left += granted
        if price <= self.worker_left:
            now_s = self.reference.now_s
            self.reference.bids.append(Bid(len(self.reference.bids), now_s, now_s + seconds, price))
            self.worker_left -= price

    def committed(self) -> int:
        return sum(self.reference.sums()[:3])

    def picked(self, pick: int) -> Bid:
        return self.reference.bids[-1 - pick % len(self.reference.bids)]


class TestLedgers(Ledgers.TestCase):
    settings = settings(max_examples=60, stateful_step_count=50, deadline=None)


@pytest.mark.slow
class TestLedgersAtLength(Ledgers.TestCase):
    settings = settings(max_examples=3000, stateful_step_count=60, deadline=None)
