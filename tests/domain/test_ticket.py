"""Tickets: what is signed comes back, what was changed in any way does not."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bidder.domain.outcome import Outcome
from bidder.domain.ticket import (
    MAX_FOREIGN_CHARS,
    MAX_TEXT_CHARS,
    Billable,
    Forged,
    Signer,
    Ticket,
    Use,
)
from tests.domain.tickets import KEY, LANDING, OTHER_KEY, signer, ticket

URL_SAFE = string.ascii_letters + string.digits + "-_"

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=MAX_FOREIGN_CHARS)
naturals = st.integers(0, 2**63 - 1)
tickets = st.builds(
    Ticket,
    bid_id=st.integers(0, 2**64 - 1),
    at_s=naturals,
    expires_s=naturals,
    exchange=words,
    imp_id=words,
    campaign=words,
    creative=words,
    price_micros=naturals,
    currency=words,
    rate=naturals,
    billable=st.sampled_from(Billable),
    deal=words,
    test=st.booleans(),
)


def outcome_of(reader: Signer, text: str, use: Use = Use.NOTICE) -> Outcome | None:
    """Why a text is refused; None where it is read."""
    try:
        reader.read(text, use)
    except Forged as forged:
        return forged.outcome
    return None


@given(tickets)
def test_a_ticket_comes_back_as_it_was_signed_for_either_use(signed: Ticket) -> None:
    texts = signer().sign(signed)
    assert signer().read(texts.notice, Use.NOTICE) == signed
    assert signer().read(texts.tracking, Use.TRACKING) == signed


@given(tickets)
def test_the_text_of_a_ticket_stands_in_a_url_as_it_is_and_is_never_too_long_to_be_read(signed: Ticket) -> None:
    texts = signer().sign(signed)
    assert set(texts.notice + texts.tracking) <= set(URL_SAFE)
    assert max(len(texts.notice), len(texts.tracking)) <= MAX_TEXT_CHARS


def test_an_everyday_ticket_is_short() -> None:
    assert len(signer().sign(ticket()).notice) <= 130


@pytest.mark.parametrize("use", Use)
def test_no_character_of_a_ticket_can_be_changed_into_any_other(use: Use) -> None:
    texts = signer().sign(ticket())
    text = texts.notice if use is Use.NOTICE else texts.tracking
    for place, right in enumerate(text):
        for wrong in set(URL_SAFE) - {right}:
            changed = text[:place] + wrong + text[place + 1 :]
            expected = Outcome.UNKNOWN_KEY if place < 4 else Outcome.BAD_SIGNATURE
            assert outcome_of(signer(), changed, use) is expected, (place, wrong)


def test_no_bit_of_a_ticket_can_be_flipped() -> None:
    text = signer().sign(ticket()).notice.encode()
    for place in range(len(text)):
        for bit in range(7):
            changed = bytearray(text)
            changed[place] ^= 1 << bit
            assert outcome_of(signer(), changed.decode()) is not None


def test_a_ticket_cannot_be_cut_or_lengthened_anywhere() -> None:
    text = signer().sign(ticket()).notice
    for place in range(len(text)):
        assert outcome_of(signer(), text[:place]) is not None
        assert outcome_of(signer(), text[place + 1 :]) is not None
        assert outcome_of(signer(), text[:place] + "A" + text[place:]) is not None


def test_who_has_seen_the_markup_cannot_send_the_notices_of_the_exchange() -> None:
    texts = signer().sign(ticket())
    assert outcome_of(signer(), texts.tracking, Use.NOTICE) is Outcome.BAD_SIGNATURE
    assert outcome_of(signer(), texts.notice, Use.TRACKING) is Outcome.BAD_SIGNATURE


@pytest.mark.parametrize(
    "text",
    ["", "A", "A" * 39, "A" * (MAX_TEXT_CHARS + 1), "A" * 10_240, "é" * 60, "٣" * 60, "A" * 50 + "=", "A" * 50 + "\n"],
)
def test_what_has_not_the_shape_of_a_ticket_is_malformed(text: str) -> None:
    assert outcome_of(signer(), text) is Outcome.MALFORMED


def test_a_body_that_is_signed_but_holds_other_fields_is_malformed() -> None:
    class Signature(Signer):
        """Signs any body, as a bidder with other fields would."""

        def of(self, body: bytes) -> str:
            head = self._first.id + body
            return (head + self._first.tags(head)[:24]).decode()

    for body in (b"A" * 40, b"A" * 41, b"kwECA5" + b"A" * 36):
        assert outcome_of(signer(), Signature([KEY]).of(body)) is Outcome.MALFORMED


def test_the_first_key_signs_and_all_keys_verify() -> None:
    old, rotated = signer(KEY), signer(OTHER_KEY, KEY)
    assert rotated.read(old.sign(ticket()).notice, Use.NOTICE) == ticket()
    assert outcome_of(old, rotated.sign(ticket()).notice) is Outcome.UNKNOWN_KEY


def test_a_ticket_of_a_key_that_is_no_longer_listed_is_told_apart_from_a_changed_one() -> None:
    assert outcome_of(signer(OTHER_KEY), signer(KEY).sign(ticket()).notice) is Outcome.UNKNOWN_KEY


@pytest.mark.parametrize("keys", [(), (b"too short",), (KEY, KEY)])
def test_keys_that_do_not_serve_are_refused(keys: tuple[bytes, ...]) -> None:
    with pytest.raises(ValueError, match="ticket"):
        Signer(keys)


def test_a_long_key_counts_whole() -> None:
    start = b"k" * 64
    assert outcome_of(signer(start + b"2"), signer(start + b"1").sign(ticket()).notice) is Outcome.UNKNOWN_KEY


def test_a_landing_page_belongs_to_one_creative_of_one_campaign() -> None:
    tag = signer().sign_landing("shoes", "banner", LANDING)
    assert signer().is_landing_of("shoes", "banner", LANDING, tag)
    assert not signer().is_landing_of("shoes", "video", LANDING, tag)
    assert not signer().is_landing_of("hats", "banner", LANDING, tag)
    assert not signer().is_landing_of("shoes", "banner", LANDING + "x", tag)
    assert not signer().is_landing_of("shoes", "banner", LANDING, tag[:-1])
    assert not signer().is_landing_of("shoes", "banner", LANDING, "é")


def test_a_landing_page_signed_with_an_older_key_stays_good() -> None:
    tag = signer(KEY).sign_landing("shoes", "banner", LANDING)
    assert signer(OTHER_KEY, KEY).is_landing_of("shoes", "banner", LANDING, tag)
    assert not signer(OTHER_KEY).is_landing_of("shoes", "banner", LANDING, tag)
