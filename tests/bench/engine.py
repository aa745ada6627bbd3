"""The engine alone, without HTTP: decode, decide, answer and record one 3 KB request, over 100 to 100,000 campaigns."""

import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import orjson

from bidder.auction.choice import Always
from bidder.auction.compile import compile_snapshot
from bidder.auction.respond import Responder
from bidder.auction.score import Estimate, FixedPredictor, ModelPredictor
from bidder.brain import DecidingBrain, FunnelCounts
from bidder.clock import wall_s
from bidder.config.load import load
from bidder.config.templates import init
from bidder.domain.links import LinkBuilder
from bidder.domain.ticket import Signer
from bidder.engine import Engine
from bidder.events.recorder import Recorder
from bidder.events.schema import Event
from bidder.ledger.board import Board, Shape
from bidder.ledger.purse import Purse
from models.store import Store
from openrtb import decode_request
from tests import shared
from tests.bench.hundred_trees import CLICK, CONVERSION, store_of_models
from tests.bench.measure import microseconds
from tests.bench.variety import bodies

COMMENT = """\
Two models of LightGBM, 100 trees with 31 leaves each; the event log is written. "Others" are requests that all differ
(`tests/bench/variety.py`); those that are evaluated in full are left out.
"""

SIZES = (100, 1_000, 10_000, 100_000)
EXCHANGE = "plain26"
PLENTY_MICROS = 1 << 50
EVENTS_A_FLUSH = 100

Estimates = tuple[Estimate, Estimate]
"""The model of clicks and that of conversions."""
VARIED = 4_000


def rows() -> Iterator[tuple[str, str, str]]:
    """What was measured, the figure, and the bar. Models are LightGBM of 100 trees with 31 leaves."""
    body = shared.path("bench/request_3k.json").read_bytes().strip()
    varied = bodies(body, VARIED)
    fewest_us: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as directory:
        store = Store(store_of_models(Path(directory)))
        estimates = Estimate(store.load(CLICK, "1")), Estimate(store.load(CONVERSION, "1"))
        for campaigns in SIZES:
            yield from _size_rows(campaigns, estimates, body, varied, fewest_us)
    with tempfile.TemporaryDirectory() as directory:
        brain = brain_over(1_000, Path(directory), None)
        yield _row("1,000 campaigns, fixed probabilities: the 3 KB request", _measured(brain, body)[0], "")


def _size_rows(
    campaigns: int, estimates: Estimates, body: bytes, varied: Sequence[bytes], fewest_us: dict[str, float]
) -> Iterator[tuple[str, str, str]]:
    with tempfile.TemporaryDirectory() as directory:
        brain = brain_over(campaigns, Path(directory), estimates)
        took, outcome = _measured(brain, body)
        mixed, bids = _measured_varied(brain, varied)
    name, bar = f"{campaigns:,} campaigns, models", "<= 5 x" if campaigns == 1_000 else ""
    yield _row(f"{name}: the 3 KB request, {outcome}", took, bar)
    yield _row(f"{name}: {VARIED:,} others, bids on {bids:.0%}", mixed, bar)
    for what, times in (("the 3 KB request", took), ("others", mixed)):
        fewest = fewest_us.setdefault(what, times["whole"])
        if campaigns == SIZES[-1]:
            yield f"{campaigns:,} campaigns against {SIZES[0]}, {what}", f"{times['whole'] / fewest:.2f} x", "<= 3 x"


def _row(what: str, took: Mapping[str, float], bar: str) -> tuple[str, str, str]:
    whole, decision = took["whole"] / took["orjson"], took["decision"] / took["orjson"]
    return what, f"{whole:.2f} x orjson.loads ({decision:.2f} to decide)", bar


def _measured(brain: DecidingBrain, body: bytes) -> tuple[dict[str, float], str]:
    """Times of decode, decide, answer and record (whole), and of deciding alone; and what the decision was."""
    now = wall_s()
    request = decode_request(body)
    answer = brain.answer(EXCHANGE, body, now, now)
    took = microseconds(
        {
            "orjson": lambda: orjson.loads(body),
            "whole": lambda: brain.answer(EXCHANGE, body, now, now),
            "decision": lambda: brain.engine.bid(request, EXCHANGE, now, now),
        },
        number=100,
        rounds=40,
    )
    return took, "a bid" if answer.status == 200 else f"no bid: {answer.reason.label}"


def _measured_varied(brain: DecidingBrain, varied: Sequence[bytes]) -> tuple[dict[str, float], float]:
    """The same over requests that all differ, each put once in a turn; and the share that is bid on.

    Those that are evaluated in full are left out: how many there are is the configuration's choice.
    """
    now = wall_s()
    usual = [each for each in varied if not brain.engine.evaluates_in_full(decode_request(each))]
    requests = [decode_request(each) for each in usual]
    bids = sum(brain.answer(EXCHANGE, each, now, now).status == 200 for each in usual) / len(usual)
    took = microseconds(
        {
            "orjson": lambda: _each(usual, orjson.loads),
            "whole": lambda: _each(usual, lambda body: brain.answer(EXCHANGE, body, now, now)),
            "decision": lambda: _each(requests, lambda request: brain.engine.bid(request, EXCHANGE, now, now)),
        },
        number=1,
        rounds=8,
    )
    return {name: us / len(usual) for name, us in took.items()}, bids


def _each(requests: Iterable[Any], run: Callable[[Any], object]) -> None:
    """Every request in turn; what comes of it is let go."""
    for request in requests:
        run(request)


class Flushing:
    """Records as a worker does, with the writing that a worker does on its timer."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder

    def __call__(self, event: Event) -> None:
        self._recorder.append(event)
        if self._recorder.pending >= EVENTS_A_FLUSH:
            self._recorder.flush(0)


def brain_over(campaigns: int, directory: Path, estimates: Estimates | None) -> DecidingBrain:
    """A brain over the `bench` template with so many campaigns, spending from a board; `None`: fixed probabilities."""
    init(directory / "config", "bench", campaigns)
    config = load(directory / "config")
    server = msgspec.structs.replace(config.bidder.server, public_url="https://bid.example")
    config = msgspec.structs.replace(config, bidder=msgspec.structs.replace(config.bidder, server=server))
    fixed = FixedPredictor(config.bidder.prediction)
    predictor = Always(fixed)
    if estimates is not None:
        click, conversion = estimates
        predictor = Always(ModelPredictor({"cpc": click, "cpa": conversion, "value": conversion}, fixed))
    snapshot = compile_snapshot(config, predictor.ceiling)
    snapshot.refresh(wall_s())
    board = Board.create(directory / "board", Shape(1, campaigns, 1))
    for slot, line in enumerate(snapshot.lines):
        line.slot = slot
        board.grant(0, slot, PLENTY_MICROS)
    responder = Responder(Signer([b"benchmark benchmark"]), LinkBuilder("https://bid.example"))
    return DecidingBrain(
        Engine(snapshot, Purse(board, 0), predictor),
        responder,
        Flushing(Recorder(directory / "segments")),
        FunnelCounts(),
        clock=lambda: 0.0,
    )
