"""Lines in blocks, best first, with as few blocks touched by an edit as can be."""

from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from itertools import chain, groupby

from bidder.auction.line import Line

BLOCK = 4096
"""Lines to a block: small enough for cheap ANDs, large enough that one block answers most requests."""

Lines = Sequence[Line]

Rest = Callable[[], None]
"""Called after each piece of work of a millisecond or few: where others may go first."""


def rank(line: Line) -> tuple[int, str]:
    """Lines sort by the highest price they could ever bid, and where that is the same by id."""
    return -line.ceiling_micros, line.id


def arranged(
    blocks: Sequence[Lines], gone: AbstractSet[Line], came: Collection[Line], rest: Rest = lambda: None
) -> list[Lines]:
    """The blocks without the lines that are gone, with those that came; what is as before is the same object.

    The order of all lines is that of `rank`. A block may outgrow `BLOCK` by a quarter before it is cut, and no two
    neighbours would fit in one, so that there are at most twice as many blocks as needed.
    """
    found: list[Lines] = []
    for lines in _changed(blocks or [[]], gone, came):
        if found and len(found[-1]) + len(lines) <= BLOCK:
            found[-1] = [*found[-1], *lines]
        else:
            found += _cut(lines)
        rest()
    return found


def _changed(blocks: Sequence[Lines], gone: AbstractSet[Line], came: Collection[Line]) -> Iterator[Lines]:
    """Each block with its changes; those of which nothing is left are left out."""
    starts = [rank(lines[0]) for lines in blocks if lines]

    def home(line: Line) -> int:
        return max(bisect_right(starts, rank(line)) - 1, 0)

    coming = {number: [*lines] for number, lines in groupby(sorted(came, key=rank), home)}
    for number, before in enumerate(blocks):
        lines = before
        if number in coming or not gone.isdisjoint(before):
            staying = (line for line in before if line not in gone)
            lines = sorted(chain(staying, coming.get(number, ())), key=rank)
        if lines:
            yield lines


def _cut(lines: Lines) -> Iterable[Lines]:
    if len(lines) <= BLOCK + BLOCK // 4:
        return [lines]
    return [lines[start : start + BLOCK] for start in range(0, len(lines), BLOCK)]
