"""`python -m loadtests openloop`: requests at a rate that no answer changes; its result is the one to quote."""

import os
import sys
import time
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import msgspec
import uvloop

from loadtests import gates, page, prometheus, result, summary
from loadtests.arrivals import constant, poisson
from loadtests.histogram import percentiles
from loadtests.profiles import PROFILES, requests
from loadtests.record import Record
from loadtests.report import lines
from loadtests.sender import Sender, Terms
from loadtests.target import NotLoopbackError, NotReachableError, Target, reach, target
from loadtests.template import Magazine, from_file, template

PASSED, FAILED, UNUSABLE = 0, 1, 2
"""Exit codes: quotable and within its gates; refused or beyond a gate; cannot be run."""

TEMPLATES = 512
MOST_REQUESTS = 20_000_000


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """One run."""

    url: str
    rate: float
    seconds: float
    poisson: bool = False
    connections: int = 64
    patience_s: float = 1.0
    queue_s: float | None = None
    """How long a request waits for a free connection; None: as long as for an answer."""
    profile: str = "mixed"
    body: Path | None = None
    """A request to send instead of the profile's."""
    seed: int = 7
    check_every: int = 50
    metrics: str | None = None

    @property
    def sends(self) -> str:
        """What is sent, in a word."""
        return self.body.name if self.body is not None else self.profile


def send(plan: Plan, follow: Callable[[bytes], None] | None = None) -> tuple[result.Run, Record]:
    """Carry out a plan; its figures without gates, and the record behind them. `follow` gets the answers that are kept.

    Raises `NotLoopbackError`, `NotReachableError`, `OSError`, `ValueError`.
    """
    to = target(plan.url)
    reach(to)
    before = prometheus.read(plan.metrics) if plan.metrics else None
    record = Record(plan.check_every, follow=follow)
    magazine = _magazine(plan, to)
    counted = _Counting(_arrivals(plan))
    queue_s = plan.patience_s if plan.queue_s is None else plan.queue_s
    terms = Terms(plan.connections, plan.patience_s, queue_s)
    last_sent_s = uvloop.run(_sent(to, magazine, record, terms, counted))
    rates = summary.Rates(counted.number, record.sent, plan.seconds, last_sent_s)
    run = _figures(plan, record, rates, magazine)
    if plan.metrics and before is not None:
        after = prometheus.settled(plan.metrics, before, sum(record.statuses.values()))
        between = prometheus.Between(before, after)
        run = msgspec.structs.replace(run, funnel=prometheus.funnel(between, record.statuses))
    return run, record


async def _sent(to: Target, magazine: Magazine, record: Record, terms: Terms, arrivals: Iterator[float]) -> float:
    return await Sender(to, magazine, record, terms).run(arrivals)


def _magazine(plan: Plan, to: Target) -> Magazine:
    bodies = from_file(plan.body) if plan.body is not None else requests(plan.profile, plan.seed, TEMPLATES)
    return Magazine([template(body, to) for body in bodies], int(time.time() * 1000) ^ os.getpid() << 16)


def _arrivals(plan: Plan) -> Iterator[float]:
    if plan.poisson:
        return poisson(plan.rate, plan.seconds, Random(plan.seed))
    return constant(plan.rate, plan.seconds)


class _Counting:
    """Counts what it passes on."""

    def __init__(self, arrivals: Iterator[float]) -> None:
        self._arrivals = arrivals
        self.number = 0

    def __iter__(self) -> "_Counting":
        return self

    def __next__(self) -> float:
        found = next(self._arrivals)
        self.number += 1
        return found


def _figures(plan: Plan, record: Record, rates: summary.Rates, magazine: Magazine) -> result.Run:
    ids = [magazine.request_id(sample.shot.number).decode() for sample in record.samples]
    wrong = summary.check(record, ids)
    refusal = rates.refusal
    return result.Run(
        kind="openloop",
        url=plan.url,
        profile=plan.sends,
        arrivals="poisson" if plan.poisson else "constant",
        seconds=plan.seconds,
        asked_rate=round(rates.asked, 2),
        achieved_rate=round(rates.achieved, 2),
        planned=rates.planned,
        sent=rates.sent,
        machine=result.machine(),
        refusal=refusal,
        outcomes=summary.outcomes(record),
        statuses={str(status): number for status, number in sorted(record.statuses.items())},
        late=summary.accepted_late(record),
        errors=dict(record.errors),
        latency_us=None if refusal else percentiles(record.latency_us),
        accepted_us=None if refusal else summary.accepted(record),
        send_lag_us=percentiles(record.send_lag_us),
        waited=record.waited,
        reasons=dict(record.reasons.most_common()),
        checked=len(record.samples),
        invalid=len(wrong),
        examples=wrong[: summary.MOST_EXAMPLES],
        deadline_ms=min(each.tmax_s for each in magazine.templates) * 1000,
        series=[] if refusal else summary.series(record),
    )


