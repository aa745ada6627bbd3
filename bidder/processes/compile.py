"""A configuration made ready to decide, in one worker."""

from collections.abc import Iterator
from itertools import count
from weakref import WeakValueDictionary

from msgspec import Struct, field

from bidder.auction.choice import Choice
from bidder.auction.pace import Purse
from bidder.auction.score import Tally
from bidder.auction.snapshot import Snapshot
from bidder.brain import DecidingBrain, FunnelCounts, Record
from bidder.config.schema import Config, Server
from bidder.domain.links import LinkBuilder
from bidder.domain.ticket import Signer
from bidder.engine import Engine
from bidder.events.schema import Generation as GenerationEvent
from bidder.processes.markups import Keep, KeepingResponder
from bidder.processes.predictors import Loaded
from bidder.processes.sampling import Sampling
from bidder.processes.sampling import Take as TakeSample

DEFAULT_URL = Server().public_url


class WorkerContext(Struct, frozen=True):
    """What a worker has, whichever configuration is live."""

    worker: int
    purse: Purse
    """Its side of the board."""
    signer: Signer
    record: Record
    """Takes an event; never waits."""
    funnels: FunnelCounts
    keep: Keep
    """Takes the markup of a bid whose win notice returns it."""
    life: int
    """Which life of the worker this is."""
    web_url: str
    """Where the web port of this bidder is."""
    tallies: dict[str, Tally]
    """What predictors were asked for, by the versions that they are made of."""
    sample: TakeSample = lambda _: None
    """Takes a sample of the requests; never waits."""
    serials: Iterator[int] = field(default_factory=count)
    """Number the answers, whichever configuration they come from."""
    loaded: Loaded = field(default_factory=WeakValueDictionary)
    """The models of live generations, and of one that is on its way."""


def brain_of(config: Config, snapshot: Snapshot, predictors: Choice, context: WorkerContext) -> DecidingBrain:
    """A brain for this configuration, not yet told the time."""
    links = LinkBuilder(public_url(config, context.web_url))
    responder = KeepingResponder(context.signer, links, context.keep, context.life, context.serials)
    engine = Engine(snapshot, context.purse, predictors)
    brain = DecidingBrain(engine, responder, context.record, context.funnels)
    models = config.bidder.models
    if models.sample_rate and (models.click or models.conversion):
        brain.sample = Sampling(models.sample_rate, context.sample)
    return brain


def went_live(number: int, brain: DecidingBrain, now_s: float) -> GenerationEvent:
    """The record of a generation, by which the places in funnel records can be told."""
    snapshot = brain.engine.snapshot
    return GenerationEvent(
        at_ms=int(now_s * 1000),
        generation=number,
        config=snapshot.digest,
        campaigns=[line.id for line in snapshot.lines],
    )


def public_url(config: Config, web_url: str) -> str:
    """Where exchanges reach the web port: as configured, or where it is when nothing is configured."""
    configured = config.bidder.server.public_url
    return web_url if configured == DEFAULT_URL else configured
