"""What every store of the ledger does: one suite for all of them."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bidder.ledger.entry import Balance, Entry
from bidder.ledger.outage import Outage
from bidder.ledger.sqlite import SqliteStore
from bidder.ledger.store import Batch, LedgerStore, added_up
from tests.domain.tickets import NOW_S
from tests.ledger.lines import DAY, bill, fund, gap, loss, win
from tests.ledger.memory_store import MemoryStore

STORES: dict[str, Callable[[Path], LedgerStore]] = {
    "memory": lambda _: MemoryStore(),
    "sqlite": lambda directory: SqliteStore(directory / "ledger.db"),
}


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> LedgerStore:
    return STORES[request.param](tmp_path)


def kept(store: LedgerStore) -> list[tuple[int, str]]:
    return [(entry.bid_id, entry.kind) for entry in store.entries()]


def test_what_was_written_can_be_read_in_its_order(store: LedgerStore) -> None:
    lines = [win(1), bill(1), loss(2), bill(2**64 - 1, campaign="hats")]
    store.write(Batch(entries=lines[:2]))
    store.write(Batch(entries=lines[2:]))
    assert list(store.entries()) == lines
    assert list(store.entries(campaign="hats")) == lines[3:]


def test_a_line_counts_once_for_each_bid_and_kind_however_often_it_is_written(store: LedgerStore) -> None:
    for spent in (1700, 1700, 2500):
        store.write(Batch(entries=[bill(1, spent), win(1), bill(1, spent)]))
    assert kept(store) == [(1, "bill"), (1, "win")]
    (balance,) = store.balances()
    assert (balance.bills, balance.spent_micros, balance.released_micros) == (1, 1700, 800)


def test_whether_a_bid_was_billed_is_told(store: LedgerStore) -> None:
    store.write(Batch(entries=[win(1), bill(2), bill(2**64 - 1), loss(3)]))
    assert [store.is_billed(bid_id) for bid_id in (1, 2, 3, 4, 2**64 - 1)] == [False, True, False, False, True]


def test_the_latest_lines_are_those_after_the_last_that_is_older(store: LedgerStore) -> None:
    seconds = [NOW_S, NOW_S - 1, NOW_S + 5, NOW_S, NOW_S + 2]
    lines = [win(number, at_ms=at_s * 1000) for number, at_s in enumerate(seconds)]
    store.write(Batch(entries=lines))
    assert list(store.latest(NOW_S)) == lines[2:]
    assert list(store.latest(NOW_S - 1)) == lines
    assert list(store.latest(NOW_S + 3)) == []


def test_balances_are_by_campaign_and_day(store: LedgerStore) -> None:
    late = bill(4, 0, reserved_micros=0, released_micros=0, late_micros=300)
    lines = [bill(1), bill(2, 100, day="2023-11-15"), bill(3, 50, campaign="hats", margin_micros=7, fee_micros=2)]
    store.write(Batch(entries=[*lines, late]))
    found = {(each.campaign, each.day): each for each in store.balances()}
    assert found == {
        ("shoes-autumn", DAY): balance("shoes-autumn", DAY, [2, 1700, 800, 300, 0, 0]),
        ("shoes-autumn", "2023-11-15"): balance("shoes-autumn", "2023-11-15", [1, 100, 2400, 0, 0, 0]),
        ("hats", DAY): balance("hats", DAY, [1, 50, 2450, 0, 7, 2]),
    }


def balance(campaign: str, day: str, sums: list[int]) -> Balance:
    """`sums` are bills, spent, released, late, margin and fee."""
    return Balance(campaign=campaign, day=day, **dict(zip(Balance.__struct_fields__[2:], sums, strict=True)))


def test_lines_of_bids_that_may_be_heard_of_again_can_be_told_from_the_others(store: LedgerStore) -> None:
    store.write(Batch(entries=[bill(1, expires_s=NOW_S), bill(2, expires_s=NOW_S + 1)]))
    assert [entry.bid_id for entry in store.entries(expire_after_s=NOW_S)] == [2]


def test_each_life_of_control_has_a_number_of_its_own(store: LedgerStore) -> None:
    outages = [Outage(1.5, 2.25, 9.75), Outage(NOW_S, NOW_S - 60.0), Outage(NOW_S + 1.0, NOW_S + 2.0)]
    assert [store.begin_epoch(each) for each in outages] == [1, 2, 3]
    assert store.outages() == outages


def test_exposures_are_as_written_last(store: LedgerStore) -> None:
    store.write(Batch(exposures={"shoes": 10, "hats": 20}))
    store.write(Batch(exposures={"shoes": 5}))
    assert store.exposures() == {"shoes": 5, "hats": 20}


def test_a_gap_is_kept_until_it_ends_and_only_becomes_smaller(store: LedgerStore) -> None:
    store.write(Batch(gaps=[gap(900), gap(500, campaign="hats", until_s=NOW_S + 10)]))
    store.write(Batch(gaps=[gap(77), gap(501, campaign="hats", until_s=NOW_S + 20)]))
    assert {each.campaign: each.micros for each in store.gaps(NOW_S)} == {"shoes-autumn": 77, "hats": 500}
    assert [each.campaign for each in store.gaps(NOW_S + 10)] == ["shoes-autumn"]


def test_a_gap_of_nothing_is_over_also_where_it_shrinks_to_that_within_a_commit(store: LedgerStore) -> None:
    store.write(Batch(gaps=[gap(900), gap(500, campaign="hats")]))
    store.write(Batch(gaps=[gap(77), gap(0), gap(0, campaign="socks")]))
    assert [(each.campaign, each.micros) for each in store.gaps(NOW_S)] == [("hats", 500)]


def test_funds_are_kept_with_their_history(store: LedgerStore) -> None:
    history = [fund(10), fund(None, at_ms=NOW_S * 1000 + 1), fund(5, campaign="hats")]
    store.write(Batch(funds=history[:1]))
    store.write(Batch(funds=history[1:]))
    assert list(store.funds()) == history


@settings(deadline=None)
@given(lines=st.lists(st.tuples(st.integers(0, 4), st.sampled_from([win, loss, bill]), st.integers(0, 2)), max_size=20))
def test_balances_are_what_the_lines_add_up_to(
    lines: list[tuple[int, Callable[..., Entry], int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    for make in STORES.values():
        store = make(tmp_path_factory.mktemp("store"))
        for bid_id, line, day in lines:
            store.write(Batch(entries=[line(bid_id, day=f"2023-11-1{day}")]))
        assert {(each.campaign, each.day): each for each in store.balances()} == added_up(store.entries())
        assert len(kept(store)) == len(set(kept(store)))
        store.close()
