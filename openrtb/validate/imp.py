"""Rules on what is for sale: `Imp`, its media objects, `Pmp` and `Deal`."""

import re
from collections.abc import Iterator

from openrtb.imp import Audio, Banner, Deal, DurFloors, Format, Imp, Pmp, Qty, Video
from openrtb.validate.finding import Finding, finding, listed, shown

_CURRENCY = re.compile(r"[A-Z]{3}")
_MILLISECONDS_FROM = 100_000_000_000  # as seconds this is the year 5138, as milliseconds 1973


def check_imp(imp: Imp, path: str) -> Iterator[Finding]:
    """OpenRTB 2.6, 3.2.4."""
    if imp.banner is None and imp.video is None and imp.audio is None and imp.native is None:
        yield finding("imp-one-media", path, "none of banner, video, audio and native is present; at least one must be")
    if imp.dt is not None and 0 < imp.dt < _MILLISECONDS_FROM:
        yield finding("imp-dt", f"{path}.dt", f"{imp.dt:.0f} looks like seconds; dt is in milliseconds since the epoch")
    yield from check_currency(imp.bidfloorcur, f"{path}.bidfloorcur")


def check_currency(code: str, path: str) -> Iterator[Finding]:
    """ISO 4217 alphabetic codes."""
    if not _CURRENCY.fullmatch(code):
        message = f'{shown(code)} is not three upper-case letters of ISO 4217, such as "USD"'
        yield finding("currency-code", path, message)


def check_qty(qty: Qty, path: str) -> Iterator[Finding]:
    """OpenRTB 2.6, 3.2.31."""
    if qty.sourcetype == 1 and not qty.vendor:
        yield finding("qty-vendor", f"{path}.vendor", "vendor is missing; sourcetype 1 needs the domain of the vendor")


def check_banner(banner: Banner, path: str) -> Iterator[Finding]:
    """OpenRTB 2.6, 3.2.6."""
    if not banner.format and not (banner.w and banner.h):
        message = f"no format, and w {shown(banner.w)}, h {shown(banner.h)}; give the sizes that fit"
        yield finding("banner-size", path, message)


def check_format(size: Format, path: str) -> Iterator[Finding]:
    """Either a size or a ratio (OpenRTB 2.6, 3.2.10)."""
    fixed, flex = (size.w, size.h), (size.wratio, size.hratio, size.wmin)
    if any(flex) and any(fixed):
        message = "both a size (w, h) and a ratio (wratio, hratio, wmin); send them as two formats"
    elif any(flex) and not all(flex):
        message = f"wratio, hratio, wmin are {shown(flex)}; a ratio needs all three"
    elif not any(flex) and not all(fixed):
        message = f"w, h are {shown(fixed)}; a size needs both"
    else:
        return
    yield finding("format-pair", path, message)


def check_video(video: Video, path: str) -> Iterator[Finding]:
    """OpenRTB 2.6, 3.2.7."""
    yield from check_timed(video, path)
    if video.placement is not None and video.plcmt is None:
        message = f"placement {video.placement} is sent without plcmt; placement is deprecated since 2.6-202303"
        yield finding("video-plcmt", f"{path}.plcmt", message)
    if video.playbackmethod and len(video.playbackmethod) > 1:
        message = f"{shown(video.playbackmethod)}; only the first is used, send one"
        yield finding("video-playbackmethod-first", f"{path}.playbackmethod", message)


def check_timed(media: Video | Audio, path: str) -> Iterator[Finding]:
    """What video and audio share (OpenRTB 2.6, 3.2.7 and 3.2.8)."""
    if media.rqddurs and (media.minduration > 0 or media.maxduration is not None):
        message = f"rqddurs {shown(media.rqddurs)} beside minduration or maxduration; send exact lengths or a range"
        yield finding("video-rqddurs", f"{path}.rqddurs", message)
    if media.mincpmpersec is not None and media.durfloors:
        yield finding("floors-one-form", f"{path}.durfloors", "both mincpmpersec and durfloors; send one form of floor")


def check_durfloors(floors: DurFloors, path: str) -> Iterator[Finding]:
    """OpenRTB 2.6, 3.2.35."""
    if floors.mindur is None and floors.maxdur is None:
        yield finding("durfloors-range", path, "neither mindur nor maxdur; a floor by length needs at least one end")


def check_deal(deal: Deal, path: str) -> Iterator[Finding]:
    """OpenRTB 2.6, 3.2.12."""
    forms = [name for name in ("bidfloor", "mincpmpersec", "durfloors") if getattr(deal, name)]
    if len(forms) > 1:
        yield finding(
            "floors-one-form", path, f"the floor has {len(forms)} forms: {listed(forms, len(forms))}; send one"
        )
    yield from check_currency(deal.bidfloorcur, f"{path}.bidfloorcur")


def check_pmp(pmp: Pmp, path: str) -> Iterator[Finding]:
    """OpenRTB 2.6, 3.2.11."""
    if pmp.private_auction == 1 and not pmp.deals:
        message = "no deal although private_auction is 1, so no bid can be valid; list the deals or set it to 0"
        yield finding("pmp-no-deals", f"{path}.deals", message)
    first: dict[str, int] = {}
    for index, deal in enumerate(pmp.deals or ()):
        if deal.id and first.setdefault(deal.id, index) != index:
            message = f"{shown(deal.id)} is also the id of deals[{first[deal.id]}]; a deal is listed once"
            yield finding("deal-id-unique", f"{path}.deals[{index}].id", message)
