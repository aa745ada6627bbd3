"""What was decided on a request."""

from collections.abc import Sequence

from msgspec import Struct

from bidder.auction.offer import Offer
from bidder.auction.round import Round
from bidder.auction.score import Facts
from bidder.auction.trace import Funnel
from bidder.domain.reason import Reason
from openrtb.imp import Imp


class Bid(Struct):
    """One offer for one imp, and the facts it was scored by."""

    imp: Imp
    offer: Offer
    facts: Facts


class Decision(Struct):
    """What to answer: bids, or the reason for none; with `round` where the request was looked at."""

    reason: Reason
    bids: Sequence[Bid] = ()
    round: Round | None = None
    deadline_s: float = float("inf")
    funnel: Funnel | None = None
