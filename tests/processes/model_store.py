"""A store with small models for a running bidder, and a configuration that uses them."""

import re
from pathlib import Path

from models.recipe import Recipe
from models.store import Store
from tests.models.build import rows, trained
from tests.processes.served import EXCHANGE

FIXED = 'goal = { type = "cpm", amount = 500.00 }'
PAUSE_SECONDS = 0.005
"""Between an answer and the next request: traffic that leaves room for swaps."""
CONSTANT = Recipe(kind="constant", features=())


def add_constant(store: Store, version: str, rows_for_one_click: int, name: str = "ctr") -> float:
    """Put a model that always says the same into the store; what it says."""
    share = rows([1.0, *[0.0] * (rows_for_one_click - 1)] * 4)
    found = trained(share, CONSTANT, name=name)
    store.add(name, version, found.files)
    return 1 / rows_for_one_click


def use_store(config: Path, store: Store, more: str = "") -> None:
    """Have the model `ctr` predict clicks, and one campaign pay for them."""
    bidder_toml = config / "bidder.toml"
    bidder_toml.write_text(f'{bidder_toml.read_text()}\n[models]\nstore = "{store.root}"\nclick = "ctr"\n{more}')
    campaigns = config / "campaigns" / "everything.toml"
    text = campaigns.read_text()
    assert FIXED in text
    campaigns.write_text(text.replace(FIXED, 'goal = { type = "cpc", amount = 5.00 }', 1))


def wait_for_seconds(config: Path) -> None:
    """Have the exchange wait so long for an answer that whatever else runs on the machine decides nothing."""
    file = config / "exchanges" / f"{EXCHANGE}.toml"
    text, settings = re.subn(r"(default_tmax_ms|deadline_ms) = \d+", r"\1 = 5000", file.read_text())
    assert settings == 2
    file.write_text(text)
