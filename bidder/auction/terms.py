"""What one imp costs at least: its floors and its deals, in the currency of the bid.

Floors take the precedence of the specification: the deal's when bidding on it, else that of the video or audio object,
else the imp's; a length that lies in no range falls back to the imp (OpenRTB 2.6, 3.2.4, 3.2.7, 3.2.12, 3.2.35).
"""

from collections.abc import Mapping

from bidder.domain.money import RATE_UNIT, UNPAYABLE, Micros, floor_micros_from_wire, from_account_up, to_account_up
from openrtb.imp import Audio, Deal, DurFloors, Imp, Video

FIXED_PRICE = 3

Rates = Mapping[str, int]
"""Fixed-point rates by currency, as `domain.money.RATE_UNIT` says; the account currency is among them."""


class Convert:
    """Floors of a request in the currency of the bid, rounded up; beyond all money where a rate is missing."""

    __slots__ = ("_currency", "_rates")

    def __init__(self, rates: Rates, currency: str) -> None:
        self._rates = rates
        self._currency = currency

    def __call__(self, cpm: float, currency: str) -> Micros:
        micros = floor_micros_from_wire(cpm)
        if micros == 0 or currency == self._currency:
            return micros
        rate = self._rates.get(currency)
        if rate is None or micros >= UNPAYABLE:
            return UNPAYABLE
        account = micros if rate == RATE_UNIT else to_account_up(micros, rate)
        own = self._rates[self._currency]
        return account if own == RATE_UNIT else from_account_up(account, own)


class ByLength:
    """Floors that depend on how long the creative is: so much a second, or by range."""

    __slots__ = ("_per_second", "_ranges")

    def __init__(
        self, per_second: float | None, ranges: list[DurFloors] | None, convert: Convert, currency: str
    ) -> None:
        self._per_second = convert(per_second, currency) if per_second else None
        self._ranges = [
            (each.mindur or 0, _OPEN_END if each.maxdur is None else each.maxdur, convert(each.bidfloor, currency))
            for each in ranges or ()
        ]

    def floor(self, seconds: int | None) -> int | None:
        """The floor for this length; ranges may overlap, and the highest that holds satisfies every reading."""
        if seconds is None:
            return None
        if self._per_second is not None:
            return self._per_second * seconds
        return max((floor for least, most, floor in self._ranges if least <= seconds <= most), default=None)


class DealTerms:
    """One deal that our seat may use."""

    __slots__ = ("at", "by_length", "domains", "floor_micros", "id")

    def __init__(self, deal: Deal, convert: Convert, at: int) -> None:
        self.id = deal.id
        self.at = deal.at if deal.at is not None else at
        self.domains = frozenset(domain.lower() for domain in deal.wadomain) if deal.wadomain else None
        self.floor_micros = convert(deal.bidfloor, deal.bidfloorcur)
        self.by_length: ByLength | None = None
        if deal.mincpmpersec or deal.durfloors:
            self.by_length = ByLength(deal.mincpmpersec, deal.durfloors, convert, deal.bidfloorcur)


class Terms:
    """The floor of the open auction, and the deals that our seat may use."""

    __slots__ = ("_at", "_by_length", "_convert", "_deals", "offered", "open_micros", "private")

    def __init__(self, imp: Imp, convert: Convert, seat: str | None, at: int) -> None:
        """`at` is the type of the auction, for the deals that name none."""
        self._convert = convert
        self._at = at
        self.open_micros = convert(imp.bidfloor, imp.bidfloorcur)
        self._by_length: dict[str, ByLength] = {}
        if imp.video is not None or imp.audio is not None:
            for name, media in (("video", imp.video), ("audio", imp.audio)):
                if media is not None and (media.mincpmpersec or media.durfloors):
                    self._by_length[name] = _media_floors(media, convert, imp.bidfloorcur)
        self.private = False
        self.offered: dict[str, Deal] = {}
        """The deals that our seat may use, by id."""
        self._deals: dict[str, DealTerms] = {}
        pmp = imp.pmp
        if pmp is not None:
            self.private = pmp.private_auction == 1
            self.offered = {deal.id: deal for deal in pmp.deals or () if not deal.wseat or seat in deal.wseat}

    def deal(self, name: str) -> DealTerms:
        """The terms of an offered deal."""
        terms = self._deals.get(name)
        if terms is None:
            terms = self._deals[name] = DealTerms(self.offered[name], self._convert, self._at)
        return terms

    @property
    def least_micros(self) -> int:
        """No bid below this can stand, whatever its deal and length."""
        if self._by_length:
            return 0
        if not self.offered:
            return 0 if self.private else self.open_micros
        deals = [self.deal(name) for name in self.offered]
        if any(deal.by_length is not None for deal in deals):
            return 0
        least = min(deal.floor_micros for deal in deals)
        return least if self.private else min(self.open_micros, least)

    def floor(self, name: str, seconds: int | None, deal: DealTerms | None) -> int:
        """The least price for a creative of this format and length, on the deal or in the open auction."""
        by_length = self._by_length.get(name) if deal is None else deal.by_length
        floor = by_length.floor(seconds) if by_length is not None else None
        if floor is not None:
            return floor
        if deal is None or (deal.by_length is not None and seconds is not None and not deal.floor_micros):
            return self.open_micros
        return deal.floor_micros


_OPEN_END = 1 << 62


def _media_floors(media: Video | Audio, convert: Convert, currency: str) -> ByLength:
    return ByLength(media.mincpmpersec, media.durfloors, convert, currency)
