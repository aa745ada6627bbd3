"""What changed from one configuration to the next, key by key."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from msgspec import Struct, structs

from bidder.config.schema import Config, Table
from bidder.config.wording import is_secret

NOTHING = "nothing"
HIDDEN = "not shown"

_LONGEST = 200
_JSON = msgspec.json.Encoder(decimal_format="number")


class Change(Struct, frozen=True):
    """One key that has another value than before. Values are JSON, shortened; `nothing` where there is none."""

    file: str
    """Relative to the configuration directory."""
    key: str
    """As in `campaigns[spring].max_cpm`; empty for a whole file."""
    before: str
    after: str

    def __str__(self) -> str:
        where = f"{self.file}: {self.key}" if self.key else self.file
        return f"{where}: {self.before} -> {self.after}"


def changes(old: Config, new: Config) -> list[Change]:
    """Every difference between two configurations. Campaigns and creatives are compared by their ids."""
    before, after = _documents(old), _documents(new)
    return [
        Change(file, *difference)
        for file in sorted(before.keys() | after.keys())
        for difference in _between(before.get(file), after.get(file), "")
    ]


Difference = tuple[str, str, str]


def _documents(config: Config) -> dict[str, Table]:
    exchanges = {f"exchanges/{name}.toml": exchange for name, exchange in config.exchanges.items()}
    taxonomies = {f"taxonomies/{number}.tsv": taxonomy for number, taxonomy in config.taxonomies.items()}
    return {
        "bidder.toml": config.bidder,
        **exchanges,
        **taxonomies,
        **dict(zip(config.files, config.advertisers, strict=True)),
    }


def _between(old: Any, new: Any, key: str) -> Iterator[Difference]:
    if old is new or old == new:
        return
    if isinstance(old, Table) and type(old) is type(new):
        yield from _fields(old, new, key)
    elif isinstance(old, Mapping) and isinstance(new, Mapping):
        yield from _members(old, new, f"{key}.{{}}")
    elif _named(old) and _named(new):
        yield from _members({each.id: each for each in old}, {each.id: each for each in new}, f"{key}[{{}}]")
    else:
        yield key, _text(old), _text(new)


def _fields(old: Table, new: Table, key: str) -> Iterator[Difference]:
    for field in structs.fields(type(old)):
        inside = f"{key}.{field.name}" if key else field.name
        found = getattr(old, field.name), getattr(new, field.name)
        if is_secret(field.type):
            if found[0] != found[1]:
                yield inside, HIDDEN, HIDDEN
        else:
            yield from _between(*found, inside)


def _members(old: Mapping[str, Any], new: Mapping[str, Any], key: str) -> Iterator[Difference]:
    for name in sorted(old.keys() | new.keys()):
        yield from _between(old.get(name), new.get(name), key.format(name))


def _named(value: Any) -> bool:
    """Whether it is a list of tables that have an `id`."""
    return isinstance(value, tuple) and all(hasattr(each, "id") for each in value)


def _text(value: Any) -> str:
    if value is None:
        return NOTHING
    text = _JSON.encode(value).decode()
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
