"""The section of the GPP string for the Transparency and Consent Framework of IAB Canada, version 1 ("tcfcav1").

Source: GPP extension IAB Canada TCF. It is laid out as the European TC string is, with express consent in the place of
consent and implied consent in that of legitimate interest. Vendors are read as both official decoders write them, with
ids of 16 bits; on publisher restrictions they differ, so a section that has any is not read.
"""

from msgspec import Struct

from bidder.privacy.bits import Bits, Ids, SignalError

_VERSION, _DISCLOSED, _PUBLISHER = 1, 1, 3
_MOST_PADDING = 24
_COUNT_BITS = 12


class CanadianConsent(Struct, frozen=True):
    """What the section says of consent."""

    special_features: Ids
    purposes: Ids
    """By express consent. Purpose 1 is not used in Canada."""
    purposes_implied: Ids
    vendors: Ids
    """By express consent."""
    vendors_implied: Ids
    disclosed: Ids | None = None
    """The vendors shown to the user; None where the section does not tell."""


def read(text: str) -> CanadianConsent:
    """Read the section. Raises `SignalError`."""
    core, *others = text.split(".")
    disclosed: Ids | None = None
    kinds: list[int] = []
    for each in others:
        bits = Bits(each)
        kinds.append(bits.integer(3))
        if kinds[-1] == _DISCLOSED:
            disclosed = bits.vendors()
    if len(set(kinds)) < len(kinds) or not {_DISCLOSED, _PUBLISHER}.issuperset(kinds):
        raise SignalError(f"segments of type 1 and 3 may follow, each once, found {kinds}")
    return _core(Bits(core), disclosed)


def _core(bits: Bits, disclosed: Ids | None) -> CanadianConsent:
    version = bits.integer(6)
    if version != _VERSION:
        raise SignalError(f"version 1 of the Canadian section is read, found version {version}")
    bits.integers(2, 36)  # created and updated
    bits.integers(2, 12)  # consent management platform and its version
    bits.integer(6)  # screen
    bits.letters()  # language
    bits.integer(12)  # vendor list
    bits.integer(6)  # policy
    bits.flag()  # stacks of its own
    consent = CanadianConsent(
        special_features=bits.field(12),
        purposes=bits.field(24),
        purposes_implied=bits.field(24),
        vendors=bits.vendors(),
        vendors_implied=bits.vendors(),
        disclosed=disclosed,
    )
    _refuse_restrictions(bits)
    return consent


def _refuse_restrictions(bits: Bits) -> None:
    """Their number is 0, and nothing but padding follows; strings that are older than they end before."""
    if bits.left >= _COUNT_BITS and bits.integer(_COUNT_BITS):
        raise SignalError("publisher restrictions are written in two ways that cannot be told apart")
    if bits.left > _MOST_PADDING or bits.integer(bits.left):
        raise SignalError("the vendors are written in another way than with ids of 16 bits")
