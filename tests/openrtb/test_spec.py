"""The model says exactly what the specification data says: nothing missing, nothing added, names, types, defaults."""

import inspect
import re
from collections.abc import Iterator
from enum import IntEnum, StrEnum
from types import ModuleType
from typing import Any, cast, get_args, get_type_hints

import msgspec
import pytest
from msgspec import Raw

from openrtb import audience, context, enums, imp, native, request, response
from openrtb.extensions import EXTENSIONS
from openrtb.wire import Wire
from tests import shared
from tests.openrtb.conftest import Tell

MODULES: list[ModuleType] = [audience, context, imp, native, request, response]
MODEL: dict[str, type[Wire]] = {
    name: cls
    for module in MODULES
    for name, cls in vars(module).items()
    if inspect.isclass(cls) and issubclass(cls, Wire) and cls.__module__ == module.__name__
}
SPECS = {name: shared.spec(name) for name in ("openrtb-2.6", "native-1.2")}
LISTS: dict[str, dict[str, Any]] = shared.spec("enums")
EXTENSION_ATTRIBUTES: list[dict[str, Any]] = shared.spec("extensions")["extensions"]

OBJECTS = {name: found for spec in SPECS.values() for name, found in spec["objects"].items()}
LEGACY = [found for spec in SPECS.values() for found in spec["legacy"]]

ATTRIBUTES = [
    pytest.param(name, attribute, id=f"{name}.{attribute['name']}")
    for name, found in OBJECTS.items()
    for attribute in found["attributes"]
]

BESIDE_EXT = {
    tuple(found["path"].split(".")[:2]) for found in EXTENSION_ATTRIBUTES if found["path"].split(".")[1] != "ext"
}
"""Extensions documented as attributes of the object itself: (object, attribute)."""

DEFAULT_IN_THE_NOTE = {"BidResponse.ext.igi[].igb[].cur": "USD"}
BEYOND_THE_EXTENSION_DATA = {"BidRequest.prodfeed.ext"}
"""The product listing ads extension lists an `ext` for its object; the specification data leaves it out."""

LONGEST_MEMBER_NAME = 36


def _python_type(wire: str) -> Any:
    """The type of the model for a type of the specification, before `None` is allowed."""
    if wire.startswith("array:"):
        return list[_python_type(wire.removeprefix("array:"))]  # type: ignore[misc]
    if wire in {"object:Ext", "any"}:
        return Raw
    if wire.startswith("object:"):
        return MODEL[wire.removeprefix("object:")]
    return {"string": str, "integer": int, "boolean-int": int, "float": float}[wire]


def _default(attribute: dict[str, Any]) -> Any:
    """The default the policy of the model gives an attribute of the specification."""
    if attribute.get("default") is not None:
        return attribute["default"]
    if attribute["type"] in {"object:Ext", "any"}:
        return Raw()
    if attribute["status"] == "required" and attribute["type"] == "string":
        return ""
    if attribute["status"] == "required" and attribute["type"].startswith("array:"):
        return []
    return None


def _assert_same(owner: type[Wire], name: str, wire: str, default: Any) -> None:
    found = getattr(owner(), name)
    assert found == default
    assert type(found) is type(default), "1.0 is not 1"
    wanted = _python_type(wire)
    assert get_type_hints(owner)[name] == (wanted | None if default is None else wanted)


def _comment(owner: type[Wire], name: str) -> str:
    """What the source says behind an attribute, or above it."""
    sources = [inspect.getsource(cls) for cls in owner.__mro__ if issubclass(cls, Wire)]
    (lines,) = re.findall(rf"^((?:    #.*\n)?    {name}: .*)$", "\n".join(sources), re.MULTILINE)
    return " ".join(re.findall("#(.*)", lines))


# Objects and attributes


def test_the_specification_data_is_complete_and_counted(tell: Tell) -> None:
    counts = {
        "objects": len(OBJECTS),
        "attributes": sum(len(found["attributes"]) for found in OBJECTS.values()),
        "legacy attributes": len(LEGACY),
        "lists": len(LISTS),
        "values": sum(len(found["values"]) for found in LISTS.values()),
        "extension attributes": len(EXTENSION_ATTRIBUTES),
    }
    tell("specification: " + ", ".join(f"{n} {what}" for what, n in counts.items()))
    assert list(counts.values()) == [38 + 15, 417 + 79, 6 + 3, 70, 646, 81]


