"""The bid landscape of a campaign: what it would spend at which multiplier, learned from its own outcomes. Pure.

An auction is won where the multiplier is at least the ratio of the clearing price to the value. So one distribution,
of that ratio, tells what every multiplier would win and spend, whatever the values are. A bid at multiplier m shows
the ratio where it is won; where it is lost it shows that the ratio is above m. For every bin of the ratio the landscape
counts the bids that could have been won there, and the value that was; their quotient is unbiased however the
multiplier moved (the idea of Kaplan and Meier). Where all is paid as bid, only m is known of a won ratio, and the value
is spread over the bins below by what is known so far (self-consistency, Turnbull 1976), which is rougher.

The memory is long, for precision, until a test of the predictions (Page's cumulative sums of a Poisson likelihood
ratio) finds that the market has changed; then what was before the change is forgotten.
"""

from collections.abc import Iterator, Sequence
from math import exp, log
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from bidder.pacing.outcomes import BINS, PPB, Outcomes, position, ratio_at
from bidder.pacing.parameters import CHANGE, CLIFF, EVIDENCE, MEMORY_WINS, PRIOR_BIDS

_MIDDLES = tuple(ratio_at(place + 0.5) for place in range(BINS))
_NOTHING = (0.0,) * BINS
_KNOW_NOTHING = (1.0 / BINS,) * BINS


class Sums(Struct, frozen=True):
    """Totals, fading as the memory does. Micros."""

    made: float = 0.0
    value: float = 0.0
    """Of the bids made; all that follows is of those resolved."""
    bids: float = 0.0
    bid: float = 0.0
    paid: float = 0.0
    paid_squares: float = 0.0
    waited: float = 0.0
    """Price times seconds."""


class Drift(Struct, frozen=True):
    """The evidence that spend has changed by some factor: a logarithm, and over how many bids it has grown."""

    evidence: float = 0.0
    bids: float = 0.0


class Landscape(Struct, frozen=True):
    """What is known of the auctions that a campaign takes part in."""

    pays_bid: bool = False
    """First-price auctions: won bids pay what was bid."""
    prior: tuple[float, ...] = _KNOW_NOTHING
    """Where the ratio of price to value is believed to lie: a part of the value for each bin."""
    bids: tuple[float, ...] = _NOTHING
    """By bin, how many bids were high enough to win there."""
    won: tuple[float, ...] = _NOTHING
    """By bin, the value of those that did, micros."""
    sums: Sums = Sums()
    risen: Drift = Drift()
    fallen: Drift = Drift()

    @property
    def value_micros(self) -> float:
        """The mean value of an auction; 0 while nothing is known."""
        return self.sums.value / self.sums.made if self.sums.made else 0.0

    @property
    def wait_s(self) -> float:
        """How long bids wait for their outcome: the mean by price."""
        return self.sums.waited / self.sums.bid if self.sums.bid else 0.0

    def spend_micros(self, multiplier: float) -> float:
        """What one auction would cost on average if bid on with this multiplier."""
        place = position(multiplier)
        reached = 0.0
        for index, cost in enumerate(self.costs()):
            if index + 1 >= place:
                return reached + (cost - reached) * (place - index)
            reached = cost
        return reached

    def paid_share(self, multiplier: float) -> float:
        """What part of the prices of bids made with this multiplier is paid in the end; all, while nothing is known."""
        price = self.value_micros * multiplier
        return min(1.0, self.spend_micros(multiplier) / price) if price else 1.0

    def costs(self) -> Iterator[float]:
        """By bin, what one auction would cost on average if bid on with a multiplier at the bin's upper end."""
        value, cost = 0.0, 0.0
        for index, won in enumerate(self.densities()):
            value += won
            cost = value * ratio_at(index + 1) if self.pays_bid else cost + won * _MIDDLES[index]
            yield cost

    def densities(self) -> Iterator[float]:
        """By bin, the mean value won there by a bid high enough."""
        believed = self.value_micros * PRIOR_BIDS
        for won, bids, share in zip(self.won, self.bids, self.prior, strict=True):
            yield (won + believed * share) / (bids + PRIOR_BIDS)


class Terms(NamedTuple):
    """How to bid: the share of auctions to take part in, and the factor on the value. Both 0 to 1."""

    throttle: float
    multiplier: float


