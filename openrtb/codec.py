"""Bytes to objects and back.

Reading takes one strict pass at full speed; only a document that it refuses is read a second time, value by value
(`openrtb.repair`). A request is then lifted to its 2.6 form (`openrtb.upgrade`), so that callers know one version.
"""

import re
from collections.abc import Callable
from typing import TypeVar

import msgspec
from msgspec import Struct

from openrtb.downgrade import for_2_5
from openrtb.errors import DecodeError
from openrtb.misnamed import read_misnamed, read_misnamed_native
from openrtb.native import NativeRequest, NativeResponse
from openrtb.repair import Mender
from openrtb.request import BidRequest
from openrtb.response import BidResponse
from openrtb.upgrade import upgrade_request, upgrade_response
from openrtb.wire import NO_EXT, fill_hollow

MAX_BYTES = 256 * 1024
"""The largest document read, in bytes, unless the caller names another bound."""

MAX_OBJECTS = MAX_BYTES // 16
"""The most objects, counted by their braces, in a document of `MAX_BYTES`; more in proportion to a larger bound.

Objects of a few bytes take a hundred times as much memory, and time.
"""

_BOM = b"\xef\xbb\xbf"
_ENCODER = msgspec.json.Encoder()
_HOLLOW = re.compile(rb'":[,}]')
"""How an attribute without a value is written; found within a string now and then, where it does no harm."""

D = TypeVar("D", bound=Struct)


class _NativeRequestRoot(Struct):
    native: NativeRequest | None = None


class _NativeResponseRoot(Struct):
    native: NativeResponse | None = None


_REQUEST = msgspec.json.Decoder(BidRequest).decode
_RESPONSE = msgspec.json.Decoder(BidResponse).decode
_NATIVE_REQUEST = msgspec.json.Decoder(NativeRequest).decode
_NATIVE_RESPONSE = msgspec.json.Decoder(NativeResponse).decode
_NATIVE_REQUEST_ROOT = msgspec.json.Decoder(_NativeRequestRoot).decode
_NATIVE_RESPONSE_ROOT = msgspec.json.Decoder(_NativeResponseRoot).decode


def decode_request(body: bytes, *, max_bytes: int = MAX_BYTES) -> BidRequest:
    """A bid request of version 2.2 to 2.6 as a 2.6 object (OpenRTB 2.6, 3.2.1).

    Raises `DecodeError` for whatever cannot be read: malformed JSON, text that is not UTF-8, a value of the wrong type,
    more than `max_bytes` bytes, `MAX_OBJECTS` objects or `wire.MAX_ITEMS` imps, nesting beyond the recursion limit.
    Says nothing about missing attributes: that is `validate_request`.
    """
    if 6 * len(body) > max_bytes:  # smaller ones cannot hold too many objects either
        _bound(body, max_bytes)
    request = None
    try:
        request = _REQUEST(body if body.isascii() else _utf8(body))
        other_names = upgrade_request(request)
    except (msgspec.DecodeError, RecursionError):
        request, other_names = _mended_request(request, body)
    for name in other_names:
        if name in body:
            read_misnamed(request, body.removeprefix(_BOM))
            break
    return request


def decode_response(body: bytes, *, max_bytes: int = MAX_BYTES) -> BidResponse:
    """A bid response as a 2.6 object (OpenRTB 2.6, 4.2.1). Raises `DecodeError` as `decode_request` does."""
    _bound(body, max_bytes)
    response = _document(_utf8(body), _RESPONSE, BidResponse)
    upgrade_response(response)
    return response


def decode_native_request(text: str | bytes, *, max_bytes: int = MAX_BYTES) -> NativeRequest:
    """The document in `Native.request`, plain or in the `native` wrapper of Native 1.0 (Native 1.2, 4.1).

    Empty text is an empty request. Raises `DecodeError`.
    """
    body = _native(text, max_bytes)
    if not body.strip():
        return NativeRequest()
    root = _document(body, _NATIVE_REQUEST_ROOT, _NativeRequestRoot) if b'"native"' in body else None
    request = root.native if root is not None else None
    if request is None:
        request = _document(body, _NATIVE_REQUEST, NativeRequest)
    read_misnamed_native(request, body)
    return request


