"""How the exchanges of a configuration tell clearing prices, and what they are owed on top."""

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

from bidder.config.price_keys import read_price_keys
from bidder.config.schema import Account, ClearingPrice, Config
from bidder.domain.money import RATE_UNIT, rate_from_text
from bidder.web.prices import PPB, Agreement


def agreements(config: Config, directory: Path) -> Mapping[str, Agreement]:
    """By exchange; those that tell plain prices in the currency of the bid and have no fee are left out."""
    return dict(_agreements(config, directory))


def _agreements(config: Config, directory: Path) -> Iterator[tuple[str, Agreement]]:
    for name, exchange in config.exchanges.items():
        price = exchange.price
        if price != ClearingPrice() or exchange.fee:
            yield (
                name,
                Agreement(
                    partial(read_price_keys, price, directory) if price.format == "google" else None,
                    price.window_seconds,
                    None if price.currency is None else _rate(config.bidder.account, price.currency),
                    int((1 - price.discount) * PPB),
                    int(exchange.fee * PPB),
                ),
            )


def _rate(account: Account, currency: str) -> int:
    return RATE_UNIT if currency == account.currency else rate_from_text(account.rates[currency])
