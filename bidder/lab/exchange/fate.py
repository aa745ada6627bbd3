"""What will happen to a bid after the auction, decided at once from the seed: rendering, clicks, sales, mishaps."""

from random import Random

from msgspec import Struct

from bidder.lab.exchange.dice import Draw, dice
from bidder.lab.exchange.notices import Kind
from bidder.lab.exchange.traffic import Opportunity
from bidder.lab.exchange.truth import Truth

_RENDERED = 0.94  # of the ads that won
_COPIED = 0.03  # of notices of each kind
_LATE = 0.03
_MISHAPS = tuple(kind for kind in Kind if kind not in {Kind.CLICK_TRACKER, Kind.AUDIT})


class Fate(Struct, frozen=True):
    """Delays are in seconds from the step before. `copied` are sent twice; `late` maps a kind to its extra delay."""

    renders: bool
    render_delay_s: float
    clicks: bool
    click_delay_s: float
    converts: bool
    conversion_delay_s: float
    copied: frozenset[Kind]
    late: dict[Kind, float]


def decide(truth: Truth, opportunity: Opportunity, part: int, domain: str) -> Fate:
    """The fate of the ad of `domain` on placement number `part` of the opportunity, counted from 0."""
    chance = dice(truth.seed, Draw.AFTERMATH, opportunity.number, part)
    placement, someone = opportunity.placements[part], opportunity.person
    return Fate(
        renders=chance.random() < _RENDERED,
        render_delay_s=chance.uniform(0.05, 0.6),
        clicks=chance.random() < truth.click_probability(domain, placement, someone),
        click_delay_s=chance.uniform(0.5, 3.0),
        converts=chance.random() < truth.conversion_probability(domain, placement, someone),
        conversion_delay_s=chance.uniform(1.0, 5.0),
        copied=frozenset(kind for kind in _MISHAPS if chance.random() < _COPIED),
        late=_late(chance),
    )


def _late(chance: Random) -> dict[Kind, float]:
    return {kind: chance.uniform(1.0, 4.0) for kind in _MISHAPS if chance.random() < _LATE}
