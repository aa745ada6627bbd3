"""From the settings of exchanges to how their notices are read and booked."""

from decimal import Decimal
from pathlib import Path

from msgspec.structs import replace

from bidder.config.schema import ClearingPrice
from bidder.processes.agreements import agreements
from bidder.web.prices import Agreement, Prices
from tests.processes.test_treasury import configured


def test_only_what_was_agreed_is_told(tmp_path: Path) -> None:
    config = configured(tmp_path)
    (name, exchange) = next(iter(config.exchanges.items()))
    assert agreements(replace(config, exchanges={name: exchange}), tmp_path) == {}
    exchange = replace(exchange, fee=Decimal("0.035"), price=ClearingPrice(discount=Decimal("0.1")))
    found = agreements(replace(config, exchanges={name: exchange}), tmp_path)
    assert found == {name: Agreement(billed_ppb=900_000_000, fee_ppb=35_000_000)}
    assert (Prices(found).fee_ppb(name), Prices(found).fee_ppb("another")) == (35_000_000, 0)


def test_a_fee_alone_is_an_agreement(tmp_path: Path) -> None:
    config = configured(tmp_path)
    (name, exchange) = next(iter(config.exchanges.items()))
    config = replace(config, exchanges={name: replace(exchange, fee=Decimal("0.01"))})
    assert agreements(config, tmp_path)[name].fee_ppb == 10_000_000
