"""The known extensions: what official and community documents put under `ext`, typed.

    extension(imp).gpid
    extension(user).eids            # still sent by 2.5 exchanges
    Bid(..., ext=Raw(msgspec.json.encode(BidExt(dsa=DSAResponse(paid="Brand", adrender=1)))))

Everything is optional here: `None` is absent. One known extension does not stand under `ext`: `BidRequest.prodfeed`.
"""

from openrtb.extensions.accessor import EXTENSIONS, extension
from openrtb.extensions.request import (
    AppExt,
    BidRequestExt,
    ContentExt,
    DataExt,
    DeviceExt,
    DSARequest,
    DSATransparency,
    ImpExt,
    InterestGroupSupport,
    RegsExt,
    SiteExt,
    SKAdNetworkList,
    SKAdNetworkRequest,
    SourceExt,
    UserExt,
)
from openrtb.extensions.response import (
    BidExt,
    BidResponseExt,
    DSAResponse,
    InterestGroupBuyer,
    InterestGroupIntent,
    InterestGroupSeller,
    NonBid,
    SeatNonBid,
    SKAdNetworkFidelity,
    SKAdNetworkResponse,
    SKOverlay,
)

__all__ = [
    "EXTENSIONS",
    "AppExt",
    "BidExt",
    "BidRequestExt",
    "BidResponseExt",
    "ContentExt",
    "DSARequest",
    "DSAResponse",
    "DSATransparency",
    "DataExt",
    "DeviceExt",
    "ImpExt",
    "InterestGroupBuyer",
    "InterestGroupIntent",
    "InterestGroupSeller",
    "InterestGroupSupport",
    "NonBid",
    "RegsExt",
    "SKAdNetworkFidelity",
    "SKAdNetworkList",
    "SKAdNetworkRequest",
    "SKAdNetworkResponse",
    "SKOverlay",
    "SeatNonBid",
    "SiteExt",
    "SourceExt",
    "UserExt",
    "extension",
]
