"""`python -m loadtests goodput`: the rate that a bidder can answer in time, and what three and ten times as much does.

Goodput is the number of answers a second that decided within the deadline of their request, from the moment it was due.
A step whose traffic the sender could not make is told as that, and has no goodput. As an exchange does that finds no
connection free, a request is given up that has waited for one for long; it was offered all the same.
"""

import os
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import msgspec

from loadtests import page, result, summary
from loadtests.embedded import Bidder, StartError, bidder
from loadtests.openloop import FAILED, PASSED, UNUSABLE, Plan, add_sending, plan_of, positive, send
from loadtests.record import Outcome, Record
from loadtests.result import Gate, Run, Step
from loadtests.target import NotLoopbackError, NotReachableError

GROWTH = 1.4
MOST_STEPS = 14
REFINEMENTS = 2
OVERLOADS = (3, 10)
KEEPS = 0.9
"""A bidder that turns down in time what it cannot do keeps this share of its peak."""
MOST_LAG_MS = 10.0
"""p99 of the sender's own lag beyond which late answers may be late by its fault."""
SERVER_CORE, SENDER_CORE = {0}, {1}
QUEUE_S = 0.01
"""How long a request waits for a free connection."""
FEWEST, MOST = 64, 2000
"""Connections, where they are not given."""

Offer = Callable[[float], Step]


def sweep(offer: Offer, first: float) -> list[Step]:
    """Steps up to where goodput falls behind, some between, then the overloads of the peak; in that order.

    A step that could not be made is tried once more: a moment in which the machine did something else is no limit.
    """
    steps = [_offered(offer, first)]
    while len(steps) < MOST_STEPS and _keeps_up(steps[-1]):
        steps.append(_offered(offer, steps[-1].offered * GROWTH))
    low, high = (steps[-2].offered if len(steps) > 1 else 0.0), steps[-1].offered
    for _ in range(REFINEMENTS):
        step = _offered(offer, (low + high) / 2)
        steps.append(step)
        low, high = (step.offered, high) if _keeps_up(step) else (low, step.offered)
    highest = peak(steps)
    return steps + [_offered(offer, highest * times) for times in OVERLOADS if highest]


def _offered(offer: Offer, rate: float) -> Step:
    step = offer(rate)
    return step if step.goodput is not None else offer(rate)


def peak(steps: list[Step]) -> float:
    """The highest goodput of all."""
    return max((step.goodput for step in steps if step.goodput is not None), default=0.0)


def _keeps_up(step: Step) -> bool:
    return step.goodput is not None and step.goodput >= 0.95 * step.offered


def step_of(run: Run, record: Record, rss_bytes: int, most_lag_ms: float = MOST_LAG_MS) -> Step:
    """The figures of one offered rate."""
    lag_ms = run.send_lag_us.p99 / 1000 if run.send_lag_us else 0.0
    refusal = None
    if lag_ms > most_lag_ms:
        refusal = f"the sender lagged by {lag_ms:.1f} ms at p99: lateness may be its own"
    of = summary.columns(record)
    decided, late = int(of.is_accepted.sum()), int(of.is_late.sum())
    quick = decided - late
    known = refusal is None
    found = summary.accepted(record)
    return Step(
        offered=round(run.asked_rate, 1),
        achieved=round(run.achieved_rate, 1),
        goodput=round(quick / run.seconds, 1) if known else None,
        turned_away=round(run.outcomes.get(Outcome.TURNED_AWAY.name.lower(), 0) / run.seconds, 1),
        accepted_p99_us=found.p99 if known and found is not None else None,
        late_share=round(late / decided, 6) if known and decided else 0.0,
        server_rss_bytes=rss_bytes,
        refusal=refusal,
    )


class Served(NamedTuple):
    """What is under load: a URL, and the bidder behind it where it is our own."""

    url: str
    own: Bidder | None

    def rss_bytes(self) -> int:
        """Memory of all its processes; 0 where they are not ours."""
        return self.own.used().rss_bytes if self.own else 0


@contextmanager
def served(options: Namespace) -> Iterator[Served]:
    """The bidder of `--url`, or one of our own on a core of its own. Raises `StartError`."""
    if options.url:
        yield Served(options.url, None)
        return
    apart = os.sched_getaffinity(0) >= SERVER_CORE | SENDER_CORE
    with bidder(options.template, cpus=SERVER_CORE if apart else None) as own:
        if apart:
            os.sched_setaffinity(0, SENDER_CORE)
        options.metrics = own.metrics_url
        yield Served(own.exchange_url(options.exchange), own)


