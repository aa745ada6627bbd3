"""Rules on the document inside `Native.request` (Native 1.2, 4)."""

from collections.abc import Iterator

from openrtb.codec import decode_native_request
from openrtb.enums import VENDOR_SPECIFIC_FROM
from openrtb.errors import DecodeError
from openrtb.imp import Native
from openrtb.native import AssetRequest, ImageRequest, NativeRequest
from openrtb.validate.finding import Finding, finding, listed

KINDS = ("title", "img", "video", "data")
"""What an asset can be; each is exactly one of them."""


def read_native(native: Native, path: str) -> NativeRequest | Finding:
    """The request inside `native`, or why there is none."""
    try:
        return decode_native_request(native.request)
    except DecodeError as error:
        where = error.path.removeprefix("$")
        message = f"{error.message}; right is the JSON text of a native request"
        return finding("native-request-string", f"{path}.request{where}", message)


def check_native_request(request: NativeRequest, path: str) -> Iterator[Finding]:
    """The context and the ids of the assets."""
    context, subtype = request.context, request.contextsubtype
    listed = subtype is not None and 10 <= subtype < VENDOR_SPECIFIC_FROM
    if context is not None and subtype is not None and listed and subtype // 10 != context:
        message = f"{subtype} is a subtype of context {subtype // 10}, not of {context}"
        yield finding("native-context-subtype", f"{path}.contextsubtype", message)
    first: dict[int, int] = {}
    for index, asset in enumerate(request.assets):
        if asset.id is not None and first.setdefault(asset.id, index) != index:
            message = f"{asset.id} is also the id of assets[{first[asset.id]}]; ids are unique in a request"
            yield finding("native-asset-id-unique", f"{path}.assets[{index}].id", message)


def check_asset(asset: AssetRequest, path: str) -> Iterator[Finding]:
    """One kind each (Native 1.2, 4.2)."""
    kinds = [kind for kind in KINDS if getattr(asset, kind) is not None]
    if len(kinds) != 1:
        message = f"an asset is exactly one of title, img, video and data; found {listed(kinds, len(kinds))}"
        yield finding("native-asset-one-kind", path, message)


def check_image(image: ImageRequest, path: str) -> Iterator[Finding]:
    """An exact or a least size in both directions (Native 1.2, 4.4)."""
    for exact, least in (("w", "wmin"), ("h", "hmin")):
        if getattr(image, exact) is None and getattr(image, least) is None:
            yield finding("native-image-size", f"{path}.{exact}", f"neither {exact} nor {least}; give one of them")
