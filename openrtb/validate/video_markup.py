"""Rules on video and audio markup: a VAST document that the player of the imp can play."""

import re
from collections.abc import Iterator

from openrtb.enums import APIFrameworks, CreativeSubtypesAudioVideo, LinearityModes
from openrtb.imp import Video
from openrtb.validate.creative import duration_misfit
from openrtb.validate.finding import Finding, finding, shown
from openrtb.validate.offer import Case, Media
from openrtb.validate.secure import insecure_in_html, is_insecure
from openrtb.validate.vast import Vast, VastError, read_vast

_VERSION = re.compile(r"(\d)\.(\d)")
_VPAID = frozenset({APIFrameworks.VPAID_1_0, APIFrameworks.VPAID_2_0})


def check_vast_markup(case: Case, markup: str, path: str) -> Iterator[Finding]:
    """The document parses, holds an ad, fits the player and, where asked, loads nothing over plain HTTP."""
    try:
        vast = read_vast(markup)
    except VastError as error:
        yield finding("vast-xml", path, f"{error}; right is a VAST document")
        return
    if vast.ads == 0:
        yield finding("vast-no-ad", path, "no Ad element; a bid has an ad to show")
    if case.media is not None and case.media.timed is not None:
        yield from _playable(case, case.media, vast, path)
    if case.offer is not None and case.offer.imp.secure == 1:
        yield from insecure_in_vast(vast, path)


def insecure_in_vast(vast: Vast, path: str) -> Iterator[Finding]:
    """Assets and trackers over plain HTTP."""
    loaded = [(element, url) for element, url in vast.urls if is_insecure(url)]
    loaded += (("HTMLResource", url) for html in vast.html for url in insecure_in_html(html))
    for element, url in loaded:
        message = f"{shown(url)} in {element[:40]} is plain HTTP, but secure is 1; use https"
        yield finding("imp-secure", path, message)


def _playable(case: Case, media: Media, vast: Vast, path: str) -> Iterator[Finding]:
    yield from _protocol(case, media, vast, path)
    yield from _media_files(media, vast, path)
    if media.timed is not None and case.bid.dur is None:
        for seconds in vast.durations:
            misfit = duration_misfit(seconds, media, media.timed)
            if misfit:
                yield finding("video-duration-fit", path, f"Duration of {misfit}")
    if isinstance(media.source, Video):
        yield from _linearity(media.source.linearity, vast, path)


def _linearity(wanted: int | None, vast: Vast, path: str) -> Iterator[Finding]:
    """Wrappers do not tell; neither does an ad with both."""
    if vast.linear and not vast.nonlinear and wanted == LinearityModes.NON_LINEAR:
        yield finding("video-linearity", path, f"all creatives are linear, but linearity is {wanted} (non-linear)")
    if vast.nonlinear and not vast.linear and wanted == LinearityModes.LINEAR:
        yield finding("video-linearity", path, f"all creatives are non-linear, but linearity is {wanted} (linear)")


def _protocol(case: Case, media: Media, vast: Vast, path: str) -> Iterator[Finding]:
    """The version of the document, wrappers apart, is one the player takes and the one the bid names."""
    code = protocol_of(vast)
    if code is None:
        return
    stated = case.bid.protocol
    if media.protocols and code not in media.protocols:
        message = f"{code.name} ({code:d}) is not among the protocols accepted: {shown(media.protocols)}"
        yield finding("video-protocols", path, message)
    if stated is not None and stated != code:
        message = f"{stated}, but the markup is {code.name} ({code:d})"
        yield finding("vast-protocol", f"{case.path}.protocol", message)


def protocol_of(vast: Vast) -> CreativeSubtypesAudioVideo | None:
    """The code of the version; `None` where it is not stated or has no code."""
    version = _VERSION.match(vast.version or "")
    if version is None:
        return None
    name = f"{vast.root}_{version[1]}_{version[2]}{'_WRAPPER' if vast.wrappers else ''}"
    return CreativeSubtypesAudioVideo.__members__.get(name)


def _media_files(media: Media, vast: Vast, path: str) -> Iterator[Finding]:
    types = dict.fromkeys(kind for kind, _ in vast.media if kind)
    if types and media.mimes and types.keys().isdisjoint(media.mimes.keys()):
        message = f"media files of type {shown(types)}; the player takes {shown(media.mimes)}"
        yield finding("mimes-list", path, message)
    if vast.media and all(api == "vpaid" for _, api in vast.media) and media.api.isdisjoint(_VPAID):
        message = f"all media files need VPAID, but api of the {media.name} lists {shown(media.source.api or [])}"
        yield finding("api-list", path, message)
