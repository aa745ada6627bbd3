"""The Locust kit: exchanges of several kinds, with notices and clicks after wins. `make load`, or Locust itself:

    locust -f loadtests/locustfile.py --headless --bid-url http://127.0.0.1:8000/openrtb2/demo --rate 300 --seconds 60
    locust -f loadtests/locustfile.py --headless --master --expect-workers 2 ...      and beside it, as often as wanted
    locust -f loadtests/locustfile.py --worker

Users wait for answers, as callers with few connections do. Where a server slows down they send less: that shows as the
ratio of achieved to intended rate, which is a gate. The latency to quote is that of the open-loop sender.
"""

import sys
import time
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import orjson
from locust import LoadTestShape, constant_throughput, events, task
from locust.contrib.fasthttp import FastHttpUser
from locust.env import Environment
from locust.runners import WorkerRunner

from loadtests import locust_digits, page, prometheus, result
from loadtests.aftermath import Origins, calls
from loadtests.judge import faults
from loadtests.locust_figures import judged
from loadtests.locust_options import add_arguments, options_of
from loadtests.profiles import PROFILES, stream
from loadtests.record import Outcome, outcome_of
from loadtests.report import lines
from loadtests.shapes import SHAPES
from loadtests.tally import Tally, unpack
from loadtests.tally import count as count_one
from loadtests.target import target
from loadtests.wire import Answer

PER_USER = 10.0
"""Requests a second of one user, at most."""
CHECK_EVERY = 20
TIMEOUT_S = 2.0
HEADERS = {"Content-Type": "application/json", "x-openrtb-version": "2.6", "Accept-Encoding": "identity"}

numbers = count()
tally = Tally()
before: dict[str, prometheus.Scrape] = {}

events.init_command_line_parser.add_listener(add_arguments)
locust_digits.install()


@events.init.add_listener
def refuse_other_machines(environment: Environment, **_: Any) -> None:
    """Only this machine is ever called. Raises `NotLoopbackError`."""
    options = options_of(environment)
    target(options.bid_url)
    target(options.web_url)
    environment.process_exit_code = 0


class ExchangeUser(FastHttpUser):
    """A connection of an exchange: sends requests of its profile, and after some answers notices and clicks."""

    abstract = True
    profile = "mixed"
    wait_time = constant_throughput(PER_USER)
    connection_timeout = network_timeout = TIMEOUT_S
    host = "http://127.0.0.1"

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        options = options_of(environment)
        number = next(numbers)
        self.chance = Random(f"{options.seed} {self.profile} {number}")
        self.requests = stream(self.profile, self.chance.getrandbits(32))
        self.origins = Origins(options.public_url, target(options.web_url))
        self.url = options.bid_url

    @task
    def auction(self) -> None:
        """One request and what follows from its answer."""
        request = next(self.requests)
        request["id"] = f"{time.time_ns():x}-{self.chance.getrandbits(32):08x}"
        started_s = time.perf_counter()
        with self.client.post(
            self.url, data=orjson.dumps(request).decode(), headers=HEADERS, name=self.profile, catch_response=True
        ) as response:
            latency_s = time.perf_counter() - started_s
            answer = Answer(response.status_code, _reason(response), response.content or b"", keeps_open=True)
            outcome = outcome_of(answer)
            tally.add(time.time(), outcome, latency_s, request["tmax"])
            if answer.status == 0:
                count_one(tally.errors, type(response.error).__name__)
                return
            count_one(tally.statuses, answer.status)
            if outcome is Outcome.BID:
                self.follow(request, answer, in_time=latency_s * 1000 <= request["tmax"])
            else:
                count_one(tally.reasons, answer.reason)
            if outcome in {Outcome.REFUSED, Outcome.FAILED}:
                response.failure(f"status {answer.status}")
            else:
                response.success()

    def follow(self, request: dict[str, Any], answer: Answer, *, in_time: bool) -> None:
        """Check some answers, and make the calls that follow from a bid, of which none follow from a late one."""
        wrong = faults(request, request["id"], answer.body)
        if wrong or self.chance.random() * CHECK_EVERY < 1:
            tally.check(request["id"], wrong)
        if wrong or not in_time:
            return
        for call in calls(answer.body, self.origins, self.chance):
            with self.client.get(call.url, name=f"/{call.kind}", allow_redirects=False, catch_response=True) as reply:
                good = reply.status_code in {200, 204, 302, 303, 307}
                end = "acknowledged" if good else f"failed {reply.status_code}"
                count_one(tally.notices, f"{call.kind} {end}")
                if good:
                    reply.success()


def _reason(response: Any) -> str:
    return str((response.headers or {}).get("x-no-bid-reason", ""))


def _users() -> list[type[ExchangeUser]]:
    """A kind of user for each profile; half of all are of the mixed one."""
    weights = dict.fromkeys(PROFILES, 1) | {"mixed": len(PROFILES)}
    kinds = ({"profile": name, "weight": weights[name]} for name in PROFILES)
    return [type(f"{kind['profile']}Exchange".title(), (ExchangeUser,), kind) for kind in kinds]


MixedExchange, DisplayExchange, AppExchange, VideoExchange, DealsExchange = _users()


class Load(LoadTestShape):
    """As many users as the rate of the moment needs."""

    def tick(self) -> tuple[int, float] | None:
        """Users, and how many more may start within a second; `None` at the end."""
        assert self.runner is not None  # noqa: S101 - Locust sets it before the first tick
        options = options_of(self.runner.environment)
        done = (time.perf_counter() - self.start_time) / options.seconds
        if done >= 1:
            return None
        users = max(1, round(SHAPES[options.shape](done) * options.rate / PER_USER))
        return users, max(1.0, float(users))


@events.test_start.add_listener
def read_metrics(environment: Environment, **_: Any) -> None:
    """What the bidder had counted before."""
    if not isinstance(environment.runner, WorkerRunner):
        before["run"] = prometheus.read(f"{options_of(environment).web_url}/metrics")


@events.report_to_master.add_listener
def tell(client_id: str, data: dict[str, Any]) -> None:  # noqa: ARG001 - as Locust calls it
    """A worker hands over what it counted since the last time."""
    global tally
    data["tally"], tally = tally.pack(), Tally()


@events.worker_report.add_listener
def hear(client_id: str, data: dict[str, Any]) -> None:  # noqa: ARG001 - as Locust calls it
    """The master adds it up."""
    tally.merge(unpack(data["tally"]))


@events.quitting.add_listener
def judge(environment: Environment, **_: Any) -> None:
    """The result of the run, its gates, and the exit code."""
    if isinstance(environment.runner, WorkerRunner):
        return
    options = options_of(environment)
    made = judged(options, tally, before["run"])
    sys.stdout.write("\n".join(lines(made)) + "\n")
    if options.out:
        result.write(made, Path(options.out))
        page.write(made, Path(options.out).with_suffix(".html"))
    environment.process_exit_code = 0 if made.passed else 1
