"""Attributes that the examples of the specifications call otherwise than their tables.

Senders copy examples, so these names are met. They are read where the right name is absent, and never written.
"""

from typing import TypeVar

import msgspec

from openrtb.native import EventTrackerRequest, NativeRequest
from openrtb.repair import Mender
from openrtb.request import BidRequest
from openrtb.wire import Int, Wire

APIS = (b'"apis"',)
"""For `Video.api` (OpenRTB 2.6, 6.2.4)."""

LONGITUDE = (b'"long"',)
"""For `Geo.lon` of the device (implementation guide, 7.9.6)."""

VENUE = (b'"venuetypeid"', b'"venuetax"')
"""For `DOOH.venuetype` and `venuetypetax` (implementation guide, 7.9.6)."""

T = TypeVar("T", bound=Wire)


class _Geo(Wire):
    long: float | None = None


class _Device(Wire):
    geo: _Geo | None = None


class _Dooh(Wire):
    venuetypeid: list[str] | None = None
    venuetax: Int | None = None


class _Video(Wire):
    apis: list[Int] | None = None


class _Imp(Wire):
    video: _Video | None = None


class _Request(Wire):
    imp: list[_Imp] = []
    device: _Device | None = None
    dooh: _Dooh | None = None


class _NativeRequest(Wire):
    eventrackers: list[EventTrackerRequest] | None = None


class _NativeRoot(_NativeRequest):
    native: _NativeRequest | None = None


def read_misnamed(request: BidRequest, body: bytes) -> None:
    """Fill what is absent in `request` from the other names in `body`. Raises `DecodeError`."""
    found = _read(body, _Request)
    _read_apis(request, found)
    _read_place(request, found)


def _read_apis(request: BidRequest, found: _Request) -> None:
    for imp, misnamed in zip(request.imp, found.imp, strict=False):
        if imp.video is not None and misnamed.video is not None and imp.video.api is None:
            imp.video.api = misnamed.video.apis


def _read_place(request: BidRequest, found: _Request) -> None:
    geo = request.device.geo if request.device is not None else None
    if geo is not None and geo.lon is None and found.device is not None and found.device.geo is not None:
        geo.lon = found.device.geo.long
    dooh, misnamed = request.dooh, found.dooh
    if dooh is not None and misnamed is not None:
        dooh.venuetype = misnamed.venuetypeid if dooh.venuetype is None else dooh.venuetype
        if dooh.venuetypetax == 1 and misnamed.venuetax is not None:
            dooh.venuetypetax = misnamed.venuetax


def read_misnamed_native(request: NativeRequest, body: bytes) -> None:
    """`eventrackers` for `NativeRequest.eventtrackers` (Native 1.2, 6), also below the `native` of Native 1.0.

    Raises `DecodeError`.
    """
    if request.eventtrackers is None and b'"eventrackers"' in body:
        root = _read(body, _NativeRoot)
        request.eventtrackers = (root.native or root).eventrackers


def _read(body: bytes, cls: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=cls)
    except (msgspec.DecodeError, RecursionError):
        return Mender().mend(body, cls)
