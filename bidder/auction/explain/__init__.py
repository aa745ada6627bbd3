"""Why each campaign bids or does not bid on one request: every failed gate, not only the first.

Where matching ANDs bitsets, this asks one line and one attribute at a time, and says what it saw, what was wanted and
the smallest change that would have let the line pass. It reads the same catalogue, conditions, contest and prices.
"""

from bidder.auction.explain.failure import Failure
from bidder.auction.explain.report import LineReport, explain_line

__all__ = ["Failure", "LineReport", "explain_line"]
