"""The engine stage by stage: what each step of a decision adds to those before it, for one request of 3 KB."""

import tempfile
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import orjson

from bidder.auction.candidacy import candidate_of
from bidder.auction.contest import Contest
from bidder.auction.index import positions_of
from bidder.auction.market import Market
from bidder.auction.offer import Candidate
from bidder.auction.round import Round
from bidder.auction.score import Estimate
from bidder.auction.screen import screen
from bidder.auction.view import View
from bidder.brain import DecidingBrain
from bidder.clock import wall_s
from bidder.privacy.verdict import judge
from models.store import Store
from openrtb import decode_request
from openrtb.request import BidRequest
from tests import shared
from tests.bench.engine import EXCHANGE, brain_over
from tests.bench.hundred_trees import CLICK, CONVERSION, store_of_models
from tests.bench.measure import microseconds

COMMENT = """\
1,000 campaigns, two models of 100 trees with 31 leaves. Each figure is what a stage adds to those before it. What comes
after the trees pays for what these pushed out of the processor's caches: by itself the answer takes a third of that.
"""
CAMPAIGNS = 1_000


class Stages:
    """The road of one request, as far as each stage goes; every call walks it from the beginning."""

    def __init__(self, brain: DecidingBrain, body: bytes) -> None:
        self.brain, self.body = brain, body
        self.now_s = wall_s()

    def decode(self) -> BidRequest:
        return decode_request(self.body)

    def screen(self) -> tuple[BidRequest, Market, bool]:
        request, snapshot = self.decode(), self.brain.engine.snapshot
        market = screen(snapshot, EXCHANGE, request)
        assert isinstance(market, Market)
        return request, market, judge(request, snapshot.settings.privacy.tcf_vendor).personal

    def view(self) -> Round:
        request, market, personal = self.screen()
        engine = self.brain.engine
        view = View(request, EXCHANGE, self.now_s, personal=personal)
        view.providers = engine.snapshot.providers
        return Round(engine.snapshot, market, view, engine.purse, engine.predictors.of(request, 1.0, personal=personal))

    def match(self) -> tuple[Contest, int]:
        auction = self.view()
        contest = Contest(auction, auction.request.imp[0])
        return contest, contest.open_lines(auction.snapshot.blocks[0])

    def candidate(self) -> tuple[Contest, Candidate]:
        contest, bits = self.match()
        lines = contest.auction.snapshot.blocks[0].lines
        found = (candidate_of(contest, lines[position]) for position in positions_of(bits))
        return contest, next(each for each in found if isinstance(each, Candidate))

    def describe(self) -> tuple[Contest, Candidate]:
        contest, candidate = self.candidate()
        assert contest.facts
        return contest, candidate

    def score(self) -> None:
        contest, candidate = self.describe()
        contest.auction.predictor.probabilities(contest.facts, [candidate])

    def price(self) -> None:
        """With pacing and the purse."""
        contest, candidate = self.describe()
        contest.offers([candidate])

    def answer(self) -> None:
        """The rest: choosing, the answer with its tickets, and the record of the bid."""
        self.brain.answer(EXCHANGE, self.body, self.now_s, self.now_s)


def rows() -> Iterator[tuple[str, str, str]]:
    """What was measured, the figure, and the bar."""
    body = shared.path("bench/request_3k.json").read_bytes().strip()
    with tempfile.TemporaryDirectory() as directory:
        store = Store(store_of_models(Path(directory) / "models"))
        estimates = Estimate(store.load(CLICK, "1")), Estimate(store.load(CONVERSION, "1"))
        stages = Stages(brain_over(CAMPAIGNS, Path(directory), estimates), body)
        took = microseconds(
            {
                "orjson.loads": lambda: orjson.loads(body),
                "decode, upgrade": stages.decode,
                "screen, privacy": stages.screen,
                "what all imps share": stages.view,
                "match": stages.match,
                "candidate: creative, deal, floor": stages.candidate,
                "describe: facts": stages.describe,
                "score: features, trees": stages.score,
                "price, pace": stages.price,
                "choose, respond, sign, record": stages.answer,
            },
            number=100,
        )
    yardstick_us = took.pop("orjson.loads")
    yield "orjson.loads of the request", f"{yardstick_us:.1f} µs", ""
    for (_, before_us), (name, us) in pairwise({"": 0.0, **took}.items()):
        yield name, f"{us - before_us:.1f} µs, {(us - before_us) / yardstick_us:.2f} x", ""
    yield "all of it", f"{us:.1f} µs, {us / yardstick_us:.2f} x", ""
