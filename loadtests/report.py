"""A run in lines for a terminal."""

from collections.abc import Iterator, Mapping

from loadtests.histogram import Percentiles
from loadtests.result import Gate, Run


def lines(run: Run) -> Iterator[str]:
    """The main figures, one to a line."""
    rate = f"{run.achieved_rate:,.1f}/s of {run.asked_rate:,.1f}/s asked"
    yield f"sent            {run.sent:,} of {run.planned:,}, {rate}"
    yield f"                {run.arrivals} arrivals, {run.profile}, {run.seconds:g} s, to {run.url}"
    yield f"ends            {counted(run.outcomes)}"
    yield f"answers         {counted(run.statuses)}"
    if run.errors:
        yield f"errors          {counted(run.errors)}"
    if run.refusal is not None:
        yield f"NO LATENCY      {run.refusal}"
    yield from _latencies(run)
    if run.reasons:
        yield f"no bid for      {counted(run.reasons)}"
    yield f"checked         {run.checked:,} answers, {run.invalid:,} invalid"
    yield from (f"                {example}" for example in run.examples)
    yield from _funnel(run)
    if run.notices:
        yield f"notices         {counted(run.notices)}"
    if run.edits or run.swaps:
        yield f"went live       {run.edits} edits, {run.swaps} swaps of a model"
    yield from (gate_line(gate) for gate in run.gates)
    yield f"verdict         {'passed' if run.passed else 'NOT passed'}"


def _latencies(run: Run) -> Iterator[str]:
    if run.latency_us is not None:
        yield f"latency         {spread(run.latency_us)}"
    if run.accepted_us is not None:
        yield f"  decided       {spread(run.accepted_us)}; {run.late:,} late ({100 * run.late_share:.4f} %)"
    if run.send_lag_us is not None:
        yield f"  sender's lag  {spread(run.send_lag_us)}; {run.waited:,} waited for a connection"


def _funnel(run: Run) -> Iterator[str]:
    funnel = run.funnel
    if funnel is None:
        yield "bidder          its metrics were not read"
        return
    yield f"bidder counted  {funnel.requests:,} answers: {counted(dict(list(funnel.reasons.items())[:8]))}"
    closes = "closes" if funnel.closes else "DOES NOT CLOSE"
    ends = f"{funnel.unexplained} unexplained, {funnel.uncounted} uncounted, {funnel.faults} faults"
    yield f"funnel          {closes}: {ends}, {funnel.campaigns_without_one_reason} campaigns without one reason"
    yield f"                {funnel.late:,} late by its clock"


def gate_line(gate: Gate) -> str:
    """A gate as one line."""
    measured = "not measured" if gate.measured is None else f"{gate.measured:g}"
    return f"gate            {gate.name} {measured}, limit {gate.limit:g}: {'passed' if gate.passed else 'FAILED'}"


def spread(found: Percentiles) -> str:
    """Percentiles in milliseconds, exact to a microsecond."""
    points = {"p50": found.p50, "p90": found.p90, "p99": found.p99, "p99.9": found.p999, "max": found.max}
    return ", ".join(f"{name} {value / 1000:.3f}" for name, value in points.items()) + " ms"


def counted(numbers: Mapping[str, int]) -> str:
    """Names with their numbers."""
    return ", ".join(f"{name} {number:,}" for name, number in numbers.items()) or "none"
