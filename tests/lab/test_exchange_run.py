"""Whole runs over real sockets against bidders that behave, misbehave or are not there."""

import asyncio
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import pytest
from aiohttp import web
from msgspec.structs import replace

from bidder.lab.exchange import exchange
from bidder.lab.exchange.exchange import Exchange, Settings
from bidder.lab.exchange.notices import Kind
from bidder.lab.exchange.routes import NotLoopbackError
from bidder.lab.exchange.tally import MAX_EXAMPLES, Tally
from bidder.lab.exchange.traffic import Opportunity, opportunities, requests
from openrtb import decode_request
from tests.lab.eager_bidder import PUBLIC, Listening, eager_bidder, garbage_bidder, listening

REQUESTS = 200
TIMELESS = 1000.0  # the patience of an exchange whose machine does other things as well


def settings(origin: str, count: int = REQUESTS, competition: float = 0.3) -> Settings:
    return Settings(
        url=f"{origin}/bid",
        rate=400.0,
        requests=count,
        competition=competition,
        origins={PUBLIC: origin},
        conversion_url=f"{origin}/conversion?id={{click_id}}",
        tempo=0.0,
        patience=TIMELESS,
    )


async def run(origin: str, count: int = REQUESTS) -> Tally:
    return await Exchange(settings(origin, count)).run()


async def until(condition: Callable[[], bool]) -> None:
    """Let everything else go on until the condition holds."""
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0)


@pytest.fixture
async def played() -> tuple[Tally, Listening]:
    async with eager_bidder() as bidder:
        return await run(bidder.origin), bidder


async def test_a_bidder_that_bids_on_everything_ends_clean(played: tuple[Tally, Listening]) -> None:
    tally, _ = played
    assert tally.is_clean, (tally.examples, tally.notices)
    assert tally.sent == REQUESTS
    assert tally.statuses.total() == REQUESTS
    assert tally.wins > 0
    assert tally.impressions > 0


async def test_an_answer_later_than_tmax_takes_part_in_no_auction(
    played: tuple[Tally, Listening], monkeypatch: pytest.MonkeyPatch
) -> None:
    def impatient(*arguments: Any, **options: Any) -> Iterator[Opportunity]:
        return (replace(each, tmax_ms=0) for each in opportunities(*arguments, **options))

    monkeypatch.setattr(exchange, "opportunities", impatient)
    async with eager_bidder() as bidder:
        tally = await run(bidder.origin)
    assert (tally.sent, tally.late, tally.bids, tally.wins) == (REQUESTS, REQUESTS, 0, 0)
    assert not any(bidder.calls.values()), "nothing follows"
    assert played[0].wins, "of the same bids, had they come in time"


async def test_every_notice_due_was_sent_and_acknowledged(played: tuple[Tally, Listening]) -> None:
    tally, _ = played
    for account in tally.notices.values():
        assert (account.due, account.failures, account.abandoned, account.open) == (account.acknowledged, 0, 0, 0)


async def test_the_bidder_has_received_just_what_the_exchange_has_sent(played: tuple[Tally, Listening]) -> None:
    tally, bidder = played
    sent = {kind: account.due for kind, account in tally.notices.items()}
    received = {path: len(calls) for path, calls in bidder.calls.items()}
    assert received == {
        "win": sent[Kind.WIN],
        "billing": sent[Kind.BILLING],
        "loss": sent[Kind.LOSS],
        "pixel": sent[Kind.IMPRESSION] + sent[Kind.AUDIT],
        "click": sent[Kind.CLICK],
        "conversion": sent[Kind.CONVERSION],
    }


async def test_some_notices_come_twice_and_those_are_the_copies(played: tuple[Tally, Listening]) -> None:
    tally, bidder = played
    assert tally.notices[Kind.WIN].copies + tally.notices[Kind.LOSS].copies > 0
    assert bidder.repeated("win") == tally.notices[Kind.WIN].copies
    assert bidder.repeated("billing") == tally.notices[Kind.BILLING].copies
    assert bidder.repeated("loss") == tally.notices[Kind.LOSS].copies


async def test_each_win_is_told_once_apart_from_copies(played: tuple[Tally, Listening]) -> None:
    tally, bidder = played
    wins = {(call["auction"], call["imp"]) for call in bidder.calls["win"]}
    assert len(wins) == tally.wins == tally.notices[Kind.WIN].due - tally.notices[Kind.WIN].copies


async def test_wins_losses_and_tests_are_all_bids(played: tuple[Tally, Listening]) -> None:
    tally, _ = played
    assert tally.wins + tally.losses.total() + tally.tests == tally.bids


async def test_spend_is_the_sum_of_the_prices_in_the_billing_notices(played: tuple[Tally, Listening]) -> None:
    tally, bidder = played
    billed = {(call["auction"], call["imp"]): call["price"] for call in bidder.calls["billing"]}
    assert len(billed) == tally.impressions
    cpm_micros = sum(round(float(price) * 1e6) for price in billed.values())
    assert cpm_micros == tally.spend_cpm_micros.total()


