"""Privacy strings as consent platforms write them: TCF, GPP and US Privacy."""

from base64 import urlsafe_b64encode
from collections.abc import Collection

from msgspec import Struct

PURPOSES = range(1, 12)
"""The purposes of TCF 2.2."""

INTEREST_PURPOSES = (2, 7, 8, 9, 10, 11)
"""Those that may rest on legitimate interest."""

ALL_VENDORS = 1500
"""The highest vendor that a user who accepts everything has consented to."""

_CMP_ID = 500
_VENDOR_LIST_VERSION = 260
_TCF_POLICY_VERSION = 5
_CREATED_DECISECONDS = 17_500_752_000  # 2025-06-16T12:00Z
_USER_OPTED_OUT, _USER_DID_NOT_OPT_OUT = 1, 2


class TcfChoice(Struct, frozen=True):
    """What a user allowed: purposes by consent and by legitimate interest, and all vendors up to `vendors`."""

    purposes: Collection[int]
    interests: Collection[int]
    vendors: int


ACCEPT_ALL = TcfChoice(PURPOSES, INTEREST_PURPOSES, ALL_VENDORS)
ONLY_MEASUREMENT = TcfChoice((1, 7, 8, 9, 10), (7, 8, 9, 10), ALL_VENDORS)
BASIC_ADS = TcfChoice((1, 2, 7), (2, 7, 9, 10), ALL_VENDORS)
REJECT_ALL = TcfChoice((), (), 0)


def tcf_string(choice: TcfChoice, language: str) -> str:
    """A TC string with the core and the disclosed-vendors segments (IAB Europe, TCF v2.2, consent string format)."""
    bits = (
        _number(2, 6)
        + _number(_CREATED_DECISECONDS, 36) * 2
        + _number(_CMP_ID, 12)
        + _number(1, 12)  # version of the consent platform
        + _number(1, 6)  # screen
        + _letters(language.upper())
        + _number(_VENDOR_LIST_VERSION, 12)
        + _number(_TCF_POLICY_VERSION, 6)
        + "10"  # service-specific, standard texts
        + _flags((), 12)  # special features
        + _flags(choice.purposes, 24)
        + _flags(choice.interests, 24)
        + "0"  # purpose one is asked for
        + _letters("AA")
        + _vendors(choice.vendors)
        + _vendors(choice.vendors)
        + _number(0, 12)  # publisher restrictions
    )
    disclosed = _number(1, 3) + _vendors(ALL_VENDORS)
    return f"{_base64(bits)}.{_base64(disclosed)}"


def us_privacy_string(opted_out: bool) -> str:
    """US Privacy String v1: notice given, sale allowed or not, not under the limited service provider agreement."""
    return "1YYN" if opted_out else "1YNN"


def gpp_us_national(opted_out: bool) -> str:
    """A GPP string with the US national section, version 1 (IAB Tech Lab, Global Privacy Platform)."""
    choice = _USER_OPTED_OUT if opted_out else _USER_DID_NOT_OPT_OUT
    values = (1, 1, 1, 1, 0, 0, choice, choice, choice, *[0] * 14, 0, 2, 0, 0)
    core = _number(1, 6) + "".join(_number(value, 2) for value in values)
    privacy_control = _number(1, 2) + str(int(opted_out))
    return f"{_gpp_header(7)}~{_base64(core)}.{_base64(privacy_control)}"


def gpp_tcf_eu(choice: TcfChoice, language: str) -> str:
    """A GPP string whose only section is the TC string."""
    return f"{_gpp_header(2)}~{tcf_string(choice, language)}"


def _gpp_header(section: int) -> str:
    return _base64(_number(3, 6) + _number(1, 6) + _number(1, 12) + "0" + _fibonacci(section))


def _fibonacci(number: int) -> str:
    """Zeckendorf's sum, smallest term first, closed by a 1."""
    terms = [1, 2]
    while terms[-1] <= number:
        terms.append(terms[-1] + terms[-2])
    code = []
    for term in reversed(terms[:-1]):
        code.append("1" if term <= number else "0")
        number -= term if term <= number else 0
    return "".join(reversed(code)).rstrip("0") + "1"


def _number(value: int, width: int) -> str:
    return f"{value:0{width}b}"


def _letters(text: str) -> str:
    return "".join(_number(ord(letter) - ord("A"), 6) for letter in text)


def _flags(numbers: Collection[int], width: int) -> str:
    return "".join("1" if number in numbers else "0" for number in range(1, width + 1))


def _vendors(highest: int) -> str:
    """Nobody as an empty bit field; all from 1 to `highest` as one range."""
    if not highest:
        return _number(0, 16) + "0"
    return _number(highest, 16) + "1" + _number(1, 12) + "1" + _number(1, 16) + _number(highest, 16)


def _base64(bits: str) -> str:
    whole = bits + "0" * (-len(bits) % 8)
    return urlsafe_b64encode(int(whole, 2).to_bytes(len(whole) // 8)).decode().rstrip("=")
