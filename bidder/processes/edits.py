"""Edits that went live, as events."""

from collections.abc import Iterator

from bidder.config.live import Accepted
from bidder.events.schema import Edit


def edits_of(accepted: Accepted, generation: int) -> Iterator[Edit]:
    """One event for each key that has another value than before."""
    for change in accepted.changes:
        yield Edit(
            at_ms=int(accepted.at * 1000),
            generation=generation,
            config=accepted.digest,
            file=change.file,
            file_hash=accepted.hashes.get(change.file, ""),
            key=change.key,
            before=change.before,
            after=change.after,
        )
