"""The whole configuration as the auction reads it: immutable lines in blocks, best first, each with its bitsets.

A snapshot is compiled aside and swapped in as one reference. Only the live bits of a block change, by the tick, between
two requests.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence

from bidder.auction.attributes import ATTRIBUTES, IMP_ATTRIBUTES, Attribute, ImpAttribute
from bidder.auction.creative import Prepared
from bidder.auction.index import Table
from bidder.auction.line import Line
from bidder.auction.terms import Rates
from bidder.config.schema import Bidder, Campaign, Exchange
from bidder.domain.reason import Reason

BLOCK = 4096
"""Lines to a block: small enough for cheap ANDs, large enough that one block answers most requests."""


class Block:
    """Lines that lie together, with one table per attribute that any line of the snapshot names."""

    __slots__ = (
        "advertisers",
        "apps",
        "categories",
        "ceiling_micros",
        "conditional",
        "deal_lines",
        "deals",
        "formats",
        "idle",
        "imp_tables",
        "lines",
        "live",
        "request_tables",
        "sizes",
    )

    def __init__(self, lines: Sequence[Line], request: Sequence[Attribute], imp: Sequence[ImpAttribute]) -> None:
        self.lines = lines
        self.ceiling_micros = lines[0].ceiling_micros
        self.live = 0
        self.idle = Reason.PAUSED
        """The reason that came furthest among the lines that are not live."""
        self.conditional = sum(1 << position for position, line in enumerate(lines) if line.conditions)
        self.request_tables = [_table(lines, each) for each in request]
        self.imp_tables = [_table(lines, each) for each in imp]
        self.deals = Table([line.deals for line in lines], [line.campaign.exclude.deal for line in lines])
        self.deal_lines = ((1 << len(lines)) - 1) & ~self.deals.open
        self.formats = _included(lines, lambda line: line.creatives)
        self.sizes = _included(lines, _banner_sizes)
        self.categories = _included(lines, _shared_categories)
        self.advertisers = _included(lines, _shared_domains)
        self.apps = _included(lines, _shared_bundles)

    def refresh(self, now: float) -> float:
        """Set the live bits for `now`; returns the moment at which they may next differ."""
        live, idle, changes_at = 0, Reason.PAUSED, float("inf")
        for position, line in enumerate(self.lines):
            state = line.period.state(now)
            if state is Reason.BID:
                live |= 1 << position
            else:
                idle = max(idle, state)
            changes_at = min(changes_at, line.period.changes_at(now))
        self.live, self.idle = live, idle
        return changes_at


class Snapshot:
    """One configuration, compiled."""

    def __init__(
        self, settings: Bidder, exchanges: Mapping[str, Exchange], lines: Iterable[Line], rates: Rates, digest: str
    ) -> None:
        self.settings = settings
        self.exchanges = exchanges
        self.rates = rates
        self.digest = digest
        self.lines = sorted(lines, key=lambda line: (-line.ceiling_micros, line.id))
        campaigns = [line.campaign for line in self.lines]
        self.request_attributes = [each for each in ATTRIBUTES if _named(each, campaigns)]
        self.imp_attributes = [each for each in IMP_ATTRIBUTES if _named(each, campaigns)]
        self.blocks = [
            Block(self.lines[start : start + BLOCK], self.request_attributes, self.imp_attributes)
            for start in range(0, len(self.lines), BLOCK)
        ]
        self.advertiser_domains = frozenset(
            key for line in self.lines for each in _all(line) for key in each.domain_keys
        )
        self._changes_at = 0.0

    def refresh(self, now: float) -> None:
        """Bring the live bits up to date; cheap unless a flight or day part begins or ends."""
        if now >= self._changes_at:
            self._changes_at = min((block.refresh(now) for block in self.blocks), default=float("inf"))


def _named(attribute: Attribute | ImpAttribute, campaigns: Iterable[Campaign]) -> bool:
    return any(any(True for _ in attribute.include(each)) or any(attribute.exclude(each)) for each in campaigns)


def _table(lines: Sequence[Line], attribute: Attribute | ImpAttribute) -> Table:
    return Table(
        [tuple(attribute.include(line.campaign)) for line in lines],
        [tuple(attribute.exclude(line.campaign)) for line in lines],
    )


def _included(lines: Sequence[Line], keys: Callable[[Line], Iterable[Hashable]]) -> Table:
    return Table([tuple(keys(line)) for line in lines], [()] * len(lines))


def _banner_sizes(line: Line) -> Iterable[Hashable]:
    """Sizes of the banners; a line that adapts to any size, or has no banner, is open."""
    sizes = [each.size for each in line.creatives.get("banner", ())]
    fixed = [size for size in sizes if size is not None]
    return fixed if len(fixed) == len(sizes) else ()


def _shared_categories(line: Line) -> Iterable[str]:
    """Categories that every creative carries, so that blocking one blocks the line."""
    return _shared([set(each.category_keys) for each in _all(line)])


def _shared_domains(line: Line) -> Iterable[str]:
    return _shared([set(each.domain_keys) for each in _all(line)])


def _shared_bundles(line: Line) -> Iterable[str]:
    return _shared([{each.bundle.lower()} if each.bundle else set() for each in _all(line)])


def _shared(sets: list[set[str]]) -> Iterable[str]:
    return set.intersection(*sets) if sets else ()


def _all(line: Line) -> Iterable[Prepared]:
    return (each for creatives in line.creatives.values() for each in creatives)
