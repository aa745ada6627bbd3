"""Impressions, clicks and conversions: once for each bid, and clicks to the creative's own page only."""

from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bidder.domain.links import CLICK_ID, Kind
from bidder.domain.outcome import Outcome
from bidder.domain.ticket import Billable
from bidder.events.schema import Conversion, decode, encode
from bidder.web.tracking_memory import Memory
from tests.domain.test_landing import EVIL
from tests.domain.tickets import LANDING, ticket
from tests.web.notice_desk import WINDOW_S, Desk, click_query, forged_click_query, outcomes

TRACKED = (Kind.IMPRESSION, Kind.CLICK, Kind.CONVERSION)


def query_of(kind: Kind, desk: Desk) -> str:
    return click_query(desk) if kind is Kind.CLICK else ""


@pytest.mark.parametrize("kind", TRACKED)
def test_each_is_counted_once_for_a_bid(kind: Kind) -> None:
    desk = Desk()
    query = query_of(kind, desk)
    found = [desk.call(kind, query).outcome, desk.call(kind, query).outcome]
    assert found == [Outcome.COUNTED, Outcome.REPEATED]
    assert desk.call(kind, query, ticket(bid_id=2)).outcome is Outcome.COUNTED
    assert desk.counted() == {f"{kind} counted": 2, f"{kind} repeated": 1}


@pytest.mark.parametrize("kind", TRACKED)
def test_each_is_counted_until_the_window_ends(kind: Kind) -> None:
    desk = Desk()
    desk.now_s += WINDOW_S - 1
    assert desk.call(kind, query_of(kind, desk)).outcome is Outcome.COUNTED
    desk.now_s += 1
    assert desk.call(kind, query_of(kind, desk), ticket(bid_id=2)).outcome is Outcome.EXPIRED


@pytest.mark.parametrize("kind", TRACKED)
@pytest.mark.parametrize("event", Billable)
def test_a_test_ticket_is_never_counted_and_moves_no_money(kind: Kind, event: Billable) -> None:
    desk = Desk()
    query = "&".join(("p=1.70", query_of(kind, desk)))
    receipt = desk.call(kind, query, ticket(test=True, billable=event))
    assert (receipt.outcome, receipt.money, desk.money()) == (Outcome.TEST, None, (0, 0))
    assert all(getattr(recorded, "test", False) for recorded in receipt.events)


def test_markup_that_is_rendered_for_an_audit_is_no_impression() -> None:
    desk = Desk()
    assert desk.call(Kind.IMPRESSION, "p=AUDIT").outcome is Outcome.AUDIT
    assert desk.call(Kind.IMPRESSION, "p=1.70").outcome is Outcome.COUNTED


@pytest.mark.parametrize("query", ["", "p=", "p=${AUCTION_PRICE}", "p=-1", "p=1&p=2"])
def test_an_impression_counts_whatever_the_price_where_it_is_not_billed(query: str) -> None:
    desk = Desk()
    receipt = desk.call(Kind.IMPRESSION, query)
    assert (receipt.outcome, receipt.money) == (Outcome.COUNTED, None)
    assert outcomes(receipt.events) == [("impression", Outcome.COUNTED)]


def test_where_the_pixel_is_billed_an_impression_is_one_impression_and_one_billing() -> None:
    desk = Desk()
    bid = ticket(billable=Billable.IMPRESSION)
    receipt = desk.call(Kind.IMPRESSION, "p=1.70", bid)
    assert outcomes(receipt.events) == [("impression", Outcome.COUNTED)]
    assert receipt.money is not None
    assert (receipt.money.kind, receipt.money.price_micros) == ("billing", 1700)
    again = desk.call(Kind.IMPRESSION, "p=1.70", bid)
    assert outcomes(again.events) == [("impression", Outcome.REPEATED), ("billing", Outcome.REPEATED)]
    assert again.money is None
    assert desk.money() == (1700, 0)


@pytest.mark.parametrize(
    ("query", "outcome"),
    [
        ("p=AUDIT", Outcome.AUDIT),
        ("", Outcome.EMPTY),
        ("p=${AUCTION_PRICE}", Outcome.UNEXPANDED),
        ("p=-1", Outcome.NEGATIVE),
        ("p=1&p=2", Outcome.AMBIGUOUS),
    ],
)
def test_where_the_pixel_is_billed_one_without_a_price_moves_no_money(query: str, outcome: Outcome) -> None:
    desk = Desk()
    receipt = desk.call(Kind.IMPRESSION, query, ticket(billable=Billable.IMPRESSION))
    assert receipt.money is None
    assert outcomes(receipt.events)[-1] == ("billing", outcome)
    assert desk.money() == (0, 0)


