"""How audio and video play: start, stop, pods, delivery."""

from enum import IntEnum


class StartDelayModes(IntEnum):
    """`startdelay` of audio and video (AdCOM 1.0). 1 and above: a mid-roll that many seconds into the content."""

    PRE_ROLL = 0
    MID_ROLL = -1
    POST_ROLL = -2


class PlaybackMethods(IntEnum):
    """`Video.playbackmethod`: what starts the ad, and whether with sound (AdCOM 1.0)."""

    AUTO_START_SOUND_ON = 1
    AUTO_START_SOUND_OFF = 2
    CLICK_SOUND_ON = 3
    MOUSE_OVER_SOUND_ON = 4
    VIEWPORT_SOUND_ON = 5
    VIEWPORT_SOUND_OFF = 6
    CONTINUOUS = 7
    PAUSE_SOUND_ON = 8
    PAUSE_SOUND_OFF = 9
    IDLE_SOUND_ON = 10
    IDLE_SOUND_OFF = 11


class PlaybackCessationModes(IntEnum):
    """`Video.playbackend`: what ends the ad, if the user does not (AdCOM 1.0)."""

    ON_COMPLETION = 1
    ON_LEAVING_VIEWPORT = 2
    FLOATS_UNTIL_COMPLETION = 3  # keeps playing in a floating player after leaving the viewport


class LinearityModes(IntEnum):
    """`Video.linearity` (AdCOM 1.0)."""

    LINEAR = 1
    NON_LINEAR = 2


class PodSequence(IntEnum):
    """`podseq` of audio and video: which ad break of the content (AdCOM 1.0)."""

    LAST = -1
    ANY = 0
    FIRST = 1


class SlotPositionInPod(IntEnum):
    """`slotinpod` of audio, video and bid: which ad of the break (AdCOM 1.0)."""

    LAST = -1
    ANY = 0
    FIRST = 1
    FIRST_OR_LAST = 2


class PodDeduplicationSettings(IntEnum):
    """`Video.poddedupe`: what two ads of a pod may not share (AdCOM 1.0)."""

    ADOMAIN = 1
    IAB_CATEGORY = 2
    CREATIVE_ID = 3
    MEDIA_URL = 4
    NONE = 5


class DeliveryMethods(IntEnum):
    """`delivery` of audio and video (AdCOM 1.0)."""

    STREAMING = 1
    PROGRESSIVE = 2
    DOWNLOAD = 3


class ServerSideAdInsertion(IntEnum):
    """`Imp.ssai`: where assets are stitched in and trackers fired (OpenRTB 2.6, 3.2.4)."""

    UNKNOWN = 0
    CLIENT_SIDE = 1
    STITCHED_SERVER_SIDE = 2  # trackers still fire in the client
    SERVER_SIDE = 3


class CompanionTypes(IntEnum):
    """`companiontype` of audio and video (AdCOM 1.0)."""

    STATIC = 1
    HTML = 2
    IFRAME = 3


class FeedTypes(IntEnum):
    """`Audio.feed` (AdCOM 1.0). 500 and above: vendor-specific."""

    MUSIC_STREAMING = 1
    BROADCAST = 2
    PODCAST = 3
    CATCH_UP_RADIO = 4
    WEB_RADIO = 5
    VIDEO_GAME = 6
    TEXT_TO_SPEECH = 7


class VolumeNormalizationModes(IntEnum):
    """`Audio.nvol`: what of the ad is normalised to the content (AdCOM 1.0)."""

    NONE = 0
    AVERAGE = 1
    PEAK = 2
    LOUDNESS = 3
    CUSTOM = 4
