"""Macros are found, expanded and read as OpenRTB 2.6, section 4.4 has it, and survive URLs, HTML and XML."""

import json
import re
from decimal import Decimal
from html.parser import HTMLParser
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openrtb.macros import (
    Context,
    Found,
    Macro,
    PriceKind,
    Problem,
    expand,
    find,
    from_base64,
    misspelt,
    read_price,
    to_base64,
)
from openrtb.macros.spelling import MAX_MISSPELT, OPENRTB_3_NAMES
from tests import shared

PRICE = Macro.AUCTION_PRICE

texts = st.text(max_size=60)
tokens = st.builds(Macro.token, st.sampled_from(Macro), st.sampled_from([None, "B64", "X"]))
pieces = st.sampled_from(["$", "{", "}", "${", ":", "]]>", "<![CDATA[", "%", "a"])
templates = st.lists(st.one_of(tokens, pieces, texts)).map("".join)
xml_texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff"))


# The specification


def test_the_names_are_those_of_the_specification_and_of_the_dsa_extension() -> None:
    spec = shared.spec("macros")
    expected = [m["token"] for m in spec["macros"]] + [m["token"] for m in spec["extension_macros"]]
    assert [macro.token() for macro in Macro] == expected


def test_the_encoded_form_of_every_name_is_that_of_the_specification() -> None:
    for macro in shared.spec("macros")["macros"]:
        assert Macro(macro["name"]).token("X") == macro["encoded_token"]


def test_openrtb_3_names_are_those_of_the_specification() -> None:
    pairs = {m["openrtb3_name"]: m["name"] for m in shared.spec("macros")["macros"] if m["openrtb3_name"]}
    assert pairs == OPENRTB_3_NAMES


# Finding


def test_a_token_is_found_with_its_encoding_and_place() -> None:
    text = "a=${AUCTION_ID}&p=${AUCTION_PRICE:B64}"
    assert find(text) == [Found(Macro.AUCTION_ID, None, 2, 15), Found(PRICE, "B64", 18, 38)]
    assert text[18:38] == PRICE.token("B64")


def test_a_name_that_begins_like_another_is_found_whole() -> None:
    assert [found.macro for found in find("${AUCTION_IMP_TS}${AUCTION_IMP_ID}${DSAPARAMS}")] == [
        Macro.AUCTION_IMP_TS,
        Macro.AUCTION_IMP_ID,
        Macro.DSAPARAMS,
    ]


def test_every_macro_in_the_notices_of_the_corpus_is_recognised() -> None:
    written = found = 0
    misspellings: list[str] = []
    for record in shared.corpus("notices"):
        body = json.dumps(record["body"])
        written += body.count("$")
        found += len(find(body))
        misspellings += [misspelling.text for misspelling in misspelt(body)]
    assert misspellings == ["${auction_price}"]
    assert found == 27
    assert written == found + len(misspellings)


# Expanding


def test_values_replace_tokens_and_missing_values_leave_nothing() -> None:
    text = "?p=${AUCTION_PRICE}&c=${AUCTION_CURRENCY}&s=${AUCTION_SEAT_ID}"
    assert expand(text, {PRICE: "1.25", Macro.AUCTION_CURRENCY: "USD"}) == "?p=1.25&c=USD&s="


def test_what_is_no_token_stays_as_it_is() -> None:
    text = "${AUCTION_FOO} ${auction_price} $AUCTION_PRICE ${AUCTION_PRICE ${AUCTION_PRICE:} ${} %24%7BAUCTION_PRICE%7D"
    assert expand(text, {PRICE: "1"}) == text


def test_b64_is_padded_standard_base64() -> None:
    assert expand("${AUCTION_ID:B64}", {Macro.AUCTION_ID: "\u00bf?>"}) == "wr8/Pg=="


def test_base64_in_a_url_is_percent_encoded() -> None:
    assert expand("${AUCTION_ID:B64}", {Macro.AUCTION_ID: "\u00bf?>"}, context=Context.URL) == "wr8%2FPg%3D%3D"


def test_an_encoding_nobody_agreed_on_leaves_the_token() -> None:
    assert expand("${AUCTION_PRICE:X}|${AUCTION_PRICE}", {PRICE: "2"}) == "${AUCTION_PRICE:X}|2"


def test_parties_may_agree_on_an_encoding_of_their_own() -> None:
    assert expand("${AUCTION_PRICE:REV}", {PRICE: "1.25"}, encodings={"REV": lambda value: value[::-1]}) == "52.1"


