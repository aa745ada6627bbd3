"""Grants: workers have enough in hand, and all they have together fits the budget to the last micro."""

import random
from collections import deque
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bidder.domain.money import Micros
from bidder.ledger.account import Budget
from bidder.ledger.board import Board, Shape
from bidder.ledger.book import Book
from bidder.ledger.grants import Grants, goal_micros
from bidder.ledger.purse import Purse
from tests.domain.tickets import LIFE, NOW_S, ticket

PRICE = 2500
SLOT = 1


class House:
    """Control with its book and board, and two workers' purses; one campaign in slot 1."""

    def __init__(self, path: Path, total: int) -> None:
        self.board = Board.create(path, Shape(workers=2, slots=3, stats=0))
        self.book = Book(opened_s=NOW_S, late_s=3600)
        self.book.begin_life(LIFE)
        self.book.fund("shoes-autumn", Budget(total))
        self.grants = Grants(self.book, self.board)
        self.grants.serve({"shoes-autumn": SLOT}, {"shoes-autumn": PRICE})
        self.purses = [Purse(self.board, worker) for worker in range(2)]

    def in_hand(self) -> list[int]:
        return [granted[SLOT] - bid[SLOT] for granted, bid in zip(self.board.granted, self.board.bid, strict=True)]


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path / "board", 1_000 * PRICE)


@given(
    available=st.integers(0, 10**12),
    workers=st.integers(1, 64),
    used=st.integers(0, 10**9),
    least=st.integers(1, 10**6),
)
def test_the_goal_pays_for_a_bid_and_beyond_that_never_more_than_a_part_of_half_the_budget(
    available: int, workers: int, used: int, least: int
) -> None:
    goal = goal_micros(available, workers, used, least)
    assert goal == least or least < goal <= available // (2 * workers)


def test_grants_grow_with_what_a_worker_uses(house: House) -> None:
    house.grants.round()
    modest = house.in_hand()
    for _ in range(6):
        house.purses[0].spend(SLOT, Micros(PRICE))
    house.grants.round()
    assert house.in_hand()[0] == 4 * 6 * PRICE > modest[0]
    assert house.in_hand()[1] == modest[1]


def test_a_worker_with_enough_in_hand_gets_no_more(house: House) -> None:
    assert house.grants.round() > 0
    assert house.grants.round() == 0


def test_a_worker_that_cannot_pay_for_one_more_bid_gets_more_though_little_is_missing(tmp_path: Path) -> None:
    house = House(tmp_path / "board", 2 * PRICE)
    house.grants.round()
    house.purses[0].spend(SLOT, Micros(1))
    house.book.hold(ticket(price_micros=1))
    house.book.lose(ticket(price_micros=1), NOW_S)
    house.grants.round()
    assert house.in_hand()[0] == PRICE


def test_only_campaigns_that_are_served_get_grants(house: House) -> None:
    house.grants.serve({}, {})
    assert house.grants.round() == 0


def test_grants_never_exceed_the_budget_and_the_last_bid_can_be_made(tmp_path: Path) -> None:
    house = House(tmp_path / "board", 10 * PRICE + 7)
    bids = 0
    for _ in range(100):
        house.grants.round()
        for purse in house.purses:
            if purse.may_spend(SLOT, Micros(PRICE)):
                purse.spend(SLOT, Micros(PRICE))
                bids += 1
    assert bids in {9, 10}
    assert house.book.available("shoes-autumn") == 0


def test_what_workers_give_back_is_granted_again(house: House) -> None:
    house.grants.round()
    before = house.book.available("shoes-autumn")
    in_hand = house.in_hand()
    house.purses[1].load(2, set())
    house.grants.serve({}, {})
    house.grants.round()
    assert house.book.available("shoes-autumn") == before + in_hand[1]
    assert house.book.accounts["shoes-autumn"].unspent == in_hand[0]


def test_what_a_worker_gave_back_is_taken_back_once_and_does_not_count_as_used(house: House) -> None:
    house.grants.round()
    modest = house.in_hand()[1]
    house.purses[1].load(2, set())
    for _ in range(3):
        house.grants.round()
    assert house.in_hand()[1] == modest
    assert house.book.accounts["shoes-autumn"].unspent == sum(house.in_hand())


def spend_all(house: House, worker: int, rounds: int = 100) -> None:
    """Only this worker has traffic, more than it can pay for; what control recalls comes back at once."""
    for _ in range(rounds):
        house.grants.round()
        while house.purses[worker].may_spend(SLOT, Micros(PRICE)):
            house.purses[worker].spend(SLOT, Micros(PRICE))
        for purse in house.purses:
            purse.answer_recalls()


