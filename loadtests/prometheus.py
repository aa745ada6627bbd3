"""Reading the bidder's /metrics: counters before and after a run, and whether their sums close."""

import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from typing import NamedTuple

import msgspec

from loadtests.target import NotReachableError, target

_SAMPLE = re.compile(r"^(\w+)(?:\{(.*)\})? (\S+)$", re.MULTILINE)
_LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')
PATIENCE_S = 5.0

Scrape = dict[str, dict[tuple[tuple[str, str], ...], float]]
"""By name of the metric: values by their labels."""


class Funnel(msgspec.Struct, frozen=True):
    """What the bidder counted during a run, and whether its sums are ours."""

    requests: int
    """Answers on the bid port."""
    reasons: dict[str, int]
    """Answers by reason; `bid` is a bid."""
    late: int
    faults: int
    campaigns_without_one_reason: int
    unexplained: int
    """Answers of 200 and 204 without a reason, or reasons without an answer."""
    uncounted: int
    """Answers that we got and the bidder did not count. Those that it counted and we gave up on are no fault."""

    @property
    def closes(self) -> bool:
        """Whether every request has one end, by the bidder's count and by ours."""
        return not (self.campaigns_without_one_reason or self.unexplained or self.uncounted or self.faults)


class Between(NamedTuple):
    """Two readings of the metrics."""

    before: Scrape
    after: Scrape

    def by(self, name: str, label: str) -> dict[str, int]:
        """Growth of a metric by one of its labels, where there was any."""
        found: dict[str, int] = {}
        for labels, value in self.after.get(name, {}).items():
            grown = int(value - self.before.get(name, {}).get(labels, 0.0))
            if grown:
                key = dict(labels).get(label, "")
                found[key] = found.get(key, 0) + grown
        return found

    def total(self, name: str) -> int:
        """Growth of a metric over all labels."""
        return sum(self.by(name, "").values())


def read(url: str) -> Scrape:
    """All samples of a page of metrics. Raises `NotLoopbackError`, `NotReachableError`, `OSError`."""
    to = target(url)
    try:
        with urllib.request.urlopen(to.url, timeout=PATIENCE_S) as page:  # noqa: S310 - target() allows http alone
            return parse(page.read().decode())
    except urllib.error.URLError as error:
        if isinstance(error.reason, OSError):
            raise NotReachableError(to.url, error.reason) from error
        raise


def parse(text: str) -> Scrape:
    """The samples of a page in the text format of Prometheus."""
    found: Scrape = {}
    for name, labels, value in _SAMPLE.findall(text):
        found.setdefault(name, {})[tuple(_LABEL.findall(labels))] = float(value)
    return found


def settled(url: str, before: Scrape, answered: int, wait: Callable[[float], None] = time.sleep) -> Scrape:
    """The metrics once they count all that we got, which takes workers a second or two; else as they are after 5 s.

    Raises as `read`.
    """
    scrape = read(url)
    for _ in range(int(PATIENCE_S / 0.25)):
        if Between(before, scrape).total("bidder_requests_total") >= answered:
            break
        wait(0.25)
        scrape = read(url)
    return scrape


def funnel(between: Between, statuses: Mapping[int, int]) -> Funnel:
    """The account of a run in which we got so many answers by status."""
    counted = between.by("bidder_requests_total", "status")
    reasons = between.by("bidder_answers_total", "reason")
    decided = sum(number for status, number in counted.items() if status in {"200", "204"})
    refused = sum(number for reason, number in reasons.items() if reason in {"malformed", "unknown_exchange"})
    requests = sum(counted.values())
    return Funnel(
        requests=requests,
        reasons=dict(sorted(reasons.items(), key=lambda each: -each[1])),
        late=between.total("bidder_late_answers_total"),
        faults=between.total("bidder_faults_total"),
        campaigns_without_one_reason=between.total("bidder_closure_error_total"),
        unexplained=abs(decided - (sum(reasons.values()) - refused)),
        uncounted=max(0, sum(statuses.values()) - requests),
    )
