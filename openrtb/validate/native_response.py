"""Rules on native markup: a document that answers the one in `Native.request` (Native 1.2, 5)."""

from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import Struct

from openrtb.codec import decode_native_response
from openrtb.errors import DecodeError
from openrtb.native import AssetResponse, NativeResponse
from openrtb.validate import attributes, codes
from openrtb.validate.finding import Finding, finding, listed, shown
from openrtb.validate.native_fit import check_fit, kinds_of
from openrtb.validate.offer import Case
from openrtb.validate.secure import insecure_in_html, is_insecure
from openrtb.validate.vast import VastError, read_vast
from openrtb.validate.video_markup import insecure_in_vast
from openrtb.validate.walk import walk


def check_native_markup(case: Case, markup: str, path: str) -> Iterator[Finding]:
    """The markup is a native response, whole in itself, that gives what the imp asks for."""
    try:
        answer = decode_native_response(markup)
    except DecodeError as error:
        where = error.path.removeprefix("$")
        yield finding("native-markup", f"{path}{where}", f"{error.message}; right is the JSON of a native response")
        return
    for node, where in walk(answer, path):
        yield from attributes.check(node, where)
        yield from codes.check(node, where)
    yield from _whole(answer, path)
    yield from _data_strings(markup, path)
    secure = case.offer is not None and case.offer.imp.secure == 1
    yield from _videos(answer, path, secure)
    if secure:
        yield from _insecure(answer, path)
    if case.offer is not None and case.offer.native is not None:
        yield from check_fit(answer, case.offer.native, path)


def _whole(answer: NativeResponse, path: str) -> Iterator[Finding]:
    if answer.link is None:
        yield finding("native-link-required", f"{path}.link", "link is missing; right is where a click leads")
    elsewhere = answer.assetsurl or answer.dcourl
    if not (answer.assets or elsewhere):
        message = "assets is missing or empty; required where there is no assetsurl"
        yield finding("required-attribute", f"{path}.assets", message)
    for index, asset in enumerate(answer.assets or ()):
        yield from _asset(asset, bool(elsewhere), f"{path}.assets[{index}]")
    for index, tracker in enumerate(answer.eventtrackers or ()):
        if tracker.method in {1, 2} and not tracker.url:
            message = f"url is missing; method {tracker.method} loads one"
            yield finding("required-attribute", f"{path}.eventtrackers[{index}].url", message)


def _asset(asset: AssetResponse, elsewhere: bool, path: str) -> Iterator[Finding]:
    if asset.id is None and not elsewhere:
        yield finding("required-attribute", f"{path}.id", "id is missing; required: the id of the asset answered")
    kinds = kinds_of(asset)
    if len(kinds) > 1 or not (kinds or asset.link):
        message = f"an asset is exactly one of title, img, video and data; found {listed(kinds, len(kinds))}"
        yield finding("native-asset-one-kind", path, message)


class _LooseData(Struct):
    value: Any = None


class _LooseAsset(Struct):
    data: _LooseData | None = None


class _LooseAssets(Struct):
    assets: list[_LooseAsset] = []


class _LooseRoot(_LooseAssets):
    native: _LooseAssets | None = None


_LOOSE = msgspec.json.Decoder(_LooseRoot)


def _data_strings(markup: str, path: str) -> Iterator[Finding]:
    """Data values are strings, numbers included (Native 1.2, 7.4). Decoding mends them, so the text is asked."""
    try:
        root = _LOOSE.decode(markup)
    except (msgspec.DecodeError, RecursionError):
        return  # some other part is off, and was mended or reported
    for index, asset in enumerate((root.native or root).assets):
        value = asset.data.value if asset.data is not None else None
        if not isinstance(value, str | None):
            message = f'{shown(value)} is not a string; numbers are sent as text, such as "4.5"'
            yield finding("native-data-strings", f"{path}.assets[{index}].data.value", message)


def _videos(answer: NativeResponse, path: str, secure: bool) -> Iterator[Finding]:
    for index, asset in enumerate(answer.assets or ()):
        where = f"{path}.assets[{index}].video.vasttag"
        if asset.video is None or not asset.video.vasttag:
            continue
        try:
            vast = read_vast(asset.video.vasttag)
        except VastError as error:
            yield finding("vast-xml", where, f"{error}; right is a VAST document")
            continue
        if secure:
            yield from insecure_in_vast(vast, where)


def _insecure(answer: NativeResponse, path: str) -> Iterator[Finding]:
    """Assets and trackers over plain HTTP, landing pages apart."""
    for url, where in _loaded(answer, path):
        if url and is_insecure(url):
            yield finding("imp-secure", where, f"{shown(url)} is plain HTTP, but secure is 1; use https")
    for url in insecure_in_html(answer.jstracker or ""):
        yield finding("imp-secure", f"{path}.jstracker", f"{shown(url)} is plain HTTP, but secure is 1; use https")


def _loaded(answer: NativeResponse, path: str) -> Iterator[tuple[str | None, str]]:
    yield answer.assetsurl, f"{path}.assetsurl"
    yield answer.dcourl, f"{path}.dcourl"
    for index, pixel in enumerate(answer.imptrackers or ()):
        yield pixel, f"{path}.imptrackers[{index}]"
    for index, tracker in enumerate(answer.eventtrackers or ()):
        yield tracker.url, f"{path}.eventtrackers[{index}].url"
    links = [(answer.link, f"{path}.link")]
    for index, asset in enumerate(answer.assets or ()):
        links.append((asset.link, f"{path}.assets[{index}].link"))
        yield asset.img.url if asset.img is not None else None, f"{path}.assets[{index}].img.url"
    for link, where in links:
        for index, pixel in enumerate((link.clicktrackers if link is not None else None) or ()):
            yield pixel, f"{where}.clicktrackers[{index}]"
