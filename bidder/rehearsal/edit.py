"""An edit of one campaign as it would be saved: keys set to values, checked by the rules of the configuration."""

import tomllib
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

import msgspec

from bidder.config.convert import convert
from bidder.config.mistake import found_text, key_text
from bidder.config.schema import Campaign


class EditError(Exception):
    """The edit would be refused; the message says why."""


def edited(campaign: Campaign, settings: Iterable[str]) -> Campaign:
    """The campaign with settings such as `budget.daily=140` or `pacing.mode=front`. Raises `EditError`."""
    document: dict[str, Any] = _as_written(msgspec.to_builtins(campaign, builtin_types=(Decimal, date)))
    for setting in settings:
        key, equals, value = setting.partition("=")
        if not equals or not key.strip():
            raise EditError(f"a setting is KEY=VALUE, found {setting!r}")
        _put(document, key.strip().split("."), _value(value.strip()))
    table, faults = convert(document, Campaign)
    if faults:
        raise EditError(
            "\n".join(
                f"{key_text(each.path, document)}: {each.rule}, found {found_text(each.found)}" for each in faults
            )
        )
    return table


def _as_written(value: Any) -> Any:
    """With lists in the place of tuples, as TOML has them."""
    if isinstance(value, dict):
        return {key: _as_written(each) for key, each in value.items()}
    return [_as_written(each) for each in value] if isinstance(value, list | tuple) else value


def _put(document: dict[str, Any], keys: list[str], value: Any) -> None:
    for key in keys[:-1]:
        inside = document.setdefault(key, {})
        if not isinstance(inside, dict):
            raise EditError(f"{'.'.join(keys)}: `{key}` is not a table")
        document = inside
    document[keys[-1]] = value


def _value(text: str) -> Any:
    """A TOML value; what is none is a text without its quotes."""
    try:
        return tomllib.loads(f"value = {text}", parse_float=Decimal)["value"]
    except tomllib.TOMLDecodeError:
        return text
