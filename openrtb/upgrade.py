"""Older forms lifted to their 2.6 places, once, at the door.

Each move is named after what it moves and fills a 2.6 attribute only where the sender left it out. An `ext` is read
through a small decoder that knows the old names alone, and keeps the bytes it came with.
"""

from typing import Any, TypeVar

import msgspec
from msgspec import Raw

from openrtb.audience import EID, User
from openrtb.context import App, Content, Site
from openrtb.errors import DecodeError
from openrtb.imp import Banner, Format, Imp, Video
from openrtb.repair import repair
from openrtb.request import BidRequest, Regs, Source, SupplyChain
from openrtb.response import BidResponse
from openrtb.wire import NO_EXT, Int, Wire


class _UserExt(Wire):
    consent: str | None = None
    eids: list[EID] | None = None


class _RegsExt(Wire):
    gdpr: Int | None = None
    us_privacy: str | None = None


class _ChainExt(Wire):
    schain: SupplyChain | None = None


class _ContextExt(Wire):
    inventorypartnerdomain: str | None = None


class _DataExt(Wire):
    cids: list[str] | None = None


class _PrebidExt(Wire):
    is_rewarded_inventory: Int = 0


class _PlacementData(Wire):
    pbadslot: str | None = None


class _ImpExt(Wire):
    rewarded: Int = 0
    is_rewarded_inventory: Int = 0
    prebid: _PrebidExt | None = None
    gpid: str | None = None
    data: _PlacementData | None = None


_OLD_IMP_EXT = msgspec.json.Decoder(_ImpExt).decode
_OLD: dict[type[Wire], Any] = {
    cls: msgspec.json.Decoder(cls).decode for cls in (_UserExt, _RegsExt, _ChainExt, _ContextExt, _DataExt)
}
_NOTHING_OLD = _ImpExt()

MAX_ITEMS = 1_000
"""Imps, and content data, looked at one by one before a request is refused; bounds the time a hostile one can take."""

T = TypeVar("T", bound=Wire)


def upgrade_request(request: BidRequest) -> None:
    """Move every 2.2 to 2.5 form in `request` to its 2.6 place (OpenRTB 2.6, Appendix B).

    Raises `DecodeError` where an old place holds a value that cannot be read.
    """
    if len(request.imp) > MAX_ITEMS:
        raise _too_many(len(request.imp), "$.imp")
    for imp in request.imp:
        banner, video = imp.banner, imp.video
        if imp.ext is not NO_EXT:
            try:
                old = _OLD_IMP_EXT(imp.ext)
            except (msgspec.DecodeError, RecursionError):
                old = _mended(imp.ext)
            if old.rewarded or old.is_rewarded_inventory or old.prebid is not None or old.data is not None:
                _placement(imp, old)
        if banner is not None and (banner.wmax or banner.hmax or banner.wmin or banner.hmin):
            _banner_range(banner)
        if video is not None and (video.ext is not NO_EXT or video.protocol is not None):
            _video(imp, video)
    user, regs, source = request.user, request.regs, request.source
    if user is not None and user.ext is not NO_EXT and (user.consent is None or user.eids is None):
        _consent_and_eids(user)
    if regs is not None and regs.ext is not NO_EXT and (regs.gdpr is None or regs.us_privacy is None):
        _gdpr_and_us_privacy(regs)
    if source is None:
        if request.ext is not NO_EXT:
            _schain(request)
    elif source.schain is None and (source.ext is not NO_EXT or request.ext is not NO_EXT):
        _schain(request)
    site, app, dooh = request.site, request.app, request.dooh
    if site is not None and (site.ext is not NO_EXT or site.content is not None):
        _context(site, "$.site")
    if app is not None and (app.ext is not NO_EXT or app.content is not None):
        _context(app, "$.app")
    if dooh is not None and dooh.content is not None:
        _content(dooh.content, "$.dooh")


def upgrade_response(response: BidResponse) -> None:
    """Move `Bid.api` to `Bid.apis`."""
    for seatbid in response.seatbid or ():
        for bid in seatbid.bid:
            if bid.api is not None and bid.apis is None:
                bid.apis, bid.api = [bid.api], None


