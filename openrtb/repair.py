"""The second pass: reads what the first, strict one refused, value by value.

Real exchanges send numbers as strings and strings as numbers, `1.0` and `true` for integers, `null` or an empty string
for nothing, and a single value for an array of one. Only what strict decoding refuses is looked into, so that `ext`
keeps its bytes and the cost stays with the parts that are wrong.

Nothing is guessed beyond that: what still cannot be read raises `DecodeError` with its JSON path.
"""

from typing import Any, TypeVar

import msgspec
from msgspec import Raw, Struct

from openrtb.errors import DecodeError
from openrtb.scalar import ABSENT, ANYTHING
from openrtb.shape import Shape, shape_of

MAX_REPAIRS = 4_000
"""Values of one message looked into one by one before it is refused; bounds the time a hostile one can take."""

_MEMBERS = msgspec.json.Decoder(dict[str, Raw])
_ITEMS = msgspec.json.Decoder(list[Raw])

D = TypeVar("D")
T = TypeVar("T", bound=Struct)


class Mender:
    """Reads the parts of one message that strict decoding refused, all of them within `MAX_REPAIRS` values."""

    def __init__(self) -> None:
        self._left = MAX_REPAIRS
        self._lenient = False

    def read_ext(self, ext: Raw, cls: type[T], path: str, *, lenient: bool = False) -> T:
        """An `ext` read strictly, else mended; empty where it is no object. Raises `DecodeError` as `mend` does."""
        try:
            return shape_of(cls).strict.decode(ext)  # type: ignore[no-any-return]
        except msgspec.DecodeError:
            return self.mend(ext, cls, path, lenient=lenient) if bytes(ext).startswith(b"{") else cls()

    def mend(self, body: bytes | Raw, cls: type[T], path: str = "$", *, lenient: bool = False) -> T:
        """The `cls` at `path` that strict decoding refused.

        Raises `DecodeError` for a value that cannot be read; `lenient` takes it for absent, so that it costs no other.
        Either way raises `DecodeError` where `body` is not JSON, is nested too deeply or needs more than is left.
        """
        self._lenient = lenient
        try:
            found = self._mended(Raw(body), shape_of(cls))
        except RecursionError:
            raise DecodeError("nested too deeply to be read", path) from None
        except DecodeError as error:
            raise error.below(path) from None
        if found is not ABSENT:
            return found  # type: ignore[no-any-return]
        if lenient:
            return cls()
        raise DecodeError(f"expected an object, found {_shown(Raw(body))}", path)

    def _mended(self, raw: Raw, shape: Shape) -> Any:
        return self._object(raw, shape) if shape.item is None else self._array(raw, shape, shape.item)

    def _object(self, raw: Raw, shape: Shape) -> Any:
        if bytes(raw) == b"[]":  # how PHP writes an empty object
            return ABSENT
        members = self._parts(_MEMBERS, raw, "an object")
        if members is None:
            return ABSENT
        for single, plural in shape.plurals.items():
            if single in members and bytes(members[single]).startswith(b"["):
                members.setdefault(plural, members.pop(single))
        values: dict[str, Any] = {}
        for key, member in members.items():
            field = shape.fields.get(key)
            if field is None:
                continue
            try:
                value = self._value(member, field)
            except DecodeError as error:
                value = self._unreadable(error, f".{key}")
            if value is not ABSENT:
                values[key] = value
        return shape.cls(**values)

    def _array(self, raw: Raw, shape: Shape, inner: Shape) -> Any:
        if inner.scalar is not None and not bytes(raw).startswith(b"["):
            single = self._value(raw, inner)
            return ABSENT if single is ABSENT else [single]
        items = self._parts(_ITEMS, raw, "an array")
        if items is None:
            return ABSENT
        if len(items) > shape.longest:
            raise DecodeError(f"expected at most {shape.longest} items, found {len(items)}", "")
        if len(items) > self._left:
            raise self._exhausted()
        values: list[Any] = []
        for index, item in enumerate(items):
            try:
                value = self._value(item, inner)
            except DecodeError as error:
                value = self._unreadable(error, f"[{index}]")
            if value is not ABSENT:
                values.append(value)
        return ABSENT if items and not values and self._lenient else values

    def _value(self, raw: Raw, shape: Shape) -> Any:
        self._left -= 1
        if self._left < 0:
            raise self._exhausted()
        text = bytes(raw)
        if text == b"null" and shape.scalar is not ANYTHING:
            return ABSENT
        if shape.scalar is not None:
            found = shape.scalar.read(text)
            if found is None:
                raise DecodeError(f"expected {shape.scalar.name}, found {_shown(raw)}", "")
            return found
        try:
            return shape.strict.decode(raw)
        except msgspec.ValidationError:
            return self._mended(raw, shape)

    def _unreadable(self, error: DecodeError, step: str) -> Any:
        """What a value `step` below counts as that cannot be read."""
        if self._lenient and self._left >= 0:
            return ABSENT
        raise error.below(step) from None

    def _parts(self, decoder: msgspec.json.Decoder[D], raw: Raw, wanted: str) -> D | None:
        """The members or items; `None` where there are none and that does not matter."""
        try:
            return decoder.decode(raw)
        except msgspec.ValidationError:
            if self._lenient:
                return None
            raise DecodeError(f"expected {wanted}, found {_shown(raw)}", "") from None
        except msgspec.DecodeError as error:
            raise DecodeError(str(error), "") from None

    def _exhausted(self) -> DecodeError:
        self._left = -1
        return DecodeError(f"more than {MAX_REPAIRS} values need repair", "")


def _shown(raw: Raw) -> str:
    found = bytes(raw)
    return found.decode() if len(found) <= 80 else found[:80].decode(errors="ignore") + "…"
