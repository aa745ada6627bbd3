"""How long a bid is honoured, and its price held: as agreed with the exchange, as the imp says, or as is usual.

Usual is what the implementation guide of OpenRTB 2.x names under "Impression Expiration": a minute in a browser, some
minutes in an app, which may keep a bid until there is a place for it, and half an hour for what takes the whole screen.
"""

from bidder.config.schema import Exchange, Format
from openrtb.imp import Imp

BROWSER_SECONDS: dict[Format, int] = {"banner": 60, "native": 60, "video": 1800, "audio": 1800}
APP_SECONDS: dict[Format, int] = {"banner": 300, "native": 600, "video": 1800, "audio": 1800}
INTERSTITIAL_SECONDS = 1800
LONGEST_SECONDS = 1800
"""Where nothing is agreed, no bid is honoured longer, whatever its imp says."""


def hold_seconds(exchange: Exchange, kind: Format, imp: Imp, *, in_browser: bool) -> int:
    """How long a bid with a creative of this kind is open. What is agreed is the most; the imp's `exp` may be less."""
    agreed = exchange.exp_seconds_of.get(kind, exchange.exp_seconds)
    asked = imp.exp if imp.exp is not None and imp.exp > 0 else None
    if agreed is not None:
        return agreed if asked is None else min(asked, agreed)
    return _usual_seconds(kind, imp, in_browser=in_browser) if asked is None else min(asked, LONGEST_SECONDS)


def longest_seconds(exchange: Exchange) -> int:
    """The longest that a bid on this exchange may be open."""
    return max(exchange.exp_seconds or LONGEST_SECONDS, *exchange.exp_seconds_of.values(), 0)


def _usual_seconds(kind: Format, imp: Imp, *, in_browser: bool) -> int:
    if imp.instl == 1:
        return INTERSTITIAL_SECONDS
    return BROWSER_SECONDS[kind] if in_browser else APP_SECONDS[kind]
