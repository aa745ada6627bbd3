"""The lines of a worker by the parcel they came in; what an edit leaves as it was is not made again."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from bidder.auction.arrange import Rest
from bidder.auction.line import Ceiling, Line
from bidder.processes.handover import Parcel, Placed

Held = Mapping[bytes, tuple[Line, ...]]
"""Lines by the digest of their parcel."""


class Change(NamedTuple):
    """How lines differ from those before."""

    gone: set[Line]
    came: list[Line]


def lines_of(parcels: Iterable[Parcel], held: Held, ceiling: Ceiling, rest: Rest) -> Held:
    """The lines of parcels, as far as can be out of those that are `held` under the same ceiling.

    A parcel that is held is not opened; of others, campaigns that are as before keep their lines. Raises
    `msgspec.DecodeError`.
    """
    wanted = {parcel.digest: parcel for parcel in parcels}
    spare = {line.id: line for digest, lines in held.items() if digest not in wanted for line in lines}
    return {
        digest: held[digest] if digest in held else tuple(_made(parcel.open(), spare, ceiling, rest))
        for digest, parcel in wanted.items()
    }


def capped(held: Held, ceiling: Ceiling) -> Held:
    """The same lines under another ceiling."""
    return {digest: tuple(line.capped(ceiling) for line in lines) for digest, lines in held.items()}


def change(before: Held, after: Held) -> Change:
    """What is gone and what came, from one to the other."""
    old, new = set(_others(before, after)), set(_others(after, before))
    return Change(old - new, [*(new - old)])


def _made(placed: Iterable[Placed], spare: Mapping[str, Line], ceiling: Ceiling, rest: Rest) -> Iterator[Line]:
    for advertiser, slot, campaign in placed:
        line = spare.get(campaign.id)
        if line is None or (line.advertiser, line.slot, line.campaign) != (advertiser, slot, campaign):
            line = Line(advertiser, campaign, ceiling)
            line.slot = slot
        yield line
        rest()


def _others(lines: Held, than: Held) -> Iterator[Line]:
    return (line for digest, some in lines.items() if than.get(digest) is not some for line in some)
