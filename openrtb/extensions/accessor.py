"""Reading an `ext` when somebody asks for it."""

from functools import cache
from typing import Any, cast, get_args, get_type_hints, overload

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
from openrtb.repair import MAX_REPAIRS, repair
from openrtb.request import BidRequest, Regs, Source
from openrtb.response import Bid, BidResponse
from openrtb.shape import Kind, Shape, shape_of
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
_MEMBERS = msgspec.json.Decoder(dict[str, Raw]).decode
_ITEMS = msgspec.json.Decoder(list[Raw]).decode


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
    JSON in UTF-8, is nested too deeply or holds more than `MAX_REPAIRS` values in need of repair, and `KeyError` for an
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
        return _Salvage().object(ext, shape_of(cls)) or cls()
    except UnicodeDecodeError as error:
        raise DecodeError(f"expected UTF-8, found {error.object[error.start : error.end]!r}", "$.ext") from None
    except RecursionError:
        raise DecodeError("nested too deeply to be read", "$.ext") from None
    except msgspec.DecodeError as error:
        raise DecodeError(str(error), "$.ext") from None


@cache
def _attributes(cls: type[Wire]) -> dict[str, Any]:
    return get_type_hints(cls, include_extras=True)


class _Salvage:
    """One reading of one `ext`, with the number of values it may still look into. Unreadable values are `None`."""

    def __init__(self) -> None:
        self.left = MAX_REPAIRS

    def object(self, raw: Raw, shape: Shape) -> Wire | None:
        try:
            members = _MEMBERS(raw)
        except msgspec.ValidationError:
            return None
        found = {
            name: self.value(members[name], annotation)
            for name, annotation in _attributes(shape.cls).items()
            if name in members
        }
        return cast("Wire", shape.cls(**{name: value for name, value in found.items() if value is not None}))

    def array(self, raw: Raw, annotation: Any) -> list[Any] | None:
        try:
            items = _ITEMS(raw)
        except msgspec.ValidationError:  # one value for an array of one, as `openrtb.repair` reads it
            items = [raw] if shape_of(annotation).kind is not Kind.OBJECT else []
        found = [value for item in items if (value := self.value(item, annotation)) is not None]
        return found or None

    def value(self, raw: Raw, annotation: Any) -> Any:
        self.left -= 1
        if self.left < 0:
            raise DecodeError(f"more than {MAX_REPAIRS} values need repair", "$.ext")
        shape = shape_of(annotation)
        try:
            return shape.strict.decode(raw)
        except msgspec.ValidationError:
            pass
        if shape.kind is Kind.OBJECT:
            return self.object(raw, shape)
        if shape.kind is Kind.ARRAY:
            return self.array(raw, get_args(shape.cls)[0])
        try:
            return repair(raw, annotation)
        except DecodeError:
            return None
