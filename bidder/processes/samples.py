"""What the processes counted, as samples of the table of metrics."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import reduce

from bidder.domain.reason import Reason
from bidder.metrics import Histogram, Labels, Samples, Value
from bidder.processes.messages import WorkerCounts
from bidder.processes.money import Money
from bidder.processes.pacer import Pacer
from bidder.processes.records import Records
from bidder.processes.reload import Reloader
from bidder.processes.supervisor import Numbers, Supervisor
from bidder.processes.totals import added
from bidder.web.bid_counts import LATENCY_BOUNDS_S, BidCounts
from bidder.web.receipt import Counts as NoticeCounts

Series = Sequence[tuple[Labels, Value]]

NOWHERE = "-"
"""What stands for the exchange where a request reached none."""


def worker_samples(supervisor: Supervisor) -> Samples:
    """The workers: all together, and each where it matters which."""
    numbers = supervisor.numbers
    total = total_of(supervisor)
    connections, funnels = total.connections, total.funnels
    return {
        **_bid_samples(total.bids),
        "bidder_faults_total": _one(connections.faults),
        "bidder_connections_total": _one(connections.opened),
        "bidder_connections_refused_total": _one(connections.refused),
        "bidder_requests_cut_off_total": _one(connections.timed_out),
        "bidder_full_evaluations_total": _one(funnels.requests),
        "bidder_campaign_outcomes_total": _reasons(funnels.reasons),
        "bidder_closure_error_total": _one(funnels.closure_error),
        "bidder_workers": _one(supervisor.serving),
        "bidder_worker_restarts_total": _one(supervisor.restarts),
        "bidder_connections": _each(numbers, lambda each: each.gauges.connections),
        "bidder_gc_collections_total": _each(numbers, lambda each: each.counts.collector.collections),
        "bidder_gc_seconds_total": _each(numbers, lambda each: each.counts.collector.seconds),
        "bidder_gc_pause_seconds": _each(numbers, lambda each: each.gauges.pause_s),
        "bidder_worker_resident_bytes": _each(numbers, lambda each: each.gauges.resident_bytes),
        "bidder_event_loop_lag_seconds": _each(numbers, lambda each: each.gauges.lag_s),
        "bidder_worker_answers_total": _each(numbers, lambda each: sum(each.counts.bids.latency)),
    }


def total_of(supervisor: Supervisor) -> WorkerCounts:
    """What all workers counted."""
    return reduce(added, (each.counts for each in supervisor.numbers), WorkerCounts())


def record_samples(supervisor: Supervisor, records: Records) -> Samples:
    """The event records of all writers."""
    writers = [(f"worker-{worker}", each) for worker, each in enumerate(supervisor.numbers)]
    return {
        "bidder_events_written_total": [
            (("control",), records.counts.written),
            *(((name,), each.counts.records.written) for name, each in writers),
        ],
        "bidder_events_dropped_total": [
            (("control",), records.counts.dropped),
            *(((name,), each.counts.records.dropped) for name, each in writers),
        ],
        "bidder_events_pending": [
            (("control",), records.pending),
            *(((name,), each.gauges.pending_events) for name, each in writers),
        ],
        "bidder_events_failing": [
            (("control",), int(records.is_failing)),
            *(((name,), int(each.gauges.events_failing)) for name, each in writers),
        ],
    }


def notice_samples(counts: NoticeCounts) -> Samples:
    """Notices and tracking."""
    every = [(outcome, ((str(kind), str(outcome)), count)) for (kind, outcome), count in counts.items()]
    return {
        "bidder_notices_total": [series for _, series in every],
        "bidder_notice_alarms_total": [series for outcome, series in every if outcome.alarming],
    }


def money_samples(money: Money) -> Samples:
    """The book, all campaigns together, and the ledger behind it."""
    states = ("unspent", "held", "spent", "late", "margin", "fee")
    accounts, journal = money.treasury.book.accounts.values(), money.journal
    return {
        "bidder_money_micros": [((state,), sum(getattr(each, state) for each in accounts)) for state in states],
        "bidder_overspend_bound_micros": _one(sum(each.overspend_bound for each in accounts)),
        "bidder_ungranted_bids_total": _one(money.treasury.ungranted),
        "bidder_ledger_lines_total": _one(journal.written),
        "bidder_ledger_lines_pending": _one(journal.pending),
        "bidder_ledger_commits_total": _one(journal.commits),
        "bidder_ledger_failures_total": _one(journal.failures),
        "bidder_ledger_failing": _one(int(journal.is_failing)),
        "bidder_ledger_wait_seconds": _one(journal.waits_s),
    }


def pacing_samples(pacer: Pacer) -> Samples:
    """The campaigns that are paced, each as it stood at its last step."""
    views = list(pacer.views)
    return {
        "bidder_pacing_steps_total": _one(pacer.steps),
        "bidder_pacing_throttle": [((view.campaign,), view.throttle) for view in views],
        "bidder_pacing_multiplier": [((view.campaign,), view.multiplier) for view in views],
        "bidder_pacing_planned_micros": [((view.campaign,), view.planned_micros) for view in views],
        "bidder_pacing_spent_micros": [((view.campaign,), view.spent_micros) for view in views],
        "bidder_pacing_deviation": [((view.campaign,), view.deviation) for view in views],
    }


def requests_by_exchange(supervisor: Supervisor) -> Mapping[str, int]:
    """Requests answered so far, by exchange."""
    total: Counter[str] = Counter()
    for each in supervisor.numbers:
        for name, counts in each.counts.bids.exchanges.items():
            total[name] += sum(counts.statuses.values())
    return total


def config_samples(reloader: Reloader) -> Samples:
    """The configuration and its edits."""
    return {
        "bidder_config_generation": _one(reloader.generation),
        "bidder_config_live_since_seconds": _one(reloader.since),
        "bidder_config_info": [((reloader.config.digest,), 1)],
        "bidder_config_reloads_total": _one(reloader.reloads),
        "bidder_config_rejected_total": _one(reloader.rejections),
        "bidder_config_last_edit_rejected": _one(int(reloader.rejected is not None)),
    }


def _bid_samples(bids: BidCounts) -> Samples:
    exchanges = {name or NOWHERE: each for name, each in bids.exchanges.items()}
    return {
        "bidder_requests_total": [
            ((name, str(status)), count) for name, each in exchanges.items() for status, count in each.statuses.items()
        ],
        "bidder_bids_total": [((name,), each.bids) for name, each in exchanges.items()],
        "bidder_bid_micros_total": [((name,), each.bid_micros) for name, each in exchanges.items()],
        "bidder_turned_away_total": [((name,), each.turned_away) for name, each in exchanges.items()],
        "bidder_turned_away_micros_total": [((name,), each.turned_away_micros) for name, each in exchanges.items()],
        "bidder_late_answers_total": [((name,), each.late) for name, each in exchanges.items()],
        "bidder_answers_total": _reasons(bids.reasons),
        "bidder_answer_seconds": [((), Histogram(LATENCY_BOUNDS_S, bids.latency, bids.latency_sum_s))],
    }


def _one(value: float) -> Series:
    return [((), value)]


def _each(numbers: Sequence[Numbers], value: Callable[[Numbers], float]) -> Series:
    return [((str(worker),), value(each)) for worker, each in enumerate(numbers)]


def _reasons(counts: Mapping[int, int]) -> Series:
    return [((Reason(code).label,), count) for code, count in counts.items()]
