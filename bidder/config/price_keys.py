"""The keys of ciphered prices, from where the settings of an exchange say that they are kept."""

import os
from pathlib import Path

from bidder.config.schema import ClearingPrice
from bidder.domain.price_cipher import Key, read_keys


def read_price_keys(price: ClearingPrice, directory: Path) -> tuple[Key, ...]:
    """The keys; none where prices are not ciphered. Raises `OSError`, and `ValueError` for what holds no keys.

    A relative path begins at `directory`, that of the configuration. The texts of the errors hold no secret.
    """
    if price.format == "cpm":
        return ()
    if price.keys_file is not None:
        return read_keys((directory / price.keys_file).read_text("ascii", errors="replace"))
    if price.keys_env is not None:
        if price.keys_env not in os.environ:
            raise ValueError("the environment variable is not set")
        return read_keys(os.environ[price.keys_env])
    raise ValueError("no place of keys is named")
