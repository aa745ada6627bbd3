"""The book of one life against the reference after every step: records in any order, grants that are given back."""

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from bidder.ledger.account import Budget
from bidder.ledger.book import Book
from bidder.ledger.entry import Entry
from tests.ledger.ledger_reference import FEE_PPB, MARGIN_PPB, Bid, Reference

CAMPAIGN = "shoes"
LATE_S = 50
LIFE = 1


def is_bill(line: Entry, bid_id: int) -> bool:
    return (line.bid_id, line.kind) == (bid_id, "bill")


picks = st.integers(0, 1000)


class Ledgers(RuleBasedStateMachine):
    """A worker that bids within its grants, an exchange that says anything in any order, a manager who edits."""

    @initialize(budget=st.integers(50, 200))
    def open_the_book(self, budget: int) -> None:
        lines: list[Entry] = []
        self.book = Book(0, LATE_S, lines.append, lambda bid_id: any(is_bill(line, bid_id) for line in lines))
        self.book.begin_life(LIFE)
        self.reference = Reference(0, LIFE)
        self.unrecorded: list[Bid] = []
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
        self.reference.granted -= self.worker_left
        self.worker_left = 0

    @rule(pick=picks)
    def read_a_record(self, pick: int) -> None:
        if self.unrecorded:
            bid = self.unrecorded.pop(pick % len(self.unrecorded))
            self.book.hold(bid)
            self.reference.know(bid)

    @rule(pick=picks, price=st.integers(0, 60))
    def bill(self, pick: int, price: int) -> None:
        bid = self.picked(pick)
        assert self.book.bill(bid, price, self.reference.now_s, FEE_PPB) == self.reference.bill(bid, price)

    @rule(pick=picks)
    def win(self, pick: int) -> None:
        self.book.win(self.picked(pick), self.reference.now_s)
        self.reference.tell(self.picked(pick), "win")

    @rule(pick=picks)
    def lose(self, pick: int) -> None:
        self.book.lose(self.picked(pick), self.reference.now_s)
        self.reference.tell(self.picked(pick), "loss")

    @rule(seconds=st.integers(1, 30))
    def pass_time(self, seconds: int) -> None:
        self.reference.now_s += seconds
        self.book.expire(self.reference.now_s)

    @invariant()
    def the_book_says_what_the_reference_says(self) -> None:
        account = self.book.accounts[CAMPAIGN]
        assert (account.spent, account.held, account.unspent, account.late) == self.reference.sums()
        assert (account.margin, account.fee) == self.reference.owed()
        self.book.audit()

    @invariant()
    def nothing_is_ever_committed_beyond_the_budget(self) -> None:
        """What workers may yet bid and what they have bid without the book knowing are among the unspent grants."""
        unknown = sum(bid.price_micros for bid in self.reference.bids if bid.due_s is None)
        assert self.reference.sums()[2] == self.worker_left + unknown
        assert self.committed() <= self.bound
        self.bound = max(self.budget, self.committed())

    def set_budget(self, budget: int) -> None:
        self.budget = budget
        self.bound = max(budget, self.committed())
        self.book.fund(CAMPAIGN, Budget(budget, margin_ppb=MARGIN_PPB))

    def make_a_bid(self, price: int, seconds: int, grant: int) -> None:
        granted = min(grant, max(0, self.budget - self.committed()))
        assert self.book.grant(CAMPAIGN, grant) == granted
        self.reference.granted += granted
        self.worker_left += granted
        if price <= self.worker_left:
            now_s = self.reference.now_s
            made = Bid(len(self.reference.bids), CAMPAIGN, now_s, now_s + seconds, price, LIFE)
            self.reference.bids.append(made)
            self.unrecorded.append(made)
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
