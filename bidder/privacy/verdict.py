"""One verdict per request: may personal data be used to choose and price the ad?

The verdict is the careful one: where a signal says that a law applies and nothing readable says that it is satisfied,
personal data is not used. Contextual targeting always is.
"""

from enum import Enum

from openrtb import DecodeError
from openrtb.extensions import extension
from openrtb.request import BidRequest


class Verdict(Enum):
    """Why personal data may or may not be used."""

    ALLOWED = "allowed"
    CHILD_DIRECTED = "coppa"
    GDPR = "gdpr applies; consent strings are not evaluated"
    OPTED_OUT = "us_privacy opt-out of sale"
    LIMITED = "the device limits ad tracking"
    GLOBAL_CONTROL = "global privacy control"
    UNREADABLE = "regs.ext cannot be read"
    GPP = "a gpp section is in force; its content is not evaluated"

    @property
    def personal(self) -> bool:
        """Whether personal data may be used."""
        return self is Verdict.ALLOWED


def judge(request: BidRequest) -> Verdict:
    """The verdict on one request (OpenRTB 2.6, 3.2.3; US Privacy String 1.0)."""
    regs, device = request.regs, request.device
    if device is not None and (device.lmt == 1 or device.dnt == 1):
        return Verdict.LIMITED
    if regs is None:
        return Verdict.ALLOWED
    if regs.coppa == 1:
        return Verdict.CHILD_DIRECTED
    if regs.gdpr == 1:
        return Verdict.GDPR
    if regs.us_privacy and len(regs.us_privacy) == 4 and regs.us_privacy[2] in "Yy":
        return Verdict.OPTED_OUT
    if regs.gpp_sid and any(section > 0 and not (section == _TCF and regs.gdpr == 0) for section in regs.gpp_sid):
        return Verdict.GPP
    if not regs.ext:
        return Verdict.ALLOWED
    try:
        return Verdict.GLOBAL_CONTROL if extension(regs).gpc == "1" else Verdict.ALLOWED
    except DecodeError:
        return Verdict.UNREADABLE


_TCF = 2
