"""Real input: recorded bid requests sent to a running bidder, and a table of what it made of them.

`recorded(path)` reads a file, `add_arguments(parser)` and `run(options)` are the command `bidder feed FILE...`, and
`eligible(request)` says whether a request could be bid on at all.
"""

from bidder.lab.feed.command import add_arguments, run
from bidder.lab.feed.eligible import eligible, why_ineligible
from bidder.lab.feed.recorded import Recorded, UnusableInputError, recorded

__all__ = ["Recorded", "UnusableInputError", "add_arguments", "eligible", "recorded", "run", "why_ineligible"]
