"""The routes of notices and tracking over real sockets: statuses, bodies, attacks, and disks that fail."""

import asyncio
from collections.abc import AsyncIterator
from urllib.parse import parse_qs, urlsplit

import pytest

from bidder.domain.links import CLICK_ID, Kind
from bidder.domain.ticket import Billable
from bidder.events.schema import Click, Conversion, Impression, Notice
from bidder.web import notice_routes
from bidder.web.notice_routes import MAX_FORM_BYTES, PIXEL
from tests.domain.test_landing import EVIL
from tests.domain.tickets import LANDING, OTHER_KEY, signer, ticket
from tests.web.notice_desk import Desk, WebPort, click_query, forged_click_query, web_port

FORM = "Content-Type: application/x-www-form-urlencoded\r\n"


@pytest.fixture
async def port() -> AsyncIterator[WebPort]:
    async with web_port() as running:
        yield running


def path(desk: Desk, kind: Kind, query: str = "") -> str:
    return f"/{kind}/{desk.text(kind)}" + (f"?{query}" if query else "")


async def test_the_urls_of_a_bid_work_from_the_win_to_the_sale(port: WebPort) -> None:
    links = port.links
    win = await port.get(links.win.replace("${AUCTION_PRICE}", "1.70"))
    bill = await port.get(links.billing.replace("${AUCTION_PRICE}", "1.70"))
    pixel = await port.get(links.impression.replace("${AUCTION_PRICE}", "1.70"))
    click = await port.get(links.click)
    assert [win.status, bill.status, pixel.status, click.status] == [204, 204, 200, 302]
    assert (pixel.headers["content-type"], pixel.body) == ("image/gif", PIXEL)
    assert click.headers["location"].startswith("https://shop.example/shoes?size=42&color=red&bid_click_id=")
    click_id = parse_qs(urlsplit(click.headers["location"]).query)[CLICK_ID][0]
    sale = await port.send("POST", f"/conv/{click_id}?event=purchase&value=99.90")
    assert sale.status == 204
    assert [type(event) for event in port.records.events] == [Notice, Notice, Impression, Click, Conversion]
    assert [entry.kind for entry in port.desk.journal.entries] == ["win", "bill"]
    assert port.desk.money() == (1700, 0)
    assert sum(port.desk.counts.values()) == 5


async def test_a_loss_notice_is_acknowledged(port: WebPort) -> None:
    loss = port.links.loss.replace("${AUCTION_LOSS}", "102").replace("${AUCTION_PRICE}", "")
    assert (await port.get(loss)).status == 204
    assert port.desk.counted() == {"loss unrecorded": 1}


@pytest.mark.parametrize("kind", Kind)
async def test_nothing_that_is_answered_is_cached(port: WebPort, kind: Kind) -> None:
    query = click_query(port.desk) if kind is Kind.CLICK else "p=1.70"
    assert (await port.get(path(port.desk, kind, query))).headers["cache-control"] == "no-store"


@pytest.mark.parametrize("kind", Kind)
async def test_get_and_post_do_the_same(port: WebPort, kind: Kind) -> None:
    target = path(port.desk, kind, click_query(port.desk) if kind is Kind.CLICK else "p=1.70")
    first, second = await port.get(target), await port.send("POST", target)
    assert second.status == (204 if kind is Kind.CONVERSION else first.status)
    assert port.desk.counted()[f"{kind} repeated"] == 1


@pytest.mark.parametrize("method", ["HEAD", "PUT", "DELETE", "OPTIONS", "PATCH"])
@pytest.mark.parametrize("kind", Kind)
async def test_other_methods_are_refused_and_change_nothing(port: WebPort, kind: Kind, method: str) -> None:
    response = await port.send(method, path(port.desk, kind, "p=1.70"))
    assert (response.status, response.headers["allow"]) == (405, "GET,POST")
    assert port.desk.counted() == {}


@pytest.mark.parametrize("target", ["/", "/win", "/win/", "/bill/a/b", "/wins/a", "/WIN/a", "/conv", "//bill/a"])
async def test_unknown_paths_are_not_found(port: WebPort, target: str) -> None:
    assert (await port.get(target)).status == 404


@pytest.mark.parametrize(
    ("markup", "media_type"),
    [
        ("<a href='x'>ad</a>", "text/html"),
        ('<?xml version="1.0"?><VAST/>', "application/xml"),
        ("<VAST/>", "application/xml"),
        ('{"native":{}}', "application/json"),
    ],
)
async def test_a_win_notice_returns_markup_as_what_it_is(markup: str, media_type: str) -> None:
    async with web_port(Desk(markup_of=lambda _: markup)) as port:
        response = await port.get(path(port.desk, Kind.WIN, "p=1.70"))
        assert (response.status, response.body.decode()) == (200, markup)
        assert response.headers["content-type"].startswith(media_type)


async def test_a_conversion_by_pixel_gets_a_pixel(port: WebPort) -> None:
    response = await port.get(path(port.desk, Kind.CONVERSION, "event=lead"))
    assert (response.status, response.body) == (200, PIXEL)


