"""OpenRTB 2.6 and Native 1.2 as typed objects: tolerant to read, exact to write, fast.

    request = openrtb.decode_request(body)          # 2.2 to 2.6, lifted to 2.6; raises DecodeError
    openrtb.validate_request(request)               # every rule broken, as findings
    openrtb.encode_response(response)               # bytes for the exchange
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

__all__ = [
    "MAX_BYTES",
    "DecodeError",
    "decode_native_request",
    "decode_native_response",
    "decode_request",
    "decode_response",
    "encode_native_request",
    "encode_native_response",
    "encode_request",
    "encode_response",
]
