"""`python -m loadtests soak`: seventy percent load as long as you like, with edits, swaps and notices.

Memory and descriptors must stay flat (`flatness.py`), edits must go live and notices be acknowledged, and a late answer
must have a cause outside the bidder (`lateness.py`).
"""

import re
import shutil
import sys
import threading
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path
from random import Random

import msgspec

from loadtests import flatness, gates, lateness, page, prometheus, result
from loadtests.aftermath import Origins
from loadtests.courier import Courier
from loadtests.embedded import Bidder, StartError, bidder
from loadtests.openloop import FAILED, PASSED, UNUSABLE, Plan, positive, send
from loadtests.processes import used, waited_s
from loadtests.report import lines
from loadtests.result import Gate, Run, Usage
from loadtests.target import NotReachableError, target

LOAD = 0.7
CALIBRATION_RATE, CALIBRATION_S = 200.0, 5.0
EDIT_EVERY_S = 10.0
SWAP_EVERY_S = 14.0
USAGE_S = 1.0
FIND_PIDS_EVERY = 30
"""Looks at what the bidder uses between two searches for its processes, which take the sender's time."""
SHIPPED_MODEL = Path("models/artifacts/demo-ctr/1")
MODEL = "demo-ctr"
STORE = "models"
MODELS_TABLE = re.compile(r"^\[models\].*\n(?:[^\[\n].*\n)*", re.MULTILINE)
FOLLOWED_RATE = 40.0
"""Answers a second that are followed by notices, at most: more would take the sender's time."""
FEWEST_FOLLOWED = 10
"""Not more than one answer in so many is."""
EDITED = "campaigns/little-roastery.toml"
PRICES = ("max_cpm = 11.00", "max_cpm = 11.25", "max_cpm = 11.50")
EXCHANGE = "exchanges/demo.toml"
LONG_EXPIRY, SHORT_EXPIRY = "exp_seconds = 600", "exp_seconds = 15"
"""Bids are held until they expire: where that is soon, memory is steady soon."""
PUBLIC_URL = "https://ads.example"


