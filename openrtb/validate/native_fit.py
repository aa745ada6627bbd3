"""Rules on whether a native ad gives what was asked for: assets by id and kind, sizes, lengths, trackers."""

from collections.abc import Iterator

from openrtb.native import AssetRequest, AssetResponse, ImageRequest, ImageResponse, NativeResponse
from openrtb.validate.finding import Finding, finding, listed, shown
from openrtb.validate.native_request import KINDS
from openrtb.validate.offer import NativeOffer


def check_fit(answer: NativeResponse, offered: NativeOffer, path: str) -> Iterator[Finding]:
    """The answer against the request. A request whose assets have no ids cannot be matched and is left alone."""
    if offered.assets and answer.assets:
        yield from _matched(answer, offered, path)
    for index, tracker in enumerate(answer.eventtrackers or ()):
        pair = (tracker.event, tracker.method)
        if None not in pair and pair not in offered.trackers:
            message = f"event {pair[0]} by method {pair[1]} was not offered; offered: {_pairs(offered)}"
            yield finding("native-trackers", f"{path}.eventtrackers[{index}]", message)


def kinds_of(asset: AssetRequest | AssetResponse) -> list[str]:
    """Which of title, img, video and data the asset holds."""
    return [kind for kind in KINDS if getattr(asset, kind) is not None]


def _pairs(offered: NativeOffer) -> str:
    pairs = (f"event {event} by method {method}" for event, method in offered.trackers)
    return listed(pairs, len(offered.trackers))


def _matched(answer: NativeResponse, offered: NativeOffer, path: str) -> Iterator[Finding]:
    answered: set[int] = set()
    for index, asset in enumerate(answer.assets or ()):
        where = f"{path}.assets[{index}]"
        if asset.id is None:
            continue
        if asset.id in answered:
            yield finding("native-asset-id-unique", f"{where}.id", f"{asset.id} is answered twice; answer it once")
        answered.add(asset.id)
        wanted = offered.assets.get(asset.id)
        if wanted is None:
            message = f"{asset.id} is no asset of the request; asked for: {shown(offered.assets)}"
            yield finding("native-assets-match", f"{where}.id", message)
        else:
            yield from _asset(asset, wanted, where)
    missing = len(offered.required) - len(answered & offered.required)
    if missing and not (answer.assetsurl or answer.dcourl):
        numbers = (str(number) for number in offered.required if number not in answered)
        message = f"required assets without an answer: {listed(numbers, missing)}"
        yield finding("native-assets-match", f"{path}.assets", message)


def _asset(asset: AssetResponse, wanted: AssetRequest, path: str) -> Iterator[Finding]:
    found, right = kinds_of(asset), kinds_of(wanted)
    if len(found) == 1 and right and found[0] not in right:
        yield finding("native-assets-match", path, f"{found[0]} in answer to asset {asset.id}; right is {right[0]}")
        return
    if asset.title is not None and wanted.title is not None:
        yield from _limit(asset.title.text, wanted.title.len, f"{path}.title.text")
    if asset.data is not None and wanted.data is not None:
        yield from _limit(asset.data.value, wanted.data.len, f"{path}.data.value")
        if asset.data.type not in {None, wanted.data.type}:
            message = f"{asset.data.type} in answer to data of type {wanted.data.type}"
            yield finding("native-assets-match", f"{path}.data.type", message)
    if asset.img is not None and wanted.img is not None:
        yield from _image(asset.img, wanted.img, f"{path}.img")


def _limit(text: str, longest: int | None, path: str) -> Iterator[Finding]:
    if longest is not None and 0 < longest < len(text):
        yield finding("native-text-limits", path, f"{len(text)} characters; at most {longest} are asked for")


def _image(image: ImageResponse, wanted: ImageRequest, path: str) -> Iterator[Finding]:
    """At least the least size; exactly the size where no least is given."""
    for name in ("w", "h"):
        size, exact, least = getattr(image, name), getattr(wanted, name), getattr(wanted, f"{name}min")
        if size is None or size == exact:
            continue
        if least is not None:
            if size < least:
                yield finding("native-image-size", f"{path}.{name}", f"{size} px; at least {least} px are asked for")
        elif exact:
            yield finding("native-image-size", f"{path}.{name}", f"{size} px; {exact} px are asked for")
