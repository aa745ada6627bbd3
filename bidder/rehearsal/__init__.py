"""A campaign's day, played with the live controller before it happens: what an edit would do to its spend.

`rehearse` plays a day; `bidder pacing preview` draws it, as the campaign is and as it would be.
"""

from bidder.rehearsal.market import Market, recorded, seeded
from bidder.rehearsal.play import Rehearsal, rehearse

__all__ = ["Market", "Rehearsal", "recorded", "rehearse", "seeded"]
