"""Service level objectives as conditions on a run: the exit code of every command of the kit follows from them."""

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator

import msgspec

from loadtests.record import ERRORS
from loadtests.result import Gate, Run

MEANINGS = {
    "p99_ms": "p99 of answers that decided, ms",
    "late_share": "late, of answers that decided",
    "error_share": "errors, of all requests",
    "rate_ratio": "achieved rate, of the rate asked",
    "invalid": "invalid, of the answers checked",
    "funnel_open_ends": "requests that the two counts do not agree on",
}
"""What is measured, by the name of the gate."""
AT_LEAST = ("rate_ratio", "goodput_at_")
"""How the names of gates begin whose limit is the least; of others it is the most."""


class Limits(msgspec.Struct, frozen=True):
    """What a run may be. `None`: it is not looked at."""

    p99_ms: float | None = None
    """Of answers that decided."""
    late_share: float | None = 0.001
    """Of answers that decided."""
    error_share: float | None = 0.0
    """Of all requests: 4xx, 5xx, timeouts and lost connections."""
    rate_ratio: float | None = 0.99
    """Achieved over asked rate, at least."""
    invalid: int = 0
    """Of the answers checked."""
    funnel: bool = True
    """Whether the bidder's counts must add up to ours, where they can be read."""


def limits(options: Namespace) -> Limits:
    """The limits that options of `add_arguments` ask for."""
    return Limits(options.p99_ms, options.late_share, options.error_share)


def add_arguments(parser: ArgumentParser) -> None:
    """The arguments that set limits."""
    known = Limits()
    parser.add_argument("--p99-ms", type=float, help="gate: p99 of answers that decided, in milliseconds")
    parser.add_argument(
        "--late-share", type=float, default=known.late_share, help="gate: late answers (default %(default)s)"
    )
    parser.add_argument(
        "--error-share", type=float, default=known.error_share, help="gate: failed requests (default %(default)s)"
    )


def judge(run: Run, limits: Limits) -> list[Gate]:
    """All gates that the limits ask for; what could not be measured fails."""
    return list(_judge(run, limits))


def _judge(run: Run, limits: Limits) -> Iterator[Gate]:
    if limits.p99_ms is not None:
        yield _at_most("p99_ms", run.accepted_us.p99 / 1000 if run.accepted_us else None, limits.p99_ms)
    if limits.late_share is not None:
        yield _at_most("late_share", run.late_share, limits.late_share)
    if limits.error_share is not None:
        failed = sum(run.outcomes.get(outcome.name.lower(), 0) for outcome in ERRORS)
        yield _at_most("error_share", failed / run.planned if run.planned else None, limits.error_share)
    if limits.rate_ratio is not None:
        ratio = run.achieved_rate / run.asked_rate if run.asked_rate else None
        passed = ratio is not None and ratio >= limits.rate_ratio
        yield Gate("rate_ratio", round(ratio, 4) if ratio is not None else None, limits.rate_ratio, passed)
    yield _at_most("invalid", run.invalid, limits.invalid)
    if limits.funnel and run.funnel is not None:
        open_ends = run.funnel.unexplained + run.funnel.uncounted + run.funnel.campaigns_without_one_reason
        yield _at_most("funnel_open_ends", open_ends + run.funnel.faults, 0)


def _at_most(name: str, measured: float | None, limit: float) -> Gate:
    return Gate(name, measured, limit, measured is not None and measured <= limit)
