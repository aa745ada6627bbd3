"""One verdict per request: may personal data be used to choose and price the ad?

The verdict is the careful one: where a signal says that a law applies and nothing readable says that it is satisfied,
personal data is not used. Contextual targeting always is.
"""

from enum import Enum

from bidder.privacy.consent import gpp_permits, opted_out, tcf_permits
from bidder.privacy.gpp import TCF_EU
from openrtb import DecodeError
from openrtb.extensions import extension
from openrtb.request import BidRequest, Regs

NO_VENDOR = 0
"""Ids of the Global Vendor List begin at 1."""


class Verdict(Enum):
    """Why personal data may or may not be used."""

    ALLOWED = "allowed"
    CHILD_DIRECTED = "coppa"
    GDPR = "gdpr applies, and the consent string does not permit it to this bidder"
    OPTED_OUT = "us_privacy opt-out of sale"
    LIMITED = "the device limits ad tracking"
    GLOBAL_CONTROL = "global privacy control"
    UNREADABLE = "regs.ext cannot be read"
    GPP = "a gpp section is in force that does not permit it to this bidder"

    @property
    def personal(self) -> bool:
        """Whether personal data may be used."""
        return self is Verdict.ALLOWED


def judge(request: BidRequest, vendor: int | None) -> Verdict:
    """The verdict on one request (OpenRTB 2.6, 3.2.3) for the vendor of the Global Vendor List that we are."""
    regs, device = request.regs, request.device
    if device is not None and (device.lmt == 1 or device.dnt == 1):
        return Verdict.LIMITED
    if regs is None:
        return Verdict.ALLOWED
    if regs.coppa == 1:
        return Verdict.CHILD_DIRECTED
    if regs.gdpr == 1 and not _consented(request, regs, vendor or NO_VENDOR):
        return Verdict.GDPR
    if regs.us_privacy and opted_out(regs.us_privacy):
        return Verdict.OPTED_OUT
    if regs.gpp_sid and not _permitted(regs, vendor or NO_VENDOR):
        return Verdict.GPP
    if not regs.ext:
        return Verdict.ALLOWED
    try:
        return Verdict.GLOBAL_CONTROL if extension(regs).gpc == "1" else Verdict.ALLOWED
    except DecodeError:
        return Verdict.UNREADABLE


def _consented(request: BidRequest, regs: Regs, vendor: int) -> bool:
    """Whether the user consented, by the string of their own or by the European section of GPP."""
    text = request.user.consent if request.user is not None else None
    return tcf_permits(text, vendor) if text else gpp_permits(regs.gpp or "", TCF_EU, vendor)


def _permitted(regs: Regs, vendor: int) -> bool:
    """Whether every section in force permits it. That GDPR does not apply settles the European one."""
    for section in regs.gpp_sid or ():
        if not (section == TCF_EU and regs.gdpr == 0) and not gpp_permits(regs.gpp or "", section, vendor):
            return False
    return True
