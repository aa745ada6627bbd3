"""`validate_request`: what is wrong with a bid request."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from msgspec import Struct

from openrtb.audience import Device, Geo, User
from openrtb.enums import AuctionTypes
from openrtb.imp import Audio, Banner, Deal, DurFloors, Format, Imp, Pmp, Qty, Video
from openrtb.native import AssetRequest, ImageRequest, NativeRequest
from openrtb.request import BidRequest, Regs, SupplyChainNode
from openrtb.validate import attributes, audience, codes, imp, native_request, privacy, supply
from openrtb.validate.finding import Finding, collected, finding, listed, shown
from openrtb.validate.walk import walk

Check = Callable[[Any, str], Iterator[Finding]]
"""Looks at one object and its JSON path."""

CHECKS: Final[Mapping[type[Struct], Check]] = {
    Device: audience.check_device,
    Geo: audience.check_geo,
    User: audience.check_user,
    Regs: privacy.check_regs,
    SupplyChainNode: supply.check_node,
    Imp: imp.check_imp,
    Qty: imp.check_qty,
    Banner: imp.check_banner,
    Format: imp.check_format,
    Video: imp.check_video,
    Audio: imp.check_timed,
    DurFloors: imp.check_durfloors,
    Deal: imp.check_deal,
    Pmp: imp.check_pmp,
    NativeRequest: native_request.check_native_request,
    AssetRequest: native_request.check_asset,
    ImageRequest: native_request.check_image,
}
"""The rules of a class beyond those on single attributes, applied wherever an object of it occurs."""


def validate_request(request: BidRequest) -> list[Finding]:
    """Every rule of OpenRTB 2.6 and Native 1.2 that the request breaks, up to `MAX_FINDINGS` times. Raises nothing.

    The request is one that `openrtb.decode_request` returned, or one built in a program. Old forms that decoding
    lifts to their 2.6 place are reported at the 2.6 place. Time is linear in the size of the request.
    """
    return collected(_findings(request))


def _findings(request: BidRequest) -> Iterator[Finding]:
    yield from _objects(request, "$")
    yield from _channels(request)
    yield from _auction(request)
    yield from _imp_ids(request)
    yield from audience.check_dooh(request)
    yield from privacy.check_consent(request)
    for index, offered in enumerate(request.imp):
        if offered.native is not None and offered.native.request:
            yield from _native(offered.native, f"$.imp[{index}].native")


def _objects(root: Struct, path: str) -> Iterator[Finding]:
    for node, where in walk(root, path):
        yield from attributes.check(node, where)
        yield from codes.check(node, where)
        check = CHECKS.get(type(node))
        if check is not None:
            yield from check(node, where)


def _native(native: Any, path: str) -> Iterator[Finding]:
    wanted = native_request.read_native(native, path)
    if isinstance(wanted, Finding):
        yield wanted
    else:
        yield from _objects(wanted, f"{path}.request")


def _channels(request: BidRequest) -> Iterator[Finding]:
    """At most one of site, app and dooh. An empty object says nothing and does not count."""
    channels = {"site": request.site, "app": request.app, "dooh": request.dooh}
    sent = [name for name, channel in channels.items() if channel is not None and channel != type(channel)()]
    for extra in sent[1:]:
        message = f"{listed(sent, len(sent))} are all present; an ad is shown in at most one of site, app and dooh"
        yield finding("req-one-channel", f"$.{extra}", message)


def _auction(request: BidRequest) -> Iterator[Finding]:
    if request.at == AuctionTypes.FIXED_PRICE:
        message = "3 (fixed price) exists on deals only; right is 1, 2 or a type of the exchange from 500 up"
        yield finding("req-at-custom", "$.at", message)
    for index, code in enumerate(request.cur or ()):
        yield from imp.check_currency(code, f"$.cur[{index}]")


def _imp_ids(request: BidRequest) -> Iterator[Finding]:
    first: dict[str, int] = {}
    for index, offered in enumerate(request.imp):
        if offered.id and first.setdefault(offered.id, index) != index:
            message = f"{shown(offered.id)} is also the id of imp[{first[offered.id]}]; ids are unique in a request"
            yield finding("imp-id-unique", f"$.imp[{index}].id", message)
