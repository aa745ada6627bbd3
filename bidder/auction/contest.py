"""The contest for one imp: the lines that may bid on it, best first, until none that remains could do better.

`Contest` knows the imp; `best` walks blocks and lines in the order of the highest price each could ever bid, scores the
ones that pass in small batches, and stops as soon as the best price found is at least the next ceiling. A line that is
not reached could at most tie, and ties go to the line that comes first, so stopping never changes the answer.
"""

from collections.abc import Iterator, Sequence

from bidder.auction.candidacy import candidate_of
from bidder.auction.describe import describe
from bidder.auction.line import price_of
from bidder.auction.offer import Candidate, Offer
from bidder.auction.placement import placement_of
from bidder.auction.round import Round
from bidder.auction.score import Facts
from bidder.auction.snapshot import Block
from bidder.auction.terms import FIXED_PRICE, Terms
from bidder.domain.money import RATE_UNIT, Micros, from_account_down, to_account_down
from bidder.domain.reason import Reason
from openrtb.imp import Imp

FIRST_BATCH = 1
LARGEST_BATCH = 32


class Contest:
    """One imp, what it demands, and the reason that came furthest so far."""

    __slots__ = ("_deals", "_facts", "auction", "imp", "placement", "reason", "terms")

    def __init__(self, auction: Round, imp: Imp) -> None:
        self.auction = auction
        self.imp = imp
        market, snapshot = auction.market, auction.snapshot
        self.terms = Terms(imp, market.convert, market.exchange.seat, auction.at)
        self.placement = placement_of(snapshot, market.name, imp, auction.request)
        self.reason = Reason.NO_IMP if snapshot.blocks else Reason.PAUSED
        self._deals = tuple(self.terms.offered)
        self._facts: Facts | None = None

    def best(self) -> Offer | None:
        """The offer to make for this imp."""
        best: Offer | None = None
        for block in self.auction.snapshot.blocks:
            ceiling = block.ceiling_micros
            if best is not None and best.price_micros >= ceiling:
                break
            if self.is_below_floor(ceiling):
                self.reason = max(self.reason, Reason.BELOW_FLOOR)
                break
            bits = self.open_lines(block)
            if bits:
                best = self._best_of(block, bits, best)
        return best

    @property
    def facts(self) -> Facts:
        """The facts candidates are scored by, which are also recorded with the bid."""
        if self._facts is None:
            self._facts = describe(self.auction.view, self.imp, self.auction.at, self.placement.first_size)
        return self._facts

    def is_below_floor(self, price_micros: int) -> bool:
        """Whether no bid at this price (account currency) can stand. The open floor, if any, is the highest to pass."""
        terms, rate = self.terms, self.auction.rate
        if not terms.private and to_account_down(terms.open_micros, rate) <= price_micros:
            return False
        return price_micros < to_account_down(terms.least_micros, rate)

    def open_lines(self, block: Block) -> int:
        """The lines of a block that every bitset lets through."""
        auction, terms = self.auction, self.terms
        bits, reason = auction.open_lines(block)
        if bits:
            bits &= self.placement.accepted(block) & block.deals.accept(self._deals)
            if terms.private:
                bits &= block.deal_lines
            if not auction.blocks.none:
                bits &= auction.blocks.accepted(block)
            if not bits:
                reason = self._closed_by(block)
        if not bits:
            self.reason = max(self.reason, reason)
        return bits

    def _closed_by(self, block: Block) -> Reason:
        """The gate behind which no line of the block is left."""
        bits, _ = self.auction.open_lines(block)
        for reason, accepted in self.gates(block):
            bits &= accepted
            if not bits:
                return reason
        raise AssertionError("what a placement remembers is what its gates say")

    def gates(self, block: Block) -> Iterator[tuple[Reason, int]]:
        """What the imp and the publisher ask of lines, gate by gate: the reason and the lines that pass."""
        yield from self.placement.targeting(block)
        yield Reason.DEAL, block.deals.accept(self._deals)
        if self.terms.private:
            yield Reason.PRIVATE_AUCTION, block.deal_lines
        yield from self.auction.blocks.gates(block)
        yield from self.placement.creatives(block)

    def _best_of(self, block: Block, bits: int, best: Offer | None) -> Offer | None:
        batch: list[Candidate] = []
        size = FIRST_BATCH
        lines = block.lines
        while bits:
            lowest = bits & -bits
            bits ^= lowest
            line = lines[lowest.bit_length() - 1]
            if best is not None and best.price_micros >= line.ceiling_micros:
                break
            found = candidate_of(self, line)
            if isinstance(found, Reason):
                self.reason = max(self.reason, found)
                continue
            batch.append(found)
            if len(batch) == size:
                best = self._better(batch, best)
                batch, size = [], min(size * 4, LARGEST_BATCH)
        return self._better(batch, best) if batch else best

    def _better(self, batch: Sequence[Candidate], best: Offer | None) -> Offer | None:
        for found in self.offers(batch):
            if isinstance(found, Reason):
                self.reason = max(self.reason, found)
            elif best is None or found.price_micros > best.price_micros:
                best = found
        return best

    def offers(self, batch: Sequence[Candidate]) -> list[Offer | Reason]:
        """Each candidate of a batch with its price, or why it has none."""
        probabilities = self.auction.predictor.probabilities(self.facts, batch)
        return list(map(self._offer, batch, probabilities))

    def _offer(self, candidate: Candidate, probability_ppb: int) -> Offer | Reason:
        auction, line = self.auction, candidate.line
        purse, slot = auction.purse, line.slot
        multiplier = purse.multiplier_ppb(slot)
        price = price_of(line, probability_ppb, multiplier)
        if price <= 0:
            return Reason.NO_VALUE
        wire = price if auction.rate == RATE_UNIT else from_account_down(price, auction.rate)
        if wire < candidate.floor_micros:
            return Reason.BELOW_FLOOR
        if candidate.deal is not None and candidate.deal.at == FIXED_PRICE:
            wire = Micros(candidate.floor_micros)
        hold = auction.hold_of(wire)
        if not auction.test and not purse.may_spend(slot, Micros(hold + auction.bidding.get(line, 0))):
            return Reason.NO_BUDGET
        return Offer(candidate, hold, wire, probability_ppb, multiplier)
