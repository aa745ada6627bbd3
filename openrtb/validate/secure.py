"""Plain HTTP in markup: assets and trackers that a secure page would not load.

Landing pages may be plain, so `href` counts in `link` only. Found is what surely is loaded: attributes and properties
that load, `url()` and `@import` of style sheets, `fetch` and `sendBeacon` of scripts.
"""

import re
from collections.abc import Iterator

# Possessive repeats and a mark before each name: no character is read more than a few times.
_LOADED = re.compile(
    r"""(?:
        (?<![\w?&;%/-])(?:src|srcset|data-src|poster|background|data|formaction|xlink:href)\s*+=\s*+
      | <link\b[^<>]*?\bhref\s*+=\s*+
      | \burl\(\s*+
      | @import\s++
      | \b(?:fetch|sendBeacon)\(\s*+
    )\\?["']?\s*+(?P<url>http://[^\s"'<>()\\]*+)""",
    re.IGNORECASE | re.VERBOSE,
)


def insecure_in_html(markup: str) -> Iterator[str]:
    """The URLs with plain HTTP that the markup loads, in order of place."""
    for loaded in _LOADED.finditer(markup):
        yield loaded["url"]


def is_insecure(url: str) -> bool:
    """Whether the URL is plain HTTP."""
    return url.lstrip()[:7].lower() == "http://"
