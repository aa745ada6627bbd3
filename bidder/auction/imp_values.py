"""An imp as targeting sees it: the values of its attributes."""

from bidder.auction.keys import Values
from openrtb.imp import Imp

_POSITIONS = {1: "above", 2: "locked", 3: "below", 4: "header", 5: "footer", 6: "sidebar", 7: "fullscreen"}
_PLCMTS = {1: "instream", 2: "accompanying", 3: "interstitial", 4: "standalone", 5: "pause", 7: "overlay"}


def positions(imp: Imp) -> Values:
    """Where on the page the slot is, by the names of `Placement Positions`."""
    for media in (imp.banner, imp.video):
        if media is not None and media.pos in _POSITIONS:
            return (_POSITIONS[media.pos],)
    return ()


def interstitials(imp: Imp) -> Values:
    return ("yes" if imp.instl == 1 else "no",)


def rewardeds(imp: Imp) -> Values:
    return ("yes" if imp.rwdd == 1 else "no",)


def video_placements(imp: Imp) -> Values:
    video = imp.video
    return (_PLCMTS[video.plcmt],) if video is not None and video.plcmt in _PLCMTS else ()


def sizes(imp: Imp) -> Values:
    """Every size on offer, as `300x250`."""
    offered: list[str] = []
    banner, video = imp.banner, imp.video
    if banner is not None:
        offered.extend(f"{each.w}x{each.h}" for each in banner.format or () if each.w and each.h)
        if not banner.format and banner.w and banner.h:
            offered.append(f"{banner.w}x{banner.h}")
    if video is not None and video.w and video.h:
        offered.append(f"{video.w}x{video.h}")
    return tuple(offered)


def first_size(imp: Imp) -> str | None:
    """The first of `sizes`."""
    banner = imp.banner
    if banner is not None and banner.format:
        first = banner.format[0]
        if first.w and first.h:
            return f"{first.w}x{first.h}"
    return next(iter(sizes(imp)), None)
