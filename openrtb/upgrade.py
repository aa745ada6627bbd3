"""Older forms lifted to their 2.6 places, once, at the door.

Each move is named after what it moves and fills a 2.6 attribute only where the sender left it out or empty. What an
`ext` held stays there too, in the bytes it came with (but for a `gpid` added); a removed attribute is emptied once its
meaning is lifted.
"""

import msgspec
from msgspec import Raw

from openrtb.audience import User
from openrtb.context import App, Content, Site
from openrtb.errors import DecodeError
from openrtb.extensions.promoted import PromotedChain, PromotedData, PromotedPartner, PromotedRegs, PromotedUser
from openrtb.imp import Banner, Format, Imp, Video
from openrtb.misnamed import APIS, LONGITUDE, VENUE
from openrtb.repair import Mender
from openrtb.request import BidRequest, Regs, Source, SupplyChain
from openrtb.response import BidResponse
from openrtb.wire import Int, Wire


class _SignalsExt(PromotedRegs):
    """What senders put into `Regs.ext`, the signals that never had a documented place there included."""

    coppa: Int | None = None
    gpp: str | None = None
    gpp_sid: list[Int] | None = None


class _PrebidExt(Wire):
    is_rewarded_inventory: Int = 0


class _PlacementData(Wire):
    pbadslot: str | None = None


class _PlacementExt(Wire):
    """Old names in the `ext` of an imp or a video."""

    rewarded: Int = 0
    is_rewarded_inventory: Int = 0
    prebid: _PrebidExt | None = None
    gpid: str | None = None
    data: _PlacementData | None = None


_CHAIN = msgspec.json.Decoder(PromotedChain).decode
_DATA = msgspec.json.Decoder(PromotedData).decode
_PARTNER = msgspec.json.Decoder(PromotedPartner).decode
_PLACEMENT = msgspec.json.Decoder(_PlacementExt).decode
_REGS = msgspec.json.Decoder(_SignalsExt).decode
_USER = msgspec.json.Decoder(PromotedUser).decode


def upgrade_request(request: BidRequest, mender: Mender | None = None) -> tuple[bytes, ...]:
    """Move every 2.2 to 2.5 form in `request` to its 2.6 place (OpenRTB 2.6, Appendix B).

    Without a `mender` raises `msgspec.DecodeError` at the first old place that cannot be read strictly; the request can
    then be upgraded again with one. With a `mender` raises `DecodeError` for what cannot be read at all.
    Returns the other names, as JSON, of attributes that are absent and may have been sent under these.
    """
    other_names: tuple[bytes, ...] = ()
    for imp in request.imp:
        if imp.ext:
            old = _PLACEMENT(imp.ext) if mender is None else _mended_placement(imp.ext, mender)
            if old.rewarded or old.is_rewarded_inventory or old.prebid is not None or old.data is not None:
                _placement(imp, old)
        banner = imp.banner
        if banner is not None and (banner.wmax or banner.hmax or banner.wmin or banner.hmin):
            _banner_range(banner)
        video = imp.video
        if video is not None:
            if video.ext or video.protocol is not None:
                _video(imp, video, mender)
            if video.api is None:
                other_names = APIS
    device = request.device
    if device is not None and device.geo is not None and device.geo.lon is None:
        other_names += LONGITUDE
    user = request.user
    if user is not None and user.ext:
        _consent_and_eids(user, mender)
    regs = request.regs
    if regs is not None and regs.ext:
        _signals(regs, mender)
    source = request.source
    if request.ext or (source is not None and source.ext):
        _schain(request, mender)
    site = request.site
    if site is not None and (site.ext or site.content is not None):
        _context(site, "$.site", mender)
    app = request.app
    if app is not None and (app.ext or app.content is not None):
        _context(app, "$.app", mender)
    dooh = request.dooh
    if dooh is not None:
        other_names += VENUE
        if dooh.content is not None:
            _content(dooh.content, "$.dooh", mender)
    return other_names


def upgrade_response(response: BidResponse) -> None:
    """Move `Bid.api` to `Bid.apis`."""
    for seatbid in response.seatbid or ():
        for bid in seatbid.bid:
            if bid.api is not None and bid.apis is None:
                bid.apis, bid.api = [bid.api], None


