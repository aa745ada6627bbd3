"""The complete server at half its capacity, during reloads, and under too much traffic."""

import re
import statistics
from collections.abc import Callable, Iterator
from itertools import cycle, pairwise
from pathlib import Path
from typing import NamedTuple

import msgspec

from loadtests import goodput, prometheus
from loadtests.embedded import Bidder
from loadtests.openloop import Plan, send
from loadtests.processes import waited_s
from loadtests.record import ERRORS
from loadtests.result import Run, Step
from loadtests.soak import every
from tests.bench.hundred_trees import CLICK, promote
from tests.bench.servers import EXCHANGE, Loaded

Row = tuple[str, str, str]

LOADED_S, LOADED_ROUNDS = 6.0, 5
STEP_S, PATIENCE_S, FIRST_RATE = 3.0, 0.5, 500.0
CHANGE_EVERY_S = 2.0
EDITED = "campaigns/a0000.toml"


class Rounds(NamedTuple):
    """Several runs of the same kind."""

    runs: list[Run]
    waited_share: float
    """Of their time, in which the worker could have run but had no processor."""

    @property
    def p99_ms(self) -> float | None:
        """The median of theirs; None where one of them tells none."""
        found = [run.latency_us.p99 / 1000 for run in self.runs if run.latency_us is not None]
        return statistics.median(found) if len(found) == len(self.runs) else None


def rows(loaded: Loaded, capacity: float) -> Iterator[Row]:
    """Answers at half of `capacity` requests a second, in turn with the same while edits, and then models, go live."""
    bidder = loaded.bidder
    plan = Plan(
        url=bidder.exchange_url(EXCHANGE),
        rate=round(capacity / 2),
        seconds=LOADED_S,
        poisson=True,
        body=loaded.body,
        connections=256,
    )
    acts: dict[str, Callable[[], None]] = {
        "": lambda: None,
        "edits": _edits(bidder),
        "swaps of a model": _swaps(loaded.models),
    }
    before = prometheus.read(bidder.metrics_url)
    found = _in_turn(plan, acts, bidder)
    between = prometheus.Between(before, prometheus.read(bidder.metrics_url))
    steady = found.pop("")
    what = f"at 50 % load ({plan.rate:,.0f}/s, Poisson, {LOADED_ROUNDS} x {LOADED_S:g} s)"
    yield f"{what}: answers after the deadline", _late(steady), "< 0.1 %"
    yield "    of that time, the worker waited for a processor", f"{100 * steady.waited_share:.1f} %", ""
    metrics = ("bidder_config_reloads_total", "bidder_model_swaps_total")
    for (name, changed), metric in zip(found.items(), metrics, strict=True):
        planned = sum(run.planned for run in changed.runs)
        failed = f"{sum(map(_failed, changed.runs))} of {planned:,}"
        yield f"    and {between.total(metric)} {name} meanwhile: failed requests", failed, "0"
        yield "    p99 meanwhile to the steady p99", _ratio(changed, steady), "<= 1.5 x"


def _in_turn(plan: Plan, acts: dict[str, Callable[[], None]], bidder: Bidder) -> dict[str, Rounds]:
    """Runs of the plan, with each act every now and then meanwhile, round after round."""
    runs: dict[str, list[Run]] = {name: [] for name in acts}
    waits = dict.fromkeys(acts, 0.0)
    for number in range(LOADED_ROUNDS):
        for name, act in acts.items():
            before_s = waited_s(bidder.workers())
            with every(CHANGE_EVERY_S, act):
                runs[name].append(send(msgspec.structs.replace(plan, seed=number))[0])
            waits[name] += waited_s(bidder.workers()) - before_s
    return {name: Rounds(runs[name], waits[name] / LOADED_ROUNDS / LOADED_S) for name in acts}


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
        what, bar = (
            f"    offered {step.offered / highest:.1f} x that ({step.offered:,.0f}/s)",
            ">= 90 %" if times == 3 else "",
        )
        if step.goodput is None:
            yield f"{what}: goodput", f"not told: {step.refusal}", bar
            continue
        p99 = "none" if step.accepted_p99_us is None else f"p99 {step.accepted_p99_us / 1000:.1f} ms"
        memory = f"{step.server_rss_bytes / 2**20:,.0f} MiB, {steps[0].server_rss_bytes / 2**20:,.0f} before"
        yield f"{what}: goodput", f"{step.goodput / highest:.1%}, {p99}, {memory}", bar


def _edits(bidder: Bidder) -> Callable[[], None]:
    """Somebody saves a campaign with another price."""
    price = re.findall(r"max_cpm = \S+", (bidder.config / EDITED).read_text())[0]
    prices = pairwise(cycle((price, f"{price}1")))
    return lambda: bidder.edit(EDITED, *next(prices))


def _swaps(models: Path) -> Callable[[], None]:
    """Somebody lets the other version answer."""
    versions = cycle(("2", "1"))
    return lambda: promote(models, CLICK, next(versions))


def _late(steady: Rounds) -> str:
    p99_ms = steady.p99_ms
    if p99_ms is None:
        return _not_told(steady)
    decided = sum(run.accepted_us.count for run in steady.runs if run.accepted_us is not None)
    late = sum(run.late for run in steady.runs)
    return f"{100 * late / max(1, decided):.3f} % ({late} of {decided:,}), p99 {p99_ms:.1f} ms"


def _not_told(rounds: Rounds) -> str:
    return next(f"not told: {run.refusal}" for run in rounds.runs if run.refusal is not None)


def _failed(run: Run) -> int:
    return sum(run.outcomes.get(outcome.name.lower(), 0) for outcome in ERRORS)


def _ratio(changed: Rounds, steady: Rounds) -> str:
    if changed.p99_ms is None or steady.p99_ms is None:
        return _not_told(changed if changed.p99_ms is None else steady)
    return f"{changed.p99_ms / steady.p99_ms:.2f} x ({changed.p99_ms:.1f} ms)"
