"""Which creative is shown."""

from collections import Counter
from zlib import crc32

import pytest

from bidder.auction.creative import Prepared, choose
from bidder.auction.pace import takes_part
from bidder.config.schema import Approval
from bidder.domain.reason import Reason
from tests.auction.creative.builders import prepared, slot

KEYS = [crc32(f"request-{number}".encode()) for number in range(4000)]


def chosen(creatives: list[Prepared], key: int = 1, **asked: object) -> Prepared | Reason:
    return choose(creatives, slot("banner", **asked), "x", (), key)


def names(creatives: list[Prepared], keys: list[int]) -> Counter[str]:
    found = [chosen(creatives, key) for key in keys]
    return Counter(each.id for each in found if isinstance(each, Prepared))


def test_the_only_creative_is_chosen_where_it_fits() -> None:
    only = prepared()
    assert chosen([only]) is only


def test_the_only_creative_gives_its_reason_where_it_does_not_fit() -> None:
    assert chosen([prepared()], btype=[2]) is Reason.CREATIVE_TYPE


def test_creatives_are_chosen_in_proportion_to_their_weights() -> None:
    counts = names([prepared(id="a", weight=1), prepared(id="b", weight=3)], KEYS)
    assert counts.total() == len(KEYS)
    assert counts["b"] / counts.total() == pytest.approx(0.75, abs=0.03)


def test_the_same_key_chooses_the_same_creative() -> None:
    creatives = [prepared(id=name) for name in "abc"]
    assert [chosen(creatives, key) for key in KEYS[:50]] == [chosen(creatives, key) for key in KEYS[:50]]


def test_creatives_that_do_not_fit_are_never_chosen() -> None:
    counts = names([prepared(id="a"), prepared(id="b", size="9x9"), prepared("video", id="c")], KEYS[:200])
    assert counts == {"a": 200}


def test_where_none_fits_the_reason_is_that_of_the_one_that_got_furthest() -> None:
    other_format, elsewhere = prepared("video"), prepared(approval=Approval(exchanges=("y",)))
    too_large, blocked = prepared(size="970x250"), prepared(attr=(13,))
    assert chosen([other_format, other_format]) is Reason.NO_CREATIVE_OF_FORMAT
    assert chosen([elsewhere, other_format]) is Reason.CREATIVE_NOT_APPROVED
    assert chosen([elsewhere, too_large, other_format]) is Reason.CREATIVE_SIZE
    assert chosen([blocked, too_large, elsewhere], battr=[13]) is Reason.CREATIVE_ATTRIBUTE


def test_without_creatives_there_is_none_of_the_format() -> None:
    assert chosen([]) is Reason.NO_CREATIVE_OF_FORMAT


def test_the_choice_is_independent_of_the_throttle_that_draws_by_the_same_key() -> None:
    creatives = [prepared(id="a"), prepared(id="b")]
    taking_part = [key for key in KEYS if takes_part(key, 0, 500_000_000)]
    counts = names(creatives, taking_part)
    assert counts["a"] / counts.total() == pytest.approx(0.5, abs=0.05)


def test_a_negative_key_chooses_too() -> None:
    assert isinstance(chosen([prepared(id="a"), prepared(id="b")], -5), Prepared)