def terms_for(landscape: Landscape, spend_micros: float) -> Terms:
    """How to bid so as to spend so much on each auction, or all that is worth it where that is less.

    The multiplier does it alone, since it leaves out what is worth least for its price; only where spend jumps from
    one bin to the next, or at the lowest, the share of auctions does.
    """
    reached = 0.0
    for index, cost in enumerate(landscape.costs()):
        if cost >= spend_micros and cost > 0:
            if reached < CLIFF * spend_micros:
                return Terms(spend_micros / cost, ratio_at(index + 1))
            return Terms(1.0, ratio_at(index + (spend_micros - reached) / (cost - reached)))
        reached = cost
    return Terms(1.0, 1.0)


def learn(known: Landscape, outcomes: Outcomes) -> Landscape:
    """What is known after these outcomes, too."""
    if not outcomes.made and not outcomes.resolved:
        return known
    keep = exp(-outcomes.wins / MEMORY_WINS)
    bids = _high_enough(outcomes)
    won = _spread(known, outcomes, bids) if known.pays_bid else outcomes.won
    learned = replace(
        known,
        bids=tuple(before * keep + new for before, new in zip(known.bids, bids, strict=True)),
        won=tuple(before * keep + won.get(index, 0) for index, before in enumerate(known.won)),
        sums=_added(known.sums, keep, outcomes),
    )
    return _notice_change(learned, known, outcomes)


def _high_enough(outcomes: Outcomes) -> list[float]:
    """By bin, how many of the bids were high enough to win there; parts where the multiplier lies inside the bin."""
    bids = [0.0] * BINS
    for multiplier_ppb, count in outcomes.resolved.items():
        place = position(multiplier_ppb / PPB)
        whole = int(place)
        for index in range(whole):
            bids[index] += count
        if whole < BINS:
            bids[whole] += count * (place - whole)
    return bids


def _spread(known: Landscape, outcomes: Outcomes, bids: Sequence[float]) -> dict[int, float]:
    """The won value by bin, where the bin of a win is only known to be at most the one that it is counted in."""
    likely = [density * reached for density, reached in zip(known.densities(), bids, strict=True)]
    spread: dict[int, float] = {}
    for highest, value in outcomes.won.items():
        total = sum(likely[: highest + 1])
        for index in range(highest + 1):
            part = likely[index] / total if total else 1 / (highest + 1)
            spread[index] = spread.get(index, 0.0) + value * part
    return spread


def _added(sums: Sums, keep: float, outcomes: Outcomes) -> Sums:
    return Sums(
        sums.made * keep + outcomes.made,
        sums.value * keep + outcomes.value_micros,
        sums.bids * keep + sum(outcomes.resolved.values()),
        sums.bid * keep + outcomes.bid_micros,
        sums.paid * keep + outcomes.paid_micros,
        sums.paid_squares * keep + outcomes.paid_squares,
        sums.waited * keep + outcomes.waited,
    )


def _notice_change(learned: Landscape, known: Landscape, outcomes: Outcomes) -> Landscape:
    """Forget what was before a change, if the outcomes complete the evidence of one."""
    if not learned.sums.paid or not known.value_micros:
        return learned
    typical = max(1.0, learned.sums.paid_squares / learned.sums.paid)  # spend comes in lumps of about this
    count = sum(outcomes.resolved.values())
    expected = sum(known.spend_micros(each / PPB) * bids for each, bids in outcomes.resolved.items())
    risen, fallen = (
        _gather(drift, (outcomes.paid_micros * log(factor) - expected * (factor - 1)) / typical, count)
        for drift, factor in ((known.risen, CHANGE), (known.fallen, 1 / CHANGE))
    )
    found = max(risen, fallen, key=lambda drift: drift.evidence)
    if found.evidence < EVIDENCE:
        return replace(learned, risen=risen, fallen=fallen)
    keep = min(1.0, found.bids / max(1.0, *learned.bids))
    return replace(
        learned,
        bids=tuple(each * keep for each in learned.bids),
        won=tuple(each * keep for each in learned.won),
        risen=Drift(),
        fallen=Drift(),
    )


def _gather(drift: Drift, evidence: float, bids: int) -> Drift:
    """Page's rule: evidence adds up, and starts anew where it speaks against."""
    total = drift.evidence + evidence
    return Drift(total, drift.bids + bids) if total > 0 else Drift()
