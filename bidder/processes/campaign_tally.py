"""What became of each campaign in the last minutes, for people: bids, wins, clicks, and why it did not bid.

Time is kept in spans of `SPAN_SECONDS`, of which the present one and the one before count; what is older is forgotten.
Reasons are those of the sample of requests that is evaluated in full.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from bidder.clock import Clock
from bidder.domain.outcome import COUNTING
from bidder.domain.reason import Reason
from bidder.events.schema import Bid, Click, Conversion, Event, Funnel, Generation, Notice

SPAN_SECONDS = 300.0
GENERATIONS = 4
"""Configurations of which samples are still understood, the newest ones."""

_REASONS = tuple(Reason)
_PLACES = np.zeros(1 << 16, np.uint8)
_PLACES[[int(reason) for reason in _REASONS]] = range(len(_REASONS))


class Tallied(Struct):
    """What became of the bids of one campaign."""

    bids: int = 0
    wins: int = 0
    """Bids that were billed."""
    spend_micros: int = 0
    clicks: int = 0
    conversions: int = 0


class _Span:
    """What came in during one span."""

    def __init__(self, started_s: float) -> None:
        self.started_s = started_s
        self.evaluated = 0
        self.tallied: defaultdict[str, Tallied] = defaultdict(Tallied)
        self.sampled: dict[str, NDArray[np.uint32]] = {}
        """By configuration: how often each campaign, by its place, ended in each reason."""


class CampaignTally:
    """Takes records as they are read and notices as they come. Test bids do not count."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._spans = [_Span(clock())]
        """The present one last."""
        self._places: dict[str, dict[str, int]] = {}
        """By configuration: where its campaigns stand in samples."""

    @property
    def since_s(self) -> float:
        """The moment from which on things count, in Unix seconds."""
        self._turn()
        return self._spans[0].started_s

    @property
    def evaluated(self) -> int:
        """The requests of which reasons are known."""
        self._turn()
        return sum(span.evaluated for span in self._spans)

    def take_in(self, events: Iterable[Event]) -> None:
        """Count records of workers, and what was said of bids."""
        self._turn()
        span = self._spans[-1]
        for event in events:
            match event:
                case Generation():
                    self._begin(event)
                case Bid(test=False):
                    span.tallied[event.campaign].bids += 1
                case Funnel(test=False):
                    self._sample(event, span)
                case Notice(test=False, kind="billing") if event.outcome in COUNTING:
                    span.tallied[event.campaign].wins += 1
                    span.tallied[event.campaign].spend_micros += event.price_micros or 0
                case Click(test=False) if event.outcome in COUNTING:
                    span.tallied[event.campaign].clicks += 1
                case Conversion(test=False) if event.outcome in COUNTING:
                    span.tallied[event.campaign].conversions += 1
                case _:
                    pass

    def of(self, campaign: str) -> Tallied:
        """What became of its bids."""
        self._turn()
        every = [span.tallied[campaign] for span in self._spans if campaign in span.tallied]
        return Tallied(*(sum(getattr(each, name) for each in every) for name in Tallied.__struct_fields__))

    def reasons(self, campaign: str) -> Counter[Reason]:
        """How it ended on the requests that were evaluated in full; `BID` where it bid."""
        self._turn()
        found: Counter[Reason] = Counter()
        for span in self._spans:
            for config, counts in span.sampled.items():
                place = self._places.get(config, {}).get(campaign)
                if place is not None:
                    row = counts[place]
                    found.update({_REASONS[code]: int(row[code]) for code in np.flatnonzero(row)})
        return found

    def _begin(self, generation: Generation) -> None:
        if generation.config in self._places:
            return
        self._places[generation.config] = {name: place for place, name in enumerate(generation.campaigns)}
        while len(self._places) > GENERATIONS:
            del self._places[next(iter(self._places))]

    def _sample(self, funnel: Funnel, span: _Span) -> None:
        places: Mapping[str, int] = self._places.get(funnel.config, {})
        if len(funnel.terminal) != 2 * len(places):
            return
        counts = span.sampled.get(funnel.config)
        if counts is None:
            counts = span.sampled[funnel.config] = np.zeros((len(places), len(_REASONS)), np.uint32)
        counts[np.arange(len(places)), _PLACES[np.frombuffer(funnel.terminal, "<u2")]] += 1
        span.evaluated += 1

    def _turn(self) -> None:
        """Begin a span where the present one is over."""
        now_s = self._clock()
        if not 0 <= now_s - self._spans[-1].started_s < SPAN_SECONDS:
            late = not 0 <= now_s - self._spans[-1].started_s < 2 * SPAN_SECONDS
            self._spans = [*([] if late else self._spans[-1:]), _Span(now_s)]
