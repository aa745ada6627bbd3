"""Replacing tokens by values, as an exchange does."""

import html
import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from urllib.parse import quote

from openrtb.macros.encoding import ENCODINGS, Encodings
from openrtb.macros.token import TOKEN_PATTERN, Macro


class Context(StrEnum):
    """Where the text will be read, hence how an inserted value is escaped.

    URL is also right for a URL inside HTML or XML: what percent-encoding leaves is safe in text, in attributes and in
    CDATA sections. HTML is for text and quoted attribute values, not for the inside of `script` and `style`.
    XML knows text, attribute values, CDATA sections and comments apart.
    """

    PLAIN = "plain"  # as the specification has it: the value as it is
    URL = "url"
    HTML = "html"
    XML = "xml"


def expand(
    text: str,
    values: Mapping[Macro, str],
    *,
    context: Context = Context.PLAIN,
    encodings: Encodings = ENCODINGS,
) -> str:
    """`text` with each token replaced by its value, encoded if the token asks for it, then escaped for `context`.

    A macro without a value becomes the empty string (OpenRTB 2.6, 4.4). Names that are no macro, and tokens whose
    encoding is not in `encodings`, stay as they are, so that the receiver sees that nobody understood them
    (`misspelt` reports both). Inserted values are not searched for tokens. Lone surrogates, and in XML the characters
    that XML 1.0 cannot hold, are inserted as a replacement character.
    """
    if "${" not in text:
        return text

    def value_of(token: re.Match[str]) -> str | None:
        encode = encodings.get(token["encoding"]) if token["encoding"] else str
        value = values.get(Macro(token["name"]), "")
        if encode is None:
            return None
        return encode(value) if value else ""

    if context is Context.XML:
        return _expand_xml(text, value_of)
    escape = _ESCAPES[context]

    def insert(token: re.Match[str]) -> str:
        value = value_of(token)
        return token.group() if value is None else escape(value)

    return _TOKEN.sub(insert, text)


def _percent_encode(value: str) -> str:
    return quote(value, safe="", errors="replace")


_TOKEN = re.compile(TOKEN_PATTERN)
_ESCAPES: Mapping[Context, Callable[[str], str]] = {
    Context.PLAIN: str,
    Context.URL: _percent_encode,
    Context.HTML: html.escape,
}

_CDATA, _COMMENT = "<![CDATA[", "<!--"
_CLOSING = {_CDATA: "]]>", _COMMENT: "-->"}
_XML_PART = re.compile("|".join([TOKEN_PATTERN, *map(re.escape, (*_CLOSING, *_CLOSING.values()))]))
_NOT_XML = dict.fromkeys([*range(0x20), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF], "\N{REPLACEMENT CHARACTER}")
# White space is written as references too, since a parser would turn it into line feeds and spaces.
_XML_ESCAPES = _NOT_XML | {ord(character): f"&#{ord(character)};" for character in "\t\n\r&<>\"'"}
_CDATA_SAFE = re.compile("[^]>\x00-\x1f\ud800-\udfff\ufffe\uffff]*")


def _expand_xml(text: str, value_of: Callable[[re.Match[str]], str | None]) -> str:
    pieces: list[str] = []
    done = 0
    section = ""  # the opening mark of the CDATA section or comment around the position
    for part in _XML_PART.finditer(text):
        if part["name"]:
            value = value_of(part)
            if value is not None:
                ends_with_bracket = text.endswith("]", done, part.start())
                pieces += text[done : part.start()], _xml_value(value, section, ends_with_bracket)
                done = part.end()
        elif not section:
            section = part.group() if part.group() in _CLOSING else ""
        elif part.group() == _CLOSING[section]:
            section = ""
    return "".join(pieces) + text[done:]


def _xml_value(value: str, section: str, after_bracket: bool) -> str:
    escaped = value.translate(_XML_ESCAPES)
    if section == _COMMENT:
        return escaped.replace("-", "&#45;")  # two hyphens must not meet in a comment
    if section != _CDATA or (_CDATA_SAFE.fullmatch(value) and not after_bracket):
        return value if section == _CDATA else escaped
    # A value that could complete a `]]>` with what stands around it goes between two sections.
    return f"]]>{escaped}<![CDATA["