def _placement(imp: Imp, old: _ImpExt) -> None:
    """Rewarded placements, and the placement's global name, which was `ext.data.pbadslot` before `ext.gpid`."""
    if old.rewarded == 1 or old.is_rewarded_inventory == 1 or (old.prebid and old.prebid.is_rewarded_inventory == 1):
        imp.rwdd = 1
    if old.gpid is None and old.data is not None and old.data.pbadslot:
        members = msgspec.json.decode(imp.ext, type=dict[str, Raw])
        gpid = Raw(msgspec.json.encode(old.data.pbadslot))
        imp.ext = Raw(msgspec.json.encode({**members, "gpid": gpid}))


def _video(imp: Imp, video: Video) -> None:
    if video.ext is not NO_EXT:
        old = _mended(video.ext)
        if old.rewarded == 1 or old.is_rewarded_inventory == 1:
            imp.rwdd = 1
    if video.protocol is not None:
        video.protocols = video.protocols or [video.protocol]
        video.protocol = None


def _mended(ext: Raw) -> _ImpExt:
    """The old names in the `ext` of an imp or a video. Vendors use the same names; what does not fit is not ours."""
    try:
        return repair(ext, _ImpExt)
    except DecodeError:
        return _NOTHING_OLD


def _banner_range(banner: Banner) -> None:
    """Before 2.6 a banner could state the ends of a range; both ends are sizes the seller accepts."""
    if not banner.format and banner.w is None and banner.h is None:
        ends = ((banner.wmax, banner.hmax), (banner.wmin, banner.hmin))
        sizes = {size: Format(w=size[0], h=size[1]) for size in ends if size[0] and size[1]}
        banner.format = list(sizes.values()) or banner.format
    banner.wmax = banner.hmax = banner.wmin = banner.hmin = None


def _consent_and_eids(user: User) -> None:
    old = _read(user.ext, _UserExt, "$.user.ext")
    user.consent = old.consent if user.consent is None else user.consent
    user.eids = old.eids if user.eids is None else user.eids


def _gdpr_and_us_privacy(regs: Regs) -> None:
    old = _read(regs.ext, _RegsExt, "$.regs.ext")
    regs.gdpr = old.gdpr if regs.gdpr is None else regs.gdpr
    regs.us_privacy = old.us_privacy if regs.us_privacy is None else regs.us_privacy


def _schain(request: BidRequest) -> None:
    """2.5 had the chain in `source.ext`, earlier versions in the `ext` of the request."""
    source_ext = NO_EXT if request.source is None else request.source.ext
    for ext, path in ((source_ext, "$.source.ext"), (request.ext, "$.ext")):
        chain = None if ext is NO_EXT else _read(ext, _ChainExt, path).schain
        if chain is not None:
            request.source = request.source or Source()
            request.source.schain = chain
            return


def _context(context: Site | App, path: str) -> None:
    if context.ext is not NO_EXT and context.inventorypartnerdomain is None:
        context.inventorypartnerdomain = _read(context.ext, _ContextExt, f"{path}.ext").inventorypartnerdomain
    if context.content is not None:
        _content(context.content, path)


def _content(content: Content, path: str) -> None:
    if content.videoquality is not None:
        content.prodq = content.videoquality if content.prodq is None else content.prodq
        content.videoquality = None
    if content.data is not None and len(content.data) > MAX_ITEMS:
        raise _too_many(len(content.data), f"{path}.content.data")
    for index, data in enumerate(content.data or ()):
        if data.cids is None and data.ext is not NO_EXT:
            data.cids = _read(data.ext, _DataExt, f"{path}.content.data[{index}].ext").cids


def _too_many(count: int, path: str) -> DecodeError:
    return DecodeError(f"expected at most {MAX_ITEMS} objects, found {count}", path)


def _read(ext: Raw, cls: type[T], path: str) -> T:
    """The old names in an `ext`; none where it is not an object. Raises `DecodeError` where one cannot be read."""
    try:
        return _OLD[cls](ext)  # type: ignore[no-any-return]
    except (msgspec.DecodeError, RecursionError):
        return repair(ext, cls, path) if bytes(ext).startswith(b"{") else cls()
