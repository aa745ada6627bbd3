"""What is remembered of signals, and what hostile ones cost."""

from hypothesis import given
from hypothesis import strategies as st

from bidder.lab.exchange.traffic.consent import ACCEPT_ALL, tcf_string
from bidder.privacy import consent
from bidder.privacy.bits import Bits, Ids, Range


def test_a_signal_of_any_length_is_answered_but_only_short_ones_are_remembered() -> None:
    consent._memory.cache_clear()
    for _ in range(2):
        assert not consent.tcf_permits("C" * 10_000, 1)
        assert consent.tcf_permits(tcf_string(ACCEPT_ALL, "EN"), 1)
    assert consent._memory.cache_info()[:2] == (1, 1)


@given(st.text(max_size=60) | st.text("ABCDEFghij-_.~019=", max_size=400), st.integers(-2, 30))
def test_no_text_raises_anything(text: str, section: int) -> None:
    assert consent.tcf_permits(text, 5) in {True, False}
    assert consent.gpp_permits(text, section, 5) in {True, False}
    assert consent.gpp_permits("DBABMA~" + text, 2, 5) in {True, False}
    assert consent.opted_out(text) in {True, False}


def test_a_range_over_all_ids_is_never_expanded() -> None:
    everyone = Ids(0, (Range(1, 65535),) * 4095)
    assert 65535 in everyone
    assert 0 not in everyone


def test_fields_are_read_from_the_front() -> None:
    bits = Bits("CA")
    assert (bits.integer(6), bits.left, bits.integer(6)) == (2, 6, 0)
