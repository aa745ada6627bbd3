"""Fixtures of the tests of `openrtb`."""

import sys
from collections.abc import Callable

import pytest

Tell = Callable[[str], None]


@pytest.fixture
def tell(capsys: pytest.CaptureFixture[str]) -> Tell:
    """Prints a line past the capturing of pytest. On standard error, which workers of pytest-xdist pass on."""

    def tell(line: str) -> None:
        with capsys.disabled():
            sys.stderr.write(f"\n{line}\n")

    return tell
