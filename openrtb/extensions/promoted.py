"""What stood in an `ext` before OpenRTB 2.6 gave it a place of its own (OpenRTB 2.6, Appendix B).

`openrtb.upgrade` reads these, and lifts what it finds. The known extensions of the same objects build on them.
"""

from openrtb.audience import EID
from openrtb.request import SupplyChain
from openrtb.wire import Int, Wire


class PromotedChain(Wire):
    """Of `Source.ext` in 2.5, of `BidRequest.ext` up to 2.4."""

    schain: SupplyChain | None = None  # `Source.schain` since 2.6


class PromotedRegs(Wire):
    """Of `Regs.ext`."""

    gdpr: Int | None = None  # `Regs.gdpr` since 2.6
    us_privacy: str | None = None  # `Regs.us_privacy` since 2.6


class PromotedUser(Wire):
    """Of `User.ext`."""

    consent: str | None = None  # `User.consent` since 2.6
    eids: list[EID] | None = None  # `User.eids` since 2.6


class PromotedPartner(Wire):
    """Of `Site.ext` and `App.ext`."""

    # `Site.inventorypartnerdomain` since 2.6-202211, `App.inventorypartnerdomain` since 2.6-202211
    inventorypartnerdomain: str | None = None


class PromotedData(Wire):
    """Of `Data.ext`."""

    cids: list[str] | None = None  # `Data.cids` since 2.6-202505
