"""What judging says and what rendering gives agree with each other and with a strict exchange."""

from collections.abc import Iterator
from contextlib import suppress
from itertools import product
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bidder.auction.creative import misfit, misfits, prepare, render, slots_of
from bidder.config.schema import Creative
from bidder.domain.reason import Reason
from openrtb import DecodeError, decode_request
from openrtb.request import BidRequest
from tests import shared
from tests.auction.creative.builders import LINKS, creative, findings, prepared, request, slot
from tests.auction.creative.generated import creatives, imps
from tests.auction.creative.test_fit import TAG

_OF_OTHERS = {
    "imp-floor",
    "deal-floor",
    "deal-guaranteed",
    "pmp-private",
    "req-wseat-enforce",
    "req-cur-list",
    "currency-code",
    "dsa-required",
}
"""Rules about price, deal, seat, currency and transparency, of which a creative knows nothing."""


@given(creatives(), imps(), st.sampled_from("xyz"))
@settings(max_examples=400, deadline=None)
def test_the_first_of_all_misfits_is_the_misfit(shown: Creative, imp: dict[str, Any], exchange: str) -> None:
    ready, asked = prepare(shown, "c"), request(imp)
    for each in slots_of(asked.imp[0], asked):
        found = misfits(ready, each, exchange, ())
        assert misfit(ready, each, exchange, ()) is (found[0][0] if found else Reason.BID)
        assert all(seen and wanted for _, seen, wanted in found)


@given(creatives(), imps())
@settings(max_examples=400, deadline=None)
def test_whatever_fits_renders_to_a_bid_without_an_error(shown: Creative, imp: dict[str, Any]) -> None:
    ready, asked = prepare(shown, "c"), request(imp)
    for each in slots_of(asked.imp[0], asked):
        if misfit(ready, each, "x", ()) is Reason.BID:
            found = findings(asked, ready, render(ready, each, LINKS))
            assert [str(finding) for finding in found if finding.severity == "error"] == []


def test_creatives_that_fit_recorded_requests_render_to_bids_without_an_error() -> None:
    everything = [
        prepared("banner", image=None, html='<a href="{click}">x</a>', size=None),
        *map(prepared, ("video", "audio", "native")),
        prepared("video", **TAG),
    ]
    rendered = dict.fromkeys(("banner", "video", "audio", "native"), 0)
    for asked in _recorded():
        pairs = product(everything, slots_of(asked.imp[0], asked))
        for ready, each in pairs:
            if misfit(ready, each, "x", ()) is Reason.BID:
                found = findings(asked, ready, render(ready, each, LINKS))
                assert [str(one) for one in found if one.severity == "error" and one.rule not in _OF_OTHERS] == []
                rendered[each.format] += 1
    assert all(rendered.values()), rendered


def _recorded() -> Iterator[BidRequest]:
    """The recorded requests that can be read, each with the first of its imps alone."""
    for _, body in shared.corpus_bodies("requests"):
        with suppress(DecodeError):
            asked = decode_request(body)
            del asked.imp[1:]
            if asked.imp and asked.imp[0].id:
                yield asked


def test_preparing_twice_renders_the_same() -> None:
    one, other = prepare(creative("video"), "c"), prepare(creative("video"), "c")
    assert render(one, slot("video"), LINKS) == render(other, slot("video"), LINKS)
