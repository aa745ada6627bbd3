"""Notices: repeated until acknowledged, within bounds, and accounted for."""

from collections import Counter
from collections.abc import AsyncIterator, Callable

import pytest
from aiohttp import web

from bidder.lab.exchange.client import open_session
from bidder.lab.exchange.courier import ATTEMPTS, Courier, Reply
from bidder.lab.exchange.fate import Fate
from bidder.lab.exchange.notices import Account, Kind, new_accounts
from bidder.lab.exchange.routes import Routes
from bidder.lab.exchange.tempo import Tempo
from tests.lab.eager_bidder import listening

Script = dict[str, list[web.Response]]
"""What is answered at each path, one after the other."""


def fate(*copied: Kind, **late: float) -> Fate:
    return Fate(
        renders=True,
        render_delay_s=0.0,
        clicks=False,
        click_delay_s=0.0,
        converts=False,
        conversion_delay_s=0.0,
        copied=frozenset(copied),
        late={Kind(name): delay for name, delay in late.items()},
    )


class Office:
    """A courier and the server it delivers to."""

    def __init__(self, origin: str, courier: Courier, accounts: dict[Kind, Account], hits: Counter[str]) -> None:
        self.origin, self.courier, self.accounts, self.hits = origin, courier, accounts, hits

    async def deliver(self, kind: Kind, path: str, chosen: Fate | None = None) -> Reply | None:
        return await self.courier.deliver(kind, f"{self.origin}{path}", chosen or fate(), "tests")


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    hits: Counter[str] = Counter()
    answers: dict[str, Callable[[int], web.Response]] = {
        "/ok": lambda _: web.Response(text="markup"),
        "/moved": lambda _: web.Response(status=302, headers={"Location": "https://shop.example/?bid_click_id=9"}),
        "/lost": lambda _: web.Response(status=302),
        "/forbidden": lambda _: web.Response(status=403),
        "/odd": lambda _: web.Response(status=599),
        "/third-time": lambda hit: web.Response(status=204 if hit == 3 else 503),
    }

    async def serve(request: web.Request) -> web.Response:
        hits[request.path] += 1
        return answers[request.path](hits[request.path])

    app = web.Application()
    app.router.add_get("/{path:.*}", serve)
    accounts = new_accounts()
    async with listening(app) as origin, open_session(4, 5.0) as session:
        yield Office(origin, Courier(session, Routes(), accounts, Tempo(0.0)), accounts, hits)


async def test_an_acknowledged_notice_is_sent_once(office: Office) -> None:
    reply = await office.deliver(Kind.WIN, "/ok")
    assert reply == Reply(200, None, b"markup")
    assert office.hits == {"/ok": 1}
    assert office.accounts[Kind.WIN] == Account(due=1, acknowledged=1)


async def test_a_failing_notice_is_repeated_until_it_is_acknowledged(office: Office) -> None:
    await office.deliver(Kind.BILLING, "/third-time")
    assert office.hits == {"/third-time": 3}
    assert office.accounts[Kind.BILLING] == Account(due=1, acknowledged=1, retries=2)


@pytest.mark.parametrize(("path", "cause"), [("/forbidden", "403 Forbidden"), ("/odd", "599")])
async def test_a_notice_that_keeps_failing_is_given_up_with_its_cause(office: Office, path: str, cause: str) -> None:
    assert await office.deliver(Kind.LOSS, path) is None
    assert office.hits == {path: ATTEMPTS}
    assert office.accounts[Kind.LOSS] == Account(due=1, failed=Counter({cause: 1}), retries=ATTEMPTS - 1)


async def test_a_copy_is_a_notice_of_its_own(office: Office) -> None:
    await office.deliver(Kind.WIN, "/ok", fate(Kind.WIN))
    assert office.hits == {"/ok": 2}
    assert office.accounts[Kind.WIN] == Account(due=2, acknowledged=2, copies=1)


async def test_a_late_notice_is_counted_as_late(office: Office) -> None:
    await office.deliver(Kind.WIN, "/ok", fate(win=3.0))
    assert office.accounts[Kind.WIN] == Account(due=1, acknowledged=1, late=1)


async def test_a_click_is_settled_by_a_redirect(office: Office) -> None:
    reply = await office.deliver(Kind.CLICK, "/moved")
    assert reply is not None
    assert reply.location == "https://shop.example/?bid_click_id=9"
    assert office.hits == {"/moved": 1}


@pytest.mark.parametrize(("path", "cause"), [("/ok", "200 OK"), ("/lost", "redirect without Location")])
async def test_a_click_that_leads_nowhere_has_failed(office: Office, path: str, cause: str) -> None:
    assert await office.deliver(Kind.CLICK, path) is None
    assert office.accounts[Kind.CLICK].failed == {cause: 1}


async def test_a_url_of_another_host_is_counted_and_not_called(office: Office) -> None:
    assert await office.courier.deliver(Kind.IMPRESSION, "https://cdn.example/x.png", fate(), "tests") is None
    assert office.accounts[Kind.IMPRESSION] == Account(elsewhere=1)


async def test_a_server_that_is_not_there_is_a_cause(office: Office) -> None:
    async with listening(web.Application()) as gone:
        pass
    assert await office.courier.deliver(Kind.WIN, f"{gone}/win", fate(), "tests") is None
    assert office.accounts[Kind.WIN].failures == 1
    assert office.accounts[Kind.WIN].open == 0
