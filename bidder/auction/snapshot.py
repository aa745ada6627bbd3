"""The whole configuration as the auction reads it: immutable lines in blocks, best first, each with its bitsets.

A snapshot is compiled aside and swapped in as one reference; blocks that an edit did not touch are shared with the one
before. Only the live bits of a block change, by the tick, between two requests.
"""

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from bidder.auction import names
from bidder.auction.arrange import Rest
from bidder.auction.attributes import ATTRIBUTES, IMP_ATTRIBUTES, Attribute, ImpAttribute
from bidder.auction.index import Entries, Naming, Table, bits_of
from bidder.auction.line import Line
from bidder.auction.market import markets_of
from bidder.auction.source import Answers, sources_of
from bidder.auction.taxonomy import Hierarchies, WithAbove
from bidder.auction.terms import Rates
from bidder.config.schema import Config
from bidder.domain.reason import Reason

if TYPE_CHECKING:
    from bidder.auction.placement import Placement
    from bidder.auction.publisher import Blocks

NEVER = float("inf")
SEGMENT = "segment"
TOPICS = "topics"

_AT_ONCE = 128


class Content:
    """What the lines of a block name, gathered in one pass: all that its tables are made of."""

    __slots__ = ("conditional", "entries", "lines")

    def __init__(self, lines: Sequence[Line], rest: Rest) -> None:
        self.lines = lines
        self.entries: defaultdict[str, Entries] = defaultdict(Entries)
        """By table; a table that no line names anything in has none."""
        self.conditional: list[int] = []
        alike: defaultdict[names.Named, list[int]] = defaultdict(list)
        for position, line in enumerate(lines):
            for named in line.names:
                alike[named].append(position)
            if line.conditions:
                self.conditional.append(position)
            if not position % _AT_ONCE:
                rest()
        for number, (named, positions) in enumerate(alike.items()):
            self.entries[named.table].add(bits_of(positions), named.include, named.exclude)
            if not number % _AT_ONCE:
                rest()

    def included(self, *tables: str) -> frozenset[str]:
        """All that lines include in these tables, of text."""
        return frozenset(str(key) for table in tables if table in self.entries for key in self.entries[table].include)


class Attributes:
    """The attributes that any line of a snapshot names, in the order of the gates."""

    def __init__(self, named: Collection[str], hierarchies: Hierarchies) -> None:
        self.request: list[Attribute] = [_reading(each, hierarchies) for each in ATTRIBUTES if each.name in named]
        self.hierarchies = hierarchies
        self.imp: list[ImpAttribute] = [each for each in IMP_ATTRIBUTES if each.name in named]
        self.sources = sources_of(self.request)
        self.alone = [(place, each) for place, each in enumerate(self.request) if not each.source]
        """Request attributes that belong to no source, with their places."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Attributes) and (self.request, self.imp) == (other.request, other.imp)

    __hash__ = None  # type: ignore[assignment]


def _reading(attribute: Attribute, hierarchies: Hierarchies) -> Attribute:
    """The attribute as it reads requests where these taxonomies have a hierarchy."""
    if attribute.source != TOPICS or not hierarchies.parents:
        return attribute
    return replace(attribute, values=WithAbove(attribute.values, hierarchies))


class Block:
    """Lines that lie together, with one table per attribute that any line of the snapshot names."""

    __slots__ = (
        "_changes_s",
        "_next_s",
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
        self.domains = content.included(names.ADVERTISERS, names.SOME_ADVERTISERS)
        """The domains that any creative advertises, and those above them."""
        self.creative_categories = content.included(names.CATEGORIES, names.SOME_CATEGORIES)
        """The categories of any creative, and those above them."""
        self.request_tables = [Table(size, entries.get(each.name, nothing)) for each in attributes.request]
        self.answers: list[Answers] = [{} for _ in attributes.sources]
        """What is remembered of each source."""
        self.imp_tables = [Table(size, entries.get(each.name, nothing)) for each in attributes.imp]
        self.deals = Table(size, entries.get(names.DEAL, nothing))
        self.deal_lines = ((1 << size) - 1) & ~self.deals.open
        self.sizes = Table(size, entries.get(names.SIZE, nothing))
        self.formats = Naming(entries.get(names.FORMAT, nothing))
        self.categories = Naming(entries.get(names.CATEGORIES, nothing))
        self.advertisers = Naming(entries.get(names.ADVERTISERS, nothing))
        self.apps = Naming(entries.get(names.APPS, nothing))
        self.live = 0
        self.idle = Reason.PAUSED
        """The reason that came furthest among the lines that are not live."""
        self._states = [Reason.PAUSED] * size
        self._changes_s = [0.0] * size
        """When the state of each line may next differ."""
        self._next_s = 0.0

    def refresh(self, now: float) -> float:
        """Set the live bits for `now`, looking only at lines that may have changed; returns when the next one may."""
        if now >= self._next_s:
            for position, due_s in enumerate(self._changes_s):
                if due_s <= now:
                    found = self.lines[position].period.at(now)
                    self._states[position], self._changes_s[position] = found
            self._next_s = min(self._changes_s)
            self.live = bits_of([position for position, state in enumerate(self._states) if state is Reason.BID])
            self.idle = max((state for state in self._states if state is not Reason.BID), default=Reason.PAUSED)
        return self._next_s


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
        self.hierarchies = attributes.hierarchies
        self.lines = [line for block in blocks for line in block.lines]
        self.advertiser_domains = frozenset[str]().union(*(block.domains for block in blocks))
        self.creative_categories = _by_taxonomy(frozenset[str]().union(*(each.creative_categories for each in blocks)))
        self.markets = markets_of(config.exchanges, rates)
        self.secure = config.bidder.server.public_url.startswith("https:")
        """Whether our own trackers and click links may stand in markup that must load over HTTPS."""
        self.providers = frozenset(_providers(blocks, self.request_attributes))
        """Providers of data whose segments some line tells apart from those of others."""
        self.blocked: dict[Hashable, Blocks] = {}
        """What is remembered of the lists of publishers."""
        self.placements: dict[tuple[str, bytes], Placement] = {}
        """What is remembered of imps, by exchange and media objects."""
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


def _providers(blocks: Sequence[Block], attributes: Sequence[Attribute]) -> Iterator[str]:
    """What stands before the slash in the segments that lines name."""
    for place, attribute in enumerate(attributes):
        if attribute.name == SEGMENT:
            for block in blocks:
                for key in map(str, block.request_tables[place].named):
                    yield from (key[:end] for end, letter in enumerate(key) if letter == "/")
