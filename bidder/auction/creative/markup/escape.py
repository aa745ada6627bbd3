"""Text made safe for the place it lands in.

The first group runs for every bid, on URLs of our own making, and leaves macros such as `${AUCTION_PRICE}` as they are:
exchanges replace them as plain text. The second group runs when a creative is prepared.
"""

import re

from msgspec import json

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NOT_URL = re.compile('[\x00-\x20\x7f"<>\\\\^`{|}\ud800-\udfff\ufffe\uffff]')


def attribute(text: str) -> str:
    """For HTML: a quoted attribute or text between tags."""
    if "&" in text:
        text = text.replace("&", "&amp;")
    if '"' in text:
        text = text.replace('"', "&quot;")
    if "'" in text:
        text = text.replace("'", "&#x27;")
    if "<" in text or ">" in text:
        text = text.replace("<", "&lt;").replace(">", "&gt;")
    return text


def script(text: str) -> str:
    """For a string of JavaScript, in either kind of quotes, inside a script element or an event handler."""
    text = text.replace("\\", "\\\\").replace("'", "\\u0027").replace('"', "\\u0022").replace("`", "\\u0060")
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def parameter(url: str) -> str:
    """For the value of a parameter in the query of another URL; what is well-formed in a query stays."""
    url = url.replace("%", "%25").replace("&", "%26").replace("#", "%23").replace("+", "%2B")
    return url.replace("=", "%3D").replace(";", "%3B")


def cdata(text: str) -> str:
    """For a CDATA section of XML, which ends at the first `]]>`."""
    return text.replace("]]>", "]]]]><![CDATA[>") if "]]>" in text else text


def json_string(text: str) -> str:
    """A string of JSON, quotes included."""
    return json.encode(text).decode()


def xml_text(text: str) -> str:
    """For an attribute or the text of XML; characters that XML cannot hold are left out (XML 1.0, 2.2)."""
    return attribute(_NOT_XML.sub("", text))


def clean_url(url: str) -> str:
    """A URL with the characters that none may hold percent-encoded (RFC 3986, 2)."""
    return _NOT_URL.sub(lambda found: "".join(f"%{byte:02X}" for byte in _bytes(found[0])), url)


def _bytes(text: str) -> bytes:
    return text.encode(errors="replace")
