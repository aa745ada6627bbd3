"""The ledger in few lines, through crashes: bids in a list, gaps in another, everything added up anew.

It knows what the book must know, and from where: `written` bids stand in a segment and are known again after a crash,
bids that a notice told of stand in the store, and of the others the board has the sum.
"""

from msgspec import Struct

LATE_S = 3600
QUEUE_S = 5
LONGEST_S = 40
"""How long any bid may be open."""


class Bid(Struct):
    """A bid, and all that was ever said about it."""

    bid_id: int
    campaign: str
    at_s: int
    expires_s: int
    price_micros: int
    life: int
    epoch: int
    written: bool = False
    known: bool = False
    due_s: int = 0
    """When its hold ends, once it is known."""
    lapse_s: int = 2**40
    """When the sum is given up that stands for it, once its worker has ended."""
    won: bool = False
    lost: bool = False
    billed: int | None = None
    late: int | None = None

    @property
    def told(self) -> bool:
        """Whether the store has a line about it."""
        return self.won or self.lost or self.paid

    @property
    def paid(self) -> bool:
        """Whether a bill was booked."""
        return self.billed is not None or self.late is not None


class Gap(Struct):
    """What ended lives left without a record."""

    epoch: int
    micros: int
    held: int
    until_s: int


class Reference:
    """What a book has to say after every step. Integer micros of one campaign, whole seconds."""

    def __init__(self, now_s: int) -> None:
        self.now_s = self.alive_s = now_s
        self.unspent = self.life = self.epoch = 0
        self.bids: list[Bid] = []
        self.gaps: list[Gap] = []
        self.stored_gaps: list[Gap] = []

    def sums(self) -> tuple[int, int, int, int]:
        """Spent, held, unspent grants, late."""
        held = sum(bid.price_micros for bid in self.bids if bid.known and self.is_open(bid))
        held += sum(gap.held for gap in self.gaps if self.now_s < gap.until_s)
        return sum(bid.billed or 0 for bid in self.bids), held, self.unspent, sum(bid.late or 0 for bid in self.bids)

    def may_be_spent(self, bid: Bid) -> bool:
        """A bid whose record is still to be read is held from then on, however late that is."""
        return self.is_open(bid) or (not bid.known and bid.life == self.life)

    def is_open(self, bid: Bid) -> bool:
        """Whether it is held, or would be on the word of its ticket."""
        return not bid.paid and not bid.lost and self.now_s < (bid.due_s if bid.known else bid.expires_s)

    def know(self, bid: Bid) -> None:
        """From its record or its ticket: what it holds is no longer an unspent grant, nor part of a gap."""
        if bid.known:
            return
        late = self.now_s >= bid.expires_s
        bid.known, bid.due_s = True, self.now_s + bid.expires_s - bid.at_s if late else bid.expires_s
        if bid.life == self.life:
            self.unspent -= bid.price_micros
            return
        missing = bid.price_micros
        for gap in self.gaps:
            drawn = min(gap.held, missing) if self.now_s < gap.until_s else 0
            gap.held, missing = gap.held - drawn, missing - drawn

    def win(self, bid: Bid) -> None:
        if self.is_open(bid):
            self.know(bid)
            bid.won = True

    def lose(self, bid: Bid) -> None:
        if self.is_open(bid) and not bid.won:
            self.know(bid)
            bid.lost = True

    def bill(self, bid: Bid, price: int) -> str:
        """The outcome."""
        if bid.paid:
            return "repeated"
        if not self.is_open(bid):
            bid.late = min(price, bid.price_micros)
            return "late"
        outcome = "over_hold" if price > bid.price_micros else "counted" if bid.known else "unrecorded"
        self.know(bid)
        bid.billed = min(price, bid.price_micros)
        return outcome

    def end_life(self) -> None:
        """The worker is gone, and all that it wrote was read."""
        for bid in self.bids:
            if bid.life == self.life and bid.written:
                self.know(bid)
        lost = sum(bid.price_micros for bid in self.bids if bid.life == self.life and not bid.known)
        self.gaps.append(Gap(self.epoch, lost, lost, self.now_s + LONGEST_S))
        self.unspent -= lost
        for bid in self.bids:
            if bid.life == self.life and not bid.written:
                bid.lapse_s = self.now_s + LONGEST_S

    def restart(self, down_s: int) -> None:
        """All processes end, and after a while others take over."""
        self.now_s, self.unspent = self.now_s + down_s, 0
        unwritten = [bid for bid in self.bids if bid.epoch == self.epoch and not bid.written]
        unnamed = [bid for bid in unwritten if bid.lapse_s > self.alive_s]
        lost = sum(bid.price_micros for bid in unnamed)
        self.stored_gaps.append(Gap(self.epoch, lost, lost, self.now_s + LONGEST_S + 1))
        for bid in self.bids:
            if (bid.written or bid.told) and bid.expires_s > self.alive_s:
                bid.known, bid.due_s = True, self.now_s + max(QUEUE_S, min(bid.expires_s - self.now_s, LONGEST_S))
            elif bid.known:
                bid.due_s = 0
        self.gaps = [self.reopened(gap) for gap in self.stored_gaps if gap.until_s > self.now_s]
        self.alive_s = self.now_s

    def reopened(self, gap: Gap) -> Gap:
        """A gap of the store, less what notices have named of it that is held by itself."""
        named = [bid for bid in self.bids if bid.epoch == gap.epoch and bid.told and not bid.written]
        left = gap.micros - sum(bid.price_micros for bid in named if bid.expires_s > self.alive_s)
        return Gap(gap.epoch, gap.micros, max(0, left), min(gap.until_s, self.now_s + LONGEST_S))
