"""Bids that may be open, put together from their records and their notices. Pure.

A restart takes them over, and an audit adds them up: both by the same rules, so that they come to the same sums.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from msgspec import Struct
from msgspec.structs import replace

from bidder.events.schema import Bid
from bidder.ledger.entry import LIFE_BITS, Entry, Kind
from bidder.ledger.outage import Outages, Term


class Claim(Struct, frozen=True):
    """A recorded bid as the book reads it."""

    bid_id: int
    campaign: str
    at_s: int
    expires_s: int
    price_micros: int
    life: int = 0


def claim(bid: Bid, life: int = 0) -> Claim:
    """A bid event as a claim; the expiry is rounded up."""
    return Claim(bid.bid_id, bid.campaign, bid.at_ms // 1000, -(-bid.expires_ms // 1000), bid.price_micros, life)


class Known(Struct, frozen=True):
    """A bid that was open, from its record or else from its notices; `told` is what the journal has of it."""

    bid: Claim
    """As if it had been made when the last outage ended in which it expired."""
    told: dict[Kind, Entry]
    is_recorded: bool
    surely: bool
    """Whether it was not given up before."""


Lasting = tuple[Claim, Term]
"""A bid, and how long its hold lasts."""


def known_bids(recorded: Iterable[Lasting], entries: Iterable[Entry], outages: Outages) -> list[Known]:
    """In the order of their records; then those that only notices told of. Those that are over are left out."""
    told: dict[int, dict[Kind, Entry]] = defaultdict(dict)
    for entry in entries:
        told[entry.bid_id][entry.kind] = entry
    once = {bid.bid_id: (bid, term) for bid, term in recorded}  # a hand may have copied a segment
    known = [(*each, told.pop(bid_id, {}), True) for bid_id, each in once.items()]
    for lines in told.values():
        bid = _told_of(lines, outages)
        known.append((bid, outages.term(bid), lines, False))
    return [
        Known(_put_off(bid, term), lines, is_recorded, term.surely)
        for bid, term, lines, is_recorded in known
        if not outages.is_over(term)
    ]


def named(known: Iterable[Known]) -> Counter[tuple[int, str]]:
    """Of the bids without a record, those that notices tell of: micros by epoch and campaign."""
    found: Counter[tuple[int, str]] = Counter()
    for bid in (each.bid for each in known if not each.is_recorded):
        found[bid.life >> LIFE_BITS, bid.campaign] += bid.price_micros
    return found


def _put_off(bid: Claim, term: Term) -> Claim:
    return replace(bid, at_s=bid.at_s + term.due_s - bid.expires_s, expires_s=term.due_s)


def _told_of(lines: Mapping[Kind, Entry], outages: Outages) -> Claim:
    """A bid as its notices tell it; when it was made they do not."""
    entry = next(iter(lines.values()))
    at_s = entry.expires_s - int(outages.longest_s)
    return Claim(entry.bid_id, entry.campaign, at_s, entry.expires_s, entry.price_micros, entry.life)
