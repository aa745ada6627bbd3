"""One model, trained once for all tests that only read it."""

from pathlib import Path

import pytest

from models.store import Store
from models.train import Trained
from tests.models.build import stored, trained, world


@pytest.fixture(scope="session")
def version() -> Trained:
    """A version trained on the first 3,000 rows of the world and measured on the rest."""
    data, _ = world()
    return trained(data.slice(0, 3000), test=data.slice(3000, 4000))


@pytest.fixture
def store(tmp_path: Path, version: Trained) -> Store:
    """A store of the test's own with that version as `ctr:1`."""
    return stored(tmp_path / "store", version)
