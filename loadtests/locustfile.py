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

import locust.stats
import msgspec
import orjson
from locust import LoadTestShape, constant_throughput, events, task
from locust.argument_parser import LocustArgumentParser
from locust.contrib.fasthttp import FastHttpUser
from locust.env import Environment
from locust.runners import WorkerRunner
from locust.stats import StatsCSV, StatsEntry

from loadtests import gates, page, prometheus, result
from loadtests.aftermath import Origins, calls
from loadtests.judge import faults
from loadtests.profiles import PROFILES, stream
from loadtests.record import OVERLOAD_REASONS, Outcome
from loadtests.report import lines
from loadtests.shapes import SHAPES, intended
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


def microseconds(response_ms: float) -> float:
    """In the place of Locust's rounding to two digits of a millisecond: three digits, down to a microsecond."""
    digits = 3 if response_ms < 1 else 2 if response_ms < 10 else 1 if response_ms < 100 else 0
    return round(response_ms, digits)


def exact(self: StatsCSV, stats_entry: StatsEntry, use_current: bool = False) -> list[Any]:
    """In the place of the whole milliseconds of Locust's CSV files."""
    if not stats_entry.num_requests:
        return self.percentiles_na
    of = stats_entry.get_current_response_time_percentile if use_current else stats_entry.get_response_time_percentile
    return [of(percentile) or 0 for percentile in self.percentiles_to_report]


StatsCSV._percentile_fields = exact  # type: ignore[method-assign]
locust.stats.bucket_response_time = microseconds  # type: ignore[assignment] # Locust says that it may be replaced


def options_of(environment: Environment) -> Any:
    """What was asked for on the command line."""
    return environment.parsed_options


@events.init_command_line_parser.add_listener
def add_arguments(parser: LocustArgumentParser) -> None:
    """What Locust itself does not ask for."""
    parser.add_argument("--bid-url", default="http://127.0.0.1:8000/openrtb2/demo", help="where to bid")
    parser.add_argument("--web-url", default="http://127.0.0.1:8080", help="where notices go and metrics are")
    parser.add_argument("--public-url", default="https://ads.example", help="how the bidder writes its URLs")
    parser.add_argument("--shape", choices=list(SHAPES), default="ramp", help="load over time")
    parser.add_argument("--rate", type=float, default=200.0, help="requests a second, as the shape scales them")
    parser.add_argument("--seconds", type=float, default=60.0, help="length of the run")
    parser.add_argument("--seed", type=int, default=7, help="what traffic depends on")
    parser.add_argument("--out", default="", help="JSON of the result; a page is written beside it")
    known = gates.Limits()
    parser.add_argument("--p99-ms", type=float, default=100.0, help="gate: p99 of answers that decided")
    parser.add_argument("--late-share", type=float, default=known.late_share, help="gate: late answers")
    parser.add_argument("--error-share", type=float, default=known.error_share, help="gate: failed requests")
    parser.add_argument("--rate-ratio", type=float, default=0.9, help="gate: achieved over intended rate, at least")


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
                self.follow(request, answer)
            else:
                count_one(tally.reasons, answer.reason)
            if outcome in {Outcome.REFUSED, Outcome.FAILED}:
                response.failure(f"status {answer.status}")
            else:
                response.success()

    def follow(self, request: dict[str, Any], answer: Answer) -> None:
        """Check some answers, and make the calls that follow from a bid."""
        wrong = faults(request, request["id"], answer.body)
        if wrong or self.chance.random() * CHECK_EVERY < 1:
            tally.check(request["id"], wrong)
        if wrong:
            return
        for call in calls(answer.body, self.origins, self.chance):
            with self.client.get(call.url, name=f"/{call.kind}", allow_redirects=False, catch_response=True) as reply:
                good = reply.status_code in {200, 204, 302, 303, 307}
                end = "acknowledged" if good else f"failed {reply.status_code}"
                count_one(tally.notices, f"{call.kind} {end}")
                if good:
                    reply.success()


def outcome_of(answer: Answer) -> Outcome:
    """How a request ended, by its answer; status 0 is none."""
    if answer.status == 200:
        return Outcome.BID
    if answer.status == 204:
        return Outcome.TURNED_AWAY if answer.reason in OVERLOAD_REASONS else Outcome.NO_BID
    if answer.status == 0:
        return Outcome.BROKEN
    return Outcome.REFUSED if 400 <= answer.status < 500 else Outcome.FAILED


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
    made = figures(options)
    limits = gates.Limits(options.p99_ms, options.late_share, options.error_share, options.rate_ratio)
    made = msgspec.structs.replace(made, gates=[*gates.judge(made, limits), *_notice_gate(made)])
    sys.stdout.write("\n".join(lines(made)) + "\n")
    if options.out:
        result.write(made, Path(options.out))
        page.write(made, Path(options.out).with_suffix(".html"))
    environment.process_exit_code = 0 if made.passed else 1


def figures(options: Any) -> result.Run:
    """The result of what was counted, without gates."""
    planned = round(intended(SHAPES[options.shape], options.rate, options.seconds))
    metrics = f"{options.web_url}/metrics"
    after = prometheus.settled(metrics, before["run"], sum(tally.statuses.values()))
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
        funnel=prometheus.funnel(prometheus.Between(before["run"], after), tally.statuses),
        series=tally.series(),
        notices=dict(sorted(tally.notices.items())),
    )


def _notice_gate(made: result.Run) -> list[result.Gate]:
    failed = sum(number for name, number in made.notices.items() if "failed" in name)
    return [result.Gate("notices_failed", failed, 0, not failed)]