def test_what_lies_unused_in_one_worker_goes_to_the_other_that_could_not_pay(tmp_path: Path) -> None:
    house = House(tmp_path / "board", 20 * PRICE)
    spend_all(house, worker=1)
    assert house.board.bid[1][SLOT] == 20 * PRICE
    assert house.in_hand() == [0, 0]


def test_what_is_too_little_for_a_bid_here_and_there_makes_one_together(tmp_path: Path) -> None:
    house = House(tmp_path / "board", 2 * PRICE)
    house.grants.round()
    for purse in house.purses:
        purse.spend(SLOT, Micros(PRICE // 2))
    for _ in range(5):
        for purse in house.purses:
            if purse.may_spend(SLOT, Micros(PRICE)):
                purse.spend(SLOT, Micros(PRICE))
            purse.answer_recalls()
        house.grants.round()
    assert sum(house.in_hand()) == 0
    assert house.book.available("shoes-autumn") == 0


def test_a_worker_that_bids_keeps_what_it_can_bid_with_though_another_is_short(tmp_path: Path) -> None:
    house = House(tmp_path / "board", 4 * PRICE)
    house.grants.round()
    house.board.grant(0, SLOT, house.book.grant("shoes-autumn", 4 * PRICE))
    house.purses[0].spend(SLOT, Micros(PRICE))
    house.purses[1].spend(SLOT, Micros(PRICE))
    assert not house.purses[1].may_spend(SLOT, Micros(PRICE))
    house.grants.round()
    house.purses[0].answer_recalls()
    assert house.in_hand() == [2 * PRICE, 0]


def test_while_nobody_is_short_nothing_is_recalled(house: House) -> None:
    for _ in range(3):
        house.grants.round()
    assert not any(cell for row in house.board.recalled for cell in row)


def test_a_worker_gives_back_once_for_each_recall_and_a_new_one_knows_of_none(house: House) -> None:
    house.grants.round()
    house.board.recall(0, SLOT)
    house.purses[0].answer_recalls()
    given = house.board.returned[0][SLOT]
    assert given > 0
    house.board.grant(0, SLOT, 500)
    house.purses[0].answer_recalls()
    Purse(house.board, 0).answer_recalls()
    assert house.board.returned[0][SLOT] == given
    assert house.in_hand()[0] == 500


def play(house: House, seed: int) -> int:
    """Bid wherever a purse allows it, with records and notices late and out of order; returns the full prices bid."""
    dice = random.Random(seed)
    under_way: deque[tuple[str, int, int]] = deque()
    bid = spent_by_exchange = 0
    for step in range(400):
        house.grants.round()
        for purse in house.purses:
            bid += _bid(purse, dice, under_way, bid)
        for _ in range(min(len(under_way), dice.randrange(8))):
            under_way.rotate(dice.randrange(6))
            spent_by_exchange += _resolve(house, under_way.popleft())
        house.book.expire(NOW_S + step)
        for purse in house.purses:
            purse.answer_recalls()
        account = house.book.accounts["shoes-autumn"]
        assert account.unspent + account.held + account.spent <= 100 * PRICE
        assert account.spent == spent_by_exchange
    return bid


def _bid(purse: Purse, dice: random.Random, under_way: deque[tuple[str, int, int]], bid_id: int) -> int:
    price = dice.randrange(1, PRICE + 1)
    if not purse.may_spend(SLOT, Micros(price)):
        return 0
    purse.spend(SLOT, Micros(price))
    outcome = dice.choice(["bill", "bill", "lose", "silence"])
    under_way.extend([("record", bid_id, price), (outcome, bid_id, price)])
    return price


def _resolve(house: House, event: tuple[str, int, int]) -> int:
    what, bid_id, price = event
    bid = ticket(bid_id=bid_id, price_micros=price, expires_s=NOW_S + 1000)
    match what:
        case "record":
            house.book.hold(bid)
        case "bill":
            house.book.bill(bid, price, NOW_S)
            return price
        case "lose":
            house.book.lose(bid, NOW_S)
    return 0


@pytest.mark.parametrize("seed", range(5))
def test_two_workers_never_commit_more_than_the_budget_and_lost_bids_are_bid_again(tmp_path: Path, seed: int) -> None:
    house = House(tmp_path / "board", 100 * PRICE)
    assert play(house, seed) > 100 * PRICE
    house.book.audit()