def add_arguments(parser: ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument("--minutes", type=positive, default=3.0, help="length of the run (default %(default)g)")
    parser.add_argument("--rate", type=positive, help="requests a second (default: 70 %% of what was measured)")
    parser.add_argument("--seed", type=int, default=7, help="what traffic depends on (default %(default)s)")
    parser.add_argument("--out", type=Path, default=Path("load/soak.json"), help="the result (default %(default)s)")


def run(options: Namespace) -> int:
    """`soak`; the exit code."""
    options.out.parent.mkdir(parents=True, exist_ok=True)
    try:
        with bidder("demo", prepare=prepare) as own:
            made = soak(own, options)
    except (StartError, NotReachableError, OSError, ValueError) as error:
        sys.stderr.write(f"soak: {error}\n")
        return UNUSABLE
    sys.stdout.write("\n".join(lines(made)) + "\n")
    result.write(made, options.out)
    page.write(made, options.out.with_suffix(".html"))
    return PASSED if made.passed else FAILED


def soak(own: Bidder, options: Namespace) -> Run:
    """The run and its gates. Raises as `send`."""
    seconds = options.minutes * 60
    rate = options.rate or seventy_percent(own)
    sys.stdout.write(f"{rate:,.0f} requests/s for {seconds:,.0f} s\n")
    courier = Courier(Origins(PUBLIC_URL, target(own.web_url)), Random(options.seed))
    courier.start()
    usage: list[Usage] = []
    started_s = time.monotonic()
    before = prometheus.read(own.metrics_url)
    watch = Watch(own)
    watched = every(USAGE_S, lambda: usage.append(watch.usage(time.monotonic() - started_s)))
    priced = cycle(range(len(PRICES)))
    versions = cycle(("2", "1"))
    edited = every(EDIT_EVERY_S, lambda: _edit(own, next(priced)))
    swapped = every(SWAP_EVERY_S, lambda: _promote(own, next(versions)))
    with watched, edited, swapped:
        made, record = send(_plan(own, rate, seconds, options.seed), courier.take)
    courier.finish(30.0)
    between = prometheus.Between(before, prometheus.read(own.metrics_url))
    made = msgspec.structs.replace(
        made,
        kind="soak",
        usage=usage,
        notices=dict(sorted(courier.counts.items())),
        edits=between.total("bidder_config_reloads_total"),
        swaps=between.total("bidder_model_swaps_total"),
    )
    found = [*gates.judge(made, gates.Limits(late_share=None)), *flatness.gates(usage)]
    found.append(_at_most("unexplained_late", lateness.unexplained(record, lateness.starved(usage)), 0))
    refused = between.total("bidder_config_rejected_total") + between.total("bidder_model_refusals_total")
    found.append(_at_most("refused_edits_and_models", refused, 0))
    failed = sum(number for name, number in courier.counts.items() if "failed" in name or name == "left out")
    found.append(_at_most("notices_failed", failed, 0))
    return msgspec.structs.replace(made, gates=found)


class Watch:
    """Looks at what a bidder uses, again and again."""

    def __init__(self, own: Bidder) -> None:
        self._own = own
        self._looks = 0
        self._pids: list[int] = []
        self._workers: list[int] = []

    def usage(self, second: float) -> Usage:
        """At this second of the run."""
        if self._looks % FIND_PIDS_EVERY == 0:
            self._pids, self._workers = self._own.pids(), self._own.workers()
        self._looks += 1
        of = used(self._pids)
        return Usage(round(second, 1), of.rss_bytes, of.descriptors, round(of.cpu_s, 2), waited_s(self._workers))


def prepare(config: Path) -> None:
    """Bids that expire soon, and two versions of a model of clicks, which is the one of the demo twice.

    Raises `OSError` where that is not there: the command runs in the checkout.
    """
    exchange = config / EXCHANGE
    exchange.write_text(exchange.read_text().replace(LONG_EXPIRY, SHORT_EXPIRY))
    store = config.parent / STORE
    for version in ("1", "2"):
        shutil.copytree(SHIPPED_MODEL, store / MODEL / version)
    (store / MODEL / "champion").write_text("1\n")
    settings = config / "bidder.toml"
    others = MODELS_TABLE.sub("\n", settings.read_text())
    settings.write_text(f'{others}\n[models]\nstore = "{store}"\nclick = "{MODEL}"\n')


def seventy_percent(own: Bidder) -> float:
    """Of the rate at which the workers would be busy all the time, by their processor time at a low one."""
    plan = _plan(own, CALIBRATION_RATE, CALIBRATION_S, 1)
    send(plan)
    workers = own.workers()
    before_s = used(workers).cpu_s
    _, record = send(plan)
    return LOAD * len(workers) * len(record) / (used(workers).cpu_s - before_s)


@contextmanager
def every(seconds: float, act: Callable[[], None]) -> Iterator[None]:
    """Act again and again meanwhile, first after that time; what it raises comes out at the end."""
    ended, raised = threading.Event(), list[Exception]()

    def go() -> None:
        try:
            while not ended.wait(seconds):
                act()
        except (OSError, ValueError) as error:
            raised.append(error)

    thread = threading.Thread(target=go)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
    if raised:
        raise raised[0]


def _plan(own: Bidder, rate: float, seconds: float, seed: int) -> Plan:
    url = own.exchange_url("demo")
    return Plan(
        url=url, rate=rate, seconds=seconds, poisson=True, connections=128, seed=seed, metrics=own.metrics_url,
        check_every=max(FEWEST_FOLLOWED, round(rate / FOLLOWED_RATE)),
    )  # fmt: skip


def _edit(own: Bidder, price: int) -> None:
    own.edit(EDITED, PRICES[price], PRICES[(price + 1) % len(PRICES)])


def _promote(own: Bidder, version: str) -> None:
    pointer = own.config.parent / STORE / MODEL / "champion"
    aside = pointer.with_name(".champion")
    aside.write_text(f"{version}\n")
    aside.replace(pointer)


def _at_most(name: str, measured: float, limit: float) -> Gate:
    return Gate(name, measured, limit, measured <= limit)
