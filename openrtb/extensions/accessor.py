"""Reading an `ext` when somebody asks for it."""

from typing import Any, overload

import msgspec
from msgspec import Raw

from openrtb.audience import Data, Device, User
from openrtb.context import App, Content, Site
from openrtb.errors import DecodeError
from openrtb.extensions.request import (
    AppExt,
    BidRequestExt,
    ContentExt,
    DataExt,
    DeviceExt,
    ImpExt,
    RegsExt,
    SiteExt,
    SourceExt,
    UserExt,
)
from openrtb.extensions.response import BidExt, BidResponseExt
from openrtb.imp import Imp
from openrtb.repair import Mender
from openrtb.request import BidRequest, Regs, Source
from openrtb.response import Bid, BidResponse
from openrtb.wire import Wire

EXTENSIONS: dict[type[Wire], type[Wire]] = {
    App: AppExt,
    Bid: BidExt,
    BidRequest: BidRequestExt,
    BidResponse: BidResponseExt,
    Content: ContentExt,
    Data: DataExt,
    Device: DeviceExt,
    Imp: ImpExt,
    Regs: RegsExt,
    Site: SiteExt,
    Source: SourceExt,
    User: UserExt,
}
"""The objects with known extensions, and the class of each one's `ext`."""

_DECODE = {cls: msgspec.json.Decoder(ext).decode for cls, ext in EXTENSIONS.items()}


@overload
def extension(obj: App) -> AppExt: ...
@overload
def extension(obj: Bid) -> BidExt: ...
@overload
def extension(obj: BidRequest) -> BidRequestExt: ...
@overload
def extension(obj: BidResponse) -> BidResponseExt: ...
@overload
def extension(obj: Content) -> ContentExt: ...
@overload
def extension(obj: Data) -> DataExt: ...
@overload
def extension(obj: Device) -> DeviceExt: ...
@overload
def extension(obj: Imp) -> ImpExt: ...
@overload
def extension(obj: Regs) -> RegsExt: ...
@overload
def extension(obj: Site) -> SiteExt: ...
@overload
def extension(obj: Source) -> SourceExt: ...
@overload
def extension(obj: User) -> UserExt: ...
def extension(obj: Any) -> Any:
    """The known attributes of `obj.ext`, decoded afresh on every call; changing them does not change `obj`.

    An `ext` that is absent, `null` or no object gives an empty extension. An attribute that cannot be read, even
    with the mending of `openrtb.repair`, counts as absent and costs no other. Raises `DecodeError` where `ext` is not
    JSON in UTF-8, is nested too deeply or holds more than `repair.MAX_REPAIRS` values to mend, and `KeyError` for an
    object whose class is not in `EXTENSIONS`.
    """
    ext = obj.ext
    if not ext:
        return EXTENSIONS[type(obj)]()
    try:
        return _DECODE[type(obj)](ext)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _salvaged(ext, EXTENSIONS[type(obj)])


def _salvaged(ext: Raw, cls: type[Wire]) -> Wire:
    """What can be read of an `ext` that strict decoding refused."""
    try:
        bytes(ext).decode()
    except UnicodeDecodeError as error:
        raise DecodeError(f"expected UTF-8, found {error.object[error.start : error.end]!r}", "$.ext") from None
    return Mender().mend(ext, cls, "$.ext", lenient=True)
