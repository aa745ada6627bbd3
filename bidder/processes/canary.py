"""Whether a canary does harm, compared with its champion over the same time and other users. Pure.

Each comparison asks for two things: that the difference is larger than the settings allow, and that chance would make
one so large less than about once in a thousand looks.
"""

from math import sqrt
from typing import NamedTuple

from bidder.auction.score import Tally
from bidder.config.schema import Canary as Limits
from bidder.processes.arms import Arm

SIGMAS = 4.0
"""Standard errors that a difference has to exceed; looks are many."""

LEAST_EXPECTED = 5.0
"""Outcomes predicted or come, before calibration is judged."""

LEAST_LATE = 10
LEAST_WINS = 30


class Side(NamedTuple):
    """One of the two."""

    tally: Tally
    arm: Arm


class Breach(NamedTuple):
    """Why a canary has to go."""

    cause: str
    """`late`, `calibration` or `spend`."""
    why: str


def breach(canary: Side, champion: Side, limits: Limits) -> Breach | None:
    """The first thing that the canary does wrong."""
    return (
        _late(canary.tally, champion.tally, float(limits.late_share))
        or _calibration(canary.arm, champion.arm, float(limits.calibration))
        or _spend(canary, champion, float(limits.spend))
    )


def _late(canary: Tally, champion: Tally, allowed: float) -> Breach | None:
    if canary.late < LEAST_LATE or not champion.requests:
        return None
    ours, theirs = canary.late / canary.requests, champion.late / champion.requests
    pooled = (canary.late + champion.late) / (canary.requests + champion.requests)
    error = sqrt(pooled * (1 - pooled) * (1 / canary.requests + 1 / champion.requests))
    if ours - theirs <= allowed + SIGMAS * error:
        return None
    why = f"{ours:.2%} of its answers came too late, {theirs:.2%} of the champion's"
    return Breach("late", f"{why}; models.canary.late_share allows {allowed:.2%} more")


def _calibration(canary: Arm, champion: Arm, factor: float) -> Breach | None:
    """Counts are compared by their square roots, whose error is a half whatever they are (Anscombe 1948)."""
    expected, came = canary.expected, canary.outcomes
    if max(expected, came) < LEAST_EXPECTED:
        return None
    bound = expected * factor if came > expected else expected / factor
    beyond = came > bound if came > expected else came < bound
    if not beyond or 2 * abs(sqrt(came + 0.375) - sqrt(bound + 0.375)) <= SIGMAS:
        return None
    if _off(champion) >= _off(canary):
        return None  # the world has changed, and the champion does not know it either
    why = f"{expected:.1f} clicks or conversions were predicted of {canary.shown} impressions and {came} came"
    return Breach("calibration", f"{why}; models.canary.calibration allows a factor of {factor:g}")


def _off(arm: Arm) -> float:
    """How many times too many or too few outcomes were predicted."""
    came, expected = arm.outcomes + 0.375, arm.expected + 0.375
    return max(came / expected, expected / came)


def _spend(canary: Side, champion: Side, factor: float) -> Breach | None:
    if min(canary.arm.wins, champion.arm.wins) < LEAST_WINS or not champion.tally.requests:
        return None
    ours, our_error = _spend_rate(canary)
    theirs, their_error = _spend_rate(champion)
    if ours - factor * theirs <= SIGMAS * sqrt(our_error**2 + (factor * their_error) ** 2):
        return None
    why = (
        f"it spends {ours / 1000:.3f} of the account's currency per thousand requests, the champion {theirs / 1000:.3f}"
    )
    return Breach("spend", f"{why}; models.canary.spend allows {factor:g} times as much")


def _spend_rate(side: Side) -> tuple[float, float]:
    """Micros a request, and the standard error of that."""
    requests = max(side.tally.requests, 1)
    mean = side.arm.spend_micros / requests
    return mean, sqrt(max(side.arm.spend_squares / requests - mean * mean, 0.0) / requests)
