"""Bytes to objects and back.

Reading takes one strict pass at full speed; only a document that it refuses is read a second time, value by value
(`openrtb.repair`). A request is then lifted to its 2.6 form (`openrtb.upgrade`), so that callers know one version.
"""

from collections.abc import Callable
from typing import TypeVar

import msgspec
from msgspec import Struct

from openrtb.downgrade import for_2_5
from openrtb.errors import DecodeError
from openrtb.native import NativeRequest, NativeResponse
from openrtb.repair import repair
from openrtb.request import BidRequest
from openrtb.response import BidResponse
from openrtb.upgrade import upgrade_request, upgrade_response

MAX_BYTES = 256 * 1024
"""The largest document read, in bytes, unless the caller names another bound."""

_BOM = b"\xef\xbb\xbf"
_ENCODER = msgspec.json.Encoder()

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
    more than `max_bytes` bytes, more than `upgrade.MAX_ITEMS` imps, or nesting beyond the recursion limit of Python.
    Says nothing about missing attributes: that is `validate_request`.
    """
    if len(body) > max_bytes:
        raise _too_large(body, max_bytes)
    try:
        request = _REQUEST(body if body.isascii() else _utf8(body))
    except (msgspec.DecodeError, RecursionError):
        request = repair(body.removeprefix(_BOM), BidRequest)
    device = request.device
    if request.dooh is not None or (device is not None and device.geo is not None and device.geo.lon is None):
        request = _with_example_names(request, body)
    upgrade_request(request)
    return request


def decode_response(body: bytes, *, max_bytes: int = MAX_BYTES) -> BidResponse:
    """A bid response as a 2.6 object (OpenRTB 2.6, 4.2.1). Raises `DecodeError` as `decode_request` does."""
    response = _document(body, _RESPONSE, BidResponse, max_bytes)
    upgrade_response(response)
    return response


def decode_native_request(text: str | bytes, *, max_bytes: int = MAX_BYTES) -> NativeRequest:
    """The document in `Native.request`, plain or in the `native` wrapper of Native 1.0 (Native 1.2, 4.1).

    Empty text is an empty request. Raises `DecodeError`.
    """
    body = text.encode(errors="surrogatepass") if isinstance(text, str) else text
    if not body.strip():
        return NativeRequest()
    if b'"native"' in body:
        root = _document(body, _NATIVE_REQUEST_ROOT, _NativeRequestRoot, max_bytes)
        if root.native is not None:
            return root.native
    request = _document(body, _NATIVE_REQUEST, NativeRequest, max_bytes)
    return (
        repair(body, NativeRequest, renaming=True)
        if request.eventtrackers is None and b'"eventrackers"' in body
        else request
    )


def decode_native_response(text: str | bytes, *, max_bytes: int = MAX_BYTES) -> NativeResponse:
    """The native document in `Bid.adm`, plain or in a `native` wrapper (Native 1.2, 5.1). Raises `DecodeError`."""
    body = text.encode(errors="surrogatepass") if isinstance(text, str) else text
    if b'"native"' in body:
        root = _document(body, _NATIVE_RESPONSE_ROOT, _NativeResponseRoot, max_bytes)
        if root.native is not None:
            return root.native
    return _document(body, _NATIVE_RESPONSE, NativeResponse, max_bytes)


def encode_request(request: BidRequest) -> bytes:
    """The request as JSON; attributes that equal their default are left out."""
    return _ENCODER.encode(request)


def encode_response(response: BidResponse, *, version: str = "2.6") -> bytes:
    """The response as JSON for a receiver of `version` ("2.6" or "2.5"), leaving out what that version lacks.

    Raises `ValueError` for any other version.
    """
    if version == "2.6":
        return _ENCODER.encode(response)
    if version == "2.5":
        return _ENCODER.encode(for_2_5(response))
    raise ValueError(f'version: expected "2.6" or "2.5", found {version!r}')


def encode_native_request(request: NativeRequest) -> str:
    """The text for `Native.request`."""
    return _ENCODER.encode(request).decode()


def encode_native_response(response: NativeResponse, *, wrapped: bool = False) -> str:
    """The text for `Bid.adm`; `wrapped` puts it in the `native` object that Native 1.0 receivers want."""
    return _ENCODER.encode({"native": response} if wrapped else response).decode()


def _document(body: bytes, strict: Callable[[bytes], D], cls: type[D], max_bytes: int) -> D:
    if len(body) > max_bytes:
        raise _too_large(body, max_bytes)
    try:
        return strict(body if body.isascii() else _utf8(body))
    except (msgspec.DecodeError, RecursionError):
        return repair(body.removeprefix(_BOM), cls)


def _too_large(body: bytes, max_bytes: int) -> DecodeError:
    return DecodeError(f"expected at most {max_bytes} bytes, found {len(body)}")


def _utf8(body: bytes) -> bytes:
    """The body without its byte-order mark. Raw parts are never read here, so the text is checked as a whole."""
    try:
        body.decode()
    except UnicodeDecodeError as error:
        raise DecodeError(f"expected UTF-8, found the byte 0x{body[error.start]:02x} at {error.start}") from None
    return body.removeprefix(_BOM)


def _with_example_names(request: BidRequest, body: bytes) -> BidRequest:
    """The examples of the specification name some attributes otherwise than its tables (`shape.ALIASES`)."""
    if b'"venuetypeid"' in body or b'"venuetax"' in body or b'"long"' in body:
        return repair(body.removeprefix(_BOM), BidRequest, renaming=True)
    return request
