"""Rules on `Bid.adm` and the notice URLs: the markup is of the right kind, parses, is secure and spells its macros."""

import re
from collections.abc import Iterator

from openrtb.enums import APIFrameworks, CreativeMarkupTypes
from openrtb.macros import misspelt
from openrtb.validate.finding import Finding, finding, shown
from openrtb.validate.native_response import check_native_markup
from openrtb.validate.offer import Case, Media
from openrtb.validate.secure import insecure_in_html
from openrtb.validate.video_markup import check_vast_markup

_VAST = re.compile(r"\ufeff?\s*+(?:<\?xml[^>]*+>\s*+)?(?:<!--[^>]*+>\s*+)*+<(?:VAST|DAAST)\b", re.IGNORECASE)
_NATIVE = re.compile(r'\s*+\{\s*+"(?:native|assets|link|ver|imptrackers|eventtrackers)"')
_MRAID = re.compile(r"""["'/]mraid\.js\b""", re.IGNORECASE)
_MRAID_VERSIONS = frozenset({APIFrameworks.MRAID_1_0, APIFrameworks.MRAID_2_0, APIFrameworks.MRAID_3_0})


def check_markup(case: Case) -> Iterator[Finding]:
    """OpenRTB 2.6, 4.2.3 and 4.3."""
    bid = case.bid
    for name in ("nurl", "burl", "lurl", "adm"):
        yield from _macros(getattr(bid, name), f"{case.path}.{name}")
    if not bid.adm:
        if not (bid.nurl or bid.adid):
            message = "none of adm, nurl and adid is there; send the markup in adm, or serve it at nurl"
            yield finding("markup-missing", f"{case.path}.adm", message)
        return
    mtype = case.media.mtype if case.media is not None else None
    match mtype:
        case CreativeMarkupTypes.BANNER:
            yield from _banner(case, case.media, bid.adm)
        case CreativeMarkupTypes.VIDEO | CreativeMarkupTypes.AUDIO:
            yield from check_vast_markup(case, bid.adm, f"{case.path}.adm")
        case CreativeMarkupTypes.NATIVE:
            yield from check_native_markup(case, bid.adm, f"{case.path}.adm")
        case None:
            pass  # an unknown imp or type, which `check_bid` reports


def kind_of(markup: str) -> CreativeMarkupTypes:
    """What markup looks like: VAST is called video, and what is neither VAST nor native is banner."""
    if _VAST.match(markup):
        return CreativeMarkupTypes.VIDEO
    return CreativeMarkupTypes.NATIVE if _NATIVE.match(markup) else CreativeMarkupTypes.BANNER


def _macros(text: str | None, path: str) -> Iterator[Finding]:
    for wrong in misspelt(text) if text else ():
        hint = f"; right is {wrong.meant}" if wrong.meant else ""
        yield finding("macro-spelling", path, f"{shown(wrong.text)} at character {wrong.start} {wrong.problem}{hint}")


def _banner(case: Case, media: Media | None, markup: str) -> Iterator[Finding]:
    path, kind = f"{case.path}.adm", kind_of(markup)
    if kind is not CreativeMarkupTypes.BANNER:
        found = "VAST" if kind is CreativeMarkupTypes.VIDEO else "native JSON"
        yield finding("markup-kind", path, f"{found} in a banner bid; right is HTML, or an mtype other than 1")
        return
    if "<" not in markup:
        yield finding("banner-markup", path, f"{shown(markup)} has no tag; right is HTML")
    if media is not None and _MRAID.search(markup) and media.api.isdisjoint(_MRAID_VERSIONS):
        message = f"the markup loads mraid.js, but api of the banner lists {shown(media.source.api or [])}"
        yield finding("api-list", path, message)
    if case.offer is not None and case.offer.imp.secure == 1:
        for url in insecure_in_html(markup):
            yield finding("imp-secure", path, f"{shown(url)} is plain HTTP, but secure is 1; use https")
