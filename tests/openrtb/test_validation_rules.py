"""The rules that validation reports against the rules of the specification."""

from openrtb import decode_request
from openrtb.validate import OWN_RULES, SPEC_RULES, validate_request
from openrtb.validate.attributes import RANGES, REQUIRED
from openrtb.validate.codes import LISTS
from openrtb.validate.rules import DEPRECATIONS, SEVERITIES
from tests.openrtb import test_validate_creative, test_validate_request, test_validate_response
from tests.shared import path, spec

SEVERITY_OF_LEVEL = {"must": "error", "should": "warning", "fact": "warning"}

NOT_CHECKED = {
    # request: nothing in a document can show them broken
    "unknown-fields": "asks the reader to tolerate; decoding does",
    "schain-order": "who sends the request is not in it",
    "schain-complete": "which nodes are missing is not in the chain",
    "regs-legacy-ext": "asks the reader to look in old places; upgrading does",
    "pod-slotinpod-request": "whether the seller can guarantee the slot is not in the request",
    "content-id-own": "whose id it is cannot be seen",
    "content-genres": "the taxonomies are not at hand",
    "device-sua-over-ua": "asks the reader to prefer sua",
    "dooh-names": "asks the reader to take both names; decoding does",
    # response: nothing in a document can show them broken
    "pmp-both": "whether the bidder had an open bid as well cannot be seen",
    "pmp-no-price-cut": "bids left out cannot be seen",
    "video-skip-creative": "whether the creative brings its own skip button cannot be seen",
    "resp-nobid-bots": "whether a request came from a bot cannot be seen",
    # response: checked under the rule of the floor that was broken
    "pod-mincpmpersec": "imp-floor and deal-floor",
    "floors-precedence": "imp-floor and deal-floor",
}
"""Rules on requests and responses that no finding bears, and why."""


def test_every_rule_taken_from_the_specification_is_there_with_its_level() -> None:
    levels = {rule["id"]: rule["level"] for rule in spec("rules")}
    stated = {rule: SEVERITY_OF_LEVEL[levels[rule]] for rule in SPEC_RULES}
    assert stated | dict.fromkeys(DEPRECATIONS, "warning") == SPEC_RULES
    assert {stated[rule] for rule in DEPRECATIONS} == {"error"}


def test_a_deprecation_is_a_rule_on_attributes_that_the_specification_marks_as_deprecated() -> None:
    deprecated = {name for _, name in described(status="deprecated")}
    found = {fault.path.rpartition(".")[2] for fault in test_validate_request.FAULTS if fault.rule in DEPRECATIONS}
    assert found
    assert found <= deprecated


def test_the_realistic_request_has_no_errors() -> None:
    found = validate_request(decode_request(path("bench/request_3k.json").read_bytes()))
    assert [each for each in found if each.severity == "error"] == []
    assert {each.rule for each in found} == {"user-yob-gender"}


def test_every_binding_rule_on_documents_is_checked_or_listed_with_a_reason() -> None:
    binding = {
        rule["id"]
        for rule in spec("rules")
        if rule["check"] in {"request", "response"} and rule["level"] in {"must", "should"}
    }
    assert binding - SPEC_RULES.keys() == NOT_CHECKED.keys()


def test_rules_of_our_own_are_not_named_like_rules_of_the_specification() -> None:
    assert OWN_RULES.keys().isdisjoint(rule["id"] for rule in spec("rules"))


def test_every_rule_has_a_test_that_breaks_it() -> None:
    broken = {fault.rule for fault in test_validate_request.FAULTS}
    broken |= {fault.rule for fault in test_validate_response.FAULTS + test_validate_creative.FAULTS}
    separately = {"response-size", "response-unwritable", "too-many-findings"}  # not one fault in one place
    assert broken | separately == SEVERITIES.keys()


def test_every_attribute_with_a_coded_list_is_checked_against_it() -> None:
    documents = (spec("openrtb-2.6"), spec("native-1.2"))
    coded = {
        (name, attribute["name"])
        for document in documents
        for name, table in document["objects"].items()
        for attribute in table["attributes"]
        if attribute["enum"] and "integer" in attribute["type"]
    }
    checked = {(cls.__name__, name) for cls, lists in LISTS.items() for name in lists}
    legacy = {("NativeRequest", "layout"), ("NativeRequest", "adunit")}
    assert checked == coded | legacy


def described(**wanted: str) -> set[tuple[str, str]]:
    """Object and name of the attributes of both specifications that have the wanted properties."""
    return {
        (name, attribute["name"])
        for document in (spec("openrtb-2.6"), spec("native-1.2"))
        for name, table in document["objects"].items()
        for attribute in table["attributes"]
        if all(attribute[key] == value for key, value in wanted.items())
    }


def test_every_required_attribute_is_demanded() -> None:
    demanded = {(cls.__name__, name) for cls, names in REQUIRED.items() for name in names}
    assert demanded | {("NativeResponse", "link")} == described(status="required")  # the link has a rule of its own


def test_every_flag_is_held_to_0_and_1() -> None:
    flags = {
        (cls.__name__, name) for cls, spans in RANGES.items() for name, span in spans.items() if set(span) == {0, 1}
    }
    open_lists = {("Content", "realtime"), ("Content", "firstbroadcast")}  # typed integer, with the values 0 and 1
    assert flags - open_lists == described(type="boolean-int")
