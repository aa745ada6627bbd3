"""Rules about `bidder.toml`."""

from collections.abc import Iterator

from bidder.config.mistake import Fault, Words
from bidder.config.rules.registry import rule
from bidder.config.schema import Account, Models, NearDeadline, Server, Tickets
from bidder.config.tables import elements, is_right


@rule(Server, "public_url")
def paths_are_put_behind_the_public_url(server: Server) -> Iterator[Fault]:
    if server.public_url.endswith("/") or "?" in server.public_url or "#" in server.public_url:
        yield Fault(("public_url",), "a URL without query, fragment or `/` at the end", server.public_url)


@rule(Server, "tls_certificate", "tls_key")
def certificate_and_key_come_together(server: Server) -> Iterator[Fault]:
    if server.tls_certificate is not None and server.tls_key is None:
        yield Fault(("tls_certificate",), "`tls_key` beside it", server.tls_certificate)
    if server.tls_key is not None and server.tls_certificate is None:
        yield Fault(("tls_key",), "`tls_certificate` beside it", server.tls_key)


@rule(Account, "currency", "rates*")
def the_account_currency_has_no_rate(account: Account) -> Iterator[Fault]:
    rate = account.rates.get(account.currency)
    if rate is not None and is_right(rate) and rate != 1:
        yield Fault(("rates", account.currency), "1, being the account currency", rate)


@rule(Tickets, "keys*")
def ticket_keys_differ(tickets: Tickets) -> Iterator[Fault]:
    for index, key in elements(tickets.keys):
        if key in tickets.keys[:index]:
            yield Fault(("keys", index), "keys that differ", Words("a key that is listed before"))


@rule(Models, "click", "conversion", "conversion_after_click")
def conversions_have_one_model(models: Models) -> Iterator[Fault]:
    yield from _one_model(models)


@rule(NearDeadline, "click", "conversion", "conversion_after_click")
def quick_conversions_have_one_model(models: NearDeadline) -> Iterator[Fault]:
    yield from _one_model(models)


def _one_model(models: Models | NearDeadline) -> Iterator[Fault]:
    if models.conversion_after_click is None:
        return
    if models.conversion is not None:
        yield Fault(("conversion",), "no such key beside `conversion_after_click`", models.conversion)
    if models.click is None:
        wanted = "no such key without `click`, the other factor of its product"
        yield Fault(("conversion_after_click",), wanted, models.conversion_after_click)
