"""The book: what became of every granted micro, bid by bid. Pure; times come in as arguments.

At every moment, for every campaign,

    spent + all unresolved bids at full price + unspent grants <= budget.

A bid is resolved exactly once: billed, lost or expired. A bill is good for as long as something is held for the bid,
and late from then on, however old it is; what is not remembered any more is looked up in the journal.

Workers' records tell which bids are outstanding; a ticket alone is enough to settle, since a notice may come before the
record is read. Both orders end in the same balance.

Which grant covers a bid is told by the life of the worker that made it. While that life lasts, a bid without record is
among the unspent grants; when it ends, what the board counts beyond records and tickets becomes a gap, held until the
longest of such bids must have expired. A bid that turns up is taken out of the gap, which board and store have to know:
once it is over they need not count it among the bids without a record (`Over`).
"""

from collections.abc import Callable, Collection, Mapping

from bidder.domain.outcome import Outcome
from bidder.ledger.account import UnbalancedError, fee_micros
from bidder.ledger.accounts import Accounts
from bidder.ledger.claim import Claim, due_s
from bidder.ledger.entry import LIFE_BITS, Entry, Gap, Kind, Post, first_life
from bidder.ledger.holds import Hold, Holds, Over, State
from bidder.ledger.lives import Lives


class Book(Accounts):
    """All accounts, and all bids that are not forgotten."""

    def __init__(
        self,
        opened_s: float,
        late_s: int,
        post: Post = lambda _: None,
        is_billed: Callable[[int], bool] = lambda _: False,
    ) -> None:
        """`late_s`: how long after its expiry a billed bid is remembered; by then its line must be in the journal.

        `is_billed`: whether the journal has a bill of this bid. What it raises is raised by `win`, `lose` and `bill`
        before anything has moved.
        """
        super().__init__(opened_s)
        self._holds = Holds()
        self._late_s = late_s
        self._post = post
        self._is_billed = is_billed
        self._lives = Lives()

    @property
    def remembered(self) -> int:
        """How many bids the book holds in memory."""
        return len(self._holds)

    def begin_life(self, life: int) -> None:
        """A worker bids under this number from here on, on grants of this book."""
        self._lives.begin(life)

    def end_life(self, life: int, unrecorded: Mapping[str, int], longest_s: float) -> list[Over]:
        """The worker is gone and all its records are read. `unrecorded`: what it bid beyond them, by campaign."""
        moved = self._lives.end(life)
        for campaign, micros in unrecorded.items():
            lost = micros - moved[campaign]
            if lost > 0:
                self._account(campaign).hold(lost)
                self._holds.keep_gap(Hold(campaign, lost, lost, self._now_s + longest_s, life))
        awaited = self._holds.awaited(life)
        return [over for hold in awaited if hold.due_s <= self._now_s for over in self._over(hold)]

    def reopen_hold(self, bid: Claim, told: Collection[Kind], *, surely: bool = True, is_recorded: bool = True) -> None:
        """Carry over a bid that was open; `told` is what the journal has of it.

        Where it is not recorded, it was counted in the gap of its epoch, which is to be reopened without it. It is held
        whatever the budget says, since it is made; but where it may have been over, only within the budget.
        """
        hold = Hold(bid.campaign, bid.price_micros, 0, due_s(bid, self._now_s), won="win" in told, lost="loss" in told)
        if not is_recorded:
            hold.gap = first_life(bid.life >> LIFE_BITS)
        covered = surely or self.available(bid.campaign) >= bid.price_micros
        if "bill" in told:
            hold.state = State.BILLED
        elif hold.lost or not covered:
            hold.state = State.FREE
        else:
            hold.held = bid.price_micros
            self._account(bid.campaign).reopen_held(hold.held)
        self._holds.keep(bid.bid_id, hold, hold.due_s)

    def reopen_gap(self, gap: Gap, micros: int, left_s: float) -> None:
        """Carry over what bids hold that nobody can name: `micros` are left of the gap."""
        self._account(gap.campaign).reopen_held(micros)
        self._holds.keep_gap(Hold(gap.campaign, micros, micros, self._now_s + left_s, first_life(gap.epoch)))

    def hold(self, bid: Claim) -> Outcome:
        """The record of a bid was read, which happens once. COUNTED, REPEATED (known from its ticket) or UNGRANTED."""
        hold = self._holds.get(bid.bid_id)
        if hold is None:
            return Outcome.COUNTED if self._open(bid).state is State.HELD else Outcome.UNGRANTED
        if hold.awaited:
            self._lives.take_record(hold, self._account(hold.campaign))
        return Outcome.REPEATED

    def win(self, bid: Claim, now_s: float) -> Outcome:
        """The bid won, and will be billed on another event. Moves no money."""
        hold, outcome = self._claimed(bid, now_s)
        if hold is None:
            return outcome
        if hold.won:
            return Outcome.REPEATED
        if hold.lost:
            return Outcome.CONTRADICTED
        hold.won = True
        outcome = Outcome.LATE if hold.state is State.FREE else outcome
        self._enter("win", bid, outcome, now_s)
        return outcome

    def lose(self, bid: Claim, now_s: float) -> Outcome:
        """The bid lost: its hold is released."""
        hold, outcome = self._claimed(bid, now_s)
        if hold is None:
            return outcome
        if hold.won or hold.state is State.BILLED:
            return Outcome.CONTRADICTED
        if hold.lost:
            return Outcome.REPEATED
        if hold.state is State.FREE:
            return Outcome.LATE
        hold.lost = True
        self._enter("loss", bid, outcome, now_s, reserved=hold.held)
        self._free(hold)
        return outcome

    def bill(self, bid: Claim, price_micros: int, now_s: float, fee_ppb: int = 0) -> Outcome:
        """The exchange bills the bid at a clearing price: booked once, and never beyond the bid's own price.

        COUNTED, UNRECORDED or OVER_HOLD: spent, and `fee_ppb` parts per billion of that are owed to the exchange on
        top. LATE: nothing is held, so it goes on the late line. Raises `ValueError` for a negative price.
        """
        if price_micros < 0:
            raise ValueError(f"bid {bid.bid_id:016x}: a clearing price is not negative, found {price_micros}")
        hold, outcome = self._claimed(bid, now_s)
        if hold is None:
            hold = self._remember(bid, State.FREE)
            self._lives.await_record(hold, moved=False)
        if hold.state is State.BILLED:
            return Outcome.REPEATED
        if hold.state is State.HELD:
            outcome = Outcome.OVER_HOLD if price_micros > hold.held else outcome
            spent = min(price_micros, hold.held)
            fee = fee_micros(spent, fee_ppb)
            account = self._account(hold.campaign)
            at_s = max(now_s, account.hour_s)  # a clock that lags behind the one of hours
            self._enter("bill", bid, outcome, at_s, reserved=hold.held, spent=spent, fee=fee)
            account.spend(hold.held, spent, at_s=at_s, fee=fee)
        else:
            outcome = Outcome.LATE
            late = min(price_micros, bid.price_micros)
            self._enter("bill", bid, outcome, now_s, late=late)
            self._account(hold.campaign).late += late
        hold.held, hold.state = 0, State.BILLED
        return outcome

    def expire(self, now_s: float) -> list[Over]:
        """Release the holds that have expired and forget what need not be remembered."""
        self._now_s = max(self._now_s, now_s)
        over: list[Over] = []
        for bid_id, hold in self._holds.due(now_s):
            if hold.state is State.HELD:
                self._free(hold)
            if hold.awaited and hold.life in self._lives:  # else its record would be taken for another bid
                self._holds.keep(bid_id, hold, now_s + self._late_s)
            else:
                over += self._over(hold)
                if hold.state is State.BILLED and now_s < hold.due_s + self._late_s:
                    self._holds.keep(bid_id, hold, hold.due_s + self._late_s)
        return over

    def _over(self, hold: Hold) -> list[Over]:
        """What is over with this hold of all that no record tells of; told once."""
        life = hold.life if hold.awaited and not hold.unmoved else hold.gap
        hold.awaited, hold.gap = False, None
        return [] if life is None else [Over(hold.campaign, life, hold.price)]

    def audit(self) -> None:
        """Add up all holds anew. Raises `UnbalancedError` where an account says otherwise."""
        held = self._holds.held_by_campaign()
        for campaign, account in self._accounts.items():
            if account.held != held[campaign]:
                raise UnbalancedError(f"{campaign}: the open bids hold {held[campaign]} micros: {account}")

    def _claimed(self, bid: Claim, now_s: float) -> tuple[Hold | None, Outcome]:
        """The hold of a bid that a ticket speaks of, opened if its record is still to come; None if nothing is held."""
        hold = self._holds.get(bid.bid_id)
        if hold is not None:
            return hold, Outcome.COUNTED
        if self._is_billed(bid.bid_id):
            return self._remember(bid, State.BILLED), Outcome.COUNTED
        if now_s >= bid.expires_s:
            return None, Outcome.LATE
        moved = self._moves(bid)
        hold = self._open(bid)
        self._lives.await_record(hold, moved=moved)
        return hold, Outcome.UNRECORDED

    def _moves(self, bid: Claim) -> bool:
        """Whether the bid was made on a grant that this book still counts as unspent."""
        return bid.life in self._lives and self._account(bid.campaign).unspent >= bid.price_micros

    def _open(self, bid: Claim) -> Hold:
        """Hold the price of a bid, out of where it was counted so far; FREE where nothing covers it."""
        account, price = self._account(bid.campaign), bid.price_micros
        hold = Hold(bid.campaign, price, price, due_s(bid, self._now_s), bid.life)
        if self._moves(bid):
            account.hold(price)
        elif (gap := self._holds.draw(bid)) is not None:
            hold.gap = gap
        elif self.available(bid.campaign) < price:
            hold.held, hold.state = 0, State.FREE
        else:
            account.grant(price)
            account.hold(price)
        self._holds.keep(bid.bid_id, hold, hold.due_s)
        return hold

    def _free(self, hold: Hold) -> None:
        self._account(hold.campaign).release(hold.held)
        hold.held, hold.state = 0, State.FREE

    def _remember(self, bid: Claim, state: State) -> Hold:
        """A bid that is heard of when nothing is held for it any more."""
        hold = Hold(bid.campaign, bid.price_micros, 0, bid.expires_s, bid.life, state)
        self._holds.keep(bid.bid_id, hold, max(self._now_s, bid.expires_s) + self._late_s)
        return hold

    def _enter(self, kind: Kind, bid: Claim, outcome: Outcome, now_s: float, **moved: int) -> None:
        """Put a line into the journal; `moved` are `reserved`, `spent`, `late` and `fee`, in micros."""
        account = self._account(bid.campaign)
        reserved, spent = moved.get("reserved", 0), moved.get("spent", 0)
        entry = Entry(
            bid_id=bid.bid_id,
            kind=kind,
            at_ms=int(now_s * 1000),
            campaign=bid.campaign,
            day=account.day,
            expires_s=bid.expires_s,
            life=bid.life,
            outcome=outcome,
            price_micros=bid.price_micros,
            reserved_micros=reserved,
            spent_micros=spent,
            released_micros=reserved - spent,
            late_micros=moved.get("late", 0),
            margin_micros=account.budget.margin_micros(spent),
            fee_micros=moved.get("fee", 0),
        )
        if not entry.balances:
            raise UnbalancedError(f"a line of the journal: {entry}")
        self._post(entry)
