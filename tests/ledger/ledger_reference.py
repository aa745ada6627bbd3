"""The ledger in few lines: bids in a list, each with all that became of it, and every sum added up anew.

What a crash leaves is what the house can know then: `written` bids stand in a segment, bids with `lines` in the store,
and of all others the board has the sum, which is held until the longest of them must be over.
"""

from msgspec import Struct

MARGIN_PPB, FEE_PPB = 200_000_000, 100_000_000
"""A quarter and a tenth on top of what is spent, to the nearest micro."""

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
    epoch: int = 0
    written: bool = False
    lines: set[str] = set()
    """Kinds of the notices that took effect."""
    spent: int = 0
    late: int = 0
    due_s: int | None = None
    """When its own hold ends; None while the bid is not known."""
    gap_s: int = 0
    """Until when a gap holds it."""
    lapse_s: int = 2**40
    """When the board takes it for over, once its worker has ended."""
    stored_s: int = 0
    """Until when it is part of a gap in the store."""
    put_off_s: int = 0
    """Its expiry, since a restart found it expired."""


class Reference:
    """What a book has to say after every step, of one campaign."""

    def __init__(self, now_s: int, life: int = 0) -> None:
        self.now_s = self.alive_s = now_s
        self.life, self.epoch, self.granted = life, 0, 0
        self.bids: list[Bid] = []

    def sums(self) -> tuple[int, int, int, int]:
        """Spent, held, unspent grants, late."""
        held = [bid for bid in self.bids if bid.due_s is not None and self.is_open(bid)]
        held += [bid for bid in self.bids if self.now_s < bid.gap_s]
        known = [bid for bid in self.bids if bid.due_s is not None or bid.life != self.life]
        unspent = self.granted - sum(bid.price_micros for bid in known if bid.epoch == self.epoch)
        spent, late = sum(bid.spent for bid in self.bids), sum(bid.late for bid in self.bids)
        return spent, sum(bid.price_micros for bid in held), unspent, late

    def owed(self) -> tuple[int, int]:
        """Margin and fee."""
        spent = [bid.spent for bid in self.bids]
        return sum((each + 2) // 4 for each in spent), sum((each + 5) // 10 for each in spent)

    def is_open(self, bid: Bid) -> bool:
        return bid.lines <= {"win"} and self.now_s < (bid.expires_s if bid.due_s is None else bid.due_s)

    def hold(self, bid: Bid, meant_s: int) -> None:
        bid.due_s = bid.expires_s if self.now_s < bid.expires_s else self.now_s + meant_s

    def held_twice(self) -> int:
        """What gaps hold of bids that notices told of.

        They were over while their worker lived and had not recorded them, so that it might yet have.
        """
        return sum(bid.price_micros for bid in self.bids if bid.due_s is not None and self.now_s < bid.gap_s)

    def held_longer(self) -> int:
        """What is held beyond what is on disk: bids whose records came late, and gaps of bids that were billed late."""
        longer = (bid for bid in self.bids if bid.due_s and bid.due_s not in {bid.expires_s, bid.put_off_s})
        late = (bid for bid in self.bids if bid.due_s is None and "bill" in bid.lines and self.now_s < bid.gap_s)
        return sum(bid.price_micros for bid in (*filter(self.is_open, longer), *late))

    def know(self, bid: Bid) -> None:
        if bid.due_s is None:
            bid.gap_s = 0
            self.hold(bid, bid.expires_s - bid.at_s)

    def tell(self, bid: Bid, line: str) -> None:
        """A win or a loss."""
        if self.is_open(bid) and "win" not in bid.lines:
            self.know(bid)
            bid.lines.add(line)

    def bill(self, bid: Bid, price: int) -> str:
        """The outcome."""
        if "bill" in bid.lines:
            return "repeated"
        was_open, was_known, booked = self.is_open(bid), bid.due_s is not None, min(price, bid.price_micros)
        if was_open:
            self.know(bid)
        bid.lines.add("bill")
        bid.spent, bid.late = (booked, 0) if was_open else (0, booked)
        return "late" if not was_open else "over_hold" if price > booked else "counted" if was_known else "unrecorded"

    def end_life(self) -> None:
        """The worker is gone, and all that it wrote was read."""
        for bid in [bid for bid in self.bids if bid.life == self.life]:
            if bid.written:
                self.know(bid)
            else:
                bid.lapse_s = self.now_s + LONGEST_S
                bid.gap_s = bid.lapse_s if bid.due_s is None else 0

    def restart(self, down_s: int) -> None:
        """All processes end, and after a while others take over."""
        self.now_s, self.granted = self.now_s + down_s, 0
        for bid in self.bids:
            if bid.epoch == self.epoch and not bid.written and bid.lapse_s > self.alive_s:
                bid.stored_s = self.now_s + LONGEST_S + 1
            is_over = bool(bid.due_s) and bid.due_s <= self.alive_s and bid.life != self.life
            if is_over or 0 < bid.gap_s <= self.alive_s:
                bid.stored_s = 0
            ends_s = max(bid.expires_s, bid.put_off_s)
            was_open, is_named = ends_s > self.alive_s, bid.written or bool(bid.lines)
            if was_open and ends_s <= self.now_s:
                ends_s = bid.put_off_s = self.now_s + (bid.expires_s - bid.at_s if bid.written else LONGEST_S)
            bid.gap_s = 0 if bid.written or (was_open and is_named) else min(bid.stored_s, self.now_s + LONGEST_S)
            if was_open and is_named:
                bid.due_s = ends_s
            elif bid.due_s is not None:
                bid.due_s = 0
        self.alive_s = self.now_s
