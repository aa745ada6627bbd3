"""`bidder feed` against a small bidder, over real sockets."""

import asyncio
import json
import socket
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from bidder.lab.feed import add_arguments, run
from tests import shared
from tests.lab.feed_bidder import bidder

BANNER = '{"id":"%d","imp":[{"id":"1","bidfloor":%s,"banner":{"w":300,"h":250}}]}'


async def feed(*arguments: object) -> int:
    """The exit code of the command; it runs in a thread of its own, as in a process of its own."""
    parser = ArgumentParser()
    add_arguments(parser)
    return await asyncio.to_thread(run, parser.parse_args([str(argument) for argument in arguments]))


def lines(tmp_path: Path, *bodies: str) -> Path:
    path = tmp_path / "requests.ndjson"
    path.write_text("".join(f"{body}\n" for body in bodies))
    return path


def banners(tmp_path: Path, count: int) -> Path:
    return lines(tmp_path, *(BANNER % (number, "0.5") for number in range(count)))


def table(path: Path) -> Any:
    return json.loads(path.read_text())


async def test_right_answers_end_in_exit_code_0_and_a_table_of_them(tmp_path: Path, capsys: Any) -> None:
    requests = lines(tmp_path, BANNER % (1, "0.5"), BANNER % (2, "9.0"), "{", '{"id":"3","imp":[]}')
    async with bidder() as url:
        code = await feed(requests, "--url", url, "--json", tmp_path / "table.json")
    found = table(tmp_path / "table.json")
    assert code == 0
    assert [(each["status"], each["outcome"], each["count"]) for each in found["statuses"]] == [
        (200, "bid", 1),
        (204, "no bid", 1),
        (400, "refused", 2),
    ]
    assert found["formats"]["banner"]["mean_price_micros"] == {"USD": 510_000}
    assert found["no_bid_reasons"] == {"8": 1}
    assert found["refusals"] == {"expected": 2, "unexpected": 0, "missing": 0}
    assert "as expected  4 of 4" in capsys.readouterr().out


async def test_an_invalid_answer_ends_in_exit_code_1_and_is_shown(tmp_path: Path, capsys: Any) -> None:
    async def wrong(_: web.Request) -> web.Response:
        return web.json_response({"id": "other", "seatbid": [{"bid": [{"id": "b", "impid": "7", "price": 1}]}]})

    async with bidder(wrong) as url:
        code = await feed(banners(tmp_path, 3), "--url", url, "--show", 2, "--json", tmp_path / "table.json")
    assert code == 1
    assert table(tmp_path / "table.json")["errors"]["resp-id"] == 3
    shown = [line for line in capsys.readouterr().out.splitlines() if line.startswith("requests.ndjson:")]
    assert len(shown) == 2
    assert all("invalid: error: $" in line for line in shown)


@pytest.mark.parametrize("status", [400, 500, 302])
async def test_a_wrong_status_ends_in_exit_code_1(tmp_path: Path, status: int) -> None:
    async def failing(_: web.Request) -> web.Response:
        return web.Response(status=status, headers={"location": "http://198.51.100.7/"})

    async with bidder(failing) as url:
        assert await feed(banners(tmp_path, 2), "--url", url) == 1


async def test_a_connection_closed_without_an_answer_is_counted_and_the_rest_still_sent(tmp_path: Path) -> None:
    async def closing(request: web.Request) -> web.Response:
        assert request.transport is not None
        request.transport.close()
        return web.Response(status=204)

    async with bidder(closing) as url:
        code = await feed(banners(tmp_path, 5), "--url", url, "--json", tmp_path / "table.json")
    assert code == 1
    assert table(tmp_path / "table.json")["statuses"] == [{"status": 0, "outcome": "other", "count": 5}]


async def test_no_more_than_the_limit_is_sent(tmp_path: Path) -> None:
    async with bidder() as url:
        await feed(banners(tmp_path, 30), "--url", url, "--limit", 7, "--json", tmp_path / "table.json")
    assert table(tmp_path / "table.json")["requests"] == 7


