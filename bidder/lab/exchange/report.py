"""The totals of a run for people: figures, notices and what went wrong."""

from collections import Counter
from collections.abc import Iterator, Mapping

from bidder.lab.exchange.notices import Account, Kind
from bidder.lab.exchange.tally import Tally

NOTICE_COLUMNS = ("due", "acknowledged", "failed", "abandoned", "open", "copies", "late", "retries", "elsewhere")
"""What is told of each kind of notice; what is due is the sum of the four after it."""


def figures(tally: Tally, elapsed_s: float) -> list[tuple[str, str]]:
    """The main numbers with their names."""
    decided = tally.wins + tally.losses.total()
    return [
        ("time", f"{elapsed_s:.0f} s"),
        ("requests", f"{tally.sent:,}, {_rate(tally)}"),
        ("answers", counted({f"HTTP {status}": number for status, number in sorted(tally.statuses.items())})),
        ("bids", f"{tally.bids:,}, bid rate {_percent(tally.bid_answers, tally.sent)}"),
        ("wins", f"{tally.wins:,}, win rate {_percent(tally.wins, decided)}"),
        ("impressions", f"{tally.impressions:,}"),
        ("spend", _spend(tally)),
        ("CPM", _cpm(tally)),
        ("clicks", f"{tally.clicks:,}, CTR {_percent(tally.clicks, tally.impressions, 2)}"),
        ("conversions", f"{tally.conversions:,}"),
        ("latency", f"p50 {tally.latency.percentile(50):.1f} ms, p99 {tally.latency.percentile(99):.1f} ms"),
        ("timeouts", f"{tally.timeouts:,}"),
        ("invalid answers", f"{tally.invalid:,}"),
    ]


def notice_row(account: Account) -> tuple[str, ...]:
    """The numbers of one kind, in the order of `NOTICE_COLUMNS`."""
    numbers = account.as_json()
    return tuple(f"{numbers[column]:,}" for column in NOTICE_COLUMNS)


def mishaps(tally: Tally) -> list[tuple[str, str]]:
    """What is worth a look, and nothing where nothing is."""
    failed: Counter[str] = Counter()
    for kind, account in tally.notices.items():
        failed.update({f"{kind}: {cause}": number for cause, number in account.failed.items()})
    found = [
        ("lost", counted(tally.losses)),
        ("no-bid reasons", counted({f"nbr {code}": number for code, number in sorted(tally.no_bid_reasons.items())})),
        ("tests answered", f"{tally.tests:,}" if tally.tests else ""),
        ("sales without click id", f"{tally.without_click_id:,}" if tally.without_click_id else ""),
        ("requests held back", f"{tally.held_back:,}" if tally.held_back else ""),
        ("requests unanswered", counted(tally.unanswered)),
        ("failed notices", counted(failed)),
        ("warnings", counted(tally.warnings)),
        ("broken rules", counted(tally.broken_rules)),
    ]
    return [(name, text) for name, text in found if text]


def summary(tally: Tally, elapsed_s: float) -> Iterator[str]:
    """The end of a run, line by line."""
    for name, text in (*figures(tally, elapsed_s), *mishaps(tally)):
        yield f"{name:<23} {text}"
    yield ""
    yield f"{'notices':<15}" + "".join(f"{column:>13}" for column in NOTICE_COLUMNS)
    for kind, account in tally.notices.items():
        if account.due or account.elsewhere:
            yield f"{kind:<15}" + "".join(f"{number:>13}" for number in notice_row(account))
    for example in tally.examples:
        yield f"invalid answer to {example}"
    yield ""
    yield verdict(tally)


def verdict(tally: Tally) -> str:
    """One sentence on the run."""
    if tally.is_clean:
        return f"Clean: {_due(tally.notices):,} notices due, each acknowledged; no invalid answer, no server error."
    return (
        f"Not clean: {tally.invalid:,} invalid answers, {tally.failed_notices:,} notices not acknowledged, "
        f"{tally.server_errors:,} server errors, {tally.refused:,} requests refused, "
        f"{tally.unreached:,} that did not reach the bidder."
    )


def progress(tally: Tally, elapsed_s: float) -> str:
    """One line while the run goes on."""
    return (
        f"{elapsed_s:5.0f} s  {tally.sent:,} requests  {tally.bids:,} bids  {tally.wins:,} wins  {_spend(tally)}  "
        f"p99 {tally.latency.percentile(99):.1f} ms  {tally.timeouts:,} timeouts  {tally.invalid:,} invalid  "
        f"{_due(tally.notices):,} notices  {tally.failed_notices:,} failed"
    )


def counted(numbers: Mapping[str, int]) -> str:
    """Names with their numbers, such as "HTTP 200 1,204, HTTP 204 96"."""
    return ", ".join(f"{name} {number:,}" for name, number in numbers.items())


def _due(accounts: Mapping[Kind, Account]) -> int:
    return sum(account.due for account in accounts.values())


def _rate(tally: Tally) -> str:
    return f"{(tally.sent - 1) / tally.sending_s:,.0f}/s" if tally.sending_s else "one so far"


def _spend(tally: Tally) -> str:
    amounts = (f"{tally.spend_micros(cur) / 1e6:,.4f} {cur}" for cur in sorted(tally.spend_cpm_micros))
    return ", ".join(amounts) or "nothing"


def _cpm(tally: Tally) -> str:
    """What a thousand impressions cost, by currency."""
    costs = (
        f"{tally.spend_cpm_micros[cur] / tally.impressions_by_currency[cur] / 1e6:,.3f} {cur}"
        for cur in sorted(tally.spend_cpm_micros)
    )
    return ", ".join(costs) or "none"


def _percent(part: int, whole: int, places: int = 1) -> str:
    return f"{100 * part / whole:.{places}f} %" if whole else "none"
