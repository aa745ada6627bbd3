"""Tests of the web package run on the event loop that serves."""

import asyncio
from collections.abc import Callable, Mapping

import pytest
import uvloop

from bidder.web.bid_app import BidServer
from bidder.web.listener.server import BidListener


@pytest.hookimpl(optionalhook=True)
def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    return {"uvloop": uvloop.new_event_loop}


@pytest.fixture(params=[BidListener, BidServer], ids=["listener", "aiohttp"])
def transport(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> type[BidListener] | type[BidServer]:
    """Each way to read the sockets of the bid port: tests that use this run on both."""
    server: type[BidListener | BidServer] = request.param
    monkeypatch.setattr("tests.web.bid_port.Server", server)
    return server
