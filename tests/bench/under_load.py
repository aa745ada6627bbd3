"""The complete server at half its capacity, during reloads, and with two workers."""

import os
import re
import statistics
import tempfile
from collections.abc import Callable, Iterator
from itertools import cycle, pairwise
from pathlib import Path
from typing import NamedTuple

from loadtests import goodput, prometheus
from loadtests.embedded import Bidder
from loadtests.openloop import Plan, send
from loadtests.record import ERRORS
from loadtests.result import Run, Step
from loadtests.soak import every
from tests.bench.hundred_trees import CLICK, promote
from tests.bench.sending import drive
from tests.bench.servers import EXCHANGE, complete

Row = tuple[str, str, str]

LOADED_S = 15.0
STEP_S, PATIENCE_S, FIRST_RATE = 3.0, 0.5, 500.0
CHANGE_EVERY_S = 2.0
EDITED = "campaigns/a0000.toml"
SCALE_ROUNDS = 3
BOTH_CORES = {0, 1}


class Loaded(NamedTuple):
    """What is under load."""

    bidder: Bidder
    body: Path
    models: Path


def rows(loaded: Loaded, capacity: float) -> Iterator[Row]:
    """Answers at half of `capacity` requests a second; and the same while edits, and then models, go live."""
    bidder = loaded.bidder
    plan = Plan(
        url=bidder.exchange_url(EXCHANGE),
        rate=round(capacity / 2),
        seconds=LOADED_S,
        poisson=True,
        body=loaded.body,
        connections=256,
    )
    steady, _ = send(plan)
    what = f"at 50 % load ({plan.rate:,.0f}/s, Poisson, {LOADED_S:g} s)"
    yield f"{what}: answers after the deadline", _late(steady), "< 0.1 %"
    swaps = (
        ("edits", "bidder_config_reloads_total", _edits(bidder)),
        ("swaps of a model", "bidder_model_swaps_total", _swaps(loaded.models)),
    )
    for name, metric, act in swaps:
        before = prometheus.read(bidder.metrics_url)
        with every(CHANGE_EVERY_S, act):
            changed, _ = send(plan)
        live = prometheus.Between(before, prometheus.read(bidder.metrics_url)).total(metric)
        yield f"    and {live} {name} meanwhile: failed requests", f"{_failed(changed)} of {changed.planned:,}", "0"
        yield "    p99 meanwhile to the steady p99", _ratio(changed, steady), "<= 1.5 x"


def overload_rows(loaded: Loaded) -> Iterator[Row]:
    """Goodput over offered rates, and at three times its peak."""
    bidder = loaded.bidder
    url = bidder.exchange_url(EXCHANGE)

    def offer(rate: float) -> Step:
        connections = min(goodput.MOST, max(goodput.FEWEST, int(rate * PATIENCE_S)))
        plan = Plan(
            url=url, rate=rate, seconds=STEP_S, body=loaded.body, connections=connections, patience_s=PATIENCE_S,
            queue_s=goodput.QUEUE_S,
        )  # fmt: skip
        run, record = send(plan)
        return goodput.step_of(run, record, bidder.used().rss_bytes)

    steps = goodput.sweep(offer, FIRST_RATE)
    highest = goodput.peak(steps)
    yield "peak goodput, answers in time a second", f"{highest:,.0f}/s", ""
    for times, step in zip(goodput.OVERLOADS, steps[-2:] if highest else (), strict=False):
        what, bar = f"    offered {times} x that ({step.offered:,.0f}/s)", ">= 90 %" if times == 3 else ""
        if step.goodput is None:
            yield f"{what}: goodput", f"not told: {step.refusal}", bar
            continue
        p99 = "none" if step.accepted_p99_us is None else f"p99 {step.accepted_p99_us / 1000:.1f} ms"
        memory = f"{step.server_rss_bytes / 2**20:,.0f} MiB, {steps[0].server_rss_bytes / 2**20:,.0f} before"
        yield f"{what}: goodput", f"{step.goodput / highest:.1%}, {p99}, {memory}", bar


def scale_rows(body: Path, models: Path) -> Iterator[Row]:
    """Two workers against one, both on two cores, in turn."""
    rates: dict[int, list[float]] = {1: [], 2: []}
    for number in range(SCALE_ROUNDS):
        for workers, found in rates.items():
            with tempfile.TemporaryDirectory() as home, complete(Path(home), models, workers, BOTH_CORES) as bidder:
                url = bidder.exchange_url(EXCHANGE)
                drive(url, body, 1.0, 1000 + number)
                sent = drive(url, body, 3.0, 2000 + number)
            found.append(sent.answers / sent.seconds)
    one, two = (statistics.median(found) for found in rates.values())
    cores = os.cpu_count() or 1
    shared = "the sender shares their cores" if cores <= len(BOTH_CORES) else "the sender has a core of its own"
    yield f"2 workers against 1, answers a second ({shared})", f"{two / one:.2f} x, {two:,.0f}/s", ">= 1.7 x"


def _edits(bidder: Bidder) -> Callable[[], None]:
    """Somebody saves a campaign with another price."""
    price = re.findall(r"max_cpm = \S+", (bidder.config / EDITED).read_text())[0]
    prices = pairwise(cycle((price, f"{price}1")))
    return lambda: bidder.edit(EDITED, *next(prices))


def _swaps(models: Path) -> Callable[[], None]:
    """Somebody lets the other version answer."""
    versions = cycle(("2", "1"))
    return lambda: promote(models, CLICK, next(versions))


def _late(run: Run) -> str:
    if run.refusal is not None or run.accepted_us is None:
        return _not_told(run)
    p99_ms = run.accepted_us.p99 / 1000
    return f"{100 * run.late_share:.3f} % ({run.late} of {run.accepted_us.count:,}), p99 {p99_ms:.1f} ms"


def _not_told(run: Run) -> str:
    return f"not told: {run.achieved_rate:,.0f}/s sent of {run.asked_rate:,.0f}/s asked"


def _failed(run: Run) -> int:
    return sum(run.outcomes.get(outcome.name.lower(), 0) for outcome in ERRORS)


def _ratio(edited: Run, steady: Run) -> str:
    if edited.latency_us is None or steady.latency_us is None:
        return _not_told(edited if edited.refusal else steady)
    ratio = edited.latency_us.p99 / steady.latency_us.p99
    return f"{ratio:.2f} x ({edited.latency_us.p99 / 1000:.1f} ms)"