def _placement(imp: Imp, old: _PlacementExt) -> None:
    """Rewarded placements, and the placement's global name, which was `ext.data.pbadslot` before `ext.gpid`."""
    if old.rewarded == 1 or old.is_rewarded_inventory == 1 or (old.prebid and old.prebid.is_rewarded_inventory == 1):
        imp.rwdd = 1
    if not old.gpid and old.data is not None and old.data.pbadslot:
        members = msgspec.json.decode(imp.ext, type=dict[str, Raw])
        gpid = Raw(msgspec.json.encode(old.data.pbadslot))
        imp.ext = Raw(msgspec.json.encode({**members, "gpid": gpid}))


def _video(imp: Imp, video: Video, mender: Mender | None) -> None:
    if video.ext:
        old = _PLACEMENT(video.ext) if mender is None else _mended_placement(video.ext, mender)
        if old.rewarded == 1 or old.is_rewarded_inventory == 1:
            imp.rwdd = 1
    if video.protocol is not None:
        video.protocols = video.protocols or [video.protocol]
        video.protocol = None


def _banner_range(banner: Banner) -> None:
    """Before 2.6 a banner could state the ends of a range of sizes; both ends are sizes the seller accepts."""
    if banner.format or banner.w or banner.h:
        return
    ends = ((banner.wmax, banner.hmax), (banner.wmin, banner.hmin))
    sizes = {(w, h): Format(w=w, h=h) for w, h in ends if w and h}
    if sizes:
        banner.format = list(sizes.values())
        banner.wmax = banner.hmax = banner.wmin = banner.hmin = None


def _consent_and_eids(user: User, mender: Mender | None) -> None:
    old = _USER(user.ext) if mender is None else mender.read_ext(user.ext, PromotedUser, "$.user.ext")
    user.consent = user.consent or old.consent
    user.eids = user.eids or old.eids


def _signals(regs: Regs, mender: Mender | None) -> None:
    """Privacy signals. The law applies wherever in the message its signal stands."""
    old = _REGS(regs.ext) if mender is None else mender.read_ext(regs.ext, _SignalsExt, "$.regs.ext")
    regs.coppa = old.coppa if regs.coppa is None else regs.coppa
    regs.gdpr = old.gdpr if regs.gdpr is None else regs.gdpr
    regs.us_privacy = regs.us_privacy or old.us_privacy
    regs.gpp = regs.gpp or old.gpp
    regs.gpp_sid = regs.gpp_sid or old.gpp_sid


def _schain(request: BidRequest, mender: Mender | None) -> None:
    """2.5 had the chain in `source.ext`, earlier versions in the `ext` of the request."""
    source = request.source
    if source is not None and source.schain is not None:
        return
    chain = _chain(source.ext, "$.source.ext", mender) if source is not None and source.ext else None
    if chain is None and request.ext:
        chain = _chain(request.ext, "$.ext", mender)
    if chain is not None:
        request.source = source or Source()
        request.source.schain = chain


def _chain(ext: Raw, path: str, mender: Mender | None) -> SupplyChain | None:
    old = _CHAIN(ext) if mender is None else mender.read_ext(ext, PromotedChain, path)
    return old.schain


def _context(context: Site | App, path: str, mender: Mender | None) -> None:
    if context.ext and not context.inventorypartnerdomain:
        ext = context.ext
        old = _PARTNER(ext) if mender is None else mender.read_ext(ext, PromotedPartner, f"{path}.ext")
        context.inventorypartnerdomain = old.inventorypartnerdomain
    if context.content is not None:
        _content(context.content, path, mender)


def _content(content: Content, path: str, mender: Mender | None) -> None:
    if content.videoquality is not None:
        content.prodq = content.videoquality if content.prodq is None else content.prodq
        content.videoquality = None
    for index, data in enumerate(content.data or ()):
        if data.ext and not data.cids:
            where = f"{path}.content.data[{index}].ext"
            old = _DATA(data.ext) if mender is None else mender.read_ext(data.ext, PromotedData, where)
            data.cids = old.cids


def _mended_placement(ext: Raw, mender: Mender) -> _PlacementExt:
    """The old names in the `ext` of an imp or a video. Vendors use the same names; what does not fit is not ours."""
    try:
        return mender.read_ext(ext, _PlacementExt, "$.imp", lenient=True)
    except DecodeError as error:  # too much of it in the whole message
        raise DecodeError(error.message, "$.imp") from None