@pytest.mark.parametrize("name", OBJECTS)
def test_object_is_a_class_that_cites_its_section(name: str) -> None:
    document = "OpenRTB 2.6" if name in SPECS["openrtb-2.6"]["objects"] else "Native 1.2"
    assert f"({document}, {OBJECTS[name]['section']})." in (MODEL[name].__doc__ or "")


@pytest.mark.parametrize(("name", "attribute"), ATTRIBUTES)
def test_attribute_has_the_type_and_default_of_the_specification(name: str, attribute: dict[str, Any]) -> None:
    _assert_same(MODEL[name], attribute["name"], attribute["type"], _default(attribute))


@pytest.mark.parametrize(
    "attribute", [pytest.param(found, id=f"{found['object']}.{found['name']}") for found in LEGACY]
)
def test_removed_attribute_is_still_read_and_marked(attribute: dict[str, Any]) -> None:
    owner = MODEL[attribute["object"]]
    _assert_same(owner, attribute["name"], attribute["type"], None)
    assert "removed in" in _comment(owner, attribute["name"])


@pytest.mark.parametrize("name", OBJECTS)
def test_class_has_no_attribute_beyond_specification_legacy_and_extension(name: str) -> None:
    specified = [found["name"] for found in OBJECTS[name]["attributes"]]
    legacy = [found["name"] for found in LEGACY if found["object"] == name]
    beside_ext = [attribute for owner, attribute in BESIDE_EXT if owner == name]
    assert list(MODEL[name].__struct_fields__) == specified + legacy + beside_ext


def test_model_has_no_class_beyond_the_objects_and_the_product_feed() -> None:
    assert set(MODEL) - set(OBJECTS) == {"ProductFeed"}


@pytest.mark.parametrize(("name", "attribute"), ATTRIBUTES)
def test_comment_of_the_attribute_is_true(name: str, attribute: dict[str, Any]) -> None:
    comment = _comment(MODEL[name], attribute["name"])
    since = attribute["since"] if attribute["name"] != "ext" else None
    assert ("required" in comment) == (attribute["status"] == "required")
    assert ("deprecated" in comment) == (attribute["status"] == "deprecated")
    assert re.findall(r"since ((?:native-)?\d[\w.-]*)", comment) == ([since] if since else [])
    assert not attribute["enum"] or enums.LISTS[attribute["enum"]].__name__ in comment


def test_the_realistic_request_decodes_in_one_strict_pass() -> None:
    body = shared.path("bench/request_3k.json").read_bytes()
    found = msgspec.json.Decoder(request.BidRequest).decode(body)
    assert found.imp[0].pmp is not None
    assert found.imp[0].pmp.deals is not None
    assert [deal.id for deal in found.imp[0].pmp.deals] == ["AB-Agency1-0001", "XY-Agency2-0001"]


# Lists


def _labels(name: str) -> dict[str, str]:
    found = LISTS[name]
    labels: dict[str, str] = {
        **found["values"],
        **found.get("legacy_values", {}),
        **found.get("deprecated_values", {}),
    }
    return labels


def test_every_list_has_its_class_and_every_class_its_list() -> None:
    modules = [value for value in vars(enums).values() if inspect.ismodule(value)]
    classes = {
        cls
        for module in modules
        for cls in vars(module).values()
        if inspect.isclass(cls) and cls.__module__ == module.__name__
    }
    assert set(enums.LISTS) == set(LISTS)
    assert set(enums.LISTS.values()) == classes
    assert len(classes) == len(LISTS)


@pytest.mark.parametrize("name", LISTS)
def test_class_is_named_after_its_list(name: str) -> None:
    words = re.sub(r"\(segtax\)|[^\w ]", " ", name.replace(".", "")).split()
    assert enums.LISTS[name].__name__.lower() == "".join(words).lower()


@pytest.mark.parametrize("name", LISTS)
def test_list_has_exactly_the_values_of_the_specification(name: str) -> None:
    members = [str(member.value) for member in enums.LISTS[name].__members__.values()]
    assert sorted(members) == sorted(_labels(name))


def test_only_codes_that_are_words_make_a_string_list() -> None:
    strings = {name for name, found in LISTS.items() if not all(re.fullmatch(r"-?\d+", v) for v in found["values"])}
    assert {name for name, cls in enums.LISTS.items() if issubclass(cls, StrEnum)} == strings
    assert {name for name, cls in enums.LISTS.items() if issubclass(cls, IntEnum)} == set(LISTS) - strings


