"""US Privacy strings against what both official decoders make of them."""

from typing import Any

import pytest

from bidder.privacy import usp
from bidder.privacy.bits import SignalError
from tests.shared import vectors

CASES = {case["id"]: case for case in vectors("usp")}


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case["verdict"] == "ok"])
def test_reads_what_the_specification_allows(name: str) -> None:
    case: dict[str, Any] = CASES[name]
    found = usp.read(case["string"])
    assert {
        "version": found.version,
        "notice": found.notice,
        "optOutSale": found.opted_out,
        "lspaCovered": found.covered,
    } == case["expect"]


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case["verdict"] == "reject"])
def test_refuses_everything_else(name: str) -> None:
    with pytest.raises(SignalError):
        usp.read(CASES[name]["string"])
