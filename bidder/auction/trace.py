"""The full evaluation of a request: every line, every gate, each line ending in exactly one reason.

It walks the same gates, candidates and prices as `pod.offers_of`, without stopping early, and keeps for each reason the
bits of the lines that ended there, so that totals are bit counts and the sum over all reasons is the number of lines.
"""

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from bidder.auction.candidacy import candidate_of
from bidder.auction.contest import Contest
from bidder.auction.index import positions_of
from bidder.auction.offer import Offer
from bidder.auction.pod import chosen_of
from bidder.auction.snapshot import Block, Snapshot
from bidder.domain.reason import Reason

Ends = dict[Reason, int]
"""The lines of one block by the reason they ended in."""


class Funnel:
    """Where each line of a snapshot ended, block by block."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.blocks: list[Ends] = [{} for _ in snapshot.blocks]
        self.disagreements = 0
        """Imps on which stopping early found another offer; anything but zero is a defect of ours."""

    def all_end(self, reason: Reason) -> "Funnel":
        """Every line ends in one reason: the request was not for us to bid on."""
        self.blocks = [{reason: _all(block)} for block in self.snapshot.blocks]
        return self

    def merge(self, ends: list[Ends], *, agreed: bool) -> None:
        """Add an imp: a line keeps the reason that came furthest over all imps."""
        self.disagreements += not agreed
        self.blocks = [_furthest(old, new) for old, new in zip(self.blocks, ends, strict=True)]

    def counts(self) -> dict[Reason, int]:
        """Lines by reason."""
        total: dict[Reason, int] = {}
        for ends in self.blocks:
            for reason, bits in ends.items():
                total[reason] = total.get(reason, 0) + bits.bit_count()
        return total

    @property
    def closure_error(self) -> int:
        """How far the sum over all reasons is from the number of lines; anything but zero is a defect of ours."""
        return abs(sum(self.counts().values()) - len(self.snapshot.lines))

    def terminal(self) -> bytes:
        """The reason of every line in dense order, two little-endian bytes each."""
        reasons = np.zeros(len(self.snapshot.lines), dtype="<u2")
        start = 0
        for block, ends in zip(self.snapshot.blocks, self.blocks, strict=True):
            count = len(block.lines)
            for reason, bits in ends.items():
                packed = np.frombuffer(bits.to_bytes((count + 7) // 8, "little"), dtype=np.uint8)
                mask = np.unpackbits(packed, count=count, bitorder="little").astype(bool)
                reasons[start : start + count][mask] = reason
            start += count
        return reasons.tobytes()

    def withdraw(self, offers: Iterable[Offer], kept: Iterable[Offer], reason: Reason) -> None:
        """Bids that were made and then withdrawn end elsewhere, but for lines of which another bid is kept."""
        moving = {offer.candidate.line for offer in offers} - {offer.candidate.line for offer in kept}
        for block, ends in zip(self.snapshot.blocks, self.blocks, strict=True):
            for position in positions_of(ends.get(Reason.BID, 0)):
                if block.lines[position] in moving:
                    ends[Reason.BID] ^= 1 << position
                    _end(ends, reason, 1 << position)


def exhaust(contest: Contest, now: float) -> tuple[Sequence[Offer], list[Ends]]:
    """The offers to make for an imp, found without stopping early, and where every line ended."""
    every: list[Ends] = []
    offers: list[tuple[int, int, Offer]] = []
    for number, block in enumerate(contest.auction.snapshot.blocks):
        ends: Ends = {}
        bits = _through_gates(contest, block, now, ends)
        offers.extend((number, position, offer) for position, offer in _offers(contest, block, bits, ends))
        every.append(ends)
    chosen = chosen_of(contest, [offer for _, _, offer in offers])
    bidding = {offer.candidate.line for offer in chosen}
    for number, position, offer in offers:
        _end(every[number], Reason.BID if offer.candidate.line in bidding else Reason.OUTBID, 1 << position)
    return chosen, every


def _through_gates(contest: Contest, block: Block, now: float, ends: Ends) -> int:
    auction = contest.auction
    bits = block.live
    for position in positions_of(_all(block) & ~bits):
        _end(ends, block.lines[position].period.state(now), 1 << position)
    for attribute, table, values in zip(
        auction.snapshot.request_attributes, block.request_tables, auction.values, strict=True
    ):
        accepted = table.accept(values)
        _end(ends, auction.reason_of(attribute.reason, personal=attribute.personal), bits & ~accepted)
        bits &= accepted
    conditions_are_due = True
    for reason, accepted in contest.gates(block):
        if conditions_are_due and reason >= Reason.PRIVATE_AUCTION:
            bits, conditions_are_due = _through_conditions(contest, block, bits, ends), False
        _end(ends, reason, bits & ~accepted)
        bits &= accepted
    return bits


def _through_conditions(contest: Contest, block: Block, bits: int, ends: Ends) -> int:
    """Conditions belong to targeting; the contest asks them last only because they cost more than a bitset."""
    view = contest.auction.view
    for position in positions_of(bits & block.conditional):
        for condition in block.lines[position].conditions:
            if not condition.holds(view, contest.imp):
                _end(ends, condition.reason_for(view), 1 << position)
                bits ^= 1 << position
                break
    return bits


def _offers(contest: Contest, block: Block, bits: int, ends: Ends) -> list[tuple[int, Offer]]:
    positions, batch = [], []
    for position in positions_of(bits):
        found = candidate_of(contest, block.lines[position])
        if isinstance(found, Reason):
            _end(ends, found, 1 << position)
        else:
            positions.append(position)
            batch.append(found)
    offers: list[tuple[int, Offer]] = []
    for position, offer in zip(positions, contest.offers(batch) if batch else (), strict=True):
        if isinstance(offer, Reason):
            _end(ends, offer, 1 << position)
        else:
            offers.append((position, offer))
    return offers


def _end(ends: Ends, reason: Reason, bits: int) -> None:
    if bits:
        ends[reason] = ends.get(reason, 0) | bits


def _all(block: Block) -> int:
    return (1 << len(block.lines)) - 1


def _furthest(old: Ends, new: Ends) -> Ends:
    merged: Ends = {}
    taken = 0
    rank: Callable[[Reason], tuple[bool, int]] = lambda reason: (reason is Reason.BID, reason)  # noqa: E731
    for reason in sorted({*old, *new}, key=rank, reverse=True):
        bits = (old.get(reason, 0) | new.get(reason, 0)) & ~taken
        taken |= bits
        _end(merged, reason, bits)
    return merged
