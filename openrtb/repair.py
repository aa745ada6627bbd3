"""The second pass: reads what the first, strict one refused, value by value.

Real exchanges send numbers as strings and strings as numbers, `1.0` and `true` for integers, `null` or an empty string
for nothing, and a single value for an array of one. Each value is first tried strictly, and only what is refused is
looked into, so that `ext` keeps its bytes and the cost stays with the parts that are wrong.

Nothing is guessed beyond that: what still cannot be read raises `DecodeError` with its JSON path.
"""

import math
import re
from typing import Any, TypeVar

import msgspec
from msgspec import Raw

from openrtb.errors import DecodeError
from openrtb.shape import Kind, Shape, shape_of

MAX_REPAIRS = 4_000
"""Values looked into one by one before a document is refused; bounds the time a hostile one can take."""

_MEMBERS = msgspec.json.Decoder(dict[str, Raw])
_ITEMS = msgspec.json.Decoder(list[Raw])
_TEXT = msgspec.json.Decoder(str)
_NUMBER = re.compile(r"-?[0-9]{1,40}(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,3})?")
_WHOLE = re.compile(r"-?[0-9]{1,40}")
_LARGEST = 2**53
_ABSENT = object()

T = TypeVar("T")


def repair(body: bytes | Raw, cls: type[T], path: str = "$", *, renaming: bool = False) -> T:
    """Read `body` as a `cls`, mending what exchanges are known to get wrong. Raises `DecodeError`.

    `renaming` looks into every object, also into those read as they are, for attributes under other names.
    """
    try:
        value = _Pass(renaming=renaming).value(Raw(body), shape_of(cls), path)
    except RecursionError:
        raise DecodeError("nested too deeply to be read", path) from None
    if value is _ABSENT:
        raise DecodeError(f"expected an object, found {_shown(Raw(body))}", path)
    return value  # type: ignore[no-any-return]


class _Pass:
    """One reading of one document, with the number of values it may still look into."""

    def __init__(self, *, renaming: bool) -> None:
        self.left = MAX_REPAIRS
        self.renaming = renaming

    def value(self, raw: Raw, shape: Shape, path: str) -> Any:
        self.left -= 1
        if self.left < 0:
            raise DecodeError(f"more than {MAX_REPAIRS} values need repair", path)
        if bytes(raw) == b"null":
            return _ABSENT
        if self.renaming and shape.renamed:
            return self._mended(raw, shape, path)
        try:
            return shape.strict.decode(raw)
        except msgspec.ValidationError:
            pass
        except msgspec.DecodeError as error:
            raise DecodeError(str(error), path) from None
        return self._mended(raw, shape, path)

    def _mended(self, raw: Raw, shape: Shape, path: str) -> Any:
        match shape.kind:
            case Kind.OBJECT:
                return self._object(raw, shape, path)
            case Kind.ARRAY:
                return self._array(raw, shape, path)
            case _:
                return _scalar(raw, shape, path)

    def _object(self, raw: Raw, shape: Shape, path: str) -> Any:
        if bytes(raw) == b"[]":  # how PHP writes an empty object
            return _ABSENT
        members = _read(_MEMBERS, raw, "an object", path)
        values: dict[str, Any] = {}
        for key, member in members.items():
            name = shape.attribute(key, bytes(member))
            if name is None or (name != key and name in members):
                continue
            value = self.value(member, shape.fields[name], f"{path}.{key}")
            if value is not _ABSENT:
                values[name] = value
        return shape.cls(**values)

    def _array(self, raw: Raw, shape: Shape, path: str) -> Any:
        inner = shape.item
        if not bytes(raw).startswith(b"[") and inner.kind is not Kind.OBJECT:
            single = self.value(raw, inner, path)
            return _ABSENT if single is _ABSENT else [single]
        items = _read(_ITEMS, raw, "an array", path)
        values = [self.value(item, inner, f"{path}[{index}]") for index, item in enumerate(items)]
        return [value for value in values if value is not _ABSENT]


def _read(decoder: msgspec.json.Decoder[T], raw: Raw, wanted: str, path: str) -> T:
    try:
        return decoder.decode(raw)
    except msgspec.ValidationError:
        raise DecodeError(f"expected {wanted}, found {_shown(raw)}", path) from None
    except msgspec.DecodeError as error:
        raise DecodeError(str(error), path) from None


def _scalar(raw: Raw, shape: Shape, path: str) -> Any:
    text = bytes(raw).decode()
    match shape.kind:
        case Kind.STRING | Kind.DOCUMENT:
            found = _string(text, shape)
        case Kind.INTEGER:
            found = _integer(_unquoted(text), shape)
        case _:
            found = _number(_unquoted(text))
    if found is None:
        raise DecodeError(f"expected {shape.kind.value}, found {_shown(raw)}", path)
    return found


def _string(text: str, shape: Shape) -> str | None:
    if text[0] in "{[":
        if shape.kind is Kind.DOCUMENT:
            return text
        return _joined(text) if shape.joins else None
    return text if _NUMBER.fullmatch(text) else None


def _joined(text: str) -> str | None:
    """Keywords sent as an array of strings, joined the way the specification writes them."""
    try:
        return ",".join(msgspec.json.decode(text, type=list[str]))
    except msgspec.ValidationError:
        return None


def _unquoted(text: str) -> str:
    return _TEXT.decode(text).strip() if text[0] == '"' else text


def _integer(text: str, shape: Shape) -> Any:
    if text in {"true", "false"}:
        return int(text == "true")
    number = _number(text)
    if number is None or number is _ABSENT:
        return number
    whole = int(text) if _WHOLE.fullmatch(text) else math.floor(number)
    return whole if abs(whole) <= _LARGEST and (shape.fractions or whole == number) else None


def _number(text: str) -> Any:
    if not text:
        return _ABSENT
    if not _NUMBER.fullmatch(text):
        return None
    number = float(text)
    return number if math.isfinite(number) else None


def _shown(raw: Raw) -> str:
    found = bytes(raw)
    return found.decode() if len(found) <= 80 else found[:80].decode(errors="ignore") + "…"
