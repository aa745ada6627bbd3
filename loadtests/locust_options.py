"""What a run of the Locust kit is asked for on the command line, beside what Locust itself asks for."""

from typing import Any

from locust.argument_parser import LocustArgumentParser
from locust.env import Environment

from loadtests import gates
from loadtests.shapes import SHAPES


def options_of(environment: Environment) -> Any:
    """What was asked for on the command line."""
    return environment.parsed_options


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
