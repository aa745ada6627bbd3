"""The ledger in few lines, through crashes: bids in a list, each with all that is known of it, added up anew.

What a crash leaves is what the house can know then: `written` bids stand in a segment, bids that a notice told of in
the store, and of all others the board has the sum, which is held until the longest of them must be over.
"""

from msgspec import Struct

LONGEST_S = 40
"""How long any bid may be open."""


class Bid(Struct):
    """A bid, and all that became of it. Integer micros, whole seconds."""

    bid_id: int
    campaign: str
    at_s: int
    expires_s: int
    price_micros: int
    life: int
    epoch: int
    written: bool = False
    due_s: int | None = None
    """When its own hold ends; None while the bid is not known."""
    gap_s: int = 0
    """Until when it is part of a gap that is held."""
    lapse_s: int = 2**40
    """When the board takes it for over, once its worker has ended."""
    stored_s: int = 0
    """Until when it is part of a gap in the store."""
    won: bool = False
    lost: bool = False
    billed: int | None = None
    late: int | None = None


class Reference:
    """What a book has to say after every step, of one campaign."""

    def __init__(self, now_s: int) -> None:
        self.now_s = self.alive_s = now_s
        self.granted = self.life = self.epoch = 0
        self.bids: list[Bid] = []

    def sums(self) -> tuple[int, int, int, int]:
        """Spent, held, unspent grants, late."""
        moved = sum(
            b.price_micros for b in self.bids if b.epoch == self.epoch and (self.knows(b) or b.life != self.life)
        )
        own = sum(b.price_micros for b in self.bids if self.knows(b) and self.is_open(b))
        gaps = sum(b.price_micros for b in self.bids if self.now_s < b.gap_s)
        spent, late = (sum(getattr(b, line) or 0 for b in self.bids) for line in ("billed", "late"))
        return spent, own + gaps, self.granted - moved, late

    def knows(self, bid: Bid) -> bool:
        return bid.due_s is not None

    def is_told(self, bid: Bid) -> bool:
        return bid.won or bid.lost or bid.billed is not None or bid.late is not None

    def is_open(self, bid: Bid) -> bool:
        over = bid.lost or bid.billed is not None or bid.late is not None
        return not over and self.now_s < (bid.expires_s if bid.due_s is None else bid.due_s)

    def know(self, bid: Bid) -> None:
        if bid.due_s is None:
            bid.gap_s, bid.due_s = 0, self.due_s(bid)

    def due_s(self, bid: Bid, at_s: int | None = None) -> int:
        return bid.expires_s + (0 if self.now_s < bid.expires_s else self.now_s - (bid.at_s if at_s is None else at_s))

    def win(self, bid: Bid) -> None:
        if self.is_open(bid):
            self.know(bid)
            bid.won = True

    def lose(self, bid: Bid) -> None:
        if self.is_open(bid) and not bid.won:
            self.know(bid)
            bid.lost = True

    def bill(self, bid: Bid, price: int) -> str:
        if bid.billed is not None or bid.late is not None:
            return "repeated"
        booked = min(price, bid.price_micros)
        if not self.is_open(bid):
            bid.late = booked
            return "late"
        outcome = "over_hold" if price > booked else "counted" if self.knows(bid) else "unrecorded"
        self.know(bid)
        bid.billed = booked
        return outcome

    def end_life(self) -> None:
        """The worker is gone, and all that it wrote was read."""
        for bid in (bid for bid in self.bids if bid.life == self.life):
            if bid.written:
                self.know(bid)
            else:
                bid.lapse_s = self.now_s + LONGEST_S
                bid.gap_s = bid.lapse_s if bid.due_s is None else 0

    def restart(self, down_s: int) -> None:
        """All processes end, and after a while others take over."""
        self.now_s, self.granted = self.now_s + down_s, 0
        for bid in self.bids:
            fresh = bid.expires_s > self.alive_s
            if bid.epoch == self.epoch and not bid.written and bid.lapse_s > self.alive_s:
                bid.stored_s = self.now_s + LONGEST_S + 1
            named = fresh and self.is_told(bid)
            bid.gap_s = 0 if named and not bid.written else min(bid.stored_s, self.now_s + LONGEST_S)
            if named or (fresh and bid.written):
                bid.due_s = self.due_s(bid, None if bid.written else bid.expires_s - LONGEST_S)
            elif self.knows(bid):
                bid.due_s = 0
        self.alive_s = self.now_s
