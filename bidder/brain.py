"""One compiled configuration, deciding: bytes to decision to bytes, and the record of it."""

from collections.abc import Callable
from time import time

import msgspec

from bidder.answer import Answer
from bidder.auction.decision import Decision
from bidder.auction.respond import Responder, Sent, withdrawn
from bidder.auction.trace import Funnel
from bidder.clock import Clock
from bidder.domain.reason import Reason
from bidder.engine import Engine
from bidder.events import schema as events
from openrtb import DecodeError, decode_request
from openrtb.request import BidRequest

PPB = 1_000_000_000
_NO_BID = msgspec.json.Encoder()

Record = Callable[[events.Event], None]
Take = Callable[[int, str, bytes, float], None]
"""Is given the request's lot, the exchange, the body and the time."""


class FunnelCounts(msgspec.Struct):
    """What the full evaluations added up to; every number only grows."""

    requests: int = 0
    reasons: dict[int, int] = msgspec.field(default_factory=lambda: dict.fromkeys(map(int, Reason), 0))
    """Campaigns by their terminal reason."""
    closure_error: int = 0
    """Campaigns that ended in no reason or in two; anything but zero is a defect of ours."""
    disagreements: int = 0
    """Imps on which stopping early found another offer; anything but zero is a defect of ours."""

    def add(self, funnel: Funnel) -> None:
        """Count one request."""
        self.requests += 1
        self.closure_error += funnel.closure_error
        self.disagreements += funnel.disagreements
        for reason, count in funnel.counts().items():
            self.reasons[reason] += count


class DecidingBrain:
    """Decodes, decides, answers and records. Synchronous; raises nothing for any input."""

    def __init__(
        self, engine: Engine, responder: Responder, record: Record, funnels: FunnelCounts, clock: Clock = time
    ) -> None:
        self.engine = engine
        self._responder = responder
        self._record = record
        self._funnels = funnels
        self._clock = clock
        self.sample: Take | None = None
        """Takes requests that were looked at, for a sample; never waits."""
        self._max_bytes = engine.snapshot.settings.server.max_body_bytes

    def answer(self, exchange: str, body: bytes, arrived_s: float, now_s: float) -> Answer:
        """The answer to one request body. Times are seconds since 1970 UTC."""
        try:
            request = decode_request(body, max_bytes=self._max_bytes)
        except DecodeError:
            return Answer(400, reason=Reason.MALFORMED)
        decision = self.engine.bid(request, exchange, arrived_s, now_s)
        if decision.round is not None:
            decision.round.predictor.tally.requests += 1
            if self.sample is not None:
                self.sample(decision.round.lot, exchange, body, now_s)
        answer, sent = self._answered(decision, request, exchange)
        if sent:
            self.engine.commit(decision)
            for each in sent:
                self._record(_bid_event(decision, each, self.engine, now_s))
        if decision.funnel is not None:
            self._funnels.add(decision.funnel)
            self._record(_funnel_event(decision.funnel, request, exchange, now_s))
        return answer

    def tick(self, now_s: float) -> None:
        """Bring flights and day parts up to date."""
        self.engine.snapshot.refresh(now_s)

    def _answered(self, decision: Decision, request: BidRequest, exchange: str) -> tuple[Answer, list[Sent]]:
        if decision.bids:
            body, sent = self._responder.respond(decision)
            withdrawn(decision, sent)
            if self._clock() >= decision.deadline_s:
                _give_up(decision, Reason.TOO_LATE)
            elif sent:
                bid_micros = sum(each.bid.offer.price_micros for each in sent)
                return Answer(200, body, Reason.BID, decision.deadline_s, bid_micros), sent
        return self._refused(decision, request, exchange), []

    def _refused(self, decision: Decision, request: BidRequest, exchange: str) -> Answer:
        reason = decision.reason
        if decision.round is None and reason in {Reason.INVALID_REQUEST, Reason.NO_IMP}:
            return Answer(400, reason=reason)
        agreed = self.engine.snapshot.exchanges.get(exchange)
        if agreed is not None and agreed.no_bid == "nbr":
            body = _NO_BID.encode({"id": request.id, "nbr": reason.nbr})
            return Answer(200, body, reason, decision.deadline_s)
        return Answer(204, reason=reason, deadline_s=decision.deadline_s)


def _give_up(decision: Decision, reason: Reason) -> None:
    """Nothing is sent after all: every line ends in `reason`."""
    decision.bids, decision.reason = (), reason
    if decision.round is not None:
        decision.round.predictor.tally.late += 1
    if decision.funnel is not None:
        decision.funnel.all_end(reason)


def _bid_event(decision: Decision, sent: Sent, engine: Engine, now_s: float) -> events.Bid:
    auction = decision.round
    assert auction is not None  # noqa: S101 - a decision with bids has its round
    bid, ticket = sent.bid, sent.ticket
    offer = bid.offer
    line, creative = offer.candidate.line, offer.candidate.creative
    return events.Bid(
        at_ms=int(now_s * 1000),
        bid_id=ticket.bid_id,
        request_id=auction.request.id,
        imp_id=bid.imp.id,
        exchange=auction.market.name,
        campaign=line.id,
        creative=creative.id,
        deal=ticket.deal,
        format=creative.format,
        auction_type=auction.at,
        price_micros=offer.price_micros,
        floor_micros=offer.candidate.floor_micros,
        currency=auction.market.currency,
        answer_micros=offer.wire_micros,
        goal=line.goal,
        probability=offer.probability_ppb / PPB,
        value_micros=line.amount_micros,
        multiplier=offer.multiplier_ppb / PPB,
        throttle=min(line.throttle_ppb, engine.purse.throttle_ppb(line.slot)) / PPB,
        model=auction.predictor.name(line.goal),
        config=engine.snapshot.digest,
        expires_ms=ticket.expires_s * 1000,
        test=ticket.test,
        facts={**bid.facts, **offer.candidate.facts},
    )


def _funnel_event(funnel: Funnel, request: BidRequest, exchange: str, now_s: float) -> events.Funnel:
    settings = funnel.snapshot.settings
    return events.Funnel(
        at_ms=int(now_s * 1000),
        request_id=request.id,
        exchange=exchange,
        config=funnel.snapshot.digest,
        rate=float(settings.recording.full_evaluation_rate),
        campaigns=len(funnel.snapshot.lines),
        counts={int(reason): count for reason, count in funnel.counts().items()},
        terminal=funnel.terminal(),
        test=request.test == 1,
    )
