"""What thousands of callers that never finish a request cost those that do."""

import socket
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import msgspec

from loadtests import prometheus
from loadtests.embedded import Bidder
from loadtests.openloop import Plan, send
from tests.bench.servers import EXCHANGE, Loaded

Row = tuple[str, str, str]

SOCKETS = 5_000
LOAD = 0.3
ROUNDS, ROUND_S = 5, 4.0
"""Short enough that no slow caller is cut off meanwhile, which happens after 10 s."""
SETTLE_S = 20.0
HALF = b"POST /openrtb2/%s HTTP/1.1\r\nHost: bid\r\nContent-Length: 3000\r\n\r\n{"


def rows(loaded: Loaded, capacity: float) -> Iterator[Row]:
    """The p99 of live traffic alone and among slow callers, in turn."""
    bidder = loaded.bidder
    url = bidder.exchange_url(EXCHANGE)
    plan = Plan(url=url, rate=round(capacity * LOAD), seconds=ROUND_S, poisson=True, body=loaded.body)
    alone, among = list[float](), list[float]()
    for number in range(ROUNDS):
        plan = msgspec.structs.replace(plan, seed=number)
        _settle(bidder, lambda connections: connections < SOCKETS / 10)
        alone.append(_p99_ms(plan))
        with held(url, SOCKETS):
            _settle(bidder, lambda connections: connections >= SOCKETS)
            among.append(_p99_ms(plan))
    ratio = statistics.median(each / before for each, before in zip(among, alone, strict=True))
    what = f"p99 at {100 * LOAD:.0f} % load among {SOCKETS:,} callers that hold half a request ({ROUNDS} rounds)"
    figures = f"{statistics.median(among):.1f} ms, {statistics.median(alone):.1f} ms without"
    yield what, f"{ratio:.2f} x that without; {figures}", "unchanged"


@contextmanager
def held(url: str, number: int) -> Iterator[None]:
    """So many connections meanwhile, each in the middle of a request."""
    to = urlsplit(url)
    half = HALF % to.path.rpartition("/")[2].encode()
    sockets = [socket.create_connection((to.hostname or "", to.port or 80)) for _ in range(number)]
    try:
        for each in sockets:
            each.sendall(half)
        yield
    finally:
        for each in sockets:
            each.close()


def _settle(bidder: Bidder, enough: Callable[[float], bool]) -> None:
    """Return once the bidder has taken, or let go of, the connections: that is not what is measured."""
    end_s = time.monotonic() + SETTLE_S
    while not enough(sum(prometheus.read(bidder.metrics_url)["bidder_connections"].values())):
        if time.monotonic() > end_s:
            raise TimeoutError(f"the bidder has not taken or let go of {SOCKETS:,} connections in {SETTLE_S:g} s")
        time.sleep(0.1)


def _p99_ms(plan: Plan) -> float:
    run, _ = send(plan)
    assert run.latency_us is not None, run.refusal
    return run.latency_us.p99 / 1000
