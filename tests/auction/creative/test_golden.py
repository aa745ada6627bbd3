"""The markup of every format and version, byte for byte, and as a strict exchange sees it."""

import pytest

from bidder.auction.creative import misfit, prepare, render, slots_of
from bidder.auction.creative.markup.dialect import DIALECTS
from bidder.domain.reason import Reason
from tests.auction.creative.builders import LINKS, findings, request
from tests.auction.creative.golden import NAMES, creative_named, imp_named, markup_named


@pytest.mark.parametrize("name", NAMES)
def test_the_markup_is_the_expected_one_and_valid(name: str) -> None:
    shown, asked = prepare(creative_named(name), "campaign"), request(imp_named(name))
    (slot,) = slots_of(asked.imp[0], asked)
    assert misfit(shown, slot, "x", ()) is Reason.BID
    rendered = render(shown, slot, LINKS)
    assert rendered.adm == markup_named(name)
    assert findings(asked, shown, rendered) == []


def test_every_version_of_vast_and_daast_has_a_golden_case() -> None:
    shown = {name: prepare(creative_named(name), "campaign") for name in NAMES}
    seen = set()
    for name, each in shown.items():
        asked = request(imp_named(name))
        (slot,) = slots_of(asked.imp[0], asked)
        seen.add(render(each, slot, LINKS).protocol)
    assert seen - {None} == set(DIALECTS)
