"""Adding up what workers counted."""

from hypothesis import given
from hypothesis import strategies as st

from bidder.processes.messages import Report, WorkerCounts, WorkerGauges
from bidder.processes.supervisor import Numbers
from bidder.processes.totals import added


def counted(exchange: str, answers: int, latency_s: float = 0.001) -> WorkerCounts:
    counts = WorkerCounts()
    for _ in range(answers):
        counts.bids.exchange(exchange).statuses[200] += 1
        counts.bids.reasons[0] += 1
        counts.bids.observe(latency_s)
    counts.records.written = answers
    return counts


def test_numbers_are_added_by_key_and_by_place() -> None:
    total = added(counted("adx", 2), added(counted("adx", 3), counted("other", 4)))
    assert {name: each.statuses[200] for name, each in total.bids.exchanges.items()} == {"adx": 5, "other": 4}
    assert (total.bids.reasons[0], sum(total.bids.latency), total.records.written) == (9, 9, 9)


def test_nothing_added_changes_nothing_and_the_summands_stay_as_they_were() -> None:
    one = counted("adx", 2)
    assert added(one, WorkerCounts()) == one == counted("adx", 2)


@given(st.lists(st.integers(0, 5), min_size=1, max_size=4))
def test_what_a_worker_counted_never_shrinks_however_often_it_ends(lives: list[int]) -> None:
    numbers = Numbers()
    total = 0
    for answers in lives:
        numbers.take(Report(counted("adx", answers), WorkerGauges(connections=3)))
        total += answers
        assert numbers.counts.records.written == total
        numbers.end_life()
        assert numbers.counts.records.written == total
        assert numbers.gauges == WorkerGauges()
