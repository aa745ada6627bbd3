"""What the bidder exports to Prometheus: one table of metrics, and the collector that fills it from plain integers.

Counting is done elsewhere with `+= 1`; names, labels and samples come into being only when somebody scrapes.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

Kind = Literal["counter", "gauge", "histogram"]
Labels = tuple[str, ...]


class Description(NamedTuple):
    """One metric as it is documented."""

    name: str
    kind: Kind
    labels: Labels
    help: str


class Histogram(NamedTuple):
    """Observations by bucket, not added up; the last bucket has no bound."""

    bounds: Sequence[float]
    buckets: Sequence[int]
    sum: float


Value = int | float | Histogram
Samples = Mapping[str, Iterable[tuple[Labels, Value]]]
"""By name of the metric: values by their labels, in the order that its description names them."""

METRICS: tuple[Description, ...] = (
    Description("bidder_requests_total", "counter", ("exchange", "status"), "Answers on the bid port"),
    Description("bidder_bids_total", "counter", ("exchange",), "Answers that carry a bid"),
    Description("bidder_answers_total", "counter", ("reason",), "Answers by reason; `bid` is a bid"),
    Description("bidder_answer_seconds", "histogram", (), "From arrival to the finished answer, where it was decided"),
    Description("bidder_late_answers_total", "counter", ("exchange",), "Answers that were ready after their deadline"),
    Description("bidder_faults_total", "counter", (), "Requests left undecided through a fault of the bidder"),
    Description("bidder_connections", "gauge", ("worker",), "Open connections of the bid port"),
    Description("bidder_connections_total", "counter", (), "Connections taken on the bid port"),
    Description("bidder_connections_refused_total", "counter", (), "Connections closed at once: a worker had too many"),
    Description("bidder_requests_cut_off_total", "counter", (), "Requests that took their caller too long"),
    Description("bidder_worker_answers_total", "counter", ("worker",), "Decided answers, by worker"),
    Description("bidder_turned_away_total", "counter", ("exchange",), "Requests not looked at, for want of time"),
    Description("bidder_turned_away_micros_total", "counter", ("exchange",), "What those might have bid, as learned"),
    Description("bidder_bid_micros_total", "counter", ("exchange",), "What answers bid, per impression"),
    Description("bidder_gc_collections_total", "counter", ("worker",), "Runs of the garbage collector"),
    Description("bidder_gc_seconds_total", "counter", ("worker",), "Time it took"),
    Description("bidder_gc_pause_seconds", "gauge", ("worker",), "Its longest run in the last second"),
    Description("bidder_worker_resident_bytes", "gauge", ("worker",), "Memory of the process"),
    Description("bidder_event_loop_lag_seconds", "gauge", ("worker",), "Longest wait of a timer in the last second"),
    Description("bidder_workers", "gauge", (), "Workers that answer requests"),
    Description("bidder_worker_restarts_total", "counter", (), "Workers that ended and were started again"),
    Description("bidder_full_evaluations_total", "counter", (), "Requests on which every campaign was evaluated"),
    Description("bidder_campaign_outcomes_total", "counter", ("reason",), "How campaigns ended on full evaluations"),
    Description("bidder_closure_error_total", "counter", (), "Campaigns on full evaluations without just one reason"),
    Description("bidder_notices_total", "counter", ("kind", "outcome"), "Notices, pixels, clicks and conversions"),
    Description(
        "bidder_notice_alarms_total", "counter", ("kind", "outcome"), "Notices whose price is not to be trusted"
    ),
    Description("bidder_events_written_total", "counter", ("writer",), "Event records written"),
    Description("bidder_events_dropped_total", "counter", ("writer",), "Event records of telemetry that were lost"),
    Description("bidder_events_pending", "gauge", ("writer",), "Event records that wait to be written"),
    Description(
        "bidder_events_failing", "gauge", ("writer",), "1 while event records cannot be written: a worker makes no bids"
    ),
    Description("bidder_money_micros", "gauge", ("state",), "Money by where it is"),
    Description("bidder_overspend_bound_micros", "gauge", (), "The most by which flights can end above their budgets"),
    Description("bidder_ungranted_bids_total", "counter", (), "Bids that no grant covers"),
    Description("bidder_ledger_lines_total", "counter", (), "Lines of the journal that are safe on disk"),
    Description("bidder_ledger_lines_pending", "gauge", (), "Lines of the journal that wait for the disk"),
    Description("bidder_ledger_commits_total", "counter", (), "Commits of the ledger"),
    Description("bidder_ledger_failures_total", "counter", (), "Commits of the ledger that failed"),
    Description("bidder_ledger_failing", "gauge", (), "1 while the ledger cannot be written: nothing is granted"),
    Description("bidder_ledger_wait_seconds", "gauge", (), "Age of the oldest commit that is not done; 1 is failing"),
    Description("bidder_pacing_steps_total", "counter", (), "Steps of pacing"),
    Description(
        "bidder_pacing_throttle", "gauge", ("campaign",), "Share of requests that a paced campaign takes part in"
    ),
    Description("bidder_pacing_multiplier", "gauge", ("campaign",), "Factor on its value that a paced campaign bids"),
    Description("bidder_pacing_planned_micros", "gauge", ("campaign",), "What its plan wants spent of the day by now"),
    Description("bidder_pacing_spent_micros", "gauge", ("campaign",), "What it spent of the day"),
    Description(
        "bidder_pacing_deviation", "gauge", ("campaign",), "How far spend is ahead of the plan, of the day's budget"
    ),
    Description("bidder_config_generation", "gauge", (), "Number of the live configuration"),
    Description("bidder_config_live_since_seconds", "gauge", (), "When it went live, Unix time"),
    Description("bidder_config_info", "gauge", ("digest",), "1, for the hash of the live configuration"),
    Description("bidder_config_reloads_total", "counter", (), "Edits that went live"),
    Description("bidder_config_rejected_total", "counter", (), "Edits that were refused"),
    Description("bidder_config_last_edit_rejected", "gauge", (), "1 while the directory holds a refused edit"),
    Description("bidder_model_info", "gauge", ("outcome", "model", "version"), "1, for each model that answers"),
    Description("bidder_model_swaps_total", "counter", (), "Changes of the models that answer"),
    Description("bidder_model_checks_total", "counter", (), "Model versions that were checked"),
    Description("bidder_model_refusals_total", "counter", (), "Model versions that were refused"),
    Description("bidder_model_refused", "gauge", ("version",), "1 while a version that should answer is refused"),
    Description("bidder_model_awaited", "gauge", ("version",), "1 while a version is checked and not live before that"),
    Description("bidder_model_bids_total", "counter", ("model",), "Bids by the model that scored them"),
    Description("bidder_model_wins_total", "counter", ("model",), "Of those, bids that were paid for"),
    Description("bidder_model_spend_micros_total", "counter", ("model",), "What was paid for them"),
    Description("bidder_model_expected_outcomes_total", "counter", ("model",), "Outcomes predicted of what was shown"),
    Description("bidder_model_outcomes_total", "counter", ("model",), "Clicks and conversions that came of it"),
    Description("bidder_predictor_requests_total", "counter", ("predictor",), "Requests by what was to score them"),
    Description("bidder_predictor_late_total", "counter", ("predictor",), "Of those, bids given up as too late"),
    Description("bidder_canary_rollbacks_total", "counter", ("model", "cause"), "Canaries that were rolled back"),
    Description(
        "bidder_regret_per_thousand", "gauge", ("of", "right"), "Money lost per 1000 requests if `right` is right"
    ),
    Description("bidder_replayed_requests", "gauge", ("of",), "Requests played again since the stage changed"),
    Description("bidder_replayed_differently", "gauge", ("of",), "Share of them that would have been bid on otherwise"),
    Description("bidder_sampled_expected_outcomes", "gauge", ("model",), "Outcomes predicted of sampled impressions"),
    Description("bidder_sampled_outcomes", "gauge", ("model",), "Outcomes that came of them"),
    Description("bidder_feature_psi", "gauge", ("model", "feature", "exchange"), "Drift of features above 0.1"),
    Description(
        "bidder_feature_drift_alarms", "gauge", ("model",), "Features whose values are no longer those of training"
    ),
    Description("bidder_samples_total", "counter", (), "Requests handed to the appraiser"),
    Description("bidder_samples_dropped_total", "counter", (), "Samples that the appraiser had no time for"),
)


class TableCollector(Collector):
    """Exports what a function says at the moment of the scrape."""

    def __init__(self, samples: Callable[[], Samples]) -> None:
        self._samples = samples

    def collect(self) -> Iterator[Metric]:
        """All metrics of the table, also those without a sample yet. Raises `KeyError` for one that is not in it."""
        samples = dict(self._samples())
        for description in METRICS:
            yield _family(description, samples.pop(description.name, ()))
        if samples:
            raise KeyError(f"not in the table of metrics: {', '.join(sorted(samples))}")

    def describe(self) -> Iterable[Metric]:
        """The names, without asking for values."""
        return [_family(description, ()) for description in METRICS]


def registry(samples: Callable[[], Samples]) -> CollectorRegistry:
    """A registry of our metrics alone."""
    made = CollectorRegistry()
    made.register(TableCollector(samples))
    return made


def documents(samples: Samples) -> dict[str, list[dict[str, Any]]]:
    """Samples for JSON: by name of the metric, each value with its `labels`.

    A histogram has `bounds`, `buckets` (not added up; the last has no bound) and `sum` instead of a `value`. Raises
    `KeyError` for a metric that is not in the table.
    """
    labels = {description.name: description.labels for description in METRICS}
    return {name: [_document(labels[name], *each) for each in series] for name, series in samples.items()}


def _document(names: Labels, values: Labels, value: Value) -> dict[str, Any]:
    found = value._asdict() if isinstance(value, Histogram) else {"value": value}
    return {"labels": dict(zip(names, values, strict=True)), **found}


def _family(description: Description, samples: Iterable[tuple[Labels, Value]]) -> Metric:
    name, kind, labels, text = description
    family: Any
    match kind:
        case "counter":
            family = CounterMetricFamily(name, text, labels=labels)
        case "gauge":
            family = GaugeMetricFamily(name, text, labels=labels)
        case "histogram":
            family = HistogramMetricFamily(name, text, labels=labels)
    for values, value in samples:
        if isinstance(value, Histogram):
            family.add_metric(values, list(_cumulative(value)), value.sum)
        else:
            family.add_metric(values, value)
    made: Metric = family
    return made


def _cumulative(histogram: Histogram) -> Iterator[tuple[str, int]]:
    total = 0
    for bound, count in zip([*map(repr, histogram.bounds), "+Inf"], histogram.buckets, strict=True):
        total += count
        yield bound, total
