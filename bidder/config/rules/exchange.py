"""Rules about `exchanges/NAME.toml`."""

from collections.abc import Iterator

from bidder.config.mistake import Fault
from bidder.config.rules.registry import rule
from bidder.config.schema import ClearingPrice, Exchange
from bidder.config.tables import elements


@rule(Exchange, "currencies*")
def currencies_differ(exchange: Exchange) -> Iterator[Fault]:
    for index, currency in elements(exchange.currencies):
        if currency in exchange.currencies[:index]:
            yield Fault(("currencies", index), "currencies that differ", currency)


@rule(Exchange, "network_margin_ms", "deadline_ms", "default_tmax_ms")
def the_network_margin_leaves_time(exchange: Exchange) -> Iterator[Fault]:
    least = min(exchange.deadline_ms, exchange.default_tmax_ms)
    if exchange.network_margin_ms >= least:
        rule_text = f"less than `deadline_ms` and `default_tmax_ms` ({least})"
        yield Fault(("network_margin_ms",), rule_text, exchange.network_margin_ms)


@rule(Exchange, "send_nurl", "markup", "billable")
def what_needs_the_win_notice_sends_it(exchange: Exchange) -> Iterator[Fault]:
    if exchange.send_nurl:
        return
    if exchange.markup == "nurl":
        yield Fault(("send_nurl",), "true, since the markup is the answer to the win notice", exchange.send_nurl)
    if exchange.billable == "nurl":
        yield Fault(("send_nurl",), "true, since the win notice is the billable event", exchange.send_nurl)


@rule(ClearingPrice, "format", "keys_file", "keys_env")
def the_cipher_has_keys_from_one_place(price: ClearingPrice) -> Iterator[Fault]:
    given = [name for name in ("keys_file", "keys_env") if getattr(price, name) is not None]
    if price.format == "google" and len(given) != 1:
        yield Fault(("format",), "with `google`, either `keys_file` or `keys_env`", price.format)
    if price.format == "cpm" and given:
        yield Fault((given[0],), "left out, since prices are not ciphered", getattr(price, given[0]))