async def test_no_more_than_so_many_wait_for_an_answer(tmp_path: Path) -> None:
    waiting: list[int] = [0]
    most = [0]

    async def counting(request: web.Request) -> web.Response:
        waiting[0] += 1
        most[0] = max(most[0], waiting[0])
        await request.read()
        await asyncio.sleep(0)
        waiting[0] -= 1
        return web.Response(status=204)

    async with bidder(counting) as url:
        assert await feed(banners(tmp_path, 60), "--url", url, "--in-flight", 3) == 0
    assert 1 <= most[0] <= 3


async def test_at_a_rate_all_are_sent(tmp_path: Path) -> None:
    async with bidder() as url:
        code = await feed(banners(tmp_path, 20), "--url", url, "--rate", 2000, "--json", tmp_path / "table.json")
    assert code == 0
    assert table(tmp_path / "table.json")["requests"] == 20


async def test_another_tmax_reaches_the_bidder(tmp_path: Path) -> None:
    seen = []

    async def noting(request: web.Request) -> web.Response:
        seen.append((await request.json())["tmax"])
        return web.Response(status=204)

    async with bidder(noting) as url:
        await feed(banners(tmp_path, 2), "--url", url, "--tmax", 333)
    assert seen == [333, 333]


async def test_only_requests_to_bidders_are_sent_unless_all_are_asked_for(tmp_path: Path) -> None:
    record = '{"id":"%s","kind":"request","role":"%s","basic":true,"body":%s}'
    roles = ("to-bidder", "exchange-in", "sample")
    corpus = lines(tmp_path, *(record % (role, role, BANNER % (1, "0.5")) for role in roles))
    counts = []
    async with bidder() as url:
        for role in ("to-bidder", "all"):
            await feed(corpus, "--url", url, "--role", role, "--json", tmp_path / "table.json")
            counts.append(table(tmp_path / "table.json")["requests"])
    assert counts == [1, 3]


async def test_a_bidder_that_is_not_there_ends_in_exit_code_1_with_its_url(tmp_path: Path, capsys: Any) -> None:
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        port = reserved.getsockname()[1]
        assert await feed(banners(tmp_path, 2), "--url", f"http://127.0.0.1:{port}/openrtb2/test") == 1
    assert f"http://127.0.0.1:{port}/openrtb2/test" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--url", "http://198.51.100.7/openrtb2/x"], "expected http on this machine"),
        (["--limit", "0"], "expected above 0"),
        (["--json", "/nowhere/at/all.json"], "/nowhere/at/all.json"),
    ],
)
async def test_arguments_that_make_no_sense_end_in_exit_code_2(
    tmp_path: Path, capsys: Any, arguments: list[str], message: str
) -> None:
    assert await feed(banners(tmp_path, 1), *arguments) == 2
    assert message in capsys.readouterr().err


async def test_a_missing_or_empty_file_ends_in_exit_code_2(tmp_path: Path, capsys: Any) -> None:
    async with bidder() as url:
        assert await feed(tmp_path / "missing", "--url", url) == 2
        assert await feed(lines(tmp_path), "--url", url) == 2
    messages = capsys.readouterr().err
    assert "missing" in messages
    assert "no request of role to-bidder" in messages


async def test_the_recorded_sets_are_answered_as_expected_over_real_sockets(tmp_path: Path) -> None:
    files = [
        shared.path("data/bid_requests_2016/adx.first800.jsonl.gz"),
        shared.path("data/bid_requests_2012/auctions.first16000.jsonl.gz"),
    ]
    async with bidder() as url:
        code = await feed(*files, "--url", url, "--limit", 1_200, "--json", tmp_path / "table.json")
    found = table(tmp_path / "table.json")
    assert code == 0
    assert found["as_expected"] == found["requests"] == 1_200
    assert found["formats"]["banner"]["requests"] == 1_198
    assert found["formats"]["video"]["bids"] == 0