def decode_native_response(text: str | bytes, *, max_bytes: int = MAX_BYTES) -> NativeResponse:
    """The native document in `Bid.adm`, plain or in a `native` wrapper (Native 1.2, 5.1). Raises `DecodeError`."""
    body = _native(text, max_bytes)
    root = _document(body, _NATIVE_RESPONSE_ROOT, _NativeResponseRoot) if b'"native"' in body else None
    wrapped = root.native if root is not None else None
    return wrapped or _document(body, _NATIVE_RESPONSE, NativeResponse)


def encode_request(request: BidRequest) -> bytes:
    """The request as JSON; attributes left at their default are left out.

    What was decoded can be encoded. Only a program can put half of a surrogate pair into a text; like all encoding this
    then raises `UnicodeEncodeError`.
    """
    return _encoded(request)


def encode_response(response: BidResponse, *, version: str = "2.6") -> bytes:
    """The response as JSON for a receiver of `version` ("2.6" or "2.5"), leaving out what that version lacks.

    Raises `ValueError` for any other version.
    """
    _fill_response(response)
    if version == "2.6":
        return _ENCODER.encode(response)
    if version == "2.5":
        return _ENCODER.encode(for_2_5(response))
    raise ValueError(f'version: expected "2.6" or "2.5", found {version!r}')


def encode_native_request(request: NativeRequest) -> str:
    """The text for `Native.request`."""
    return _encoded(request).decode()


def encode_native_response(response: NativeResponse, *, wrapped: bool = False) -> str:
    """The text for `Bid.adm`; `wrapped` puts it in the `native` object that Native 1.0 receivers want."""
    body = _encoded(response)
    return (b'{"native":%b}' % body if wrapped else body).decode()


def _mended_request(request: BidRequest | None, body: bytes) -> tuple[BidRequest, tuple[bytes, ...]]:
    """The request once more, value by value; only its old forms where the strict pass read all but those.

    Also what `upgrade_request` returns.
    """
    mender = Mender()
    try:
        request = request or mender.mend(body.removeprefix(_BOM), BidRequest)
        return request, upgrade_request(request, mender)
    except RecursionError:
        raise DecodeError("nested too deeply to be read") from None


def _encoded(document: BidRequest | NativeRequest | NativeResponse) -> bytes:
    """The document as JSON, in which any empty `Raw` is absent."""
    body = _ENCODER.encode(document)
    if _HOLLOW.search(body) is None:
        return body
    fill_hollow(document)
    return _ENCODER.encode(document)


def _fill_response(response: BidResponse) -> None:
    """What `fill_hollow` does, written out: responses are encoded within the time of an auction."""
    if not response.ext:
        response.ext = NO_EXT
    for seatbid in response.seatbid or ():
        if not seatbid.ext:
            seatbid.ext = NO_EXT
        for bid in seatbid.bid:
            if not bid.ext:
                bid.ext = NO_EXT


def _document(body: bytes, strict: Callable[[bytes], D], cls: type[D]) -> D:
    try:
        return strict(body)
    except (msgspec.DecodeError, RecursionError):
        return Mender().mend(body, cls)


def _native(text: str | bytes, max_bytes: int) -> bytes:
    body = text.encode(errors="surrogatepass") if isinstance(text, str) else text
    _bound(body, max_bytes)
    return _utf8(body)


def _bound(body: bytes, max_bytes: int) -> None:
    if len(body) > max_bytes:
        raise DecodeError(f"expected at most {max_bytes} bytes, found {len(body)}")
    max_objects = max(MAX_OBJECTS, max_bytes // 16)
    if len(body) > max_objects and (objects := body.count(b"{")) > max_objects:
        raise DecodeError(f"expected at most {max_objects} objects, found {objects}")


def _utf8(body: bytes) -> bytes:
    """The body without its byte-order mark. Raw parts are never read here, so the text is checked as a whole."""
    if body.isascii():
        return body
    try:
        body.decode()
    except UnicodeDecodeError as error:
        raise DecodeError(f"expected UTF-8, found the byte 0x{body[error.start]:02x} at {error.start}") from None
    return body.removeprefix(_BOM)
