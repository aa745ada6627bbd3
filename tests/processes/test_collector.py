"""The collector: it runs when it is told to, and then it does."""

import gc
from collections.abc import Iterator

import pytest

from bidder.processes.collector import FULL_SECONDS, YOUNG, Collector


@pytest.fixture
def now_s() -> list[float]:
    return [0.0]


@pytest.fixture
def collector(now_s: list[float]) -> Iterator[Collector]:
    thresholds = gc.get_threshold()
    yield Collector(lambda: now_s[0])
    gc.unfreeze()
    gc.set_threshold(*thresholds)


class Node:
    """A cycle of one."""

    alive = 0

    def __init__(self) -> None:
        self.itself = self
        Node.alive += 1

    def __del__(self) -> None:
        Node.alive -= 1


def make_garbage(count: int) -> None:
    for _ in range(count):
        Node()


def test_nothing_is_collected_until_there_is_a_moment(collector: Collector) -> None:
    Node.alive = 0
    make_garbage(YOUNG * 3)
    assert Node.alive == YOUNG * 3
    collector.between_requests()
    assert Node.alive == 0
    assert collector.counts.collections == 1


def test_little_garbage_waits_for_more(collector: Collector) -> None:
    make_garbage(10)
    collector.between_requests()
    assert collector.counts.collections == 0


def test_now_and_then_everything_is_collected(collector: Collector, now_s: list[float]) -> None:
    Node.alive = 0
    make_garbage(10)
    now_s[0] += FULL_SECONDS
    collector.tick()
    assert (Node.alive, collector.counts.collections) == (0, 1)


def test_while_a_configuration_is_compiled_nothing_is_collected(collector: Collector, now_s: list[float]) -> None:
    gc.disable()
    try:
        make_garbage(YOUNG * 2)
        now_s[0] += FULL_SECONDS
        collector.tick()
    finally:
        gc.enable()
    assert collector.counts.collections == 0
