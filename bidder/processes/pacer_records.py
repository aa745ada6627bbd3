"""What records and notices tell of the campaigns that are paced, added up until a step takes it.

A campaign's opportunities are the requests on which it came as far as its price. Those it bid on are known one by one.
The others are known from the sample of requests that is evaluated in full, each of which stands for many: held back
by throttle or purse, or beaten (another line was better, or the floor was higher).
"""

from collections import OrderedDict
from collections.abc import Mapping
from heapq import heappop, heappush

import numpy as np
from msgspec import Struct
from msgspec.structs import replace
from numpy.typing import NDArray

from bidder.domain.outcome import Outcome
from bidder.domain.reason import Reason
from bidder.events.schema import Bid as BidRecord
from bidder.events.schema import Event, Funnel, Generation, Notice
from bidder.pacing.memory import Seen, Terms
from bidder.pacing.outcomes import PPB, Bid, Tally

MOST_EARLY = 1 << 16
"""Outcomes that are remembered until the record of their bid is read."""
MOST_OPEN = 1 << 20
"""Bids whose outcome is waited for; beyond them the oldest count as lost."""
GENERATIONS = 4

_HELD_BACK = [int(Reason.THROTTLED), int(Reason.NO_BUDGET)]
_BEATEN = [int(Reason.OUTBID), int(Reason.BELOW_FLOOR), int(Reason.NO_VALUE)]


class _Open(Struct):
    """A bid whose outcome is waited for."""

    campaign: str
    bid: Bid
    at_s: float


class _Counted:
    """What came in for one campaign."""

    def __init__(self) -> None:
        self.tally = Tally()
        self.made = self.first_price = 0
        self.held_back = self.beaten = 0.0


class _Sampled:
    """Full evaluations of one configuration, scaled up, by the place of the campaign."""

    def __init__(self, campaigns: list[str]) -> None:
        self.campaigns = campaigns
        self.held_back: NDArray[np.float64] = np.zeros(len(campaigns))
        self.beaten: NDArray[np.float64] = np.zeros(len(campaigns))


