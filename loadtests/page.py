"""A run as one page of HTML that needs nothing else: figures, gates and charts."""

from collections.abc import Iterable, Iterator
from html import escape
from pathlib import Path

from loadtests import chart
from loadtests.chart import Axis
from loadtests.gates import AT_LEAST, MEANINGS
from loadtests.histogram import Percentiles
from loadtests.result import Moment, Run, Step

HEAD = '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; color: #0f172a; max-width: 900px; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.4rem } h2 { font-size: 1.05rem; margin: 2rem 0 .4rem }
table { border-collapse: collapse } td, th { padding: .15rem .9rem .15rem 0; text-align: left; vertical-align: top }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums }
.passed { color: #047857 } .failed { color: #b91c1c; font-weight: 600 } .note { color: #475569 }
.legend span { margin-right: 1.2rem }
.legend i { display: inline-block; width: .8rem; height: .8rem; margin-right: .4rem }
svg { max-width: 100%; height: auto }
"""
SECOND = Axis("second of the run")


def write(run: Run, path: Path) -> None:
    """Write the page of a run."""
    path.write_text(page(run), "utf-8")


def page(run: Run) -> str:
    """The whole page."""
    title = f"Load test: {run.kind}, {run.profile}"
    parts = [f"<h1>{escape(title)}</h1>", *_verdict(run), _figures(run), _latencies(run), _gates(run), *_charts(run)]
    head = f"{HEAD}<title>{escape(title)}</title><style>{STYLE}</style>"
    return f'<!DOCTYPE html>\n<html lang="en"><head>{head}</head><body>\n{"".join(parts)}\n</body></html>\n'


def _verdict(run: Run) -> Iterator[str]:
    word, look = ("passed", "passed") if run.passed else ("not passed", "failed")
    machine = run.machine
    yield f'<p class="{look}">Verdict: {word}</p>'
    if run.refusal is not None:
        yield f'<p class="failed">No latency is told: {escape(run.refusal)}</p>'
    where = (
        run.url,
        f"commit {machine.commit}",
        f"{machine.cores} cores",
        f"Python {machine.python}",
        machine.platform,
    )
    about = ", ".join((*where, f"load average {machine.load_average}", machine.at))
    yield f'<p class="note">{escape(about)}</p>'


def _figures(run: Run) -> str:
    if not run.planned:
        return _steps(run)
    rows = [
        ("requests", f"{run.sent:,} sent, {run.planned:,} planned, in {run.seconds:g} s, {run.arrivals}"),
        ("rate", f"{run.achieved_rate:,.1f}/s of {run.asked_rate:,.1f}/s asked"),
        ("ends", _counted(run.outcomes)),
        ("answers", _counted({f"HTTP {status}:": number for status, number in run.statuses.items()})),
        ("errors", _counted(run.errors)),
        ("late", f"{run.late:,} of the answers that decided ({100 * run.late_share:.4f} %)"),
        ("checked", f"{run.checked:,} answers, {run.invalid:,} invalid"),
        ("notices", _counted(run.notices)),
        ("went live", f"{run.edits} edits, {run.swaps} swaps of a model" if run.edits or run.swaps else ""),
    ]
    if run.funnel is not None:
        closes = "closes" if run.funnel.closes else "does not close"
        rows.append(("bidder's count", f"{run.funnel.requests:,} answers; funnel {closes}"))
    cells = (f"<tr><th>{escape(name)}</th><td>{escape(text)}</td></tr>" for name, text in rows if text)
    examples = "".join(f'<p class="failed">{escape(example)}</p>' for example in run.examples)
    return f"<table>{''.join(cells)}</table>{examples}"


def _steps(run: Run) -> str:
    names = ("offered", "goodput", "turned away", "late", "p99, ms", "memory, MiB")
    head = "".join(f'<th class="n">{name}</th>' for name in names)
    rows = "".join(map(_step, run.steps))
    return f"<p>Steps of {run.seconds:g} s.</p><table><tr>{head}</tr>{rows}</table>"


def _step(step: Step) -> str:
    if step.goodput is None:
        why = escape(step.refusal or "")
        return f'<tr><td class="n">{step.offered:,.0f}</td><td class="note" colspan="5">not told: {why}</td></tr>'
    p99 = "" if step.accepted_p99_us is None else f"{step.accepted_p99_us / 1000:,.1f}"
    memory = f"{step.server_rss_bytes / 2**20:,.0f}" if step.server_rss_bytes else ""
    figures = (
        f"{step.offered:,.0f}",
        f"{step.goodput:,.0f}",
        f"{step.turned_away:,.0f}",
        f"{100 * step.late_share:.3f} %",
    )
    cells = "".join(f'<td class="n">{text}</td>' for text in (*figures, p99, memory))
    return f"<tr>{cells}</tr>"


def _counted(numbers: dict[str, int]) -> str:
    return ", ".join(f"{name} {number:,}" for name, number in numbers.items())


def _latencies(run: Run) -> str:
    named = (("all requests", run.latency_us), ("decided", run.accepted_us), ("sender's own lag", run.send_lag_us))
    rows = [_percentile_row(name, found) for name, found in named if found is not None]
    if not rows:
        return ""
    head = "".join(f'<th class="n">{name}</th>' for name in ("count", "mean", "p50", "p90", "p99", "p99.9", "max"))
    since = "sent" if run.kind == "locust" else "due"
    return (
        f"<h2>Latency, milliseconds from the moment {since}</h2><table><tr><th></th>{head}</tr>{''.join(rows)}</table>"
    )


def _percentile_row(name: str, found: Percentiles) -> str:
    points = (found.mean, found.p50, found.p90, found.p99, found.p999, found.max)
    cells = "".join(f'<td class="n">{value / 1000:,.3f}</td>' for value in points)
    return f'<tr><th>{escape(name)}</th><td class="n">{found.count:,}</td>{cells}</tr>'


def _gates(run: Run) -> str:
    rows = []
    for gate in run.gates:
        measured = "not measured" if gate.measured is None else f"{gate.measured:g}"
        look, word = ("passed", "passed") if gate.passed else ("failed", "FAILED")
        limit = f"{'at least' if gate.name.startswith(AT_LEAST) else 'at most'} {gate.limit:g}"
        cells = f'<td class="n">{measured}</td><td class="n">{limit}</td><td class="{look}">{word}</td>'
        meaning = escape(MEANINGS.get(gate.name, ""))
        rows.append(f'<tr><th>{escape(gate.name)}</th><td class="note">{meaning}</td>{cells}</tr>')
    head = '<tr><th>gate</th><th></th><th class="n">measured</th><th class="n">limit</th><th></th></tr>'
    return f"<h2>Gates</h2><table>{head}{''.join(rows)}</table>" if rows else ""


def _charts(run: Run) -> Iterator[str]:
    yield from _figure("Latency over time", _over_time(run.series))
    yield from _figure("What became of the requests, a second", _ends(run.series))
    yield from _figure("Goodput by offered rate", _goodput(run))
    yield from _figure("p99 of answers that decided, by offered rate", _accepted(run))
    yield from _figure("Memory of the bidder by offered rate", _step_memory(run))
    yield from _figure("Memory of the bidder", _memory(run))
    yield from _figure("Waiting of the bidder for a processor, since its start", _waited(run))
    yield from _figure("Open descriptors of the bidder", _descriptors(run))
    reasons = run.funnel.reasons if run.funnel is not None else run.reasons
    yield from _figure("Reasons", chart.bars({name: float(number) for name, number in list(reasons.items())[:15]}))


def _figure(title: str, drawing: str) -> Iterable[str]:
    return (f"<h2>{escape(title)}</h2>", drawing) if drawing else ()


def _over_time(series: list[Moment]) -> str:
    named = {
        "p50": [(float(at.second), at.p50_us / 1000) for at in series],
        "p90": [(float(at.second), at.p90_us / 1000) for at in series],
        "p99": [(float(at.second), at.p99_us / 1000) for at in series],
    }
    return chart.lines(named, SECOND, Axis("ms"))


def _ends(series: list[Moment]) -> str:
    named = {
        "all": [(float(at.second), float(at.due)) for at in series],
        "in time": [(float(at.second), float(at.in_time)) for at in series],
        "late": [(float(at.second), float(at.late)) for at in series],
        "turned away": [(float(at.second), float(at.turned_away)) for at in series],
        "errors": [(float(at.second), float(at.errors)) for at in series],
    }
    shown = {name: line for name, line in named.items() if name in {"all", "in time"} or any(y for _, y in line)}
    return chart.lines(shown, SECOND, Axis("requests/s"))


def _goodput(run: Run) -> str:
    named = {
        "goodput": [(step.offered, step.goodput) for step in run.steps if step.goodput is not None],
        "turned away": [(step.offered, step.turned_away) for step in run.steps],
    }
    return chart.lines(named, Axis("offered, requests/s"), Axis("answers/s"))


def _accepted(run: Run) -> str:
    points = [(step.offered, step.accepted_p99_us / 1000) for step in run.steps if step.accepted_p99_us is not None]
    return chart.lines({"p99": points}, Axis("offered, requests/s"), Axis("ms"), _deadline(run))


def _deadline(run: Run) -> tuple[str, float] | None:
    return ("deadline", run.deadline_ms) if run.deadline_ms is not None else None


def _step_memory(run: Run) -> str:
    points = [(step.offered, step.server_rss_bytes / 2**20) for step in run.steps if step.server_rss_bytes]
    return chart.lines({"resident": points}, Axis("offered, requests/s"), Axis("MiB"))


def _memory(run: Run) -> str:
    return chart.lines({"resident": [(at.second, at.rss_bytes / 2**20) for at in run.usage]}, SECOND, Axis("MiB"))


def _waited(run: Run) -> str:
    points = [(at.second, at.waited_s) for at in run.usage]
    return chart.lines({"waited": points}, SECOND, Axis("s")) if any(y for _, y in points) else ""


def _descriptors(run: Run) -> str:
    return chart.lines({"open": [(at.second, float(at.descriptors)) for at in run.usage]}, SECOND, Axis("descriptors"))