def test_an_absent_value_is_empty_in_its_encoded_form_too() -> None:
    assert expand("p=${AUCTION_PRICE:B64}", {}) == "p="


def test_inserted_values_are_not_searched_for_tokens() -> None:
    assert expand("${AUCTION_ID}", {Macro.AUCTION_ID: "${AUCTION_PRICE}", PRICE: "1"}) == "${AUCTION_PRICE}"


@given(texts.filter(lambda text: not find(text)), st.sampled_from(Context))
def test_text_without_tokens_is_returned_as_it_is(text: str, context: Context) -> None:
    assert expand(text, dict.fromkeys(Macro, "value"), context=context) == text


@given(templates)
def test_after_expansion_only_tokens_of_unknown_encodings_remain(template: str) -> None:
    expanded = expand(template, {}, context=Context.PLAIN)
    untouched = [found for found in find(template) if found.encoding not in {None, "B64"}]
    length = sum(found.end - found.start for found in find(template)) - sum(f.end - f.start for f in untouched)
    assert len(expanded) == len(template) - length


@given(texts.filter(bool), st.sampled_from([None, "B64"]))
def test_a_value_put_into_a_url_comes_back_from_its_query(value: str, encoding: str | None) -> None:
    url = expand(f"https://w.example/n?x={PRICE.token(encoding)}&y=1", {PRICE: value}, context=Context.URL)
    received = parse_qs(urlsplit(url).query)["x"][0]
    assert (from_base64(received) if encoding else received) == value


@given(texts)
def test_a_value_put_into_html_comes_back_from_attribute_and_text(value: str) -> None:
    class Reader(HTMLParser):
        title: str | None = None
        body = ""

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
            self.title = dict(attrs)["title"]

        def handle_data(self, data: str) -> None:
            self.body += data

    reader = Reader()
    reader.feed(expand('<p title="${AUCTION_ID}">${AUCTION_ID}</p>', {Macro.AUCTION_ID: value}, context=Context.HTML))
    reader.close()
    assert (reader.title, reader.body) == (value, value)


XML = """<VAST a="${AUCTION_ID}" b='${AUCTION_ID}'><!-- ${AUCTION_ID}${AUCTION_ID} <![CDATA[ --><T>${AUCTION_ID}</T>\
<C><![CDATA[]]${AUCTION_ID}>]${AUCTION_ID}]>${AUCTION_ID}]${AUCTION_ID}${AUCTION_ID}]>]]></C><T>${AUCTION_ID}</T></VAST>"""


def parse_xml(text: str) -> ET.Element:
    return ET.fromstring(text.encode())  # noqa: S314


@given(st.one_of(xml_texts, st.text("]>-&<\"'\t\r\n")))
def test_a_value_put_into_xml_comes_back_from_attributes_text_and_cdata(value: str) -> None:
    root = parse_xml(expand(XML, {Macro.AUCTION_ID: value}, context=Context.XML))
    assert root.attrib == {"a": value, "b": value}
    assert [element.text or "" for element in root.iter("T")] == [value, value]
    assert root.findtext("C") == f"]]{value}>]{value}]>{value}]{value}{value}]>"


@given(st.text(st.characters()))
def test_a_value_no_xml_can_hold_still_gives_xml_that_parses(value: str) -> None:
    assert parse_xml(expand(XML, {Macro.AUCTION_ID: value}, context=Context.XML)).tag == "VAST"


def test_a_plain_value_in_a_cdata_section_stands_as_it_is() -> None:
    text = "<Impression><![CDATA[https://t.example/?p=${AUCTION_PRICE}&a=1]]></Impression>"
    assert expand(text, {PRICE: "1.25&b"}, context=Context.XML) == text.replace("${AUCTION_PRICE}", "1.25&b")


def test_no_value_in_a_cdata_section_leaves_nothing() -> None:
    text = "<Impression><![CDATA[https://t.example/?p=${AUCTION_PRICE}&a=1]]></Impression>"
    assert expand(text, {}, context=Context.XML) == text.replace("${AUCTION_PRICE}", "")


# Base64


@given(texts)
def test_base64_is_read_in_all_its_spellings(value: str) -> None:
    standard = to_base64(value)
    url_safe = standard.replace("+", "-").replace("/", "_")
    for written in (standard, standard.rstrip("="), url_safe, url_safe.rstrip("="), standard.replace("+", " ")):
        assert from_base64(written) == value