def add_arguments(parser: ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument("--url", required=True, help="where to bid, such as http://127.0.0.1:8000/openrtb2/demo")
    parser.add_argument("--rate", type=positive, required=True, help="requests a second")
    parser.add_argument("--seconds", type=positive, default=20.0, help="length of the run (default %(default)g)")
    parser.add_argument("--poisson", action="store_true", help="arrivals of a Poisson process rather than even ones")
    add_sending(parser)
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the result there as JSON, and a page beside it")
    gates.add_arguments(parser)


def add_sending(parser: ArgumentParser, connections: int | None = 64, patience: float = 1.0) -> None:
    """The arguments that say what is sent, and how, with these defaults; no connections: as many as a rate needs."""
    usual = "as many as the rate needs" if connections is None else connections
    parser.add_argument("--connections", type=whole, default=connections, help=f"kept connections (default {usual})")
    parser.add_argument(
        "--patience", type=positive, default=patience, help="seconds to wait for an answer (default %(default)g)"
    )
    parser.add_argument("--profile", choices=PROFILES, default="mixed", help="what is sent (default %(default)s)")
    parser.add_argument("--body", type=Path, metavar="FILE", help="a bid request to send instead of the profile's")
    parser.add_argument("--seed", type=int, default=7, help="what traffic depends on (default %(default)s)")
    parser.add_argument(
        "--metrics",
        default="http://127.0.0.1:8080/metrics",
        help="the bidder's page of metrics, or '' for none (default %(default)s)",
    )
    parser.add_argument("--cpu", type=int, help="run the sender on that core alone")


def plan_of(options: Namespace, rate: float, seconds: float) -> Plan:
    """The plan that the options of `add_sending` describe."""
    return Plan(
        url=options.url,
        rate=rate,
        seconds=seconds,
        connections=options.connections or Plan.connections,
        patience_s=options.patience,
        profile=options.profile,
        body=options.body,
        seed=options.seed,
        metrics=options.metrics or None,
    )


def run(options: Namespace) -> int:
    """`openloop`; the exit code."""
    if options.rate * options.seconds > MOST_REQUESTS:
        sys.stderr.write(f"openloop: at most {MOST_REQUESTS:,} requests in a run; ask for less\n")
        return UNUSABLE
    if options.cpu is not None:
        os.sched_setaffinity(0, {options.cpu})
    plan = msgspec.structs.replace(plan_of(options, options.rate, options.seconds), poisson=options.poisson)
    try:
        made, _ = send(plan)
    except (NotLoopbackError, NotReachableError, OSError, ValueError) as error:
        sys.stderr.write(f"openloop: {error}\n")
        return UNUSABLE
    made = msgspec.structs.replace(made, gates=gates.judge(made, gates.limits(options)))
    sys.stdout.write("\n".join(lines(made)) + "\n")
    if options.out is not None:
        result.write(made, options.out)
        page.write(made, options.out.with_suffix(".html"))
    return PASSED if made.passed else FAILED


def positive(text: str) -> float:
    """A number above zero. Raises `ArgumentTypeError`."""
    try:
        found = float(text)
    except ValueError:
        found = 0.0
    if not 0 < found < 1e9:
        raise ArgumentTypeError(f"expected a number above zero, found {text!r}")
    return found


def whole(text: str) -> int:
    """A whole number above zero. Raises `ArgumentTypeError`."""
    if not (text.isascii() and text.isdigit() and 0 < int(text) <= 100_000):
        raise ArgumentTypeError(f"expected a whole number from 1 to 100,000, found {text!r}")
    return int(text)
