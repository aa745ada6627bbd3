"""What a device is, by the names campaigns use; for system and browser, structured hints are trusted over `ua`."""

from openrtb.audience import Device

DEVICE_TYPES: dict[int, tuple[str, ...]] = {
    1: ("mobile",),
    2: ("pc",),
    3: ("ctv",),
    4: ("phone", "mobile"),
    5: ("tablet", "mobile"),
    6: ("connected_device",),
    7: ("set_top_box",),
    8: ("ooh",),
}
"""Names of the codes of `device.devicetype`."""
CONNECTIONS: dict[int, tuple[str, ...]] = {
    1: ("ethernet",),
    2: ("wifi",),
    3: ("cellular",),
    4: ("2g", "cellular"),
    5: ("3g", "cellular"),
    6: ("4g", "cellular"),
    7: ("5g", "cellular"),
}
"""Names of the codes of `device.connectiontype`."""

_OS_NAMES = {
    "ios": "ios",
    "iphone os": "ios",
    "ipados": "ios",
    "android": "android",
    "os x": "macos",
    "macos": "macos",
    "mac os x": "macos",
    "mac os": "macos",
    "windows": "windows",
    "windows phone": "windows_phone",
    "linux": "linux",
    "ubuntu": "linux",
    "chrome os": "chromeos",
    "chromeos": "chromeos",
    "chromium os": "chromeos",
    "tvos": "tvos",
    "apple tv software": "tvos",
    "tizen": "tizen",
    "webos": "webos",
    "web0s": "webos",
    "roku": "roku",
    "roku os": "roku",
    "fire os": "fireos",
    "fireos": "fireos",
    "playstation": "playstation",
    "xbox": "xbox",
}

_OS_MARKS = (
    ("windows phone", "windows_phone"),
    ("windows", "windows"),
    ("iphone", "ios"),
    ("ipad", "ios"),
    ("android", "android"),
    ("cros ", "chromeos"),
    ("tizen", "tizen"),
    ("web0s", "webos"),
    ("roku", "roku"),
    ("mac os x", "macos"),
    ("linux", "linux"),
)

_BROWSER_MARKS = (
    ("edg", "edge"),
    ("samsungbrowser", "samsung"),
    ("opr/", "opera"),
    ("opera", "opera"),
    ("firefox", "firefox"),
    ("fxios", "firefox"),
    ("crios", "chrome"),
    ("chrome", "chrome"),
    ("safari", "safari"),
)

_BROWSER_BRANDS = {
    "google chrome": "chrome",
    "chrome": "chrome",
    "microsoft edge": "edge",
    "opera": "opera",
    "safari": "safari",
    "firefox": "firefox",
    "samsung internet": "samsung",
}


def os_of(device: Device) -> tuple[str, str]:
    """Name and version of the operating system; empty where unknown."""
    platform = device.sua.platform if device.sua is not None else None
    if platform is not None and platform.brand:
        return _named(platform.brand), ".".join(platform.version or ())
    if device.os:
        return _named(device.os), device.osv or ""
    agent = (device.ua or "").lower()
    return next((name for mark, name in _OS_MARKS if mark in agent), ""), device.osv or ""


def browser_of(device: Device) -> str:
    """Name of the browser; empty where unknown."""
    for brand in (device.sua.browsers if device.sua is not None else None) or ():
        name = _BROWSER_BRANDS.get(brand.brand.lower())
        if name:
            return name
    agent = (device.ua or "").lower()
    return next((name for mark, name in _BROWSER_MARKS if mark in agent), "")


def version_key(version: str) -> tuple[int, ...]:
    """The leading numbers of a version, for comparing: "15.4.1-beta" is (15, 4, 1)."""
    numbers: list[int] = []
    for part in version.split("."):
        digits = part[: len(part) - len(part.lstrip("0123456789"))]
        if not digits or len(digits) > 9:
            break
        numbers.append(int(digits))
        if digits != part:
            break
    return tuple(numbers)


def _named(name: str) -> str:
    lower = name.strip().lower()
    return _OS_NAMES.get(lower, lower.replace(" ", "_"))
