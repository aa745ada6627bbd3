"""What is known to stand in the `ext` of request objects."""

from msgspec import Raw

from openrtb.extensions.promoted import PromotedChain, PromotedData, PromotedPartner, PromotedRegs, PromotedUser
from openrtb.wire import NO_EXT, Int, Wire


class BidRequestExt(PromotedChain):
    """`BidRequest.ext`."""


class SourceExt(PromotedChain):
    """`Source.ext`."""

    omidpn: str | None = None  # partner name of the OM SDK
    omidpv: str | None = None  # its version


class DSATransparency(Wire):
    """A party that used data about the user to choose the ad (DSA extension)."""

    domain: str | None = None
    dsaparams: list[Int] | None = None  # DSAUserParameters


class DSARequest(Wire):
    """`Regs.ext.dsa`: which transparency the Digital Services Act asks of the ad (DSA extension)."""

    dsarequired: Int | None = None  # DSARequired
    pubrender: Int | None = None  # DSAPublisherRender
    datatopub: Int | None = None  # DSADataToPublisher
    transparency: list[DSATransparency] | None = None


class RegsExt(PromotedRegs):
    """`Regs.ext`."""

    gpc: str | None = None  # "1" for an opt-out by Global Privacy Control
    s22580: Int | None = None  # 1 for content directed at minors (Californian law)
    dsa: DSARequest | None = None


class InterestGroupSupport(Wire):
    """`Imp.ext.igs`: whether an interest-group auction is possible (Protected Audience extension)."""

    ae: Int = 1  # InterestGroupAuctionEnvironment
    biddable: Int = 0


class SKAdNetworkList(Wire):
    """`Imp.ext.skadn.skadnetlist`: ad networks by entry in the IAB Tech Lab's list (SKAdNetwork extension)."""

    max: Int | None = None  # highest entry covered
    excl: list[Int] | None = None  # entries up to max that are not
    addl: list[str] | None = None  # further ad network ids, lower case


class SKAdNetworkRequest(Wire):
    """`Imp.ext.skadn`: what the app supports of Apple's attribution (SKAdNetwork extension)."""

    versions: list[str] | None = None
    version: str | None = None  # deprecated: versions
    sourceapp: str | None = None  # App Store id of the publisher's app
    skadnetids: list[str] | None = None  # ad network ids, lower case
    skadnetlist: SKAdNetworkList | None = None
    productpage: Int | None = None
    skoverlay: Int | None = None


class ImpExt(Wire):
    """`Imp.ext`."""

    gpid: str | None = None  # the placement's id at every exchange
    tid: str | None = None  # transaction id of this imp; beats `Source.tid`
    intrinsic: Int | None = None  # 1 inside a game's world
    igs: InterestGroupSupport | None = None
    skadn: SKAdNetworkRequest | None = None


class SiteExt(PromotedPartner):
    """`Site.ext`."""


class AppExt(PromotedPartner):
    """`App.ext`."""


class ContentExt(Wire):
    """`Content.ext`."""

    feedurls: list[str] | None = None  # of what stands next to the ad in a feed


class DataExt(PromotedData):
    """`Data.ext`."""

    segtax: Int | None = None  # SegmentTaxonomies


class DeviceExt(Wire):
    """`Device.ext`."""

    atts: Int | None = None  # AppTrackingAuthorizationStatus
    ifv: str | None = None  # vendor id of iOS
    ifa_type: str | None = None  # IFATypes
    cdep: str | None = None  # Chrome's cookie deprecation label


class UserExt(PromotedUser):
    """`User.ext`."""

    digitrust: Raw = NO_EXT  # legacy: {id, keyv}
