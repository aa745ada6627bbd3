"""Two workers against one. Where the sender shares their cores, answers a second tell little; processor time does."""

import os
import statistics
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from loadtests import prometheus
from loadtests.embedded import Bidder
from loadtests.processes import used
from tests.bench.sending import CONNECTIONS, drive
from tests.bench.servers import EXCHANGE, complete

Row = tuple[str, str, str]

ROUNDS = 3
WARM_S, ROUND_S = 5.0, 3.0
"""What workers remember of requests is remembered by each: it takes two of them longer."""
CORES = {0, 1}


class Found(NamedTuple):
    """Of one round."""

    rate: float
    """Answers a second."""
    cpu_us: float
    """Processor time of the workers for an answer."""
    busiest: float
    """Of all answers, the share of the worker that gave most."""


def rows(body: Path, models: Path) -> Iterator[Row]:
    """Both on two cores, in turn."""
    found: dict[int, list[Found]] = {1: [], 2: []}
    for number in range(ROUNDS):
        for workers, results in found.items():
            with tempfile.TemporaryDirectory() as home, complete(Path(home), models, workers, CORES) as bidder:
                results.append(_measured(bidder, body, 1000 + 2 * number))
    one, two = (Found(*map(statistics.median, zip(*results, strict=True))) for results in found.values())
    is_shared = (os.cpu_count() or 1) <= len(CORES)
    where = "the sender shares their cores, which caps it" if is_shared else "the sender has a core of its own"
    yield (
        f"2 workers against 1, answers a second ({where})",
        f"{two.rate / one.rate:.2f} x, {two.rate:,.0f}/s",
        ("" if is_shared else ">= 1.7 x"),
    )
    room = 2 * one.cpu_us / two.cpu_us
    times = f"{two.cpu_us:.1f} µs against {one.cpu_us:.1f} µs"
    yield "    by processor time of an answer: two cores have room for", f"{room:.2f} x ({times})", ">= 1.7 x"
    busiest = f"{100 * two.busiest:.0f} %"
    yield f"    answers of the busier worker ({CONNECTIONS} connections, spread by the kernel)", busiest, ""


def _measured(bidder: Bidder, body: Path, run: int) -> Found:
    url, workers = bidder.exchange_url(EXCHANGE), bidder.workers()
    drive(url, body, WARM_S, run)
    before_s, before = used(workers).cpu_s, prometheus.read(bidder.metrics_url)
    sent = drive(url, body, ROUND_S, run + 1)
    spent_s = used(workers).cpu_s - before_s
    after = prometheus.settled(bidder.metrics_url, before, sent.answers)
    by_worker = prometheus.Between(before, after).by("bidder_worker_answers_total", "worker").values()
    return Found(sent.answers / sent.seconds, spent_s * 1e6 / sent.answers, max(by_worker) / sum(by_worker))