async def test_a_conversion_from_a_server_may_come_as_a_form(port: WebPort) -> None:
    form = b"event=purchase&value=12.50&ref=n%C2%B0+7"
    response = await port.send("POST", path(port.desk, Kind.CONVERSION), form, FORM)
    (conversion,) = port.records.events
    assert isinstance(conversion, Conversion)
    assert (response.status, conversion.event, conversion.value_micros) == (204, "purchase", 12_500_000)
    assert conversion.reference == "n° 7"


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"{}", "Content-Type: application/json\r\n", 415),
        (b"\x1f\x8b\x00", FORM + "Content-Encoding: gzip\r\n", 415),
        (b"\x1f\x8b\x00", FORM + "Content-Encoding: compress\r\n", 415),
        (b"e=" + b"x" * MAX_FORM_BYTES, FORM, 413),
        (b"\xff\xfe=\x00&%zz&&&==", FORM, 204),
        (b"&".join(b"x%d=" % n for n in range(100)), FORM, 414),
    ],
    ids=["json", "gzip", "compress", "long", "garbage", "many"],
)
async def test_a_form_that_is_none_or_too_large_is_refused(
    port: WebPort, body: bytes, headers: str, status: int
) -> None:
    response = await port.send("POST", path(port.desk, Kind.CONVERSION, "event=lead"), body, headers)
    assert response.status == status


async def test_a_broken_chunked_form_is_refused(port: WebPort) -> None:
    head = f"POST {path(port.desk, Kind.CONVERSION)} HTTP/1.1\r\nHost: b\r\n{FORM}Transfer-Encoding: chunked\r\n\r\n"
    assert (await port.exchange(head.encode() + b"zz\r\nevent=lead\r\n0\r\n\r\n")).status == 400


async def test_a_form_that_does_not_come_is_not_waited_for(port: WebPort, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notice_routes, "FORM_SECONDS", 0)
    head = f"POST {path(port.desk, Kind.CONVERSION)} HTTP/1.1\r\nHost: b\r\n{FORM}Content-Length: 10\r\n\r\n"
    assert (await port.exchange(head.encode() + b"event")).status == 408
    assert port.desk.counted() == {}


async def test_a_caller_that_breaks_off_in_the_middle_of_a_form_is_no_news(caplog: pytest.LogCaptureFixture) -> None:
    async with web_port() as port:
        head = f"POST {path(port.desk, Kind.CONVERSION)} HTTP/1.1\r\nHost: b\r\n{FORM}"
        reader, writer = await asyncio.open_connection("127.0.0.1", port.port)
        writer.write((head + "Expect: 100-continue\r\nContent-Length: 10\r\n\r\n").encode())
        assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        writer.write(b"event")
        writer.close()
        await writer.wait_closed()
    assert port.desk.counted() == {}
    assert caplog.records == []


async def test_macros_that_nobody_replaced_come_through_as_they_are_and_move_no_money(port: WebPort) -> None:
    for target in (port.links.billing, port.links.billing.replace("${AUCTION_PRICE}", "%24%7BAUCTION_PRICE%7D")):
        assert (await port.get(target)).status == 204
    assert port.desk.counted() == {"bill unexpanded": 2}
    assert port.desk.money() == (0, 0)


ATTACKS = {
    "empty price": ("bill", "{notice}?p=", 204),
    "no query": ("bill", "{notice}", 204),
    "audit": ("bill", "{notice}?p=AUDIT", 204),
    "raw macro": ("bill", "{notice}?p=${{AUCTION_PRICE}}", 204),
    "encoded macro": ("bill", "{notice}?p=%24%7BAUCTION_PRICE%7D", 204),
    "overflow": ("bill", "{notice}?p=1e400", 204),
    "negative": ("bill", "{notice}?p=-1", 204),
    "hexadecimal": ("bill", "{notice}?p=0x10", 204),
    "arabic digits": ("bill", "{notice}?p=%D9%A1", 204),
    "raw arabic digits": ("bill", "{notice}?p=\u0661", 400),
    "broken escape": ("bill", "{notice}?p=%E0%A4%A", 204),
    "two prices": ("bill", "{notice}?p=1.70&p=0.01", 204),
    "long query": ("bill", "{notice}?p=1.70&x=" + "x" * 14_000, 414),
    "many fields": ("bill", "{notice}?p=1.70" + "&x=1" * 100, 414),
    "tracking ticket": ("bill", "{tracking}?p=1.70", 403),
    "tracking ticket wins": ("win", "{tracking}?p=1.70", 403),
    "tracking ticket loses": ("loss", "{tracking}?r=1", 403),
    "notice ticket as pixel": ("imp", "{notice}?p=1.70", 403),
    "notice ticket as conversion": ("conv", "{notice}", 403),
    "another key": ("bill", "{foreign}?p=1.70", 403),
    "half a ticket": ("bill", "{half}?p=1.70", 403),
    "stub of a ticket": ("bill", "AAAA?p=1.70", 400),
    "padded ticket": ("bill", "{notice}%3D?p=1.70", 400),
    "ticket and a line": ("bill", "{notice}%0A?p=1.70", 400),
    "ticket and a null": ("bill", "{notice}%00?p=1.70", 400),
    "unicode ticket": ("bill", "%D9%A1" * 60 + "?p=1.70", 400),
    "10 kB ticket": ("bill", "A" * 10_240 + "?p=1.70", 400),
    "endless ticket": ("bill", "A" * 40_000 + "?p=1.70", 400),
    "path traversal": ("bill", "..%2F..%2Fetc%2Fpasswd", 400),
}


