"""The bid request: `BidRequest`, `Source`, `Regs`."""

from msgspec import Raw

from openrtb.audience import Device, User
from openrtb.context import DOOH, App, Site
from openrtb.imp import Imp
from openrtb.wire import NO_EXT, Int, Searched, Wire


class SupplyChainNode(Wire):
    """One company of the supply chain (OpenRTB 2.6, 3.2.26)."""

    asi: str = ""  # required; since 2.6
    sid: str = ""  # required; since 2.6
    rid: str | None = None  # since 2.6
    name: str | None = None  # since 2.6
    domain: str | None = None  # since 2.6
    hp: Int | None = None  # since 2.6
    ext: Raw = NO_EXT


class SupplyChain(Wire):
    """The companies that sell or resell this request, owner first (OpenRTB 2.6, 3.2.25)."""

    complete: Int | None = None  # required; since 2.6
    nodes: list[SupplyChainNode] = []  # required; since 2.6
    ver: str = ""  # required; since 2.6
    ext: Raw = NO_EXT


class Source(Wire):
    """Where the request came from and who makes the final decision (OpenRTB 2.6, 3.2.2)."""

    fd: Int | None = None  # since 2.5
    tid: str | None = None  # since 2.5
    pchain: str | None = None  # since 2.5
    schain: SupplyChain | None = None  # since 2.6
    ext: Raw = NO_EXT


class Regs(Wire):
    """Regulations the sender believes apply; absent is unknown, not zero (OpenRTB 2.6, 3.2.3)."""

    coppa: Int | None = None
    gdpr: Int | None = None  # since 2.6
    us_privacy: str | None = None  # since 2.6
    gpp: str | None = None  # since 2.6-202211
    gpp_sid: list[Int] | None = None  # GPPSectionIDs; since 2.6-202211
    ext: Raw = NO_EXT


class ProductFeed(Wire):
    """The catalogue of products a bid must choose from (product listing ads extension)."""

    id: str | None = None
    domain: str | None = None  # of the owner of the feed; always sent
    aprod: list[str] | None = None  # products allowed
    bprod: list[str] | None = None  # products blocked
    aprodcat: list[str] | None = None  # product categories allowed
    bprodcat: list[str] | None = None  # product categories blocked
    ext: Raw = NO_EXT


class BidRequest(Wire):
    """One auction: what is on offer, where, to whom and under which rules (OpenRTB 2.6, 3.2.1)."""

    id: str = ""  # required
    imp: Searched[Imp] = []  # required
    site: Site | None = None
    app: App | None = None
    dooh: DOOH | None = None  # since 2.6-202211
    device: Device | None = None
    user: User | None = None
    test: Int = 0
    at: Int = 2  # AuctionTypes
    tmax: Int | None = None  # ms, network included
    wseat: list[str] | None = None
    bseat: list[str] | None = None  # since 2.5
    allimps: Int = 0
    cur: list[str] | None = None
    wlang: list[str] | None = None  # since 2.5
    wlangb: list[str] | None = None  # since 2.6
    acat: list[str] | None = None  # since 2.6-202309
    bcat: list[str] | None = None
    cattax: Int = 1  # CategoryTaxonomies; since 2.6
    badv: list[str] | None = None
    bapp: list[str] | None = None
    source: Source | None = None  # since 2.5
    regs: Regs | None = None
    ext: Raw = NO_EXT
    prodfeed: ProductFeed | None = None  # community extension that is not under ext
