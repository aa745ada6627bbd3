"""Everything that is counted in a run."""

import math
from collections import Counter
from typing import Any

from msgspec import Struct, field

from bidder.lab.exchange.auctioneer import Hammered, Result
from bidder.lab.exchange.client import TIMED_OUT
from bidder.lab.exchange.notices import Account, Kind, new_accounts

MAX_EXAMPLES = 8
"""Invalid answers shown in full."""

_GROWTH = math.log(1.02)  # each bucket of a histogram is 2 % wide
_LEAST_MS = 0.01


class Latency:
    """Times in milliseconds, in a histogram that stays small; percentiles are right to 2 %."""

    def __init__(self) -> None:
        self._buckets: Counter[int] = Counter()

    def add(self, milliseconds: float) -> None:
        """Count one time."""
        self._buckets[math.ceil(math.log(max(milliseconds, _LEAST_MS) / _LEAST_MS) / _GROWTH)] += 1

    def percentile(self, percent: float) -> float:
        """The time that `percent` of all times do not exceed; 0 where none was counted."""
        wanted = self._buckets.total() * percent / 100
        seen = 0
        for bucket in sorted(self._buckets):
            seen += self._buckets[bucket]
            if seen >= wanted:
                return _LEAST_MS * math.exp(bucket * _GROWTH)
        return 0.0


class Tally(Struct):
    """The totals of a run. Spend is in millionths of CPM by currency: a thousandth of it is micros."""

    sent: int = 0
    sending_s: float = 0.0  # from the start to the last request
    held_back: int = 0  # not sent, since too many were in flight or the run was too far behind
    statuses: Counter[int] = field(default_factory=Counter)
    unanswered: Counter[str] = field(default_factory=Counter)  # by cause
    late: int = 0  # answered later than tmax
    bid_answers: int = 0  # valid and in time, with at least one bid
    bids: int = 0  # valid and in time
    no_bid_reasons: Counter[int] = field(default_factory=Counter)  # nbr of answers with a body
    invalid: int = 0
    examples: list[str] = field(default_factory=list)
    broken_rules: Counter[str] = field(default_factory=Counter)
    warnings: Counter[str] = field(default_factory=Counter)
    tests: int = 0  # bids on requests with test=1, which nobody pays
    wins: int = 0
    losses: Counter[str] = field(default_factory=Counter)
    impressions_by_currency: Counter[str] = field(default_factory=Counter)  # wins that rendered, which are billed
    spend_cpm_micros: Counter[str] = field(default_factory=Counter)
    clicks: int = 0
    conversions: int = 0
    without_click_id: int = 0  # sales that could not be reported
    latency: Latency = field(default_factory=Latency)  # from the intended time of sending
    lag: Latency = field(default_factory=Latency)  # of the sending itself behind its intended time
    notices: dict[Kind, Account] = field(default_factory=new_accounts)

    def started(self, sent_s: float, due_s: float) -> None:
        """Count a request sent that long after the start, and when it was due."""
        self.sent += 1
        self.sending_s = sent_s
        self.lag.add((sent_s - due_s) * 1e3)

    def answered(self, status: int, latency_ms: float, tmax_ms: float) -> bool:
        """Count an answer. Returns whether it came in time."""
        self.statuses[status] += 1
        self.latency.add(latency_ms)
        self.late += latency_ms > tmax_ms
        return latency_ms <= tmax_ms

    def settled(self, result: Result, request_id: str) -> None:
        """Count an answer that was judged and its bids."""
        errors, response = result.verdict.errors, result.verdict.response
        self.warnings.update(found.rule for found in result.verdict.warnings)
        if response is not None and response.nbr is not None:
            self.no_bid_reasons[response.nbr] += 1
        if errors:
            self.invalid += 1
            self.broken_rules.update({found.rule for found in errors})
            if len(self.examples) < MAX_EXAMPLES:
                self.examples.append(f"{request_id}: " + "; ".join(str(found) for found in errors[:3]))
        elif result.bids:
            self.bid_answers += 1
            self.bids += len(result.bids)
        for hammered in result.bids:
            self._hammered(hammered)

    def _hammered(self, hammered: Hammered) -> None:
        if hammered.test:
            self.tests += 1
        elif hammered.outcome.won:
            self.wins += 1
        else:
            self.losses[hammered.outcome.loss.name.lower()] += 1

    def billed(self, currency: str, price_cpm_micros: int) -> None:
        """Count an impression that the exchange bills."""
        self.impressions_by_currency[currency] += 1
        self.spend_cpm_micros[currency] += price_cpm_micros

    @property
    def server_errors(self) -> int:
        """Answers with a status of 500 or above; 200 and 204 are what a bidder should answer."""
        return sum(number for status, number in self.statuses.items() if status >= 500)

    @property
    def refused(self) -> int:
        """Answers with any other status than 200 and 204, such as a 404 where nobody bids."""
        return sum(number for status, number in self.statuses.items() if status < 500 and status not in (200, 204))

    @property
    def failed_notices(self) -> int:
        """Notices that were never acknowledged, abandoned ones included."""
        return sum(account.failures + account.abandoned for account in self.notices.values())

    @property
    def timeouts(self) -> int:
        """Requests not answered within tmax."""
        return self.late + self.unanswered[TIMED_OUT]

    @property
    def unreached(self) -> int:
        """Requests that failed on their way, or whose answer did."""
        return self.unanswered.total() - self.unanswered[TIMED_OUT]

    @property
    def impressions(self) -> int:
        """Ads that rendered and are billed."""
        return self.impressions_by_currency.total()

    @property
    def is_clean(self) -> bool:
        """Whether the bidder was reached, never failed or refused, broke no rule, and acknowledged every notice."""
        return not (self.invalid or self.failed_notices or self.server_errors or self.refused or self.unreached)

    def spend_micros(self, currency: str) -> int:
        """What the exchange bills in that currency, in whole micros."""
        return self.spend_cpm_micros[currency] // 1000

    def as_json(self) -> dict[str, Any]:
        """The totals by name; times in milliseconds, money in micros."""
        apart = {"latency", "lag", "notices", "spend_cpm_micros", "statuses", "no_bid_reasons"}
        plain = {name: getattr(self, name) for name in self.__struct_fields__ if name not in apart}
        derived = {
            name: getattr(self, name)
            for name in ("timeouts", "impressions", "server_errors", "refused", "failed_notices")
        }
        return (
            plain
            | derived
            | {
                "statuses": {str(status): number for status, number in sorted(self.statuses.items())},
                "no_bid_reasons": {str(code): number for code, number in sorted(self.no_bid_reasons.items())},
                "spend_micros": {currency: self.spend_micros(currency) for currency in self.spend_cpm_micros},
                "latency_ms": {f"p{percent}": round(self.latency.percentile(percent), 3) for percent in (50, 90, 99)},
                "lag_ms": {"p99": round(self.lag.percentile(99), 3)},
                "notices": {kind.value: account.as_json() for kind, account in self.notices.items()},
                "clean": self.is_clean,
            }
        )