@pytest.mark.parametrize(("kind", "target", "status"), ATTACKS.values(), ids=ATTACKS.keys())
async def test_no_attack_moves_money_or_breaks_anything(port: WebPort, kind: str, target: str, status: int) -> None:
    signed = port.desk.signer.sign(ticket())
    filled = target.format(
        notice=signed.notice,
        tracking=signed.tracking,
        half=signed.notice[:60],
        foreign=signer(OTHER_KEY).sign(ticket()).notice,
    )
    raw = f"GET /{kind}/{filled} HTTP/1.1\r\nHost: b\r\nConnection: close\r\n\r\n"
    assert (await port.exchange(raw.encode())).status == status
    assert (port.desk.money(), port.desk.account.held, port.desk.journal.entries) == ((0, 0), 0, [])
    assert (await port.get(f"/bill/{signed.notice}?p=1.70")).status == 204
    assert port.desk.money() == (1700, 0)


@pytest.mark.parametrize("landing", [*(url for url in EVIL if len(url) < 1000), "https://evil.example/"])
async def test_no_click_leads_astray(port: WebPort, landing: str) -> None:
    response = await port.get(path(port.desk, Kind.CLICK, forged_click_query(port.desk, landing)))
    assert response.status == 403
    assert "location" not in response.headers
    assert "set-cookie" not in response.headers


async def test_a_click_does_not_lead_to_the_page_of_another_creative(port: WebPort) -> None:
    query = click_query(port.desk, creative="hats-728x90")
    assert (await port.get(path(port.desk, Kind.CLICK, query))).status == 403


async def test_the_longest_landing_page_can_be_clicked(port: WebPort) -> None:
    longest = "https://shop.example/?" + "&" * (4096 - 22)
    response = await port.get(path(port.desk, Kind.CLICK, click_query(port.desk, longest)))
    assert (response.status, response.headers["location"][:4096]) == (302, longest)


async def test_a_landing_page_with_a_fragment_keeps_it(port: WebPort) -> None:
    response = await port.get(path(port.desk, Kind.CLICK, click_query(port.desk, LANDING)))
    assert response.headers["location"].endswith("#top")


async def test_money_is_acknowledged_only_when_it_is_safe_and_a_repeat_neither(port: WebPort) -> None:
    journal = port.desk.journal
    journal.disk.clear()
    target = path(port.desk, Kind.BILLING, "p=1.70")
    waiting = [asyncio.create_task(port.get(target)) for _ in range(2)]
    async with asyncio.timeout(60):
        for _ in waiting:
            await journal.asked.get()
    assert not any(task.done() for task in waiting)
    journal.disk.set()
    assert [response.status for response in await asyncio.gather(*waiting)] == [204, 204]
    assert [entry.kind for entry in journal.entries] == ["bill"]
    assert (await port.get(target)).status == 204
    assert journal.asked.empty()


@pytest.mark.parametrize("kind", [Kind.BILLING, Kind.WIN, Kind.IMPRESSION])
@pytest.mark.parametrize("fault", ["is_full", "broken", "unreadable"])
async def test_money_that_cannot_be_recorded_is_not_acknowledged_until_it_is(kind: Kind, fault: str) -> None:
    billable = {Kind.BILLING: Billable.BURL, Kind.WIN: Billable.NURL, Kind.IMPRESSION: Billable.IMPRESSION}[kind]
    async with web_port() as port:
        target = f"/{kind}/{port.desk.text(kind, ticket(billable=billable))}?p=1.70"
        setattr(port.desk.journal, fault, True)
        for _ in range(2):
            refused = await port.get(target)
            assert (refused.status, refused.headers["retry-after"]) == (503, "1")
        assert [event for event in port.records.events if getattr(event, "outcome", "") == "counted"] == []
        setattr(port.desk.journal, fault, False)
        assert (await port.get(target)).status in {200, 204}
        assert [entry.spent_micros for entry in port.desk.journal.entries if entry.kind == "bill"] == [1700]
        assert port.desk.money() == (1700, 0)


async def test_what_moves_nothing_is_answered_though_the_disk_is_broken(port: WebPort) -> None:
    port.desk.journal.broken = True
    statuses = [
        (await port.get(path(port.desk, Kind.WIN, "p=AUDIT"))).status,
        (await port.get(path(port.desk, Kind.IMPRESSION, "p=1.70"))).status,
        (await port.get(path(port.desk, Kind.BILLING, "p=AUDIT"))).status,
        (await port.get(path(port.desk, Kind.CLICK, click_query(port.desk)))).status,
    ]
    assert statuses == [204, 200, 204, 302]