def test_a_click_leads_to_the_landing_page_with_its_id() -> None:
    desk = Desk()
    receipt = desk.call(Kind.CLICK, click_query(desk))
    assert receipt.status == 302
    assert receipt.location is not None
    there = urlsplit(receipt.location)
    assert (there.scheme, there.netloc, there.path, there.fragment) == ("https", "shop.example", "/shoes", "top")
    text = desk.text(Kind.CLICK)
    assert parse_qs(there.query) == {"size": ["42"], "color": ["red"], CLICK_ID: [text]}
    assert desk.call(Kind.CONVERSION, "", text=text).outcome is Outcome.COUNTED


@pytest.mark.parametrize("change", [{"test": True}, {"at_s": 0}, {}], ids=["test", "expired", "repeated"])
def test_a_click_that_does_not_count_still_leads_to_the_landing_page(change: dict[str, int]) -> None:
    desk = Desk()
    desk.call(Kind.CLICK, click_query(desk))
    receipt = desk.call(Kind.CLICK, click_query(desk), ticket(**change))
    assert receipt.outcome in {Outcome.TEST, Outcome.EXPIRED, Outcome.REPEATED}
    assert (receipt.status, receipt.location is not None) == (302, True)


@pytest.mark.parametrize("url", [*EVIL, "https://evil.example/", LANDING + "/", LANDING.upper()])
def test_a_click_leads_nowhere_else(url: str) -> None:
    desk = Desk()
    receipt = desk.call(Kind.CLICK, forged_click_query(desk, url))
    assert (receipt.status, receipt.outcome, receipt.location) == (403, Outcome.BAD_LANDING, None)
    assert desk.counted() == {"click bad_landing": 1}


@pytest.mark.parametrize("other", [{"creative": "hats-728x90"}, {"campaign": "hats-winter"}])
def test_a_click_does_not_lead_to_the_landing_page_of_another_creative(other: dict[str, str]) -> None:
    desk = Desk()
    receipt = desk.call(Kind.CLICK, click_query(desk, **other))
    assert (receipt.status, receipt.location) == (403, None)


@pytest.mark.parametrize(
    "pattern", ["", "{to}", "{sig}", "{to}&{sig}&{to}", "{to}&{sig}&{sig}", "{to}&sig=", "to=&{sig}"]
)
def test_a_click_without_just_one_page_and_one_proof_leads_nowhere(pattern: str) -> None:
    desk = Desk()
    to, sig = click_query(desk).split("&")
    receipt = desk.call(Kind.CLICK, pattern.format(to=to, sig=sig))
    assert (receipt.status, receipt.location) == (403, None)


def test_a_click_with_a_forged_ticket_leads_nowhere_even_with_a_good_page() -> None:
    desk = Desk()
    receipt = desk.call(Kind.CLICK, click_query(desk), text=desk.text(Kind.CLICK)[:-1])
    assert (receipt.status, receipt.outcome, receipt.location) == (403, Outcome.BAD_SIGNATURE, None)


def test_a_conversion_tells_what_it_was_and_what_it_was_worth() -> None:
    desk = Desk()
    (conversion,) = desk.call(Kind.CONVERSION, "event=purchase&value=129.90&ref=order-7").events
    assert isinstance(conversion, Conversion)
    assert (conversion.event, conversion.value_micros, conversion.reference) == ("purchase", 129_900_000, "order-7")


def test_several_conversions_of_one_bid_count_if_they_differ_in_event_or_reference() -> None:
    desk = Desk()
    queries = ["event=lead", "event=purchase&ref=1", "event=purchase&ref=2", "event=purchase&ref=1&value=5"]
    found = [desk.call(Kind.CONVERSION, query).outcome for query in queries]
    assert found == [Outcome.COUNTED] * 3 + [Outcome.REPEATED]


@pytest.mark.parametrize("value", ["", "abc", "-5", "nan", "1e400", "%D9%A3", "${VALUE}"])
def test_a_conversion_with_a_value_that_is_none_counts_without_it(value: str) -> None:
    (conversion,) = Desk().call(Kind.CONVERSION, f"value={value}").events
    assert isinstance(conversion, Conversion)
    assert (conversion.outcome, conversion.value_micros) == ("counted", None)


def test_a_conversion_that_says_two_things_is_not_counted() -> None:
    receipt = Desk().call(Kind.CONVERSION, "value=1&value=1000000")
    assert (receipt.status, receipt.outcome) == (204, Outcome.AMBIGUOUS)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=200).filter(lambda text: "&" not in text))
def test_whatever_an_advertiser_writes_can_be_recorded(text: str) -> None:
    (conversion,) = Desk().call(Kind.CONVERSION, f"event={text}&ref={text}").events
    assert isinstance(conversion, Conversion)
    assert decode(encode(conversion)) == conversion
    assert max(len(conversion.event), len(conversion.reference)) <= 64
    assert (conversion.event + conversion.reference).isprintable()


def test_the_memory_knows_the_latest_keys_and_is_bounded() -> None:
    memory = Memory(10)
    assert all(memory.is_new(key) for key in range(100))
    assert not any(memory.is_new(key) for key in range(90, 100))
    assert sum(not memory.is_new(key) for key in range(1000, 1100)) == 0
    assert memory.is_new(0)
