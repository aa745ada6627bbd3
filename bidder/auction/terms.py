"""What one imp costs at least: its floor and its deals, in the currency of the bid.

Floors take the precedence of the specification: the deal's when bidding on it, else that of the video or audio object,
else the imp's (OpenRTB 2.6, 3.2.4, 3.2.7, 3.2.12, 3.2.35).
"""

from collections.abc import Mapping

from bidder.domain.money import RATE_UNIT, Micros, floor_micros_from_wire, from_account_up, to_account_up
from openrtb.imp import Audio, Deal, DurFloors, Imp, Video

FIXED_PRICE = 3

Rates = Mapping[str, int]
"""Fixed-point rates by currency, as `domain.money.RATE_UNIT` says; the account currency is among them."""


class DealTerms:
    """One deal a seat may use: its floor and whether the floor is the agreed price."""

    __slots__ = ("_floors", "at", "domains", "floor_micros", "id", "per_second_micros")

    def __init__(self, deal: Deal, convert: "Convert", at: int) -> None:
        self.id = deal.id
        self.at = deal.at if deal.at is not None else at
        self.domains = frozenset(domain.lower() for domain in deal.wadomain) if deal.wadomain else None
        self.floor_micros = convert(deal.bidfloor, deal.bidfloorcur)
        self.per_second_micros = convert(deal.mincpmpersec, deal.bidfloorcur) if deal.mincpmpersec else None
        self._floors = _durations(deal.durfloors, convert, deal.bidfloorcur)

    @property
    def by_length(self) -> bool:
        """Whether the floor depends on the length of the creative."""
        return bool(self._floors or self.per_second_micros)

    def floor(self, seconds: int | None) -> int:
        """The least price for a creative of this length."""
        return _floor(self.floor_micros, self.per_second_micros, self._floors, seconds)


class Convert:
    """Floors of a request in the currency of the bid, rounded up; `None` where a rate is missing."""

    __slots__ = ("_currency", "_rates", "missing")

    def __init__(self, rates: Rates, currency: str) -> None:
        self._rates = rates
        self._currency = currency
        self.missing = False
        """Whether a floor was met whose currency has no rate."""

    def __call__(self, cpm: float, currency: str) -> Micros:
        micros = floor_micros_from_wire(cpm)
        if currency == self._currency or micros == 0:
            return micros
        rate = self._rates.get(currency)
        if rate is None:
            self.missing = True
            return _UNPAYABLE
        account = micros if rate == RATE_UNIT else to_account_up(micros, rate)
        own = self._rates[self._currency]
        return account if own == RATE_UNIT else from_account_up(account, own)


class Terms:
    """The floor of the open auction, or none of it, and the deals this seat may use."""

    __slots__ = ("_floors", "deals", "least_micros", "missing_rate", "open_micros", "per_second_micros", "private")

    def __init__(self, imp: Imp, convert: Convert, seat: str | None, at: int) -> None:
        self.open_micros = convert(imp.bidfloor, imp.bidfloorcur)
        media = imp.video if imp.video is not None else imp.audio
        per_second, floors = _media_floors(media)
        self.per_second_micros = convert(per_second, imp.bidfloorcur) if per_second else None
        self._floors = _durations(floors, convert, imp.bidfloorcur)
        pmp = imp.pmp
        self.private = pmp is not None and pmp.private_auction == 1
        self.deals: dict[str, DealTerms] = {}
        if pmp is not None and pmp.deals:
            usable = [deal for deal in pmp.deals if not deal.wseat or seat in deal.wseat]
            self.deals = {deal.id: DealTerms(deal, convert, at) for deal in usable}
        self.missing_rate = convert.missing
        self.least_micros = self._least()

    def floor(self, seconds: int | None) -> int:
        """The least open-auction price for a creative of this length."""
        return _floor(self.open_micros, self.per_second_micros, self._floors, seconds)

    def _least(self) -> int:
        """No bid below this can stand, whatever its deal and length."""
        if self._floors or self.per_second_micros:
            return 0
        if not self.deals:
            return 0 if self.private else self.open_micros
        if any(deal.by_length for deal in self.deals.values()):
            return 0
        floors = [deal.floor_micros for deal in self.deals.values()]
        return min(floors, default=0) if self.private else min([self.open_micros, *floors])


_UNPAYABLE = Micros(1 << 60)

_Durations = list[tuple[int, int, int]]


def _media_floors(media: Video | Audio | None) -> tuple[float | None, list[DurFloors] | None]:
    return (None, None) if media is None else (media.mincpmpersec, media.durfloors)


def _durations(floors: list[DurFloors] | None, convert: Convert, currency: str) -> _Durations:
    if not floors:
        return []
    open_end = 1 << 31
    return [
        (each.mindur or 0, open_end if each.maxdur is None else each.maxdur, convert(each.bidfloor, currency))
        for each in floors
    ]


def _floor(plain: int, per_second: int | None, floors: _Durations, seconds: int | None) -> int:
    """Ranges may overlap; the highest floor that holds satisfies every reading."""
    if seconds is not None and per_second is not None:
        return per_second * seconds
    if seconds is not None and floors:
        return max((floor for least, most, floor in floors if least <= seconds <= most), default=plain)
    return plain
