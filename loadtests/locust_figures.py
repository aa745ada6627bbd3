"""What a run of the Locust kit found, and whether that passes."""

from typing import Any

import msgspec

from loadtests import gates, prometheus, result
from loadtests.shapes import SHAPES, intended
from loadtests.tally import Tally


def judged(options: Any, tally: Tally, before: prometheus.Scrape) -> result.Run:
    """The result with its gates; `before` is what the bidder had counted when the run began."""
    made = figures(options, tally, before)
    limits = gates.Limits(options.p99_ms, options.late_share, options.error_share, options.rate_ratio)
    return msgspec.structs.replace(made, gates=[*gates.judge(made, limits), *_notice_gate(made)])


def figures(options: Any, tally: Tally, before: prometheus.Scrape) -> result.Run:
    """The result of what was counted, without gates."""
    planned = round(intended(SHAPES[options.shape], options.rate, options.seconds))
    metrics = f"{options.web_url}/metrics"
    after = prometheus.settled(metrics, before, sum(tally.statuses.values()))
    return result.Run(
        kind="locust",
        url=options.bid_url,
        profile=options.shape,
        arrivals="closed loop",
        seconds=options.seconds,
        asked_rate=round(planned / options.seconds, 2),
        achieved_rate=round(tally.requests / options.seconds, 2),
        planned=planned,
        sent=tally.requests,
        machine=result.machine(),
        outcomes=tally.outcomes(),
        statuses={str(status): number for status, number in sorted(tally.statuses.items())},
        late=tally.late,
        errors=dict(tally.errors),
        latency_us=tally.latency(),
        accepted_us=tally.accepted(),
        reasons=dict(sorted(tally.reasons.items(), key=lambda each: -each[1])),
        checked=tally.checked,
        invalid=tally.invalid,
        examples=tally.examples,
        funnel=prometheus.funnel(prometheus.Between(before, after), tally.statuses),
        series=tally.series(),
        notices=dict(sorted(tally.notices.items())),
    )


def _notice_gate(made: result.Run) -> list[result.Gate]:
    failed = sum(number for name, number in made.notices.items() if "failed" in name)
    return [result.Gate("notices_failed", failed, 0, not failed)]