class PacerRecords:
    """Takes records as they are read and notices as they come."""

    def __init__(self) -> None:
        self._keeps: Mapping[str, float] = {}
        self._samples = True
        self._counted: dict[str, _Counted] = {}
        self._open: OrderedDict[int, _Open] = OrderedDict()
        self._due: list[tuple[float, int]] = []
        self._early: OrderedDict[int, int | None] = OrderedDict()
        self._sampled: OrderedDict[str, _Sampled] = OrderedDict()
        self._unsorted = False

    def follow(self, keeps: Mapping[str, float], *, samples: bool = True) -> None:
        """The campaigns that are paced, each with the share of its value that it bids.

        Without samples, what the throttle holds back is guessed from what it lets through.
        """
        self._keeps, self._samples = keeps, samples
        self._counted = {name: each for name, each in self._counted.items() if name in keeps}

    @property
    def active(self) -> set[str]:
        """The campaigns of which anything came in since it was taken."""
        self._sort_samples()
        return set(self._counted)

    def record(self, event: Event) -> str | None:
        """A record of a worker; the campaign, where it is a bid of one that is paced."""
        match event:
            case BidRecord() if not event.test and event.campaign in self._keeps:
                self._bid(event)
                return event.campaign
            case Funnel() if not event.test and event.rate > 0:
                self._funnel(event)
            case Generation():
                self._sampled[event.config] = _Sampled(event.campaigns)
                while len(self._sampled) > GENERATIONS:
                    self._sampled.popitem(last=False)
            case _:
                pass
        return None

    def notice(self, event: Event) -> None:
        """A notice that was judged: a bill that counts is a win, and a loss a loss; nothing else tells the outcome."""
        if not isinstance(event, Notice) or event.campaign not in self._keeps or not Outcome(event.outcome).counts:
            return
        if event.kind == "billing" and event.price_micros is not None:
            self._resolve(event.bid_id, event.price_micros, event.at_ms / 1000)
        elif event.kind == "loss":
            self._resolve(event.bid_id, None, event.at_ms / 1000)

    def expire(self, now_s: float) -> None:
        """Bids that nothing was heard of count as lost."""
        while self._due and self._due[0][0] <= now_s:
            expires_s, bid_id = heappop(self._due)
            if bid_id in self._open:
                self._settle(self._open.pop(bid_id), None, expires_s)

    def take(self, campaign: str, requests: int, terms: Terms, value_micros: float) -> Seen:
        """What came in for a campaign, which bid by these terms; `value_micros` is the mean value of its auctions."""
        self._sort_samples()
        counted = self._counted.pop(campaign, None)
        if counted is None:
            return Seen(requests)
        outcomes, beaten = counted.tally.take(), round(counted.beaten)
        if beaten:
            resolved = {**outcomes.resolved}
            resolved[terms.multiplier_ppb] = resolved.get(terms.multiplier_ppb, 0) + beaten
            value = outcomes.value_micros + round(beaten * value_micros)
            outcomes = replace(outcomes, made=outcomes.made + beaten, value_micros=value, resolved=resolved)
        if not self._samples and terms.throttle_ppb:
            counted.held_back = counted.made * (PPB / terms.throttle_ppb - 1)
        opportunities = counted.made + beaten + round(counted.held_back)
        return Seen(requests, opportunities, outcomes, counted.first_price)

    def _bid(self, event: BidRecord) -> None:
        counted = self._counted.setdefault(event.campaign, _Counted())
        bid = _as_paced(event, self._keeps[event.campaign])
        counted.tally.made(bid)
        counted.made += 1
        counted.first_price += event.auction_type == 1
        made = _Open(event.campaign, bid, event.at_ms / 1000)
        if event.bid_id in self._early:
            self._settle(made, self._early.pop(event.bid_id), made.at_s)
            return
        self._open[event.bid_id] = made
        heappush(self._due, (event.expires_ms / 1000, event.bid_id))
        if len(self._open) > MOST_OPEN:
            _, oldest = self._open.popitem(last=False)
            self._settle(oldest, None, made.at_s)

    def _resolve(self, bid_id: int, paid_micros: int | None, at_s: float) -> None:
        made = self._open.pop(bid_id, None)
        if made is not None:
            self._settle(made, paid_micros, at_s)
            return
        self._early[bid_id] = paid_micros
        if len(self._early) > MOST_EARLY:
            self._early.popitem(last=False)

    def _settle(self, made: _Open, paid_micros: int | None, at_s: float) -> None:
        if made.campaign not in self._keeps:
            return
        tally = self._counted.setdefault(made.campaign, _Counted()).tally
        waited_s = max(0.0, at_s - made.at_s)
        if paid_micros is None:
            tally.lost(made.bid, waited_s)
        else:
            tally.won(made.bid, paid_micros, waited_s)

    def _funnel(self, event: Funnel) -> None:
        sampled = self._sampled.get(event.config)
        if sampled is None or len(event.terminal) != 2 * len(sampled.campaigns):
            return
        reasons = np.frombuffer(event.terminal, "<u2")
        sampled.held_back += np.isin(reasons, _HELD_BACK) / event.rate
        sampled.beaten += np.isin(reasons, _BEATEN) / event.rate
        self._unsorted = True

    def _sort_samples(self) -> None:
        """From places to campaigns."""
        if not self._unsorted:
            return
        self._unsorted = False
        for sampled in self._sampled.values():
            for place in np.flatnonzero(sampled.held_back + sampled.beaten):
                name = sampled.campaigns[place]
                if name in self._keeps:
                    counted = self._counted.setdefault(name, _Counted())
                    counted.held_back += float(sampled.held_back[place])
                    counted.beaten += float(sampled.beaten[place])
            sampled.held_back[:] = 0
            sampled.beaten[:] = 0


def _as_paced(event: BidRecord, keep: float) -> Bid:
    """A bid by the value that the campaign bids on; where a limit, a deal or shading set the price, as if the
    multiplier had."""
    value = max(1, round(event.value_micros * event.probability * keep))
    multiplier = round(event.multiplier * PPB)
    if abs(value * event.multiplier - event.price_micros) > 1:
        multiplier = min(PPB, event.price_micros * PPB // value)
    return Bid(max(1, multiplier), value, event.price_micros)
