"""Privacy: sections of the Global Privacy Platform, transparency under the Digital Services Act."""

from enum import IntEnum


class GPPSectionIDs(IntEnum):
    """`Regs.gpp_sid` (Global Privacy Platform, Section Information)."""

    TCF_EU_V1 = 1
    TCF_EU_V2 = 2
    HEADER = 3
    SIGNAL_INTEGRITY = 4
    TCF_CANADA = 5
    US_PRIVACY = 6
    US_NATIONAL = 7
    US_CALIFORNIA = 8
    US_VIRGINIA = 9
    US_COLORADO = 10
    US_UTAH = 11
    US_CONNECTICUT = 12
    US_FLORIDA = 13
    US_MONTANA = 14
    US_OREGON = 15
    US_TEXAS = 16
    US_DELAWARE = 17
    US_IOWA = 18
    US_NEBRASKA = 19
    US_NEW_HAMPSHIRE = 20
    US_NEW_JERSEY = 21
    US_TENNESSEE = 22
    US_MINNESOTA = 23
    US_MARYLAND = 24
    US_INDIANA = 25
    US_KENTUCKY = 26
    US_RHODE_ISLAND = 27


class DSARequired(IntEnum):
    """`Regs.ext.dsa.dsarequired` (DSA extension)."""

    NOT_REQUIRED = 0
    SUPPORTED = 1  # accepted, not demanded
    REQUIRED = 2
    REQUIRED_ONLINE_PLATFORM = 3  # and the publisher is an online platform


class DSAPublisherRender(IntEnum):
    """`Regs.ext.dsa.pubrender`: whether the publisher shows the notice (DSA extension)."""

    CANNOT_RENDER = 0
    COULD_RENDER = 1  # depends on `Bid.ext.dsa.adrender`
    WILL_RENDER = 2


class DSADataToPublisher(IntEnum):
    """`Regs.ext.dsa.datatopub`: whether to send the publisher transparency data (DSA extension)."""

    DO_NOT_SEND = 0
    OPTIONAL = 1
    SEND = 2


class DSAUserParameters(IntEnum):
    """`dsa.transparency[].dsaparams`: what the targeting used (DSA extension)."""

    PROFILING = 1
    BASIC_ADVERTISING = 2
    PRECISE_GEOLOCATION = 3


class DSAAdvertiserRender(IntEnum):
    """`Bid.ext.dsa.adrender`: whether buyer or advertiser shows the notice (DSA extension)."""

    WILL_NOT_RENDER = 0
    WILL_RENDER = 1
