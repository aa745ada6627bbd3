"""What identifies the user, and how the identifier was matched."""

from enum import IntEnum, StrEnum


class AgentTypes(IntEnum):
    """`UID.atype` (AdCOM 1.0). 500 and above: vendor-specific."""

    BROWSER_OR_DEVICE = 1
    IN_APP_DEVICE = 2
    PERSON = 3


class IDMatchMethods(IntEnum):
    """`EID.mm` (AdCOM 1.0). 500 and above: vendor-specific."""

    UNKNOWN = 0
    NO_MATCH = 1
    COOKIE_SYNC = 2
    AUTHENTICATED = 3
    OBSERVED = 4
    INFERENCE = 5


class IFATypes(StrEnum):
    """`Device.ext.ifa_type`: where `Device.ifa` comes from (ifa_type extension). Platform names are deprecated."""

    DPID = "dpid"  # device
    PPID = "ppid"  # publisher
    SSPID = "sspid"  # supply-side platform
    SESSIONID = "sessionid"  # lives for a session only
    RIDA = "rida"  # Roku
    AAID = "aaid"  # Android
    IDFA = "idfa"  # Apple
    AFAI = "afai"  # Amazon Fire
    MSAI = "msai"  # Microsoft


class AppTrackingAuthorizationStatus(IntEnum):
    """`Device.ext.atts`: the user's answer to iOS app tracking (SKAdNetwork extension)."""

    NOT_DETERMINED = 0
    RESTRICTED = 1
    DENIED = 2
    AUTHORIZED = 3
