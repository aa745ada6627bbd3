"""Where the keys of ciphered prices are kept, and what `bidder check` says when they cannot be read."""

from pathlib import Path

import pytest

from bidder.config.load import load
from bidder.config.mistake import ConfigError
from bidder.config.price_keys import read_price_keys
from bidder.config.templates import init
from tests.domain.sealed_prices import KEY

KEYS = f"{KEY.encryption.hex()} {KEY.integrity.hex()}"


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    init(tmp_path / "config", "minimal")
    return tmp_path / "config"


def agree(directory: Path, price: str) -> None:
    file = directory / "exchanges/demo.toml"
    file.write_text(f"{file.read_text()}\n[price]\n{price}\n")


def mistake(directory: Path) -> str:
    with pytest.raises(ConfigError) as refused:
        load(directory)
    (found,) = refused.value.mistakes
    return str(found)


def test_keys_are_read_from_a_file_beside_the_configuration(directory: Path) -> None:
    agree(directory, 'format = "google"\nkeys_file = "google.keys"')
    (directory / "google.keys").write_text(KEYS)
    assert read_price_keys(load(directory).exchanges["demo"].price, directory) == (KEY,)


def test_keys_are_read_from_the_environment(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    agree(directory, 'format = "google"\nkeys_env = "PRICE_KEYS"')
    assert "the environment variable is not set" in mistake(directory)
    monkeypatch.setenv("PRICE_KEYS", KEYS)
    assert read_price_keys(load(directory).exchanges["demo"].price, directory) == (KEY,)


def test_keys_that_are_missing_or_wrong_are_told_with_their_line_and_without_the_secret(directory: Path) -> None:
    agree(directory, 'format = "google"\nkeys_file = "google.keys"')
    assert "exchanges/demo.toml:" in mistake(directory)
    assert "No such file" in mistake(directory)
    (directory / "google.keys").write_text(KEYS[:-1])
    assert "line 1 is not an encryption and an integrity key" in mistake(directory)
    assert KEY.encryption.hex() not in mistake(directory)


@pytest.mark.parametrize(
    ("price", "told"),
    [
        ('format = "google"', "with `google`, either `keys_file` or `keys_env`"),
        ('format = "google"\nkeys_file = "a"\nkeys_env = "B"', "with `google`, either `keys_file` or `keys_env`"),
        ('keys_file = "google.keys"', "left out, since prices are not ciphered"),
        ('currency = "JPY"', "the account currency, or one with a rate in `bidder.toml`"),
        ("discount = 1.0", "a share from 0 to below 1"),
    ],
)
def test_settings_that_make_no_sense_are_told(directory: Path, price: str, told: str) -> None:
    agree(directory, price)
    assert told in mistake(directory)
