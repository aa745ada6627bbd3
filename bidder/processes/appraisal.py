"""What control and the appraiser tell each other over a socket pair.

control ─ Stage ───▶               what is live, and what is scored beside it
        ─ Sample ──▶               a request that was decided on
        ─ Aftermath ▶              what became of a sample of the bids
                    ◀─ Appraisal   every few seconds
"""

from collections.abc import Mapping
from typing import TypeAlias

from msgspec import Struct

from bidder.events.schema import Facts
from bidder.ledger.board import Shape
from bidder.processes.lineup import Lineup, Version
from models.drift import Drift
from models.manifest import Outcome


class Stage(Struct, frozen=True, tag=True):
    """What is live."""

    path: str
    """The configuration, as workers read it."""
    board: str
    shape: Shape
    lineup: Lineup
    shadows: Mapping[Outcome, Version]


class Sample(Struct, frozen=True, tag=True):
    """A request as it came, and when it was decided on (seconds since 1970 UTC)."""

    exchange: str
    body: bytes
    at_s: float


class Met(Struct, frozen=True):
    """A bid and what the market made of it. Micros of the account currency."""

    exchange: str
    price_micros: int
    paid_micros: int | None
    """None where it did not win."""


class Shown(Struct, frozen=True):
    """A bid that became an impression."""

    exchange: str
    goal: str
    facts: Facts


class Aftermath(Struct, frozen=True, tag=True):
    """What became of a sample of the bids since the last message."""

    met: list[Met]
    shown: list[Shown]
    hits: dict[str, int]
    """Outcomes of impressions of the sample, by goal."""
    clicked: list[Shown]
    """Those that were clicked, whatever their goal."""


class Regret(Struct, frozen=True):
    """What bidding with another predictor would change, per thousand requests. Money is in the account currency.

    Whether a bid wins and what it pays goes by what became of bids near its price on its exchange.
    """

    requests: int
    """Requests replayed with both."""
    different: float
    """Share of requests with another campaign, or a price that differs by more than a percent."""
    bids: float
    """Further bids per thousand requests; all that follows is per thousand requests, too."""
    wins: float
    """Further wins."""
    spend: float
    """Further spend."""
    if_other_is_right: float
    """Value less price that the champion loses by its own bids, if probabilities are what the other one says."""
    if_champion_is_right: float
    """What the other one would lose, if they are what the champion says."""


class Calibration(Struct, frozen=True):
    """Outcomes of the sampled impressions against what a version says of them."""

    version: str
    shown: int
    expected: float
    outcomes: int


class Appraisal(Struct, frozen=True, tag=True):
    """What the appraiser found since the stage last changed."""

    shadow: Regret | None = None
    hurry: Regret | None = None
    """What requests near their deadline cost by being scored quickly."""
    calibration: list[Calibration] = []
    """Of the champions and the shadows; conversions after clicks are judged as part of their product, in `arms`."""
    drift: dict[str, list[Drift]] = {}
    """By version of a champion: features that drift, the farthest first; for conversions after clicks, on clicks."""
    bids_met: int = 0
    """Bids from which win rates were learned."""
    problem: str = ""
    """Why the stage cannot be played."""


ToAppraiser: TypeAlias = Stage | Sample | Aftermath
