"""What the device is, how it is connected and where it is."""

from enum import IntEnum


class DeviceTypes(IntEnum):
    """`Device.devicetype` (AdCOM 1.0)."""

    MOBILE_OR_TABLET = 1
    PERSONAL_COMPUTER = 2
    CONNECTED_TV = 3
    PHONE = 4
    TABLET = 5
    CONNECTED_DEVICE = 6
    SET_TOP_BOX = 7
    OOH_DEVICE = 8


class ConnectionTypes(IntEnum):
    """`Device.connectiontype` (AdCOM 1.0)."""

    UNKNOWN = 0  # up to OpenRTB 2.5
    ETHERNET = 1
    WIFI = 2
    CELLULAR = 3  # of unknown generation
    CELLULAR_2G = 4
    CELLULAR_3G = 5
    CELLULAR_4G = 6
    CELLULAR_5G = 7


class UserAgentSource(IntEnum):
    """`UserAgent.source` (AdCOM 1.0)."""

    UNKNOWN = 0
    CLIENT_HINTS_LOW_ENTROPY = 1
    CLIENT_HINTS_HIGH_ENTROPY = 2
    USER_AGENT_HEADER = 3


class LocationTypes(IntEnum):
    """`Geo.type` (AdCOM 1.0)."""

    GPS = 1
    IP_ADDRESS = 2
    USER_PROVIDED = 3


class IPLocationServices(IntEnum):
    """`Geo.ipservice` (AdCOM 1.0)."""

    IP2LOCATION = 1
    NEUSTAR = 2
    MAXMIND = 3
    NETACUITY = 4
    FIFTY_ONE_DEGREES_HIGH_CONFIDENCE = 511
    FIFTY_ONE_DEGREES_MEDIUM_CONFIDENCE = 512


class OperatingSystems(IntEnum):
    """Operating systems (AdCOM 1.0); `Device.os` of OpenRTB 2.x is free text. 500 and above: vendor-specific."""

    OTHER = 0
    NINTENDO_3DS = 1
    ANDROID = 2
    APPLE_TV = 3
    ASHA = 4
    BADA = 5
    BLACKBERRY = 6
    BREW = 7
    CHROMEOS = 8
    DARWIN = 9
    FIREOS = 10
    FIREFOXOS = 11
    HELENOS = 12
    IOS = 13
    LINUX = 14
    MACOS = 15
    MEEGO = 16
    MORPHOS = 17
    NETBSD = 18
    NUCLEUS_PLUS = 19
    PS_VITA = 20
    PS3 = 21
    PS4 = 22
    PSP = 23
    SYMBIAN = 24
    TIZEN = 25
    WATCHOS = 26
    WEBOS = 27
    WINDOWS = 28