@pytest.mark.parametrize("text", ["A", "AUDIT", "!!!!", "\u00e9", "/w==", "${AUCTION_PRICE:B64}"])
def test_what_is_not_base64_is_refused_with_the_text_found(text: str) -> None:
    with pytest.raises(ValueError, match=re.escape(repr(text))):
        from_base64(text)


# Spelling


@pytest.mark.parametrize(
    ("written", "problem", "meant"),
    [
        ("${auction_price}", Problem.CASE, "${AUCTION_PRICE}"),
        ("${Auction_Price:B64}", Problem.CASE, "${AUCTION_PRICE:B64}"),
        ("${AUCTION PRICE}", Problem.NAME, "${AUCTION_PRICE}"),
        ("${AUCTION-PRICE}", Problem.NAME, "${AUCTION_PRICE}"),
        ("${ AUCTION_PRICE }", Problem.NAME, "${AUCTION_PRICE}"),
        ("${AuctionPrice}", Problem.NAME, "${AUCTION_PRICE}"),
        ("${AUCTION_PRCIE}", Problem.UNKNOWN, "${AUCTION_PRICE}"),
        ("${AUCTION_WEATHER}", Problem.UNKNOWN, None),
        ("${OPENRTB_ITEM_ID}", Problem.OPENRTB_3, "${AUCTION_IMP_ID}"),
        ("${AUCTION_PRICE:b64}", Problem.ENCODING, "${AUCTION_PRICE}"),
        ("$AUCTION_PRICE", Problem.DELIMITERS, "${AUCTION_PRICE}"),
        ("${AUCTION_PRICE", Problem.DELIMITERS, "${AUCTION_PRICE}"),
        ("{AUCTION_PRICE}", Problem.DELIMITERS, "${AUCTION_PRICE}"),
        ("{{AUCTION_PRICE}}", Problem.DELIMITERS, "${AUCTION_PRICE}"),
        ("[AUCTION_PRICE]", Problem.DELIMITERS, "${AUCTION_PRICE}"),
        ("$(AUCTION_PRICE)", Problem.DELIMITERS, "${AUCTION_PRICE}"),
        ("%%AUCTION_PRICE%%", Problem.DELIMITERS, "${AUCTION_PRICE}"),
        ("%%auction_price%%", Problem.DELIMITERS, "${AUCTION_PRICE}"),
        ("%24%7BAUCTION_PRICE%7D", Problem.PERCENT_ENCODED, "${AUCTION_PRICE}"),
        ("%24%7bAUCTION_PRICE%3AB64%7d", Problem.PERCENT_ENCODED, "${AUCTION_PRICE:B64}"),
        ("$%7BAUCTION_PRICE%7D", Problem.PERCENT_ENCODED, "${AUCTION_PRICE}"),
        ("%2524%257BAUCTION_PRICE%257D", Problem.PERCENT_ENCODED, "${AUCTION_PRICE}"),
    ],
)
def test_a_near_miss_is_reported_with_its_place_and_what_was_meant(
    written: str, problem: Problem, meant: str | None
) -> None:
    [misspelling] = misspelt(f"https://w.example/?price={written}&auction_id=${{AUCTION_ID}}")
    assert misspelling.text == written
    assert misspelling.start == len("https://w.example/?price=")
    assert (misspelling.problem, misspelling.meant) == (problem, meant)


@pytest.mark.parametrize(
    "text",
    [
        "?auction_price=1&AUCTION_ID=2",
        "%%CACHEBUSTER%% [TIMESTAMP] {{price}} $price ${price}",
        "row[auction_id] {auction_id} $auction_id 100%%auction_id",
        "${auction}${auctionPrices}${dsa}",
        "{AUCTION_PRICE: 1}",
        "$${AUCTION_PRICE}} {${AUCTION_PRICE}}",
    ],
)
def test_other_templates_and_parameter_names_are_not_reported(text: str) -> None:
    assert misspelt(text) == []


def test_every_near_miss_of_a_text_is_reported() -> None:
    text = "$AUCTION_ID %%AUCTION_PRICE%% ${AUCTION_IMP_ID ${auction_loss} ${AUCTION_PRICE}[AUCTION_MBR]"
    assert [misspelling.text for misspelling in misspelt(text)] == [
        "$AUCTION_ID",
        "%%AUCTION_PRICE%%",
        "${AUCTION_IMP_ID",
        "${auction_loss}",
        "[AUCTION_MBR]",
    ]


