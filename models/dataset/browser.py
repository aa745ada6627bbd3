"""Operating system and browser family out of a user agent, coarsely: what old logs have instead of structured facts."""

from functools import lru_cache
from typing import Final

_SYSTEMS: Final = (
    ("windows phone", "windows phone"), ("windows nt 5", "windows xp"), ("windows nt 6.0", "windows vista"),
    ("windows nt 6.1", "windows 7"), ("windows nt 6.2", "windows 8"), ("windows", "windows"), ("ipad", "ipad"),
    ("iphone", "iphone"), ("mac os", "mac"), ("android", "android"), ("linux", "linux"),
)  # fmt: skip
_BROWSERS: Final = (
    ("maxthon", "maxthon"), ("se 2.x", "sogou"), ("metasr", "sogou"), ("qqbrowser", "qq"), ("tencenttraveler", "qq"),
    ("360se", "360"), ("lbbrowser", "liebao"), ("bidubrowser", "baidu"), ("theworld", "theworld"), ("ucbrowser", "uc"),
    ("opera", "opera"), ("firefox", "firefox"), ("chrome", "chrome"), ("msie 6", "ie 6"), ("msie 7", "ie 7"),
    ("msie 8", "ie 8"), ("msie 9", "ie 9"), ("msie 10", "ie 10"), ("trident", "ie"), ("safari", "safari"),
)  # fmt: skip


def os_of(agent: str) -> str | None:
    """The operating system; `None` where the agent names none known."""
    return _first(agent, _SYSTEMS)


def browser_of(agent: str) -> str | None:
    """The browser family; `None` where the agent names none known."""
    return _first(agent, _BROWSERS)


@lru_cache(maxsize=8192)
def _first(agent: str, marks: tuple[tuple[str, str], ...]) -> str | None:
    lower = agent.lower()
    return next((name for mark, name in marks if mark in lower), None)