def add_arguments(parser: ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument("--url", help="where to bid; default: a bidder of our own is started")
    parser.add_argument("--template", default="demo", help="configuration of our own bidder (default %(default)s)")
    parser.add_argument("--exchange", default="demo", help="exchange of our own bidder (default %(default)s)")
    parser.add_argument("--first", type=positive, default=250.0, help="lowest rate (default %(default)g)")
    parser.add_argument("--step-seconds", type=positive, default=3.0, help="length of a step (default %(default)g)")
    parser.add_argument(
        "--most-lag-ms",
        type=positive,
        default=MOST_LAG_MS,
        help="lag of the sender that still counts (default %(default)g)",
    )
    add_sending(parser, connections=None, patience=0.5)
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the result there as JSON, and a page beside it")


def run(options: Namespace) -> int:
    """`goodput`; the exit code."""
    try:
        with served(options) as under_load:
            made = measure(options, under_load)
    except (NotLoopbackError, NotReachableError, StartError, OSError, ValueError) as error:
        sys.stderr.write(f"goodput: {error}\n")
        return UNUSABLE
    sys.stdout.write(f"peak goodput    {peak(made.steps):,.0f}/s\n")
    sys.stdout.writelines(f"gate            {gate.name} {_measured(gate)}\n" for gate in made.gates)
    if options.out is not None:
        result.write(made, options.out)
        page.write(made, options.out.with_suffix(".html"))
    return PASSED if made.passed else FAILED


def measure(options: Namespace, under_load: Served) -> Run:
    """Sweep, and tell each step as it ends. Raises as `send`."""
    options.url = under_load.url
    last: list[Run] = []

    def offer(rate: float) -> Step:
        made, record = send(_plan(options, rate))
        step = step_of(made, record, under_load.rss_bytes(), options.most_lag_ms)
        last[:] = [made]
        sys.stdout.write(_line(step))
        sys.stdout.flush()
        return step

    steps = sweep(offer, options.first)
    of = last[0]
    found = msgspec.structs.replace(
        of,
        kind="goodput",
        refusal=None,
        asked_rate=0.0,
        achieved_rate=0.0,
        planned=0,
        sent=0,
        seconds=options.step_seconds,
        outcomes={},
        statuses={},
        errors={},
        reasons={},
        late=0,
        waited=0,
        funnel=None,
        send_lag_us=None,
        latency_us=None,
        accepted_us=None,
        series=[],
        steps=sorted(steps, key=lambda step: step.offered),
    )
    return msgspec.structs.replace(found, gates=list(_gates(found, steps)))


def _plan(options: Namespace, rate: float) -> Plan:
    plan = msgspec.structs.replace(plan_of(options, rate, options.step_seconds), queue_s=QUEUE_S)
    if options.connections is None:
        enough = int(rate * plan.patience_s)
        plan = msgspec.structs.replace(plan, connections=min(MOST, max(FEWEST, enough)))
    return plan


def _gates(found: Run, steps: list[Step]) -> Iterator[Gate]:
    highest = peak(steps)
    for times, step in zip(OVERLOADS, steps[-len(OVERLOADS) :] if highest else (), strict=False):
        share = step.goodput / highest if step.goodput is not None else None
        rounded = None if share is None else round(share, 3)
        yield Gate(f"goodput_at_{times}x", rounded, KEEPS, share is not None and share >= KEEPS)
        p99_ms = step.accepted_p99_us / 1000 if step.accepted_p99_us is not None else None
        limit = found.deadline_ms or 0.0
        yield Gate(f"accepted_p99_ms_at_{times}x", p99_ms, limit, p99_ms is not None and p99_ms <= limit)


def _line(step: Step) -> str:
    head = f"offered {step.offered:>9,.0f}/s  "
    if step.refusal is not None or step.goodput is None:
        return f"{head}not told: {step.refusal}\n"
    p99 = "none decided" if step.accepted_p99_us is None else f"p99 {step.accepted_p99_us / 1000:.1f} ms"
    memory = f"  memory {step.server_rss_bytes / 2**20:,.0f} MiB" if step.server_rss_bytes else ""
    return f"{head}goodput {step.goodput:>9,.0f}/s  turned away {step.turned_away:>8,.0f}/s  {p99}{memory}\n"


def _measured(gate: Gate) -> str:
    measured = "not measured" if gate.measured is None else f"{gate.measured:g}"
    return f"{measured}, limit {gate.limit:g}: {'passed' if gate.passed else 'FAILED'}"
