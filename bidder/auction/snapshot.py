"""The whole configuration as the auction reads it: immutable lines in blocks, best first, each with its bitsets.

A snapshot is compiled aside and swapped in as one reference; blocks that an edit did not touch are shared with the one
before. Only the live bits of a block change, by the tick, between two requests.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from heapq import heappop, heappush

from bidder.auction import names
from bidder.auction.attributes import ATTRIBUTES, IMP_ATTRIBUTES, Attribute, ImpAttribute
from bidder.auction.index import Entries, Naming, Table, bits_of
from bidder.auction.line import Line
from bidder.auction.market import markets_of
from bidder.auction.source import Answers, sources_of
from bidder.auction.terms import Rates
from bidder.config.schema import Config
from bidder.domain.reason import Reason

NEVER = float("inf")


class Content:
    """What the lines of a block name, gathered in one pass: all that its tables are made of."""

    __slots__ = ("categories", "conditional", "domains", "entries", "lines")

    def __init__(self, lines: Sequence[Line]) -> None:
        self.lines = lines
        self.entries: dict[str, Entries] = {}
        """By table; a table that no line names anything in has none."""
        self.conditional: list[int] = []
        self.domains: set[str] = set()
        """The domains that any creative advertises, and those above them."""
        self.categories: set[str] = set()
        """The categories of any creative, and those above them."""
        for position, line in enumerate(lines):
            for table, include, exclude in line.names:
                entries = self.entries.get(table)
                if entries is None:
                    entries = self.entries[table] = Entries()
                entries.add(position, include, exclude)
            if line.conditions:
                self.conditional.append(position)
            for each in names.all_creatives(line.creatives):
                self.domains |= each.domain_keys
                self.categories |= each.category_keys


class Attributes:
    """The attributes that any line of a snapshot names, in the order of the gates."""

    def __init__(self, named: Collection[str]) -> None:
        self.request: list[Attribute] = [each for each in ATTRIBUTES if each.name in named]
        self.imp: list[ImpAttribute] = [each for each in IMP_ATTRIBUTES if each.name in named]
        self.sources = sources_of(self.request)
        self.alone = [(place, each) for place, each in enumerate(self.request) if not each.source]
        """Request attributes that belong to no source, with their places."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Attributes) and (self.request, self.imp) == (other.request, other.imp)

    __hash__ = None  # type: ignore[assignment]


class Block:
    """Lines that lie together, with one table per attribute that any line of the snapshot names."""

    __slots__ = (
        "_changes",
        "_counts",
        "_states",
        "advertisers",
        "answers",
        "apps",
        "categories",
        "ceiling_micros",
        "conditional",
        "creative_categories",
        "deal_lines",
        "deals",
        "domains",
        "formats",
        "idle",
        "imp_tables",
        "lines",
        "live",
        "named",
        "request_tables",
        "sizes",
    )

    def __init__(self, content: Content, attributes: Attributes) -> None:
        size, entries, nothing = len(content.lines), content.entries, Entries()
        self.lines = content.lines
        self.named = frozenset(entries)
        """Names of the tables that any line names something in."""
        self.ceiling_micros = self.lines[0].ceiling_micros
        self.conditional = bits_of(content.conditional)
        self.domains = frozenset(content.domains)
        self.creative_categories = frozenset(content.categories)
        self.request_tables = [Table(size, entries.get(each.name, nothing)) for each in attributes.request]
        self.answers: list[Answers] = [{} for _ in attributes.sources]
        """What is remembered of each source."""
        self.imp_tables = [Table(size, entries.get(each.name, nothing)) for each in attributes.imp]
        self.deals = Table(size, entries.get(names.DEAL, nothing))
        self.deal_lines = ((1 << size) - 1) & ~self.deals.open
        self.sizes = Table(size, entries.get(names.SIZE, nothing))
        self.formats = Naming(entries.get(names.FORMAT, nothing).include)
        self.categories = Naming(entries.get(names.CATEGORIES, nothing).include)
        self.advertisers = Naming(entries.get(names.ADVERTISERS, nothing).include)
        self.apps = Naming(entries.get(names.APPS, nothing).include)
        self.live = 0
        self.idle = Reason.PAUSED
        """The reason that came furthest among the lines that are not live."""
        self._states = [Reason.PAUSED] * size
        self._counts = Counter(self._states)
        self._changes = [(0.0, position) for position in range(size)]
        """A heap of the moments at which lines may change, and their positions."""

    def refresh(self, now: float) -> float:
        """Set the live bits for `now`, looking only at lines that may have changed; returns when the next one may."""
        changes = self._changes
        before = changes[0][0] if changes else NEVER
        while changes and changes[0][0] <= now:
            _, position = heappop(changes)
            period = self.lines[position].period
            self._set(position, period.state(now))
            next_s = period.changes_at(now)
            if next_s < NEVER:
                heappush(changes, (next_s, position))
        if before <= now:
            self.idle = max((reason for reason in +self._counts if reason is not Reason.BID), default=Reason.PAUSED)
        return changes[0][0] if changes else NEVER

    def _set(self, position: int, state: Reason) -> None:
        was = self._states[position]
        if state is was:
            return
        self._states[position] = state
        self._counts[was] -= 1
        self._counts[state] += 1
        if Reason.BID in {state, was}:
            self.live ^= 1 << position


class Snapshot:
    """One configuration, compiled."""

    def __init__(self, config: Config, rates: Rates, blocks: Sequence[Block], attributes: Attributes) -> None:
        """`blocks` are best first; of `config` the campaigns are not read."""
        self.settings = config.bidder
        self.exchanges = config.exchanges
        self.rates = rates
        self.digest = config.digest
        self.blocks = blocks
        self.attributes = attributes
        self.request_attributes = attributes.request
        self.imp_attributes = attributes.imp
        self.lines = [line for block in blocks for line in block.lines]
        self.advertiser_domains = frozenset[str]().union(*(block.domains for block in blocks))
        self.creative_categories = _by_taxonomy(frozenset[str]().union(*(each.creative_categories for each in blocks)))
        self.markets = markets_of(config.exchanges, rates)
        self.secure = config.bidder.server.public_url.startswith("https:")
        """Whether our own trackers and click links may stand in markup that must load over HTTPS."""
        self._changes_at = 0.0

    def refresh(self, now: float) -> None:
        """Bring the live bits up to date; cheap unless a flight or day part begins or ends."""
        if now >= self._changes_at:
            self._changes_at = min((block.refresh(now) for block in self.blocks), default=NEVER)


def _by_taxonomy(keys: frozenset[str]) -> dict[int, frozenset[str]]:
    """Ids of categories by the number of their taxonomy."""
    found: dict[int, set[str]] = {}
    for key in keys:
        taxonomy, _, category = key.partition(":")
        found.setdefault(int(taxonomy), set()).add(category)
    return {taxonomy: frozenset(ids) for taxonomy, ids in found.items()}
