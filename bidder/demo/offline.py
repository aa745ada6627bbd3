"""`bidder demo-log`: the demo's market on a clock turned by hand, without network, into an event log.

The engine of the bidder answers the traffic of the mock exchange, whose auctioneer and whose hidden truth decide what
follows. What a bidder would record of it is rolled into Parquet like the log of a live one, the same bytes for the same
arguments. Budgets are not counted, and no notice is lost, late or sent twice.
"""

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from msgspec.structs import replace

from bidder.answer import Answer
from bidder.auction.choice import Always
from bidder.auction.compile import compile_snapshot
from bidder.auction.respond import Responder
from bidder.auction.score import FixedPredictor
from bidder.brain import DecidingBrain, FunnelCounts
from bidder.config.load import load
from bidder.config.schema import Config
from bidder.config.templates import init
from bidder.domain.links import LinkBuilder
from bidder.domain.money import Micros
from bidder.domain.ticket import Signer
from bidder.engine import Engine
from bidder.events.reader import segment_path, sequences
from bidder.events.recorder import Limits, Recorder
from bidder.events.roll import roll_segment
from bidder.events.schema import Bid, Click, Conversion, Event, Impression, Notice
from bidder.lab.exchange.auctioneer import Auctioneer, Hammered
from bidder.lab.exchange.market import Market
from bidder.lab.exchange.markup import read_markup
from bidder.lab.exchange.traffic import Opportunity, opportunities
from bidder.lab.exchange.truth import Truth

START_S = datetime(2026, 3, 10, tzinfo=UTC).timestamp()
EXCHANGE = "demo"
WRITER = "demo"
UNUSABLE = 2
_ONE_SEGMENT_MS = 365 * 24 * 3_600_000
SECRET = b"only ever signs what is thrown away"


class Flow(NamedTuple):
    """What is played: traffic of a seed, spread evenly over some time, behind requests that are left out."""

    requests: int
    hours: float
    seed: int
    skipped: int = 0

    def at_s(self, number: int) -> float:
        """When the request with that number comes, counted from 0: whole milliseconds, as they are recorded."""
        return START_S + int(number * self.hours * 3_600_000 / self.requests) / 1000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument("--state", type=Path, required=True, metavar="DIR", help="a new directory for the event log")
    parser.add_argument("--requests", type=int, default=30_000, help="bid requests (%(default)s)")
    parser.add_argument(
        "--skip", type=int, default=0, metavar="REQUESTS", help="of the same market that come first and are left out"
    )
    parser.add_argument("--hours", type=float, default=24.0, help="time they are spread over (%(default)s)")
    parser.add_argument("--seed", type=int, default=7, help="of traffic, rivals and people (%(default)s, as the demo)")


def run(options: argparse.Namespace) -> int:
    """Exit code 0; 2 where the directory exists or cannot be written."""
    try:
        options.state.mkdir(parents=True)
        flow = Flow(options.requests, options.hours, options.seed, options.skip)
        counts = play(demo_config(), flow, options.state)
    except OSError as error:
        sys.stderr.write(f"bidder demo-log: --state {options.state}: a new directory is needed: {error.strerror}\n")
        return UNUSABLE
    for event, count in counts.items():
        sys.stdout.write(f"{event.lower():12}{count:>10}\n")
    return 0


def demo_config() -> Config:
    """The configuration of the demo."""
    with tempfile.TemporaryDirectory() as home:
        init(Path(home) / "config", "demo")
        return load(Path(home) / "config")


def play(config: Config, flow: Flow, state: Path) -> Counter[str]:
    """Play, and write what was recorded to STATE/events. Returns how many events of each type there are."""
    market, counts = OfflineMarket(config, flow.seed), Counter[str]()
    recorder = Recorder(state / "segments" / WRITER, Limits(segment_age_ms=_ONE_SEGMENT_MS))
    wanted = islice(opportunities(flow.seed), flow.skipped, flow.skipped + flow.requests)
    for number, opportunity in enumerate(wanted, flow.skipped):
        at_s = flow.at_s(number)
        for event in market.offer(opportunity, at_s):
            recorder.append(event)
            counts[type(event).__name__] += 1
        recorder.flush(int(1000 * at_s))
    recorder.close(int(1000 * market.now_s))
    for sequence in sequences(state / "segments" / WRITER):
        roll_segment(segment_path(state / "segments" / WRITER, sequence), state)
    return counts


