"""`python -m loadtests compare A B`: two runs side by side, with a verdict for each metric."""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import NamedTuple

from loadtests import result
from loadtests.page import HEAD, STYLE
from loadtests.record import ERRORS
from loadtests.result import Run

SAME, WORSE_FOUND, UNUSABLE = 0, 1, 2
"""Exit codes: no metric got worse; one did; a file cannot be read."""

TOLERANCE = 0.1
"""A change by up to this share of A is none, unless `--tolerance` says otherwise."""


class Metric(NamedTuple):
    """One figure of two runs."""

    name: str
    a: float | None
    b: float | None
    unit: str = ""
    more_is_better: bool = False
    least: float = 0.0
    """A difference below this is none, whatever its share."""

    def verdict(self, tolerance: float) -> str:
        """`better`, `worse`, `same`, or `not comparable`."""
        if self.a is None or self.b is None:
            return "not comparable"
        difference = self.b - self.a
        if abs(difference) <= max(self.least, tolerance * abs(self.a)):
            return "same"
        return "better" if (difference > 0) == self.more_is_better else "worse"

    @property
    def change(self) -> str:
        """From A to B, in percent of A."""
        if not self.a or self.b is None:
            return ""
        return f"{100 * (self.b / self.a - 1):+.1f} %"


def metrics(a: Run, b: Run) -> list[Metric]:
    """What two runs are compared by."""
    return [
        *_latencies(a, b),
        Metric("late share", a.late_share, b.late_share, least=0.0005),
        Metric("error share", _error_share(a), _error_share(b), least=0.0005),
        Metric("invalid answers", a.invalid, b.invalid),
        Metric("funnel open ends", _open_ends(a), _open_ends(b)),
        Metric("achieved rate", a.achieved_rate, b.achieved_rate, "/s", more_is_better=True),
        Metric("bid share", _share(a, "bid"), _share(b, "bid"), more_is_better=True, least=0.01),
        Metric("turned away share", _share(a, "turned_away"), _share(b, "turned_away"), least=0.0005),
        Metric("peak goodput", _peak(a), _peak(b), "/s", more_is_better=True),
        Metric("highest memory", _memory(a), _memory(b), " MiB"),
    ]


def same_traffic(a: Run, b: Run) -> list[str]:
    """In what two runs differ, so that comparing them says little; empty where they do not."""
    asked = (("kind", a.kind, b.kind), ("profile", a.profile, b.profile), ("arrivals", a.arrivals, b.arrivals))
    found = [f"{name}: {one} and {other}" for name, one, other in asked if one != other]
    if a.asked_rate and abs(b.asked_rate / a.asked_rate - 1) > 0.02:
        found.append(f"asked rate: {a.asked_rate:,.0f}/s and {b.asked_rate:,.0f}/s")
    return found


def _latencies(a: Run, b: Run) -> Iterator[Metric]:
    for name in ("p50", "p90", "p99", "p999", "max"):
        one, other = (getattr(run.accepted_us, name) if run.accepted_us else None for run in (a, b))
        shown = "p99.9" if name == "p999" else name
        yield Metric(f"decided {shown}", _ms(one), _ms(other), " ms", least=0.05)


def _ms(us: int | None) -> float | None:
    return None if us is None else us / 1000


def _error_share(run: Run) -> float | None:
    failed = sum(run.outcomes.get(outcome.name.lower(), 0) for outcome in ERRORS)
    return failed / run.planned if run.planned else None


def _share(run: Run, outcome: str) -> float | None:
    return run.outcomes.get(outcome, 0) / run.planned if run.planned else None


def _open_ends(run: Run) -> float | None:
    funnel = run.funnel
    return None if funnel is None else funnel.unexplained + funnel.uncounted + funnel.campaigns_without_one_reason


def _peak(run: Run) -> float | None:
    return max((step.goodput for step in run.steps if step.goodput is not None), default=None)


def _memory(run: Run) -> float | None:
    found = [at.rss_bytes for at in run.usage] + [step.server_rss_bytes for step in run.steps]
    return max(found) / 2**20 if found else None


def rows(a: Run, b: Run, tolerance: float) -> list[tuple[str, str, str, str, str]]:
    """Name, A, B, change and verdict of each metric that both or one of them has."""
    return [
        (each.name, _shown(each.a, each.unit), _shown(each.b, each.unit), each.change, each.verdict(tolerance))
        for each in metrics(a, b)
        if each.a is not None or each.b is not None
    ]


def _shown(value: float | None, unit: str) -> str:
    return "not told" if value is None else f"{value:,.6g}{unit}"


def add_arguments(parser: ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument("a", type=Path, help="the JSON of the run to compare with")
    parser.add_argument("b", type=Path, help="the JSON of the run to judge")
    parser.add_argument(
        "--tolerance", type=float, default=TOLERANCE, help="share of A that is no change (default %(default)g)"
    )
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the comparison there as a page")


def run(options: Namespace) -> int:
    """`compare`; the exit code."""
    try:
        a, b = result.read(options.a), result.read(options.b)
    except (OSError, result.UnreadableError) as error:
        sys.stderr.write(f"compare: {error}\n")
        return UNUSABLE
    table = rows(a, b, options.tolerance)
    notes = [f"not the same traffic: {each}" for each in same_traffic(a, b)]
    for note in notes:
        sys.stdout.write(f"{note}\n")
    for name, one, other, change, verdict in [("metric", "A", "B", "change", "verdict"), *table]:
        sys.stdout.write(f"{name:20}{one:>16}{other:>16}{change:>12}  {verdict}\n")
    if options.out is not None:
        options.out.write_text(_page(options, notes, table), "utf-8")
    return WORSE_FOUND if any(row[-1] == "worse" for row in table) else SAME


def _page(options: Namespace, notes: list[str], table: list[tuple[str, str, str, str, str]]) -> str:
    title = f"{options.b.name} against {options.a.name}"
    look = {"worse": "failed", "better": "passed"}
    cells = (
        f'<tr><th>{escape(name)}</th><td class="n">{escape(a)}</td><td class="n">{escape(b)}</td>'
        f'<td class="n">{escape(change)}</td><td class="{look.get(verdict, "note")}">{escape(verdict)}</td></tr>'
        for name, a, b, change, verdict in table
    )
    names = "".join(f'<th class="n">{escape(path.name)}</th>' for path in (options.a, options.b))
    head = f'<tr><th>metric</th>{names}<th class="n">change</th><th>verdict</th></tr>'
    said = "".join(f'<p class="failed">{escape(note)}</p>' for note in notes)
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head>{HEAD}<title>{escape(title)}</title>'
        f"<style>{STYLE}</style></head><body><h1>{escape(title)}</h1>{said}<table>{head}{''.join(cells)}</table></body></html>\n"
    )
