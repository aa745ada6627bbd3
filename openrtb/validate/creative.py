"""Rules on whether the creative fits the placement: size, length, attributes, APIs, pods."""

import math
from collections.abc import Iterator

from openrtb.enums import CreativeAttributes
from openrtb.imp import Audio, Banner, Video
from openrtb.validate.finding import Finding, finding, listed, shown
from openrtb.validate.offer import Case, Media, Offer


def check_creative(case: Case) -> Iterator[Finding]:
    """What the bid says of its creative against the media object it answers (OpenRTB 2.6, 3.2.6 to 3.2.9)."""
    if case.offer is None or case.media is None:
        return
    yield from _attributes(case, case.media)
    yield from _apis(case, case.media)
    if isinstance(case.media.source, Banner):
        yield from _size(case, case.offer)
    elif case.media.timed is not None:
        yield from _timed(case, case.media, case.media.timed)


def _attributes(case: Case, media: Media) -> Iterator[Finding]:
    for index, attribute in enumerate(case.bid.attr or ()):
        path = f"{case.path}.attr[{index}]"
        if attribute in media.battr:
            message = f"{attribute} is blocked by battr of the {media.name}: {shown(media.source.battr)}"
            yield finding("battr-filter", path, message)
        skippable = isinstance(media.source, Video) and media.source.skip == 1
        if skippable and attribute == CreativeAttributes.SKIP_BUTTON:
            message = f"{attribute} (own skip button), but the player adds one, since skip is 1"
            yield finding("video-skip-player", path, message)


def _apis(case: Case, media: Media) -> Iterator[Finding]:
    if case.bid.api is not None:
        message = f"api {case.bid.api} is deprecated since 2.6; send apis"
        yield finding("bid-apis-over-api", f"{case.path}.api", message)
    needed = [*(case.bid.apis or ()), *([case.bid.api] if case.bid.api is not None else [])]
    missing = [api for api in needed if api not in media.api]
    if missing:
        message = f"needs {shown(missing)}, but api of the {media.name} lists {shown(media.source.api or [])}"
        yield finding("api-list", f"{case.path}.{'apis' if case.bid.apis else 'api'}", message)


def _size(case: Case, offer: Offer) -> Iterator[Finding]:
    """A fixed size that was offered, or a Flex Ad ratio (OpenRTB 2.6, 3.2.10 and 4.2.3)."""
    bid = case.bid
    if bool(bid.wratio) != bool(bid.hratio):
        message = f"wratio {shown(bid.wratio)} and hratio {shown(bid.hratio)}; a Flex Ad has both"
        yield finding("format-flex-response", f"{case.path}.{'hratio' if bid.wratio else 'wratio'}", message)
    elif bid.wratio and bid.hratio:
        if offer.ratios and (bid.wratio, bid.hratio) not in offer.ratios:
            message = f"the ratio {bid.wratio}:{bid.hratio} was not offered; offered: {_ratios(offer)}"
            yield finding("banner-size-match", f"{case.path}.wratio", message)
    elif offer.ratios and not offer.sizes:
        message = f"wratio and hratio are missing; only ratios were offered: {_ratios(offer)}"
        yield finding("format-flex-response", f"{case.path}.wratio", message)
    elif bid.w and bid.h:
        if offer.sizes and (bid.w, bid.h) not in offer.sizes:
            message = f"{bid.w}x{bid.h} was not offered; offered: {_sizes(offer)}"
            yield finding("banner-size-match", f"{case.path}.w", message)
    elif len(offer.sizes) > 1:
        message = f"w {shown(bid.w)}, h {shown(bid.h)}; name one of the sizes offered: {_sizes(offer)}"
        yield finding("banner-size-match", f"{case.path}.w", message)


def _sizes(offer: Offer) -> str:
    return listed((f"{w}x{h}" for w, h in offer.sizes), len(offer.sizes))


def _ratios(offer: Offer) -> str:
    return listed((f"{w}:{h}" for w, h in offer.ratios), len(offer.ratios))


def _timed(case: Case, media: Media, source: Video | Audio) -> Iterator[Finding]:
    bid, path = case.bid, case.path
    if bid.dur is not None:
        misfit = duration_misfit(bid.dur, media, source)
        if misfit:
            yield finding("video-duration-fit", f"{path}.dur", misfit)
    elif source.podid is not None or source.poddur is not None:
        yield finding("pod-dur-response", f"{path}.dur", "dur is missing; the seller needs it to build the pod")
    if bid.slotinpod != 0 and source.poddur is None:
        message = f"{bid.slotinpod} on an imp that is no dynamic pod; impid says the slot already, leave it out"
        yield finding("pod-slotinpod-response", f"{path}.slotinpod", message)
    if media.protocols and bid.protocol is not None and bid.protocol not in media.protocols:
        message = f"{bid.protocol} is not among the protocols accepted: {shown(media.protocols)}"
        yield finding("video-protocols", f"{path}.protocol", message)


def duration_misfit(seconds: int, media: Media, source: Video | Audio) -> str | None:
    """Why a creative of that length does not fit; `None` where it does (OpenRTB 2.6, 3.2.7)."""
    if media.rqddurs:
        return None if seconds in media.rqddurs else f"{seconds} s is none of rqddurs: {shown(source.rqddurs)}"
    longest = _longest(source)
    if source.minduration <= seconds <= longest:
        return None
    return f"{seconds} s is not between {source.minduration} s and {longest} s"


def _longest(source: Video | Audio) -> float:
    """`maxduration` and what `maxextended` adds: nothing if absent or 0, no end if -1."""
    if source.maxduration is None or source.maxextended == -1:
        return math.inf
    return source.maxduration + max(source.maxextended or 0, 0)
