"""Golden renderings: a creative (`NAME.toml`), an imp (`NAME.imp.json`) and the markup they become (`NAME.adm`)."""

import json
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from bidder.config.schema import Creative

_HERE = Path(__file__).parent / "golden"

NAMES = sorted(path.stem for path in _HERE.glob("*.toml"))


def creative_named(name: str) -> Creative:
    """The creative as it would stand in a campaign."""
    return msgspec.convert(tomllib.loads((_HERE / f"{name}.toml").read_text()), Creative)


def imp_named(name: str) -> dict[str, Any]:
    """The imp, without its id."""
    found: dict[str, Any] = json.loads((_HERE / f"{name}.imp.json").read_text())
    return found


@cache
def markup_named(name: str) -> str:
    """The markup expected."""
    return (_HERE / f"{name}.adm").read_text().removesuffix("\n")
