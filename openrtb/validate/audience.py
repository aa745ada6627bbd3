"""Rules on who sees the ad: `Device`, `Geo`, `User`."""

import ipaddress
import re
from collections.abc import Iterator

from openrtb.audience import Device, Geo, User
from openrtb.enums import DeviceTypes, LocationTypes
from openrtb.request import BidRequest
from openrtb.validate.finding import Finding, finding, shown

_MCCMNC = re.compile(r"[0-9]{3}-[0-9]{1,3}")
_COUNTRY = re.compile(r"[A-Z]{3}")
_HASHED_IDS = ("didsha1", "didmd5", "dpidsha1", "dpidmd5", "macsha1", "macmd5")


def check_device(device: Device, path: str) -> Iterator[Finding]:
    """OpenRTB 2.6, 3.2.18."""
    if device.mccmnc and not _MCCMNC.fullmatch(device.mccmnc):
        message = f'{shown(device.mccmnc)} is not MCC and MNC with a dash between them, such as "310-005"'
        yield finding("device-mccmnc", f"{path}.mccmnc", message)
    for name in _HASHED_IDS:
        if getattr(device, name):
            message = f"{name} is sent, but hashed device ids are deprecated since 2.6; send ifa or nothing"
            yield finding("device-hash-ids", f"{path}.{name}", message)
    for name, version in (("ip", 4), ("ipv6", 6)):
        address = getattr(device, name)
        if address and not _is_address(address, version):
            yield finding("ip-address", f"{path}.{name}", f"{shown(address)} is not an IPv{version} address")


def _is_address(text: str, version: int) -> bool:
    try:
        return ipaddress.ip_address(text).version == version
    except ValueError:
        return False


def check_geo(geo: Geo, path: str) -> Iterator[Finding]:
    """OpenRTB 2.6, 3.2.19."""
    if geo.country and not _COUNTRY.fullmatch(geo.country):
        message = f'{shown(geo.country)} is not three upper-case letters of ISO 3166-1, such as "USA"'
        yield finding("country-code", f"{path}.country", message)
    if geo.lat is None or geo.lon is None:
        if geo.lat != geo.lon:
            missing = "lat" if geo.lat is None else "lon"
            yield finding("geo-pair", f"{path}.{missing}", f"{missing} is missing beside the other half of the place")
        return
    whole_degrees = geo.lat.is_integer() and geo.lon.is_integer()
    if (geo.lat == 0 and geo.lon == 0) or (geo.type == LocationTypes.GPS and whole_degrees):
        message = f"lat {geo.lat:g}, lon {geo.lon:g} is not where a device was located; leave out what is unknown"
        yield finding("geo-precision", f"{path}.lat", message)


def check_user(user: User, path: str) -> Iterator[Finding]:
    """OpenRTB 2.6, 3.2.20."""
    for name in ("yob", "gender"):
        if getattr(user, name):
            message = f"{name} is sent, but is deprecated since 2.6; leave it out"
            yield finding("user-yob-gender", f"{path}.{name}", message)


def check_dooh(request: BidRequest) -> Iterator[Finding]:
    """A screen is known by its place (OpenRTB 2.6 implementation guide, 7.9.2.5)."""
    if request.dooh is None:
        return
    device = request.device or Device()
    geo = device.geo or Geo()
    if geo.lat is None or geo.lon is None:
        yield finding("dooh-geo", "$.device.geo", "lat or lon is missing; a request with dooh gives both")
    if device.devicetype != DeviceTypes.OOH_DEVICE:
        message = f"{shown(device.devicetype)} beside dooh; right is {DeviceTypes.OOH_DEVICE:d} (out-of-home device)"
        yield finding("dooh-geo", "$.device.devicetype", message)
