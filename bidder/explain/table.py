"""An explanation as a table for people."""

from collections.abc import Iterator

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bidder.auction.explain import Failure, LineReport
from bidder.explain.explanation import Explanation


def show(explanation: Explanation, console: Console) -> None:
    """Print the request's fate, the lines that could bid, and then every failed gate of the others."""
    console.print(Text(f"request {explanation.request} from {explanation.exchange}: {explanation.screened}"))
    for rule in explanation.broken:
        console.print(Text(f"  {rule}"))
    console.print(Text(f"personal data: {explanation.privacy}    configuration {explanation.config[:12]}"))
    if not explanation.lines:
        return
    predicted = [f"{goal} {name}" for goal, name in explanation.models.items()]
    console.print(Text(f"probabilities: {', '.join(predicted)}"))
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("campaign", "imp", "outcome", "gate", "seen", "wanted", "to let it bid"):
        table.add_column(title, overflow="fold")
    for report in sorted(
        explanation.lines, key=lambda each: (each.outcome != "bid", len(each.failures), each.campaign)
    ):
        for row in _rows(report):
            table.add_row(*map(Text, row))
    console.print(table)


def _rows(report: LineReport) -> Iterator[tuple[str, ...]]:
    first = (report.campaign, report.imp, report.outcome)
    if not report.failures:
        price = f"price {report.price_cpm:.3f}" if report.price_cpm is not None else ""
        yield (*first, "", f"{report.format} {report.creative}", price, f"floor {report.floor_cpm or 0:.3f}")
    for number, failure in enumerate(report.failures):
        yield (*(first if number == 0 else ("", "", "")), *_cells(failure))


def _cells(failure: Failure) -> tuple[str, ...]:
    return (failure.reason, failure.seen, failure.wanted, failure.change)
