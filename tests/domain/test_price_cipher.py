"""The cipher of Google and OpenX prices, against vectors made and judged by Google's own implementation."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bidder.domain.price_cipher import Key, MalformedError, SignatureError, open_message, open_price, read_keys
from tests import shared
from tests.domain.sealed_prices import KEY, OTHER_KEY, sealed

REFUSALS = {"malformed": MalformedError, "bad_signature": SignatureError}


def cases() -> list[dict[str, Any]]:
    path = shared.SHARED / "vectors/google-price.json"
    return json.loads(path.read_text())["cases"] if path.exists() else []  # type: ignore[no-any-return]


def key_of(case: dict[str, Any]) -> Key:
    return Key(bytes.fromhex(case["e_key_hex"]), bytes.fromhex(case["i_key_hex"]))


@pytest.mark.parametrize("case", [case for case in cases() if case["verdict"] == "ok"], ids=lambda case: case["id"])
def test_what_the_exchange_sealed_is_opened(case: dict[str, Any]) -> None:
    if case["kind"] != "price":
        opened = open_message(case["cipher"], [key_of(case)])
        assert opened.message.hex() == case["plain_hex"]
    else:
        opened = open_price(case["cipher"], [key_of(case)])
        assert opened.price_micros == case["price_micros"]
    assert opened.iv.hex() == case["iv_hex"]
    assert round(opened.at_s * 1_000_000) == case.get("timestamp_us", round(opened.at_s * 1_000_000))


@pytest.mark.parametrize("case", [case for case in cases() if case["verdict"] != "ok"], ids=lambda case: case["id"])
def test_what_was_damaged_is_refused_for_the_right_reason(case: dict[str, Any]) -> None:
    with pytest.raises(REFUSALS[case["verdict"]]):
        open_price(case["cipher"], [key_of(case)])


def test_all_vectors_are_there() -> None:
    shared.path("vectors/google-price.json")
    verdicts = [case["verdict"] == "ok" for case in cases()]
    assert (sum(verdicts), len(verdicts) - sum(verdicts)) == (96, 26)


def test_any_listed_key_opens_so_that_keys_can_be_rotated() -> None:
    text = sealed(1_700, at_s=1_700_000_000, key=OTHER_KEY)
    assert open_price(text, [KEY, OTHER_KEY]).price_micros == 1_700
    with pytest.raises(SignatureError):
        open_price(text, [KEY])


@given(micros=st.integers(-(2**63), 2**63 - 1), at_s=st.integers(0, 2**32 - 1), padded=st.booleans())
def test_a_price_comes_back_as_it_was_sealed(micros: int, at_s: int, padded: bool) -> None:
    text = sealed(micros, at_s) + "=" * 2 * padded
    opened = open_price(text, [KEY])
    assert (opened.price_micros, int(opened.at_s)) == (micros, at_s)


@given(text=st.text(max_size=80))
def test_no_text_does_more_than_be_refused(text: str) -> None:
    with pytest.raises((MalformedError, SignatureError)):
        open_price(text, [KEY])


def test_keys_are_read_from_hexadecimal_and_both_alphabets_of_base64_with_comments() -> None:
    text = f"""
    # since March
    {KEY.encryption.hex()} {KEY.integrity.hex()}
    -_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_s= +/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/s   # from April on
    """
    first, second = read_keys(text)
    assert first == KEY
    assert second.encryption == second.integrity
    assert read_keys(f"{KEY.encryption.hex()} {KEY.integrity.hex()};") == (KEY,)


@pytest.mark.parametrize("text", ["", "# nothing", "one", f"{'ab' * 32}", f"{'ab' * 32} short", "ä " * 2])
def test_what_is_no_pair_of_keys_is_refused_without_telling_the_secret(text: str) -> None:
    with pytest.raises(ValueError, match=r"line 1 is not|no line holds") as refused:
        read_keys(text)
    assert "abab" not in str(refused.value)
