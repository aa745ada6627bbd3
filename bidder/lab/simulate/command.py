"""`bidder simulate`: the pacing controller through recorded auctions, a day in seconds, judged and audited."""

import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from bidder.domain.money import micros_from_amount
from bidder.lab.simulate.audit import AuditError, audit
from bidder.lab.simulate.market import FEN_CPM_MICROS, HIGHEST_PRICE, UnusableInputError
from bidder.lab.simulate.play import play
from bidder.lab.simulate.plot import plot, require_plot
from bidder.lab.simulate.recorded import read_ipinyou
from bidder.lab.simulate.scenario import SHAPES, known_before, market_of, terms_of
from bidder.lab.simulate.score import score
from bidder.lab.simulate.table import as_json, figure_table

FINE, DEFECT, UNUSABLE, INTERRUPTED = 0, 1, 2, 130
"""Exit codes: done; the audit failed or the budget was overspent; nothing to do with these arguments; Ctrl-C."""

_HIGHEST_CPM = Decimal(HIGHEST_PRICE * FEN_CPM_MICROS) / 1000
_MOST_PART = 1000
"""Of the cost of all auctions, or of their number."""
_MOST_MONEY = 1_000_000_000


def add_arguments(parser: ArgumentParser) -> None:
    """The arguments of the command; `run` takes what the parser makes of them."""
    _add_market(parser)
    _add_budget(parser)
    add = parser.add_argument
    add("--pacing", choices=SHAPES, help="the plan (default: even on the clock `count`, else traffic)")
    add(
        "--forecast",
        type=_factor,
        default=1.0,
        metavar="FACTOR",
        help="the forecast of the traffic over the truth; 0: there is no forecast (default: %(default)s)",
    )
    add("--notice-delay", type=_count, default=0, metavar="N", help="the outcome of a bid is known N auctions later")
    add("--auction", choices=("second", "first"), default="second", help="who wins pays the second price, or the bid")
    add("--plot", type=Path, metavar="FILE", help="draw spend against plan, throttle, multiplier and price")
    add("--json", action="store_true", help="print the figures for programs")


def run(options: Namespace) -> int:
    """Simulate, audit, print. Returns one of the exit codes above."""
    try:
        return _simulate(options)
    except UnusableInputError as error:
        return _complain(str(error), UNUSABLE)
    except OSError as error:
        return _complain(f"{error.filename}: {error.strerror}" if error.filename else str(error), UNUSABLE)
    except AuditError as error:
        return _complain(f"the audit failed: {error}", DEFECT)
    except KeyboardInterrupt:
        return INTERRUPTED


def _simulate(options: Namespace) -> int:
    if options.plot is not None:
        require_plot(options.plot)
    market = market_of(options)
    landscape, click_micros = known_before(options, market)
    if options.learn is not None:
        lesson = read_ipinyou(options.learn, options.clock)
        with _progress("learning") as progress:
            landscape = play(lesson, terms_of(options, lesson, click_micros), landscape, progress).state.landscape
    terms = terms_of(options, market, click_micros)
    with _progress("bidding") as progress:
        record = play(market, terms, landscape, progress)
    figures = score(market, terms, record, audit(market, terms, record))
    if options.json:
        sys.stdout.write(as_json(figures) + "\n")
    else:
        Console(highlight=False).print(figure_table(figures, terms, record))
    if options.plot is not None:
        plot(options.plot, market, terms, record, figures)
    return DEFECT if figures.overspend_micros else FINE


@contextmanager
def _progress(doing: str) -> Iterator[Callable[[float], None]]:
    """A bar on stderr, where a person looks on."""
    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal, transient=True) as bar:
        task = bar.add_task(doing, total=1.0)
        yield lambda part: bar.update(task, completed=part)


def _complain(message: str, code: int) -> int:
    sys.stderr.write(f"bidder simulate: {message}\n")
    return code


def _add_market(parser: ArgumentParser) -> None:
    market = parser.add_mutually_exclusive_group(required=True)
    market.add_argument("--auctions", type=Path, metavar="FILE", help="recorded auctions, may be gzipped")
    market.add_argument("--seed", type=_count, metavar="N", help="a market made up from this seed")
    add = parser.add_argument
    add("--format", choices=("ipinyou",), default="ipinyou", help="of the recorded auctions (default: %(default)s)")
    add("--clock", choices=("hours", "count"), default="count", help="time is recorded, or an auction a second")
    add("--prior", type=Path, metavar="FILE", help="an info.json: prices of the market before the first auction")
    add("--learn", type=Path, metavar="FILE", help="auctions to learn the market from first, in a flight of their own")


def _add_budget(parser: ArgumentParser) -> None:
    add = parser.add_argument
    add(
        "--budget-fraction",
        type=_part,
        default=Fraction(1, 8),
        metavar="PART",
        help="the budget as a part of what all auctions cost, as in 0.125 or 1/8, which is the default",
    )
    add("--budget-total", type=_micros, metavar="MONEY", help="the budget of the flight, whatever the part")
    add("--click-value", type=_micros, metavar="MONEY", help="what a click is worth at most (default: no limit)")
    add("--max-cpm", type=_cpm, default=_HIGHEST_CPM, metavar="CPM", help="the most it bids (default: %(default)s)")


def _part(text: str) -> Fraction:
    try:
        part = Fraction(text)
    except (ValueError, ZeroDivisionError):
        part = Fraction(0)
    if not 0 < part <= _MOST_PART:
        raise ArgumentTypeError(f"a number above 0, up to {_MOST_PART}, is needed, found {text!r}")
    return part


def _money(text: str, least: Decimal) -> Decimal:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal(0)
    if not amount.is_finite() or not least <= amount <= _MOST_MONEY:
        raise ArgumentTypeError(f"an amount from {least:f} to {_MOST_MONEY:,} is needed, found {text!r}")
    return amount


def _cpm(text: str) -> Decimal:
    return _money(text, Decimal("0.001"))


def _micros(text: str) -> int:
    return micros_from_amount(_money(text, Decimal("0.000001")))


def _factor(text: str) -> float:
    try:
        factor = float(text)
    except ValueError:
        factor = -1.0
    if not 0 <= factor <= _MOST_PART:
        raise ArgumentTypeError(f"a number from 0 to {_MOST_PART} is needed, found {text!r}")
    return factor


def _count(text: str) -> int:
    if not text.isdecimal():
        raise ArgumentTypeError(f"a whole number, not negative, is needed, found {text!r}")
    return int(text)
