"""The complete server against the floor server and a bare listener, and what it does under load.

Servers are on core 0 and the sender on core 1, and take turns. Processor time is user and system time of the processes
from /proc, control told apart from the workers that answer.
"""

import statistics
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from loadtests import prometheus
from loadtests.embedded import Bidder
from loadtests.processes import used
from tests.bench import scale, slow_callers, under_load
from tests.bench.hundred_trees import store_of_models
from tests.bench.sending import OWN_RATE, SENDER_CORE, Sent, drive, drive_gently, generator
from tests.bench.servers import Loaded, Server, as_server, complete, on_core, request_file, single

Row = tuple[str, str, str]

COMMENT = """\
The complete server is `bidder serve` over the template `bench`: 1,000 campaigns with money enough that none stops, two
LightGBM models of 100 trees and 31 leaves, tickets, pacing and the event log on, 1 % of the requests evaluated in full.
The request of 3 KB comes with varied ids, users and domains. Servers run on core 0 in turn, the sender on core 1.
Processor time is user and system time from `/proc`. What depends on when answers came is measured by our own sender,
from the moment each request was due. Under too much traffic it has up to 2,000 connections, and gives a request up for
which none is free within 10 ms; those count as offered. A refusal costs reading and writing a socket, which is most of
what the bare bid port does, so the number of refusals bounds what goodput can be kept.
A server that is driven as hard as it goes reads many requests at once and never sleeps, so each costs it less: the
floor most, since it answers most. Therefore floor and complete bid are also compared at one and the same rate.
"""

Send = Callable[[str, int], Sent]
"""Drives the server of a URL, in the run of a number."""

ROUNDS = 7
ROUND_S = 3.0


class Cost(NamedTuple):
    """Of one server in one round."""

    answering_us: float
    """Processor time per request, of the processes that answer."""
    all_us: float
    """And of all its processes."""
    rate: float
    """Answers a second."""


def rows() -> Iterator[Row]:
    """What was measured, the figure, and the bar."""
    with tempfile.TemporaryDirectory() as directory, on_core(SENDER_CORE), ExitStack() as stack:
        home = Path(directory)
        body = request_file(home)
        models = store_of_models(home / "models")
        bidder = stack.enter_context(complete(home / "one", models))
        before = prometheus.read(bidder.metrics_url)
        servers = {
            "floor": stack.enter_context(single("tests.bench.floor")),
            "bare": stack.enter_context(single("tests.bench.bare")),
            "complete": as_server(bidder),
        }
        costs = _measured(servers, lambda url, run: drive(url, body, ROUND_S, run))
        yield from _cost_rows(costs, body)
        yield _bid_row(bidder, before)
        gentle = _measured(servers, lambda url, _: drive_gently(url, body, ROUND_S))
        yield from _gentle_rows(gentle)
        capacity = 1e6 / statistics.median(cost.answering_us for cost in costs["complete"])
        loaded = Loaded(bidder, body, models)
        yield from under_load.rows(loaded, capacity)
        yield from slow_callers.rows(loaded, capacity)
        yield from under_load.overload_rows(loaded)
        yield from scale.rows(body, models)


def _measured(servers: dict[str, Server], send: Send) -> dict[str, list[Cost]]:
    """All servers in turn, round after round; a first round warms them up and is not counted."""
    costs: dict[str, list[Cost]] = {name: [] for name in servers}
    for number in range(ROUNDS + 1):
        for place, (name, server) in enumerate(servers.items()):
            cost = _cost(server, send, number * len(servers) + place)
            if number:
                costs[name].append(cost)
    return costs


def _cost(server: Server, send: Send, run: int) -> Cost:
    answering, beside = used(server.answering).cpu_s, used(server.beside).cpu_s
    sent = send(server.url, run)
    answering_s = used(server.answering).cpu_s - answering
    beside_s = used(server.beside).cpu_s - beside
    assert not sent.failed, f"{server.url}: {sent.failed} of {sent.answers + sent.failed} requests failed"
    us = 1e6 / sent.answers
    return Cost(answering_s * us, (answering_s + beside_s) * us, sent.answers / sent.seconds)


def _cost_rows(costs: dict[str, list[Cost]], body: Path) -> Iterator[Row]:
    floor, bare, whole = costs["floor"], costs["bare"], costs["complete"]
    by = f"{generator()}, {body.stat().st_size} bytes, {ROUNDS} rounds"
    yield f"floor: aiohttp, uvloop, orjson.loads, 204 ({by})", _figure(floor, [cost.answering_us for cost in floor]), ""
    rest = (
        ("bare bid port: empty handler, 204", [cost.answering_us for cost in bare], bare, "<= 0.35 x"),
        ("complete bid, the worker that answers", [cost.answering_us for cost in whole], whole, "<= 0.9 x"),
        ("complete bid, with the control process", [cost.all_us for cost in whole], whole, ""),
    )
    for what, took, of, bar in rest:
        ratios = [mine / theirs.answering_us for mine, theirs in zip(took, floor, strict=True)]
        yield what, f"{_spread(ratios)} x floor; {_figure(of, took)}", bar


def _gentle_rows(costs: dict[str, list[Cost]]) -> Iterator[Row]:
    """The same where each has the same traffic to answer, and time to rest between requests."""
    floor, whole = costs["floor"], costs["complete"]
    figure = _figure(floor, [cost.answering_us for cost in floor])
    yield f"floor, at {OWN_RATE:,.0f} requests a second", figure, ""
    took = [cost.answering_us for cost in whole]
    ratios = [mine / theirs.answering_us for mine, theirs in zip(took, floor, strict=True)]
    yield "    complete bid at the same rate, the worker", f"{_spread(ratios)} x floor; {_figure(whole, took)}", ""


def _figure(costs: list[Cost], took_us: list[float]) -> str:
    return f"{statistics.median(took_us):.1f} µs, {statistics.median(cost.rate for cost in costs):,.0f}/s"


def _spread(values: list[float]) -> str:
    """The median, with the least and the greatest."""
    return f"{statistics.median(values):.2f} ({min(values):.2f} to {max(values):.2f})"


def _bid_row(bidder: Bidder, before: prometheus.Scrape) -> Row:
    between = prometheus.Between(before, prometheus.read(bidder.metrics_url))
    requests, bids = between.total("bidder_requests_total"), between.total("bidder_bids_total")
    assert len(between.after.get("bidder_model_info", ())) == 2, "both models answer"
    return "    of its answers, those that carry a bid", f"{100 * bids / max(1, requests):.2f} %", "100 %"
