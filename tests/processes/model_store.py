"""A store with small models for a running bidder, and a configuration that uses them."""

from pathlib import Path

from models.recipe import Recipe
from models.store import Store
from tests.models.build import rows, trained

FIXED = 'goal = { type = "cpm", amount = 500.00 }'
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
