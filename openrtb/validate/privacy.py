"""Rules on the signals of privacy laws: `Regs` and `User.consent`."""

import re
from collections.abc import Iterator

from openrtb.errors import DecodeError
from openrtb.extensions import extension
from openrtb.request import BidRequest, Regs
from openrtb.validate.finding import Finding, finding, shown

_US_PRIVACY = re.compile(r"1---|1[YN-][YN][YN-]")
_TCF_V2 = re.compile(r"C[A-Za-z0-9_.-]{19,}")


def check_regs(regs: Regs, path: str) -> Iterator[Finding]:
    """OpenRTB 2.6, 3.2.3; US Privacy String v1; Global Privacy Platform."""
    if regs.us_privacy and not _US_PRIVACY.fullmatch(regs.us_privacy):
        message = f'{shown(regs.us_privacy)} is not 1 and three of Y, N or -, such as "1YNN", nor "1---"'
        yield finding("regs-us-privacy", f"{path}.us_privacy", message)
    if regs.gpp and not regs.gpp.startswith("D"):
        message = f"{shown(regs.gpp[:20])} does not begin with D, as every GPP string does"
        yield finding("regs-gpp-prefix", f"{path}.gpp", message)
    if bool(regs.gpp) != bool(regs.gpp_sid):
        missing, other = ("gpp_sid", "gpp") if regs.gpp else ("gpp", "gpp_sid")
        yield finding("regs-gpp", f"{path}.{missing}", f"{missing} is missing beside {other}; send both")
    try:
        gpc = extension(regs).gpc
    except DecodeError as error:
        yield finding("ext-unreadable", f"{path}.ext", f"{error.message}; right is a JSON object")
        return
    if gpc is not None and gpc != "1":
        message = f'{shown(gpc)} is no value of the Sec-GPC header; send "1" or leave it out'
        yield finding("regs-gpc", f"{path}.ext.gpc", message)


def check_consent(request: BidRequest) -> Iterator[Finding]:
    """Where GDPR applies the TCF string says what is allowed (OpenRTB 2.6, 3.2.3 and 3.2.20)."""
    consent = request.user.consent if request.user is not None else None
    if consent and not _TCF_V2.fullmatch(consent):
        message = f"{shown(consent[:20])} is not a TCF v2 string, which begins with C and is Base64url"
        yield finding("consent-string", "$.user.consent", message)
    if request.regs is not None and request.regs.gdpr == 1 and not consent:
        yield finding("regs-gdpr", "$.user.consent", "consent is missing although regs.gdpr is 1; send the TCF string")