def test_a_text_full_of_near_misses_is_reported_in_part() -> None:
    text = "${auction_price}" * (MAX_MISSPELT + 5)
    assert [found.start for found in misspelt(text)] == [16 * index for index in range(MAX_MISSPELT)]


def test_an_encoding_that_was_agreed_on_is_not_reported() -> None:
    assert misspelt("${AUCTION_PRICE:AES}", encodings={"AES"}) == []


@given(templates)
def test_no_token_is_both_expanded_and_reported(template: str) -> None:
    expanded = {found.start for found in find(template) if found.encoding in {None, "B64"}}
    assert expanded.isdisjoint(misspelling.start for misspelling in misspelt(template))


def test_the_misspellings_of_the_corpus_are_known() -> None:
    written = {m.text for record in shared.corpus("responses") for m in misspelt(json.dumps(record["body"]))}
    assert written == {"${auction_price}"}


# Reading a price


@pytest.mark.parametrize(
    ("text", "micros"),
    [("1.25", 1_250_000), ("2.01", 2_010_000), ("0.35156032", 351_560), ("5.", 5_000_000), (".5", 500_000),
     ("1e-3", 1_000), ("+1", 1_000_000), (" 1 ", 1_000_000), ("-0.0", 0), ("0.0000005", 0), ("0.0000015", 2),
     ("9223372036854.775807", 2**63 - 1)],
)  # fmt: skip
def test_a_price_is_read_as_whole_micros(text: str, micros: int) -> None:
    assert read_price(text).kind is PriceKind.VALUE
    assert read_price(text).cpm_micros == micros


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("", PriceKind.EMPTY),
        ("  ", PriceKind.EMPTY),
        ("AUDIT", PriceKind.AUDIT),
        ("${AUCTION_PRICE}", PriceKind.UNEXPANDED),
        ("${AUCTION_PRICE:B64}", PriceKind.UNEXPANDED),
        ("%24%7BAUCTION_PRICE%7D", PriceKind.UNEXPANDED),
        ("${auction_price}", PriceKind.UNEXPANDED),
        ("$AUCTION_PRICE", PriceKind.UNEXPANDED),
        ("%%WINNING_PRICE%%", PriceKind.UNEXPANDED),
        ("{AUCTION_PRICE}", PriceKind.UNEXPANDED),
        ("-0.01", PriceKind.NEGATIVE),
        ("NaN", PriceKind.NON_FINITE),
        ("-inf", PriceKind.NON_FINITE),
        ("Infinity", PriceKind.NON_FINITE),
        ("1e400", PriceKind.OUT_OF_RANGE),
        ("9223372036854.775808", PriceKind.OUT_OF_RANGE),
        ("1,25", PriceKind.NOT_A_NUMBER),
        ("$1.25", PriceKind.NOT_A_NUMBER),
        ("1_000", PriceKind.NOT_A_NUMBER),
        ("\u0661", PriceKind.NOT_A_NUMBER),
        ("free", PriceKind.NOT_A_NUMBER),
        ("1e999999999", PriceKind.NOT_A_NUMBER),
        ("1" * 65, PriceKind.NOT_A_NUMBER),
    ],
)
def test_what_is_no_price_is_told_apart_and_carries_no_money(text: str, kind: PriceKind) -> None:
    assert read_price(text).kind is kind
    assert read_price(text).cpm_micros is None


def test_an_encoded_price_is_decoded_and_its_placeholders_still_seen() -> None:
    def kind(text: str) -> PriceKind:
        return read_price(text, decode=from_base64).kind

    assert read_price("MS4yNQ", decode=from_base64).cpm_micros == 1_250_000
    assert kind("${AUCTION_PRICE:B64}") is PriceKind.UNEXPANDED
    assert kind("AUDIT") is kind(to_base64("AUDIT")) is PriceKind.AUDIT
    assert kind("") is PriceKind.EMPTY
    assert kind("1.25") is PriceKind.NOT_A_NUMBER


@given(st.integers(0, 2**63 - 1))
def test_every_amount_of_micros_survives_being_written_and_read(micros: int) -> None:
    assert read_price(f"{Decimal(micros).scaleb(-6):f}").cpm_micros == micros


@given(st.one_of(texts, st.text("0123456789.eE+-naif$%{}", max_size=80)))
def test_any_text_at_all_is_read_and_only_a_value_has_micros(text: str) -> None:
    price = read_price(text)
    assert (price.cpm_micros is not None) == (price.kind is PriceKind.VALUE)
