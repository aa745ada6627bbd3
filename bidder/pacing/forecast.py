"""How many opportunities are still to come: three opinions, weighted by how much each can be trusted. Pure.

    the forecast    of the whole flight, less what has come
    the recent rate over a window as long as an eighth of the time to foretell
    the mean rate   of the last day or so, for flights of days

An opinion is a number of opportunities and the standard deviation of its logarithm; they are pooled as logarithms by
precision (Bates and Granger 1969). So a forecast that is half or double the truth loses its say as the flight
elapses. Rates are per share of the expected traffic (`Plan`), so that a learned curve of the week, where there is
one, takes the hours of the day out of them.
"""

from math import exp, log

from msgspec import Struct
from msgspec.structs import replace

from bidder.pacing.parameters import (
    FORECAST_SD,
    MEAN_SD_DAY,
    QUIET_S,
    RATE_SD_HOUR,
    RATE_SD_MOST,
    WINDOW_LEAST_S,
    WINDOW_MOST_S,
    WINDOW_SHARE,
)
from bidder.pacing.plan import HOUR_S, Plan

DAY_S = 86_400.0
_SUREST = 1e-6
"""No opinion is surer than this."""


class Traffic(Struct, frozen=True):
    """What was seen of a flight's traffic."""

    since_s: float
    """When the campaign began to be watched."""
    at_s: float
    """Seen until then."""
    seen: int = 0
    """Opportunities."""
    recent: float = 0.0
    """Recent opportunities, fading, per share of the flight's traffic; to be divided by `weight`."""
    weight: float = 0.0
    silent_s: float = 0.0
    """Without any opportunity since so long."""
    day_seen: float = 0.0
    """Opportunities, fading by the day."""
    day_share: float = 0.0
    """The share of the flight's traffic that was expected meanwhile, fading by the day."""


def observe(traffic: Traffic, curve: Plan, at_s: float, opportunities: int) -> Traffic:
    """The traffic with the opportunities that came up to `at_s`.

    A silence counts for the rate only as far as `QUIET_S`, and only when traffic comes again.
    """
    passed_s = at_s - traffic.at_s
    if passed_s <= 0:
        return traffic
    kept = exp(-passed_s / DAY_S)
    seen = replace(
        traffic,
        at_s=at_s,
        seen=traffic.seen + opportunities,
        silent_s=traffic.silent_s + passed_s,
        day_seen=traffic.day_seen * kept + opportunities,
        day_share=traffic.day_share * kept + curve.between(traffic.at_s, at_s),
    )
    return _with_rate(seen, curve, opportunities, passed_s) if opportunities else seen


def _with_rate(traffic: Traffic, curve: Plan, opportunities: int, passed_s: float) -> Traffic:
    """The traffic with what came in the last `passed_s` seconds, after a silence.

    The silence before the first opportunity of all counts for nothing: nobody knows when the traffic was switched on.
    """
    at_s = traffic.at_s
    counted_s = min(traffic.silent_s, max(QUIET_S, passed_s)) if traffic.weight else passed_s
    share = curve.between(at_s - counted_s, at_s) or curve.between(at_s, at_s + counted_s)
    window_s = min(max((curve.end_s - at_s) * WINDOW_SHARE, WINDOW_LEAST_S), WINDOW_MOST_S)
    keep = exp(-counted_s / window_s)
    rate = opportunities / share if share else 0.0
    recent = traffic.recent * keep + rate * (1 - keep)
    return replace(traffic, recent=recent, weight=traffic.weight * keep + (1 - keep), silent_s=0.0)


def skip(traffic: Traffic, at_s: float) -> Traffic:
    """The traffic where nobody looked until `at_s`."""
    since_s = traffic.since_s + max(0.0, at_s - traffic.at_s)
    return replace(traffic, since_s=since_s, at_s=at_s, silent_s=0.0)


def expected(traffic: Traffic, curve: Plan, until_s: float, forecast: float | None) -> float:
    """How many opportunities are to come until `until_s`; 0 where nothing is known or expected.

    `forecast` is of the whole flight, None or 0 where there is none.
    """
    ahead = curve.between(traffic.at_s, until_s)
    hours = (until_s - traffic.at_s) / HOUR_S
    if ahead <= 0 or hours <= 0:
        return 0.0
    pooled = _Pool()
    if forecast:
        left = max(1.0, forecast - traffic.seen)
        part = ahead / curve.between(traffic.at_s, curve.end_s)
        pooled.add(left * part, FORECAST_SD * forecast / left)
    if traffic.weight:
        pooled.add(traffic.recent / traffic.weight * ahead, min(RATE_SD_HOUR * hours**0.5, RATE_SD_MOST))
    if traffic.day_seen and traffic.day_share:
        days = (traffic.at_s - traffic.since_s) / DAY_S
        rate = traffic.day_seen / traffic.day_share
        pooled.add(rate * ahead, ((MEAN_SD_DAY / days) ** 2 + (24 / hours) ** 2) ** 0.5)
    return pooled.mean


class _Pool:
    """Opinions as logarithms, weighted by their precision."""

    def __init__(self) -> None:
        self._logs = self._precision = 0.0

    def add(self, opportunities: float, deviation: float) -> None:
        precision = max(deviation, _SUREST) ** -2
        self._logs += precision * log(max(1.0, opportunities))
        self._precision += precision

    @property
    def mean(self) -> float:
        return exp(self._logs / self._precision) if self._precision else 0.0
