"""A checked configuration into a snapshot: every line prepared, every bitset built; or only what an edit changed."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet

from bidder.auction.arrange import Lines, Rest, arranged
from bidder.auction.line import Ceiling, Line
from bidder.auction.snapshot import Attributes, Block, Content, Snapshot
from bidder.auction.taxonomy import Hierarchies
from bidder.auction.terms import Rates
from bidder.config.schema import Campaign, Config
from bidder.domain.money import RATE_UNIT, rate_from_text


def compile_snapshot(config: Config, ceiling: Ceiling, before: Snapshot | None = None) -> Snapshot:
    """The snapshot of a configuration; `ceiling` bounds what the live predictor can say of a goal.

    What is as it was in the snapshot `before`, compiled here from the same files, is not compiled again.
    """
    known = {line.id: line for line in before.lines} if before is not None else {}
    lines = {
        _line(advertiser.advertiser, campaign, ceiling, known.get(campaign.id))
        for advertiser in config.advertisers
        for campaign in advertiser.campaigns
    }
    old = {*known.values()}
    return successor(before, config, old - lines, lines - old)


def successor(
    before: Snapshot | None,
    config: Config,
    gone: AbstractSet[Line],
    came: Collection[Line],
    rest: Rest = lambda: None,
) -> Snapshot:
    """The snapshot after `before`: without the lines that are gone, with those that came, else with the same lines.

    Decides as one compiled from all its lines would. Blocks that nothing changed in are shared with `before`, which
    goes on as it is. Of `config` the campaigns are not read.
    """
    standing = {id(block.lines): block for block in before.blocks} if before is not None else {}
    laid = arranged([block.lines for block in standing.values()], gone, came, rest)
    contents = dict(_contents((lines for lines in laid if id(lines) not in standing), rest))
    attributes = Attributes(_named(laid, standing, contents), hierarchies_of(config))
    if before is not None and attributes != before.attributes:
        contents |= _contents((lines for lines in laid if id(lines) in standing), rest)
        standing = {}
    blocks: list[Block] = []
    for lines in laid:
        blocks.append(standing.get(id(lines)) or Block(contents[id(lines)], attributes))
        rest()
    return Snapshot(config, rates_of(config), blocks, attributes)


def _line(advertiser: str, campaign: Campaign, ceiling: Ceiling, known: Line | None) -> Line:
    if known is not None and known.campaign is campaign and known.advertiser == advertiser:
        return known.capped(ceiling)
    return Line(advertiser, campaign, ceiling)


def rates_of(config: Config) -> Rates:
    """Fixed-point rates by currency; the account's own is one."""
    account = config.bidder.account
    return {**{name: rate_from_text(rate) for name, rate in account.rates.items()}, account.currency: RATE_UNIT}


def hierarchies_of(config: Config) -> Hierarchies:
    """The categories above others, as far as they are configured."""
    return Hierarchies({number: taxonomy.parents for number, taxonomy in config.taxonomies.items()})


def _contents(laid: Iterable[Lines], rest: Rest) -> Iterator[tuple[int, Content]]:
    """What the lines of each block name, by the identity of the list of lines."""
    for lines in laid:
        yield id(lines), Content(lines, rest)
        rest()


def _named(laid: Iterable[Lines], standing: Mapping[int, Block], contents: Mapping[int, Content]) -> set[str]:
    """The tables that any line of any block names something in."""
    named: set[str] = set()
    for lines in laid:
        block = standing.get(id(lines))
        named |= block.named if block is not None else contents[id(lines)].entries.keys()
    return named