async def test_losers_are_told_the_reason_and_winners_the_price(played: tuple[Tally, Listening]) -> None:
    _, bidder = played
    assert {call["loss"] for call in bidder.calls["win"]} == {"0"}
    assert all(float(call["price"]) > 0 for call in bidder.calls["win"])
    assert all(int(call["loss"]) > 0 and call["price"] == "" for call in bidder.calls["loss"])


async def test_markup_served_at_the_win_notice_is_shown() -> None:
    async with eager_bidder(markup_at_nurl=True) as bidder:
        tally = await run(bidder.origin)
    assert {call["bid"] for call in bidder.calls["pixel"]} == {"fetched"}
    assert tally.notices[Kind.IMPRESSION].acknowledged > 0


async def test_garbage_is_counted_as_invalid_and_shown() -> None:
    async with listening(garbage_bidder()) as origin:
        tally = await run(origin, count=60)
    assert tally.invalid + tally.server_errors == 60
    assert set(tally.broken_rules) >= {"decode", "resp-id", "bid-price-cpm", "bid-impid", "content-type"}
    assert tally.server_errors == 10
    assert len(tally.examples) == MAX_EXAMPLES
    assert not tally.is_clean


async def test_the_bids_of_an_invalid_answer_lose_as_a_whole() -> None:
    async with listening(garbage_bidder()) as origin:
        tally = await run(origin, count=60)
    assert tally.wins == 0
    assert set(tally.losses) == {"invalid_bid_response"}
    assert tally.notices[Kind.LOSS].acknowledged == tally.notices[Kind.LOSS].due > 0


async def test_a_bidder_that_is_not_there_is_counted_and_not_clean() -> None:
    async with listening(web.Application()) as gone:
        pass
    tally = await run(gone, count=5)
    assert (tally.sent, tally.unreached, tally.is_clean) == (5, 5, False)


async def test_a_bidder_that_never_bids_is_clean() -> None:
    async def no_bid(_request: web.Request) -> web.Response:
        return web.Response(status=204)

    app = web.Application()
    app.router.add_post("/bid", no_bid)
    async with listening(app) as origin:
        tally = await run(origin, count=20)
    assert (tally.statuses, tally.bids, tally.is_clean) == ({204: 20}, 0, True)


async def test_the_bidder_gets_the_bytes_of_the_seed_some_of_them_compressed() -> None:
    received: list[tuple[str, bytes, bool, str]] = []

    async def keep(request: web.Request) -> web.Response:
        body, compressed = await request.read(), "Content-Encoding" in request.headers
        received.append((decode_request(body).id, body, compressed, request.headers["x-openrtb-version"]))
        return web.Response(status=204)

    app = web.Application()
    app.router.add_post("/bid", keep)
    async with listening(app) as origin:
        await run(origin, count=100)
    assert {body for _, body, _, _ in received} == set(islice(requests(7), 100))
    sent = {each.id: (each.compress, each.version) for each in islice(opportunities(7), 100)}
    assert {request_id: (compressed, version) for request_id, _, compressed, version in received} == sent
    assert {compressed for _, _, compressed, _ in received} == {True, False}


async def test_requests_go_out_without_waiting_for_answers_up_to_a_bound() -> None:
    """The bidder answers nothing until the exchange has had to hold requests back."""
    release = asyncio.Event()

    async def slow(_request: web.Request) -> web.Response:
        await release.wait()
        return web.Response(status=204)

    app = web.Application()
    app.router.add_post("/bid", slow)
    async with listening(app) as origin:
        exchange = Exchange(
            Settings(url=f"{origin}/bid", rate=1000.0, requests=30, in_flight=10, tempo=0.0, patience=TIMELESS)
        )
        running = asyncio.create_task(exchange.run())
        await until(lambda: exchange.tally.held_back == 20)
        release.set()
        tally = await running
    assert (tally.sent, tally.held_back, tally.statuses.total()) == (10, 20, 10)


async def test_stopping_sends_no_more_requests_and_settles_every_notice() -> None:
    async with eager_bidder() as bidder:
        exchange = Exchange(settings(bidder.origin, count=100_000))
        running = asyncio.create_task(exchange.run())
        await until(lambda: exchange.tally.wins >= 5)
        exchange.stop()
        tally = await running
    assert tally.sent < 100_000
    assert sum(account.open + account.abandoned for account in tally.notices.values()) == 0


async def test_stopping_twice_abandons_what_is_open_and_says_so() -> None:
    entered, release = asyncio.Event(), asyncio.Event()

    async def stuck_notice(_request: web.Request) -> web.Response:
        entered.set()
        await release.wait()
        return web.Response(status=204)

    async with eager_bidder() as bidder:
        app = web.Application()
        app.router.add_get("/{path:.*}", stuck_notice)
        async with listening(app) as stuck:
            exchange = Exchange(replace(settings(bidder.origin, count=100_000), origins={PUBLIC: stuck}))
            running = asyncio.create_task(exchange.run())
            await entered.wait()
            exchange.stop()
            exchange.stop()
            tally = await running
            release.set()
    assert sum(account.abandoned for account in tally.notices.values()) > 0
    assert sum(account.open for account in tally.notices.values()) == 0
    assert not tally.is_clean


def test_a_bidder_elsewhere_is_refused() -> None:
    with pytest.raises(NotLoopbackError, match=r"bidder\.example"):
        Exchange(Settings(url="http://bidder.example/bid"))
