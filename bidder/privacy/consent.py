"""What a consent signal permits: may this bidder use personal data to choose and price an ad? Answers are remembered.

Personal targeting needs consent to purposes 1 (store and access), 3 (profiles) and 4 (choose by profile) of TCF; in
Canada, which has no purpose 1, express consent to 3 and 4. In the United States it is permitted until the user opted
out of sale, sharing or targeted advertising, or is a known child.
"""

from collections.abc import Callable
from functools import lru_cache

from bidder.privacy import gpp, tcf, tcf_canada, us_sections, usp
from bidder.privacy.bits import SignalError

PURPOSES = (1, 3, 4)
CANADIAN_PURPOSES = (3, 4)
_NOT_ALLOWED, _INTEREST_REQUIRED = 0, 2
_REMEMBERED = 4096
_REMEMBERED_CHARS = 2048
"""Longer signals are read each time, so that nobody fills the memory with them."""

_OPT_OUTS = ("SaleOptOut", "SharingOptOut", "TargetedAdvertisingOptOut")
_OPTED_OUT = 1
_USP_CHARS = 4


def tcf_permits(text: str, vendor: int) -> bool:
    """Whether a TC string lets a vendor of the Global Vendor List use personal data. Garbage permits nothing."""
    return _remembered(_tcf_permits, text, vendor)


def gpp_permits(text: str, section: int, vendor: int) -> bool:
    """Whether one section of a GPP string does; 0 is the mark for "no section applies"."""
    return section <= 0 or _remembered(_gpp_permits, text, section, vendor)


def opted_out(text: str) -> bool:
    """Whether a US Privacy string says that the user opted out of sale. What cannot be read says nothing."""
    return len(text) == _USP_CHARS and _opted_out(text)


@lru_cache(maxsize=_REMEMBERED)
def _opted_out(text: str) -> bool:
    try:
        return usp.read(text.upper()).opted_out == "Y"
    except SignalError:
        return False


def _tcf_permits(text: str, vendor: int) -> bool:
    try:
        consent = tcf.read(text)
    except SignalError:
        return False
    core = consent.core
    shown = consent.disclosed is None or vendor in consent.disclosed
    return (
        shown
        and vendor in core.vendors
        and all(purpose in core.purposes for purpose in PURPOSES)
        and not any(_forbids(restriction, vendor) for restriction in core.restrictions)
    )


def _forbids(restriction: tcf.Restriction, vendor: int) -> bool:
    """Whether a publisher's restriction takes from us what the user consented to."""
    kinds = {_NOT_ALLOWED, _INTEREST_REQUIRED}
    return restriction.purpose in PURPOSES and restriction.kind in kinds and vendor in restriction.vendors


def _gpp_permits(text: str, section: int, vendor: int) -> bool:
    try:
        found = gpp.read(text).sections[section]
        match section:
            case gpp.TCF_EU:
                return _tcf_permits(found, vendor)
            case gpp.TCF_CANADA:
                return _canada_permits(tcf_canada.read(found), vendor)
            case gpp.US_PRIVACY:
                return usp.read(found).opted_out != "Y"
            case _:
                return _state_permits(*us_sections.read(section, found))
    except (SignalError, KeyError):  # a section that is missing or that nobody here can read permits nothing
        return False


def _canada_permits(consent: tcf_canada.CanadianConsent, vendor: int) -> bool:
    """Implied consent does not do: it holds only for vendors who declared it as their basis in the vendor list."""
    shown = consent.disclosed is None or vendor in consent.disclosed
    return shown and vendor in consent.vendors and all(each in consent.purposes for each in CANADIAN_PURPOSES)


def _state_permits(values: us_sections.Values, control: bool) -> bool:
    out = any(_OPTED_OUT in values.get(name, ()) for name in _OPT_OUTS)
    child = any(values["KnownChildSensitiveDataConsents"])
    refused = _OPTED_OUT in values.get("PersonalDataConsents", ())
    return not (control or out or child or refused)


def _remembered(permits: Callable[..., bool], text: str, *arguments: int) -> bool:
    if len(text) > _REMEMBERED_CHARS:
        return permits(text, *arguments)
    return _memory(permits, text, *arguments)


@lru_cache(_REMEMBERED)
def _memory(permits: Callable[..., bool], text: str, *arguments: int) -> bool:
    return permits(text, *arguments)