@pytest.mark.parametrize("name", LISTS)
def test_member_names_are_short_and_share_a_word_with_the_label_of_their_code(name: str) -> None:
    labels = _labels(name)
    for member in enums.LISTS[name]:
        label = f"{member.value}{labels[str(member.value)]}".replace("1plus", "oneplus")
        squeezed = re.sub(r"[^a-z0-9]", "", label.lower())
        words = [word for word in member.name.lower().split("_") if not word.isdigit()]
        assert any(word in squeezed for word in words), f"{member!r} is labelled {label!r}"
        assert len(member.name) <= LONGEST_MEMBER_NAME, member


@pytest.mark.parametrize("name", LISTS)
def test_list_says_where_its_open_range_begins(name: str) -> None:
    doc = enums.LISTS[name].__doc__ or ""
    starts = [span["min"] for span in LISTS[name]["ranges"] if span["max"] is None]
    assert re.findall(r"(\d+) and above: ", doc) == [str(start) for start in starts]
    assert set(starts) <= {enums.VENDOR_SPECIFIC_FROM, 1}


def test_segment_taxonomies_document_the_ranges_their_vendors_hold() -> None:
    doc = enums.SegmentTaxonomies.__doc__ or ""
    documented = {code for low, high in re.findall(r"(\d+)-(\d+)", doc) for code in range(int(low), int(high) + 1)}
    held = {
        code for span in LISTS["Segment Taxonomies (segtax)"]["ranges"] for code in range(span["min"], span["max"] + 1)
    }
    assert documented == held


# Extensions


def _step(owner: type[Wire], name: str) -> Any:
    """The class an attribute leads to, or its type."""
    if name == "ext" and owner in EXTENSIONS:
        return EXTENSIONS[owner]
    annotation = get_type_hints(owner)[name]
    (inner,) = [each for each in get_args(annotation) or [annotation] if each is not type(None)]
    return inner


def _owner(path: str) -> type[Wire]:
    """The class that holds the last attribute of an extension's path."""
    first, *steps = path.split(".")
    owner: Any = MODEL[first]
    for step in steps[:-1]:
        owner = _step(owner, step.removesuffix("[]"))
        if step.endswith("[]"):
            (owner,) = get_args(owner)
    return cast("type[Wire]", owner)


def _leaves(owner: type[Wire], path: str) -> Iterator[str]:
    """The paths of all attributes below a class of an extension, down to plain values and objects of the model."""
    known = {*MODEL.values()} - {request.ProductFeed}
    for name in owner.__struct_fields__:
        inner = _step(owner, name)
        many = bool(get_args(inner))
        item = get_args(inner)[0] if many else inner
        if inspect.isclass(item) and issubclass(item, Wire) and item not in known:
            yield from _leaves(item, f"{path}.{name}{'[]' if many else ''}")
        else:
            yield f"{path}.{name}"


@pytest.mark.parametrize("attribute", [pytest.param(found, id=found["path"]) for found in EXTENSION_ATTRIBUTES])
def test_extension_attribute_is_read_with_the_type_and_default_of_its_document(attribute: dict[str, Any]) -> None:
    path = attribute["path"]
    owner, name = _owner(path), path.rpartition(".")[2]
    _assert_same(owner, name, attribute["type"], DEFAULT_IN_THE_NOTE.get(path, _default(attribute)))
    if attribute.get("enum"):
        assert enums.LISTS[attribute["enum"]].__name__ in _comment(owner, name)
    if attribute.get("promoted_to"):
        assert f"`{attribute['promoted_to']}` since {attribute['promoted_in']}" in _comment(owner, name)


def test_extensions_have_no_attribute_beyond_their_documents() -> None:
    under_ext = [leaf for owner, ext in EXTENSIONS.items() for leaf in _leaves(ext, f"{owner.__name__}.ext")]
    beside_ext = [
        leaf
        for owner, name in BESIDE_EXT
        for leaf in _leaves(_step(MODEL[owner], name), f"{owner}.{name}")
        if leaf not in BEYOND_THE_EXTENSION_DATA
    ]
    assert sorted(under_ext + beside_ext) == sorted(found["path"] for found in EXTENSION_ATTRIBUTES)
