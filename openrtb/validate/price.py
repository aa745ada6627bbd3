"""Rules on money: `Bid.price` against the floor that holds for it."""

import math
from collections.abc import Iterator

from msgspec import Struct

from openrtb.enums import AuctionTypes
from openrtb.validate.finding import Finding, finding
from openrtb.validate.money import micros
from openrtb.validate.offer import Case


class Floor(Struct, frozen=True):
    """The least CPM accepted, in micros of `cur`; `source` names where it is from."""

    micros: int
    cur: str
    rule: str
    source: str

    def __str__(self) -> str:
        return f"{self.source}, {self.micros / 1e6:g} {self.cur[:3]}"


def check_price(case: Case) -> Iterator[Finding]:
    """The price is a CPM above 0, or at least 0 on a deal, and not below the floor (OpenRTB 2.6, 4.2.3)."""
    price = case.bid.price
    if price is None:
        return
    path = f"{case.path}.price"
    if not math.isfinite(price) or price < 0 or (price == 0 and not case.bid.dealid):
        yield finding("bid-price-cpm", path, f"{price} is not a CPM above 0 (a bid on a deal may be 0)")
        return
    floor = floor_for(case)
    if floor is None or floor.micros <= 0:
        return
    difference = _difference(micros(price), floor, case)
    found = f"{price:g} {case.auction.cur[:3]}"
    if difference is None:
        message = f"{found} and {floor}: no exchange rate was given, not compared"
        yield finding("currency-rate-unknown", path, message)
    elif difference < 0:
        yield finding(floor.rule, path, f"{found} is below {floor}")
    elif difference > 0 and case.terms is not None and case.terms.deal.at == AuctionTypes.FIXED_PRICE:
        yield finding("deal-fixed-price", path, f"{found} is above {floor}, which is the fixed price of the deal")


def floor_for(case: Case) -> Floor | None:
    """The floor of the deal, else of the video or audio object, else of the imp (implementation guide, 7.11).

    A floor by length counts where the bid says how long the creative is; a length in no range falls back to the imp.
    """
    if case.offer is None:
        return None
    imp, terms, dur = case.offer.imp, case.terms, case.bid.dur
    if terms is not None:
        deal, by_length = terms.deal, terms.floors.micros_for(dur)
        if by_length is not None:
            return Floor(by_length, deal.bidfloorcur, "deal-floor", f"the floor of the deal for {dur} s")
        if deal.bidfloor or not terms.floors.starts or dur is None:
            return Floor(micros(deal.bidfloor), deal.bidfloorcur, "deal-floor", "the floor of the deal")
    elif case.media is not None and case.media.floors is not None:
        by_length = case.media.floors.micros_for(dur)
        if by_length is not None:
            return Floor(by_length, imp.bidfloorcur, "imp-floor", f"the {case.media.name} floor for {dur} s")
    return Floor(micros(imp.bidfloor), imp.bidfloorcur, "imp-floor", "the floor of the imp")


def _difference(price_micros: int, floor: Floor, case: Case) -> int | None:
    """Below 0 where the price is below the floor; `None` where a rate is missing. Whole numbers, so exact."""
    cur, rates = case.auction.cur, case.auction.rates
    if cur == floor.cur:
        return price_micros - floor.micros
    if cur not in rates or floor.cur not in rates:
        return None
    return price_micros * rates[cur] - floor.micros * rates[floor.cur]
