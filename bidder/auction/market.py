"""An exchange and a currency to bid in: what all requests from there have in common, worked out once."""

from collections.abc import Mapping

from msgspec import Struct

from bidder.auction.terms import Convert, Rates
from bidder.config.schema import Exchange

_AUCTIONS = {"first": 1, "second": 2}


class Market(Struct, frozen=True, gc=False):
    """One exchange in one of its currencies."""

    name: str
    exchange: Exchange
    currency: str
    rate: int
    """Of the currency, as `domain.money.RATE_UNIT` says."""
    at: int
    """The type of auction that the exchange is known to hold; 0 where the request tells."""
    convert: Convert
    """Floors into the currency."""


def markets_of(exchanges: Mapping[str, Exchange], rates: Rates) -> dict[str, list[Market]]:
    """The markets of each exchange, the preferred currency first; those without a rate are none."""
    return {
        name: [
            Market(
                name, exchange, currency, rates[currency], _AUCTIONS.get(exchange.auction, 0), Convert(rates, currency)
            )
            for currency in exchange.currencies
            if currency in rates
        ]
        for name, exchange in exchanges.items()
    }
