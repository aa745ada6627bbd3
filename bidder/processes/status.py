"""What `/api/config` says."""

from msgspec import Struct

from bidder.config.live import Accepted
from bidder.processes.reload import Rejection, Reloader
from bidder.processes.treasury import campaigns


class Status(Struct, frozen=True, kw_only=True):
    """What is live, since when, with which hash, and what became of the last edit. Times are Unix seconds."""

    directory: str
    """The configuration directory, as it was given."""
    generation: int
    """Grows with each edit that goes live."""
    digest: str
    """Hash of the live configuration; records of bids name it."""
    since: float
    """When it went live."""
    exchanges: list[str]
    """Names of all exchanges."""
    advertisers: int
    """How many."""
    campaigns: int
    """How many."""
    reloads: int
    """Edits that went live since the start."""
    rejections: int
    """Edits that were refused since the start."""
    rejected: Rejection | None
    """The edit that the directory holds now, where it was refused."""
    history: list[Accepted]
    """The last accepted edits, the newest last."""


def status_of(directory: str, reloader: Reloader) -> Status:
    """The configuration at this moment."""
    config = reloader.config
    return Status(
        directory=directory,
        generation=reloader.generation,
        digest=config.digest,
        since=reloader.since,
        exchanges=list(config.exchanges),
        advertisers=len({each.advertiser for each in config.advertisers}),
        campaigns=sum(1 for _ in campaigns(config)),
        reloads=reloader.reloads,
        rejections=reloader.rejections,
        rejected=reloader.rejected,
        history=list(reloader.history),
    )
