"""The other bidders: what they offer for an imp, reproducible by seed."""

from msgspec import Struct

from bidder.lab.exchange.clearing import PRICE_STEP, Rival
from bidder.lab.exchange.dice import Draw, dice
from bidder.lab.exchange.traffic import Opportunity
from openrtb.imp import Imp

RIVALS = 6
"""Bidders that might bid on an imp."""

_SPREAD = 0.55  # standard deviation of the logarithm of a price
_WITHOUT_IDENTITY = 0.55  # what a rival pays for someone it does not know, relative to someone it knows
_DEAL_SHARE = 0.1  # of rival bids where the imp has deals


class Market(Struct, frozen=True):
    """A price landscape. `competition` from 0 to 1 is the chance that each of the `RIVALS` bids."""

    seed: int
    competition: float

    def rivals(self, opportunity: Opportunity, imp: Imp) -> list[Rival]:
        """The rival bids for one imp of the opportunity: log-normal around what its slot is worth in that place."""
        index = int(imp.id) - 1
        placement, someone = opportunity.placements[index], opportunity.person
        median_cpm = placement.median_cpm * someone.place.wealth
        median_cpm *= 1.0 if someone.tells_identity else _WITHOUT_IDENTITY
        deals = imp.pmp is not None and bool(imp.pmp.deals)
        chance = dice(self.seed, Draw.MARKET, opportunity.number, index)
        return [
            Rival(
                cpm_micros=round(median_cpm * chance.lognormvariate(0.0, _SPREAD) * 1e6 / PRICE_STEP) * PRICE_STEP,
                on_deal=deals and chance.random() < _DEAL_SHARE,
            )
            for _ in range(RIVALS)
            if chance.random() < self.competition
        ]
