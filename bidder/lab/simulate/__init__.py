"""Pacing on a manual clock: the live controller and account through recorded or made-up auctions, judged and audited.

`add_arguments(parser)` and `run(options)` are the command `bidder simulate`; `play` is one flight, `audit` adds its
money up again, `score` judges it against the best in hindsight.
"""

from bidder.lab.simulate.audit import AuditError, audit
from bidder.lab.simulate.command import add_arguments, run
from bidder.lab.simulate.market import Market, UnusableInputError
from bidder.lab.simulate.play import Record, Terms, play
from bidder.lab.simulate.recorded import read_ipinyou
from bidder.lab.simulate.score import Score, score
from bidder.lab.simulate.seeded import seeded

__all__ = [
    "AuditError",
    "Market",
    "Record",
    "Score",
    "Terms",
    "UnusableInputError",
    "add_arguments",
    "audit",
    "play",
    "read_ipinyou",
    "run",
    "score",
    "seeded",
]