class BottomlessPurse:
    """A purse that pays for everything."""

    def may_spend(self, slot: int, price: Micros) -> bool:  # noqa: ARG002
        return True

    def spend(self, slot: int, price: Micros) -> None:
        """Nothing becomes less."""

    def throttle_ppb(self, slot: int) -> int:  # noqa: ARG002
        return 1_000_000_000

    def multiplier_ppb(self, slot: int) -> int:  # noqa: ARG002
        return 1_000_000_000


class OfflineMarket:
    """One bidder and one exchange in one process; `now_s` is the only clock there is."""

    def __init__(self, config: Config, seed: int) -> None:
        self.now_s = START_S
        self._auctioneer = Auctioneer(Market(seed, competition=0.7), Truth(seed))
        self._made: list[Event] = []
        config = _unsampled(config)
        predictor = FixedPredictor(config.bidder.prediction)
        engine = Engine(compile_snapshot(config, predictor.ceiling), BottomlessPurse(), Always(predictor))
        responder = Responder(Signer([SECRET]), LinkBuilder(config.bidder.server.public_url))
        self._brain = DecidingBrain(engine, responder, self._made.append, FunnelCounts(), clock=lambda: self.now_s)

    def offer(self, opportunity: Opportunity, at_s: float) -> list[Event]:
        """All events that come of one request, bids first."""
        self.now_s = at_s
        self._made.clear()
        self._brain.tick(at_s)
        answer = self._brain.answer(EXCHANGE, opportunity.body, at_s, at_s)
        bids = [event for event in self._made if isinstance(event, Bid)]
        return [*bids, *self._aftermath(opportunity, answer, {bid.imp_id: bid for bid in bids})]

    def _aftermath(self, opportunity: Opportunity, answer: Answer, bids: dict[str, Bid]) -> Iterator[Event]:
        if answer.status != 200 or not bids:
            return
        for hammered in self._auctioneer.settle(opportunity, answer.body, "application/json").bids:
            if hammered.outcome.won and hammered.fate.renders and not hammered.test:
                yield from _shown(bids[hammered.outcome.bid.impid], hammered)


def _shown(bid: Bid, hammered: Hammered) -> Iterator[Event]:
    """The ad on the screen and what the person does then."""
    markup, fate = read_markup(hammered.outcome.bid.adm or ""), hammered.fate
    names: dict[str, Any] = {
        "bid_id": bid.bid_id,
        "campaign": bid.campaign,
        "creative": bid.creative,
        "exchange": bid.exchange,
    }
    at_ms = bid.at_ms + int(1000 * fate.render_delay_s)
    price_micros = (hammered.outcome.price_cpm_micros or 0) * bid.price_micros // (1000 * bid.answer_micros)
    yield Notice(at_ms=at_ms, kind="billing", outcome="counted", price_micros=price_micros, **names)
    if markup.pixels:
        yield Impression(at_ms=at_ms, outcome="counted", **names)
    if not fate.clicks or markup.click is None:
        return
    at_ms += int(1000 * fate.click_delay_s)
    yield Click(at_ms=at_ms, outcome="counted", **names)
    if fate.converts:
        at_ms += int(1000 * fate.conversion_delay_s)
        yield Conversion(at_ms=at_ms, outcome="counted", event="purchase", **names)


def _unsampled(config: Config) -> Config:
    """Without full evaluations: nothing learns from them."""
    recording = replace(config.bidder.recording, full_evaluation_rate=Decimal(0))
    return replace(config, bidder=replace(config.bidder, recording=recording))
