"""A flight through recorded auctions on a manual clock: the controller and the account of the live bidder, no network.

Between two steps the throttle and the multiplier stand; bids are value times multiplier in integers, as in
`bidder.auction.line.price_of`, and a hash of the auction's number draws who takes part. Every bid is held at its full
price until its notice comes, which may be many auctions later.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from bidder.auction.pace import takes_part
from bidder.lab.simulate.market import Floats, Ints, Market
from bidder.ledger.account import Account, Budget
from bidder.pacing.controller import Flight, Sample, State, begin, step
from bidder.pacing.landscape import Landscape
from bidder.pacing.outcomes import PPB, Bid, Tally

STEPS = 10_000
"""How often the controller is asked in a flight, but at most once a second."""
NOT_WON = -1


@dataclass(frozen=True, slots=True)
class Terms:
    """What a campaign goes into the market with."""

    flight: Flight
    budget_micros: int
    click_micros: int
    """What a click is worth at most."""
    max_micros: int
    """The most that is bid for an impression."""
    notice_delay: int = 0
    """After how many further auctions the outcome of a bid is known."""
    first_price: bool = False


@dataclass(frozen=True, slots=True)
class Record:
    """What was done, for the auditor and the table. Arrays by auction, then arrays by step."""

    bid_micros: Ints
    """0: no bid."""
    paid_micros: Ints
    """`NOT_WON` where the bid lost or there was none."""
    step_s: Floats
    throttle_ppb: Ints
    multiplier_ppb: Ints
    account: Account
    """As the ledger has it at the end, all notices in."""
    state: State
    """The controller's last."""


def play(
    market: Market,
    terms: Terms,
    landscape: Landscape | None = None,
    progress: Callable[[float], object] = float,
) -> Record:
    """Bid on the whole market. `landscape` is what is known before; `progress` is told the part that is done.

    The same arguments give the same record.
    """
    flight = _Playing(market, terms, landscape or Landscape(pays_bid=terms.first_price))
    every_s = max(1.0, market.length_s / STEPS)
    ticks = np.arange(0.0, market.length_s, every_s)
    bounds = np.searchsorted(market.at_s, [*ticks, market.length_s])
    for index, tick_s in enumerate(ticks):
        flight.step(float(tick_s))
        flight.bid(int(bounds[index]), int(bounds[index + 1]))
        if index % 100 == 0:
            progress(index / len(ticks))
    flight.finish()
    progress(1.0)
    return flight.record(ticks)


class _Playing:
    def __init__(self, market: Market, terms: Terms, landscape: Landscape) -> None:
        self._market = market
        self._terms = terms
        self._values = market.ctr_ppb * terms.click_micros // PPB
        self._account = Account("simulated", Budget(terms.budget_micros))
        self._tally = Tally()
        self._state = begin(terms.flight, 0.0, landscape)
        self._opportunities = 0
        self._bids: list[int] = [0] * len(market)
        self._paid: list[int] = [NOT_WON] * len(market)
        self._made_with: list[int] = [0] * len(market)
        self._settled = 0
        self._steps: list[tuple[int, int]] = []

    def step(self, at_s: float) -> None:
        account = self._account
        sample = Sample(
            at_s,
            self._terms.budget_micros,
            account.spent,
            account.held,
            self._opportunities,
            self._tally.take(),
        )
        self._state, throttle_ppb, multiplier_ppb = step(self._state, sample)
        self._opportunities = 0
        self._steps.append((throttle_ppb, multiplier_ppb))

    def bid(self, start: int, stop: int) -> None:
        throttle_ppb, multiplier_ppb = self._steps[-1]
        wanted = self._values[start:stop] * multiplier_ppb // PPB
        prices = np.minimum(wanted, self._terms.max_micros).tolist()
        for index, price in zip(range(start, stop), prices, strict=True):
            self._settle_until(index - self._terms.notice_delay)
            if takes_part(index, 0, throttle_ppb):
                self._bid(index, price, multiplier_ppb)
            if not self._terms.notice_delay:
                self._settle_until(index + 1)
        self._opportunities += stop - start

    def _bid(self, index: int, price: int, multiplier_ppb: int) -> None:
        bid = self._bid_of(index, price, multiplier_ppb)
        if price == 0:
            self._tally.made(bid)
            self._tally.lost(bid)
        elif self._account.available >= price:
            self._account.grant(price)
            self._account.hold(price)
            self._tally.made(bid)
            self._bids[index] = price
            self._made_with[index] = multiplier_ppb

    def _bid_of(self, index: int, price: int, multiplier_ppb: int) -> Bid:
        value = int(self._values[index])
        cut = price == self._terms.max_micros
        return Bid(price * PPB // value if cut else multiplier_ppb, value, price)

    def _settle_until(self, stop: int) -> None:
        """Let the notices come for all auctions before `stop`."""
        for index in range(self._settled, stop):
            if self._bids[index]:
                self._settle(index)
        self._settled = max(self._settled, stop)

    def _settle(self, index: int) -> None:
        market, price = self._market, self._bids[index]
        bid = self._bid_of(index, price, self._made_with[index])
        clearing = int(market.price_micros[index])
        waited_s = self._waited_s(index)
        if price < clearing:
            self._account.release(price)
            self._tally.lost(bid, waited_s)
            return
        paid = price if self._terms.first_price else clearing
        self._account.spend(price, paid)
        self._tally.won(bid, paid, waited_s)
        self._paid[index] = paid

    def _waited_s(self, index: int) -> float:
        known = min(index + self._terms.notice_delay, len(self._market) - 1)
        return float(self._market.at_s[known] - self._market.at_s[index])

    def finish(self) -> None:
        """Let the last notices come."""
        self._settle_until(len(self._market))

    def record(self, ticks: Floats) -> Record:
        throttles, multipliers = np.array(self._steps, np.int64).T
        return Record(
            np.array(self._bids, np.int64),
            np.array(self._paid, np.int64),
            ticks,
            throttles,
            multipliers,
            self._account,
            self._state,
        )
