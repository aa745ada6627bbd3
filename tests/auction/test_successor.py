"""A snapshot that grew edit by edit decides as one compiled afresh, and shares what no edit touched."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from bidder.auction import arrange
from bidder.auction.arrange import arranged, rank
from bidder.auction.choice import Always
from bidder.auction.compile import compile_snapshot, successor
from bidder.auction.decision import Decision
from bidder.auction.line import Line
from bidder.auction.score import PPB
from bidder.auction.snapshot import Snapshot
from bidder.config.schema import Config, Goal, Pacing
from bidder.engine import Engine
from openrtb import decode_request
from tests.auction import builders, scenarios
from tests.auction.builders import NAME, NOW, Grants
from tests.auction.scenarios import RATES, UnevenPredictor

SMALL_BLOCK = 4
PREDICTOR = UnevenPredictor()
NUMBERS = st.integers(0, 2**20)
EDITS = st.lists(st.tuples(st.sets(NUMBERS, max_size=12), st.sets(st.integers(0, 40), max_size=8)), max_size=5)
"""For each edit the numbers of campaigns that come, and the places of those that go."""


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrange, "BLOCK", SMALL_BLOCK)


def configured(lines: Sequence[Line]) -> Config:
    rates = {name: rate for name, rate in RATES.items() if name != "USD"}
    return builders.config([line.campaign for line in lines], rate="1", rates=rates)


def line_of(number: int) -> Line:
    return Line("adv", scenarios.campaign(number), PREDICTOR.ceiling)


def grown(first: set[int], edits: list[tuple[set[int], set[int]]]) -> Iterator[tuple[Snapshot, Snapshot]]:
    """After each edit, the snapshot that grew and one compiled afresh."""
    lines = [line_of(number) for number in first]
    snapshot = successor(None, configured(lines), frozenset(), lines)
    for coming, places in edits:
        gone = {line for place, line in enumerate(lines) if place in places}
        lines = [line for line in lines if line not in gone]
        came = [line_of(number) for number in coming if all(line.id != f"c{number}" for line in lines)]
        lines += came
        snapshot = successor(snapshot, configured(lines), gone, came)
        yield snapshot, compile_snapshot(configured(lines), PREDICTOR.ceiling)


def decided(snapshot: Snapshot, request: dict[str, Any]) -> Decision:
    purse = Grants()
    purse.slots = [line.id for line in snapshot.lines]
    for slot, line in enumerate(snapshot.lines):
        line.slot = slot
    snapshot.refresh(NOW)
    return Engine(snapshot, purse, Always(PREDICTOR)).bid(decode_request(msgspec.json.encode(request)), NAME, NOW, NOW)


def essence(decision: Decision) -> tuple[object, ...]:
    """The bids and the reason of every line; which gate a whole block came to depends on where blocks are cut."""
    assert decision.funnel is not None
    assert (decision.funnel.closure_error, decision.funnel.disagreements) == (0, 0)
    bids = [
        (bid.imp.id, bid.offer.candidate.line.id, bid.offer.candidate.creative.id, bid.offer.wire_micros)
        for bid in decision.bids
    ]
    return bids, builders.reasons(decision.funnel)


@settings(max_examples=80, deadline=None, suppress_health_check=[*HealthCheck])
@given(st.sets(NUMBERS, max_size=30), EDITS, scenarios.requests())
def test_a_snapshot_that_grew_decides_as_one_compiled_afresh(
    first: set[int], edits: list[tuple[set[int], set[int]]], request: dict[str, Any]
) -> None:
    for incremental, fresh in grown(first, edits):
        assert [line.id for line in incremental.lines] == [line.id for line in fresh.lines]
        assert incremental.advertiser_domains == fresh.advertiser_domains
        assert [each.name for each in incremental.request_attributes] == [
            each.name for each in fresh.request_attributes
        ]
        assert essence(decided(incremental, request)) == essence(decided(fresh, request))


@settings(max_examples=80, deadline=None, suppress_health_check=[*HealthCheck])
@given(st.sets(NUMBERS, max_size=40), EDITS)
def test_blocks_stay_in_order_and_neither_grow_nor_crumble(
    first: set[int], edits: list[tuple[set[int], set[int]]]
) -> None:
    for incremental, _ in grown(first, edits):
        sizes = [len(block.lines) for block in incremental.blocks]
        assert incremental.lines == sorted(incremental.lines, key=rank)
        assert all(0 < size <= SMALL_BLOCK * 5 // 4 for size in sizes)
        assert all(a + b > SMALL_BLOCK for a, b in pairwise(sizes))
        assert [block.ceiling_micros for block in incremental.blocks] == [
            max(line.ceiling_micros for line in block.lines) for block in incremental.blocks
        ]


def priced(name: str, cpm: str) -> Line:
    goal = Goal(type="cpm", amount=Decimal(cpm))
    return Line("adv", builders.campaign(id=name, goal=goal, max_cpm=Decimal(cpm)), PREDICTOR.ceiling)


def test_only_the_blocks_that_lines_leave_and_enter_are_built_anew() -> None:
    lines = [priced(f"c{number:02}", str(100 - number)) for number in range(12)]
    before = successor(None, configured(lines), frozenset(), lines)
    cheaper = priced("c05", "88.5")
    after = successor(before, configured(lines), {lines[5]}, [cheaper])
    assert after.blocks[0] is before.blocks[0]
    assert [line.id for line in after.blocks[1].lines] == ["c04", "c06", "c07"]
    assert after.blocks[2].lines[-1] is cheaper
    assert [line.id for line in before.blocks[1].lines] == ["c04", "c05", "c06", "c07"]


def test_an_edit_of_settings_alone_shares_all_blocks() -> None:
    lines = [priced(f"c{number:02}", "2") for number in range(12)]
    before = successor(None, configured(lines), frozenset(), lines)
    config = replace(configured(lines), digest="1" * 32)
    after = successor(before, config, frozenset(), ())
    assert list(after.blocks) == list(before.blocks)
    assert after.digest == "1" * 32


def test_a_configuration_compiled_again_makes_new_lines_of_what_is_new_alone() -> None:
    kept, changed, dropped, new = (builders.campaign(id=name) for name in ("kept", "changed", "dropped", "new"))
    before = compile_snapshot(builders.config([kept, changed, dropped]), PREDICTOR.ceiling)
    other = replace(changed, max_cpm=Decimal(9))
    after = compile_snapshot(builders.config([kept, other, new]), PREDICTOR.ceiling, before)
    old, now = ({line.id: line for line in each.lines} for each in (before, after))
    assert now.keys() == {"kept", "changed", "new"}
    assert now["kept"] is old["kept"]
    assert now["changed"].campaign is other
    assert after.lines == sorted(after.lines, key=rank)


def test_work_rests_between_blocks() -> None:
    rests: list[None] = []
    lines = [priced(f"c{number:02}", "2") for number in range(12)]
    successor(None, configured(lines), frozenset(), lines, lambda: rests.append(None))
    assert len(rests) >= 3


def test_nothing_to_arrange_is_no_block() -> None:
    assert arranged([], frozenset(), ()) == []
    line = priced("a", "1")
    assert arranged([[line]], {line}, ()) == []


def test_a_line_under_the_same_ceiling_is_itself_and_under_another_a_copy_that_shares_its_creatives() -> None:
    line = line_of(next(number for number in range(99) if scenarios.campaign(number).goal.type == "cpc"))
    assert line.capped(PREDICTOR.ceiling) is line
    lower = line.capped(lambda _: PPB // 1_000_000)
    assert lower.ceiling_micros < line.ceiling_micros
    assert lower.creatives is line.creatives
    assert lower.ceiling_micros == Line("adv", line.campaign, lambda _: PPB // 1_000_000).ceiling_micros


def test_a_throttle_alone_makes_another_line_in_the_same_place() -> None:
    lines = [priced(f"c{number:02}", "2") for number in range(4)]
    before = successor(None, configured(lines), frozenset(), lines)
    paused = Line("adv", replace(lines[2].campaign, pacing=Pacing(throttle=Decimal(0))), PREDICTOR.ceiling)
    after = successor(before, configured(lines), {lines[2]}, [paused])
    assert [line.id for line in after.lines] == [line.id for line in before.lines]
    assert after.lines[2] is paused
