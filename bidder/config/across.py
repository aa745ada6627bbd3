"""Rules that look at several files: ids are unique, names are known, currencies have rates."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path as Directory
from typing import NamedTuple

from bidder.config.lines import Path
from bidder.config.mistake import Fault
from bidder.config.price_keys import read_price_keys
from bidder.config.rules.categories import CONTENT_1_0, is_listed
from bidder.config.schema import (
    Account,
    Advertiser,
    Approval,
    Categories,
    Creative,
    Exchange,
    Table,
    Targeting,
    Taxonomy,
)
from bidder.config.tables import elements, ids
from bidder.config.wording import nearest

_NUMBER = re.compile(r"[1-9][0-9]{0,8}")
_TAXONOMY_NAME = (
    "the number of a taxonomy of the AdCOM list `Category Taxonomies`, as in `7.tsv`: 2 to 9, or 500 and above; "
    "that of 1 is known from its codes"
)
_EXCHANGE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class Names(NamedTuple):
    """What a file of campaigns shares with other files. Values that are wrong are left out."""

    campaigns: tuple[tuple[Path, str], ...] = ()
    """Ids of its campaigns."""
    exchanges: tuple[tuple[Path, str], ...] = ()
    """Exchanges it speaks of."""
    groups: tuple[tuple[Path, str], ...] = ()
    """Ids of its groups."""
    categories: tuple[tuple[Path, int, str], ...] = ()
    """Categories it names outside of Content Taxonomy 1.0, with their taxonomies."""


def names_of(found: Iterable[tuple[Path, Table]]) -> Names:
    """The names in the tables of one file, as `tables.tables` gives them."""
    campaigns: list[tuple[Path, str]] = []
    exchanges: list[tuple[Path, str]] = []
    groups: list[tuple[Path, str]] = []
    categories: list[tuple[Path, int, str]] = []
    for path, table in found:
        if isinstance(table, Advertiser):
            campaigns += ((("campaigns", index, "id"), name) for index, name in ids(table.campaigns))
            groups += ((("groups", index, "id"), name) for index, name in ids(table.groups))
        elif isinstance(table, Categories):
            categories += _categories((*path, "ids"), table.cattax, table.ids)
        elif isinstance(table, Creative):
            categories += _categories((*path, "cat"), table.cattax, table.cat)
        elif isinstance(table, Targeting):
            exchanges += _texts((*path, "exchange"), table.exchange)
        elif isinstance(table, Approval):
            exchanges += _texts((*path, "exchanges"), table.exchanges)
    return Names(tuple(campaigns), tuple(exchanges), tuple(groups), tuple(categories))


def campaign_ids_are_unique(files: Iterable[tuple[str, Names]]) -> Iterator[tuple[str, Fault]]:
    """Campaigns share reports and notices, so their ids are unique in the whole directory."""
    yield from _unique("campaign", ((file, names.campaigns) for file, names in files))


def group_ids_are_unique(files: Iterable[tuple[str, Names]]) -> Iterator[tuple[str, Fault]]:
    """Groups are reported and remembered by their ids alone."""
    yield from _unique("group", ((file, names.groups) for file, names in files))


def named_exchanges_exist(files: Iterable[tuple[str, Names]], known: Collection[str]) -> Iterator[tuple[str, Fault]]:
    """Targeting and approval speak of exchanges that have a file, even if that file has mistakes."""
    for file, names in files:
        for path, name in names.exchanges:
            if name not in known:
                yield file, Fault(path, f"an exchange that has a file{nearest(name, known)}", name)


def taxonomy_files_go_by_numbers(names: Iterable[str]) -> Iterator[tuple[str, Fault]]:
    """The number is what requests and campaigns call the taxonomy by."""
    for name in names:
        if not (_NUMBER.fullmatch(name) and is_listed(int(name))) or int(name) == CONTENT_1_0:
            yield f"taxonomies/{name}.tsv", Fault((), _TAXONOMY_NAME, f"{name}.tsv")


def categories_are_in_their_taxonomies(
    files: Iterable[tuple[str, Names]], known: Mapping[int, Taxonomy]
) -> Iterator[tuple[str, Fault]]:
    """Where the list of a taxonomy is there, a category that is not in it is a slip of the pen."""
    for file, names in files:
        for path, cattax, category in names.categories:
            if cattax in known and category not in known[cattax].parents:
                yield file, Fault(path, f"a category that has a line in `taxonomies/{cattax}.tsv`", category)


def exchange_names_fit_a_path(names: Iterable[str]) -> Iterator[tuple[str, Fault]]:
    """The name of an exchange is a part of the URL it calls."""
    for name in names:
        if not _EXCHANGE_NAME.fullmatch(name):
            yield f"exchanges/{name}.toml", Fault((), "a file name of at most 64 letters, digits and . _ -", name)


def currencies_have_rates(exchanges: Iterable[tuple[str, Exchange]], account: Account) -> Iterator[tuple[str, Fault]]:
    """Every currency that is bid or told prices in can be converted to that of the account."""
    known = {account.currency, *account.rates}
    for file, exchange in exchanges:
        named = list(_texts(("currencies",), exchange.currencies))
        told = getattr(exchange.price, "currency", None)  # the table may be wrong as a whole
        if isinstance(told, str):
            named.append((("price", "currency"), told))
        for path, currency in named:
            if currency not in known:
                yield file, Fault(path, "the account currency, or one with a rate in `bidder.toml`", currency)


def price_keys_can_be_read(
    exchanges: Iterable[tuple[str, Exchange]], directory: Directory
) -> Iterator[tuple[str, Fault]]:
    """Who cannot read the exchange's prices cannot count what is spent. What stands in the secrets is not told."""
    for file, exchange in exchanges:
        try:
            read_price_keys(exchange.price, directory)
        except (ValueError, OSError) as error:
            key = "keys_file" if exchange.price.keys_file is not None else "keys_env"
            yield file, Fault(("price", key), f"where keys can be read: {error}", getattr(exchange.price, key))


def _unique(what: str, files: Iterable[tuple[str, tuple[tuple[Path, str], ...]]]) -> Iterator[tuple[str, Fault]]:
    owners: dict[str, str] = {}
    for file, named in files:
        for path, name in named:
            if name in owners:
                yield file, Fault(path, f"an id that no other {what} has; one in {owners[name]} has it", name)
            else:
                owners[name] = file


def _categories(path: Path, cattax: int, values: tuple[str, ...]) -> Iterator[tuple[Path, int, str]]:
    """Where the number of the taxonomy is wrong, nothing is known of the categories."""
    if cattax != CONTENT_1_0 and isinstance(cattax, int):
        yield from ((each, cattax, value) for each, value in _texts(path, values))


def _texts(path: Path, values: tuple[str, ...]) -> Iterator[tuple[Path, str]]:
    return (((*path, index), value) for index, value in elements(values))
