"""The offers for one imp: the best one, or for a dynamic pod as many as share its seconds (OpenRTB 2.6, 3.2.7).

A pod is filled with the dearest offer first. The next one is taken where seconds and places are left for it and its
advertiser is not in the pod yet; the seller may pick any of them (implementation guide, 7.6). Lines are walked in the
order of the highest price that each could ever bid, so an offer is certain of its turn once no line that remains could
bid more; ties go to the line that comes first. So stopping early never changes what the pod is filled with. One that
is hard to fill is filled from the offers of the first lines that make one, so that its cost is bounded.
"""

from collections.abc import Iterable, Iterator, Sequence
from heapq import heappop, heappush
from itertools import islice

from bidder.auction.candidacy import candidate_of
from bidder.auction.contest import FIRST_BATCH, LARGEST_BATCH, Contest
from bidder.auction.creative import Slot
from bidder.auction.offer import Candidate, Offer
from bidder.auction.snapshot import Block
from bidder.domain.money import Micros
from bidder.domain.reason import Reason

MOST_OFFERS = 128
"""Offers that a pod is filled from."""


def offers_of(contest: Contest) -> Sequence[Offer]:
    """The offers to make for an imp."""
    slot = contest.placement.pod
    if slot is not None:
        return _filled(contest, slot)
    best = contest.best()
    return () if best is None else (best,)


def chosen_of(contest: Contest, offers: Iterable[Offer]) -> Sequence[Offer]:
    """Those of all offers for an imp, in the order of their lines, that are to be made."""
    slot = contest.placement.pod
    if slot is None:
        return sorted(offers, key=_dearest)[:1]
    pod = Pod(slot, contest.auction.market.exchange.max_pod_bids)
    for offer in sorted(islice(offers, MOST_OFFERS), key=_dearest):
        pod.take(offer)
    return pod.offers


class Pod:
    """A dynamic pod on its way to being full."""

    __slots__ = ("_above", "_advertisers", "_domains", "_left_s", "_most", "_shortest_s", "offers")

    def __init__(self, slot: Slot, most: int) -> None:
        """`most` is how many bids the exchange reads."""
        self.offers: list[Offer] = []
        self._advertisers: set[str] = set()
        self._domains: set[str] = set()
        self._above: set[str] = set()
        self._left_s = slot.pod_s or 0
        self._most = most if slot.pod_ads is None else min(most, slot.pod_ads)
        self._shortest_s = max(min(slot.lengths_s, default=slot.shortest_s), 1)

    @property
    def is_full(self) -> bool:
        """Whether no ad can be added."""
        return len(self.offers) >= self._most or self._left_s < self._shortest_s

    def take(self, offer: Offer) -> None:
        """Add an offer, if there is room for it and its advertiser is not here yet."""
        seconds = offer.candidate.creative.duration_s or 0
        if self.is_full or seconds > self._left_s or self._competes(offer.candidate):
            return
        self._left_s -= seconds
        self._advertisers.add(offer.candidate.line.advertiser)
        self._domains.update(offer.candidate.creative.adomain)
        self._above |= offer.candidate.creative.domain_keys
        self.offers.append(offer)

    def _competes(self, candidate: Candidate) -> bool:
        """Whether its advertiser is in the pod: the same account, or a domain that is the same, above or below."""
        creative = candidate.creative
        return (
            candidate.line.advertiser in self._advertisers
            or not self._domains.isdisjoint(creative.domain_keys)
            or not self._above.isdisjoint(creative.adomain)
        )


def _dearest(offer: Offer) -> int:
    return -offer.price_micros


def _filled(contest: Contest, slot: Slot) -> list[Offer]:
    pod = Pod(slot, contest.auction.market.exchange.max_pod_bids)
    waiting: list[tuple[int, int, Offer]] = []
    found = 0
    for ceiling_micros, batch in _batches(contest):
        while waiting and -waiting[0][0] >= ceiling_micros:
            pod.take(heappop(waiting)[2])
        if pod.is_full:
            return pod.offers
        for offer in contest.offers(batch):
            if isinstance(offer, Reason):
                contest.reason = max(contest.reason, offer)
            elif found < MOST_OFFERS:
                heappush(waiting, (-offer.price_micros, found, offer))
                found += 1
        if found == MOST_OFFERS:
            break
    while waiting:
        pod.take(heappop(waiting)[2])
    return pod.offers


def _batches(contest: Contest) -> Iterator[tuple[Micros, list[Candidate]]]:
    """Candidates in the order of their lines, each batch with the ceiling of its first."""
    size = FIRST_BATCH
    for block in contest.auction.snapshot.blocks:
        if contest.is_below_floor(block.ceiling_micros):
            contest.reason = max(contest.reason, Reason.BELOW_FLOOR)
            return
        batch: list[Candidate] = []
        for candidate in _candidates(contest, block):
            batch.append(candidate)
            if len(batch) == size:
                yield batch[0].line.ceiling_micros, batch
                batch, size = [], min(size * 4, LARGEST_BATCH)
        if batch:
            yield batch[0].line.ceiling_micros, batch


def _candidates(contest: Contest, block: Block) -> Iterator[Candidate]:
    bits = contest.open_lines(block)
    while bits:
        lowest = bits & -bits
        bits ^= lowest
        found = candidate_of(contest, block.lines[lowest.bit_length() - 1])
        if isinstance(found, Reason):
            contest.reason = max(contest.reason, found)
        else:
            yield found
