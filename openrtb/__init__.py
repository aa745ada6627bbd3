"""OpenRTB 2.6 and Native 1.2 as typed objects: tolerant to read, exact to write, fast.

    request = openrtb.decode_request(body)          # 2.2 to 2.6, lifted to 2.6; raises DecodeError
    openrtb.validate_request(request)               # every rule broken, as findings
    openrtb.encode_response(response)               # bytes for the exchange
    openrtb.validate_response(response, request)    # as a strict exchange would judge it

The objects are in `openrtb.request`, `imp`, `context`, `audience`, `response` and `native`; coded values in
`openrtb.enums`; known extensions through `openrtb.extensions.extension`; macros in `openrtb.macros`.
"""

from openrtb.codec import (
    MAX_BYTES,
    decode_native_request,
    decode_native_response,
    decode_request,
    decode_response,
    encode_native_request,
    encode_native_response,
    encode_request,
    encode_response,
)
from openrtb.errors import DecodeError
from openrtb.request import BidRequest
from openrtb.response import BidResponse
from openrtb.validate import Finding, validate_request, validate_response

__all__ = [
    "MAX_BYTES",
    "BidRequest",
    "BidResponse",
    "DecodeError",
    "Finding",
    "decode_native_request",
    "decode_native_response",
    "decode_request",
    "decode_response",
    "encode_native_request",
    "encode_native_response",
    "encode_request",
    "encode_response",
    "validate_request",
    "validate_response",
]
