"""What the publisher refuses: categories, advertisers, apps; of whole lines by bitset, of creatives one by one."""

from collections.abc import Iterator

from bidder.auction.creative import Prepared
from bidder.auction.line import Line
from bidder.auction.snapshot import Block, Snapshot
from bidder.domain.reason import Reason
from openrtb.request import BidRequest
from openrtb.validate.domain import host

MOST_LISTS = 1024
LONGEST_LISTS = 4096
"""Characters; what is longer is not remembered."""

_BID = Reason.BID


class Blocks:
    """The blocks of one request: `bcat` or `acat`, `badv`, `bapp` (OpenRTB 2.6, 3.2.1), as far as they matter here."""

    __slots__ = ("advertisers", "allowed", "apps", "categories", "none")

    def __init__(self, request: BidRequest, known: Snapshot) -> None:
        """`known` tells what creatives are about and whom they advertise."""
        cattax = request.cattax
        self.categories: tuple[str, ...] = ()
        if request.bcat and cattax in known.creative_categories:
            blocked = known.hierarchies.within(cattax, known.creative_categories[cattax], request.bcat)
            self.categories = tuple([f"{cattax}:{each}" for each in blocked])
        self.allowed = _allowed(request.acat, cattax, known) if request.acat else None
        self.advertisers = _known(request.badv, known.advertiser_domains) if request.badv else ()
        self.apps = tuple(each.lower() for each in request.bapp) if request.bapp else ()
        self.none = not (self.categories or self.allowed is not None or self.advertisers or self.apps)

    def gates(self, block: Block) -> Iterator[tuple[Reason, int]]:
        """The lines of which some creative may pass, by block list."""
        if self.categories:
            yield Reason.BLOCKED_CATEGORY, ~block.categories.naming(self.categories)
        if self.advertisers:
            yield Reason.BLOCKED_ADVERTISER, ~block.advertisers.naming(self.advertisers)
        if self.apps:
            yield Reason.BLOCKED_APP, ~block.apps.naming(self.apps)

    def accepted(self, block: Block) -> int:
        """The lines that pass all of these gates."""
        refused = block.categories.naming(self.categories)
        if self.advertisers:
            refused |= block.advertisers.naming(self.advertisers)
        if self.apps:
            refused |= block.apps.naming(self.apps)
        return ~refused

    def spare(self, line: Line) -> bool:
        """Whether plainly no creative of this line is refused."""
        if self.none:
            return True
        if self.allowed is not None or self.apps:
            return False
        return line.category_keys.isdisjoint(self.categories) and line.domain_keys.isdisjoint(self.advertisers)

    def verdict(self, creative: Prepared) -> Reason:
        """`Reason.BID` where the publisher accepts this creative, else the list that refuses it."""
        if self.none:
            return _BID
        if self.categories and not creative.category_keys.isdisjoint(self.categories):
            return Reason.BLOCKED_CATEGORY
        if self.allowed is not None and not self._all_allowed(creative):
            return Reason.BLOCKED_CATEGORY
        if self.advertisers and not creative.domain_keys.isdisjoint(self.advertisers):
            return Reason.BLOCKED_ADVERTISER
        return Reason.BLOCKED_APP if creative.bundle and creative.bundle.lower() in self.apps else _BID

    def _all_allowed(self, creative: Prepared) -> bool:
        """Whether each category of the creative, or one above it, is allowed; a creative without categories is not."""
        allowed = self.allowed or frozenset()
        return bool(creative.category_paths) and all(not allowed.isdisjoint(path) for path in creative.category_paths)


def _allowed(listed: list[str], cattax: int, known: Snapshot) -> frozenset[str]:
    """What is listed, and what creatives name below it."""
    below = known.hierarchies.within(cattax, known.creative_categories.get(cattax, frozenset()), listed)
    return frozenset(f"{cattax}:{each}" for each in (*listed, *below))


def _known(blocked: list[str], known_domains: frozenset[str]) -> tuple[str, ...]:
    """The blocked domains that matter here; lists of hundreds are common, so the work is one set intersection."""
    text = "\n".join(blocked).lower()
    if "/" in text or ":" in text or " " in text or ".\n" in text or text.endswith("."):
        return tuple(known_domains.intersection(map(host, blocked)))
    return tuple(known_domains.intersection(text.split("\n")))


def blocks_of(request: BidRequest, snapshot: Snapshot) -> Blocks:
    """The blocks of a request. A publisher sends the same lists again and again, so they are remembered, bounded."""
    if request.acat or request.bapp:
        return Blocks(request, snapshot)
    bcat, badv = tuple(request.bcat or ()), tuple(request.badv or ())
    key = (request.cattax, bcat, badv)
    blocks = snapshot.blocked.get(key)
    if blocks is None:
        blocks = Blocks(request, snapshot)
        if len(snapshot.blocked) >= MOST_LISTS:
            snapshot.blocked.clear()
        if len(bcat) + len(badv) + sum(map(len, bcat + badv)) <= LONGEST_LISTS:
            snapshot.blocked[key] = blocks
    return blocks
