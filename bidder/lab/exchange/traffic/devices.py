"""What the people hold: phones, tablets, computers, televisions, speakers."""

from enum import StrEnum
from importlib.resources import files
from itertools import accumulate
from random import Random
from typing import Any, Final

import msgspec
from msgspec import Struct

from openrtb.enums import DeviceTypes


class Kind(StrEnum):
    """What decides which inventory a device meets."""

    PHONE = "phone"
    TABLET = "tablet"
    COMPUTER = "computer"
    TELEVISION = "television"
    SPEAKER = "speaker"


class Model(Struct, frozen=True):
    """One line of devices. `ua` holds the places `{osv}`, `{model}` and `{browser}`."""

    kind: Kind
    devicetype: DeviceTypes
    make: str
    models: tuple[str, ...]
    os: str
    osv: tuple[str, ...]
    browser: str
    browser_versions: tuple[str, ...]
    ua: str
    w: int
    h: int
    pxratio: float
    weight: int


class Device(Struct, frozen=True):
    """One device of one person, as the exchange describes it, without place and privacy."""

    kind: Kind
    mobile: bool
    ua: str
    attributes: dict[str, Any]  # of the Device object
    hints: dict[str, Any] | None  # the UserAgent object, where the browser sends client hints


class _Table(Struct):
    model: tuple[Model, ...]


MODELS: Final = msgspec.toml.decode(files(__package__).joinpath("devices.toml").read_bytes(), type=_Table).model
"""Every line of devices in use."""

_WEIGHTS = tuple(accumulate(model.weight for model in MODELS))


def draw_device(chance: Random) -> Device:
    """A device by its share of the traffic."""
    line = chance.choices(MODELS, cum_weights=_WEIGHTS)[0]
    model, osv, browser = chance.choice(line.models), chance.choice(line.osv), chance.choice(line.browser_versions)
    written_osv = osv.replace(".", "_") if "Mac OS X" in line.ua else osv
    mobile = line.kind in {Kind.PHONE, Kind.TABLET}
    ua = line.ua.format(osv=written_osv, model=model, browser=browser)
    attributes: dict[str, Any] = {"ua": ua, "devicetype": line.devicetype, "os": line.os, "osv": osv}
    attributes |= {"make": line.make, "model": model} if line.make else {}
    if line.w:
        attributes |= {"w": round(line.w * line.pxratio), "h": round(line.h * line.pxratio), "pxratio": line.pxratio}
    attributes["js"] = int(line.kind is not Kind.SPEAKER)
    return Device(line.kind, mobile, ua, attributes, _hints(line, osv, browser, model, mobile))


def _hints(line: Model, osv: str, browser: str, model: str, mobile: bool) -> dict[str, Any] | None:
    """User-agent client hints, which only Chromium sends (OpenRTB 2.6, 3.2.29)."""
    if line.browser != "Chrome":
        return None
    version = browser.split(".")
    hints = {
        "browsers": [{"brand": "Chromium", "version": version}, {"brand": "Google Chrome", "version": version}],
        "platform": {"brand": line.os, "version": osv.split(".")},
        "mobile": int(line.kind is Kind.PHONE),
        "source": 2,
    }
    return hints | {"model": model} if mobile else hints
