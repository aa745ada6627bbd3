"""The mock exchange: offers opportunities at a constant rate, holds the auctions, sees to what follows."""

import asyncio
from collections.abc import Mapping
from itertools import islice
from typing import Final

from aiohttp import ClientSession
from msgspec import Struct

from bidder.lab.exchange.aftermath import Aftermath
from bidder.lab.exchange.auctioneer import Auctioneer
from bidder.lab.exchange.client import BidderCall, open_session
from bidder.lab.exchange.courier import Courier
from bidder.lab.exchange.market import Market
from bidder.lab.exchange.pool import Pool
from bidder.lab.exchange.routes import Routes, loopback_url
from bidder.lab.exchange.tally import Tally
from bidder.lab.exchange.tempo import Tempo
from bidder.lab.exchange.traffic import Opportunity, opportunities
from bidder.lab.exchange.truth import Truth

ANSWER_S: Final = 2.0
"""How long an answer is waited for; later than tmax it is only counted."""

DRAIN_S: Final = 30.0
"""The longest time that notices may take after the last request."""

MAX_BEHIND_S: Final = 5.0
"""How far a run may fall behind its own schedule before it holds back the rest."""

_NOTICE_CONNECTIONS = 64
_NOTICE_S = 3.0  # how long the acknowledgement of a notice is waited for
_LEAST_WAIT_S = 0.0005  # below it a request goes out at once, a little early


class Settings(Struct, frozen=True):
    """One run against the bidder at `url`. Ends after `seconds` or `requests`, whichever comes first."""

    url: str
    seed: int = 7
    rate: float = 200.0  # requests per second
    seconds: float = 60.0
    requests: int | None = None
    at: int | None = None  # AuctionTypes, for every request; otherwise as the publishers have it
    competition: float = 0.7
    conversion_url: str | None = None  # with {click_id}
    origins: Mapping[str, str] = {}  # public origins of the bidder and the loopback ones behind them
    in_flight: int = 512  # requests awaiting their answer, at most
    run: str = ""  # begins every request id
    tempo: float = 1.0  # stretches what happens after the auction; at 0 it happens at once
    patience: float = 1.0  # stretches every limit of time: tmax, those of calls, of falling behind and of draining

    @property
    def count(self) -> int:
        """How many requests are due in the run."""
        due = max(round(self.rate * self.seconds), 1)
        return due if self.requests is None else min(due, self.requests)


class Exchange:
    """One run, to be created and used in one event loop. `tally` may be read at any time."""

    def __init__(self, settings: Settings) -> None:
        """Raises `NotLoopbackError` where a URL would leave this machine."""
        self.tally = Tally()
        self._settings = settings
        self._url = loopback_url(settings.url)
        self._routes = Routes(settings.origins)
        self._auctioneer = Auctioneer(Market(settings.seed, settings.competition), Truth(settings.seed))
        self._pace = Tempo()
        self._tempo = Tempo(settings.tempo)
        self._pool = Pool()
        self._in_flight = 0
        self._stopping = False

    def stop(self) -> None:
        """Send no more requests and finish what is under way without delays; called again, abandon it."""
        if self._stopping:
            self._pool.cancel()
        self._stopping = True
        self._pace.hurry()
        self._tempo.hurry()

    async def run(self) -> Tally:
        """Offer, hold auctions, see to what follows, and return when all of it is settled or given up."""
        async with (
            open_session(self._settings.in_flight, ANSWER_S * self._settings.patience) as bids,
            open_session(_NOTICE_CONNECTIONS, _NOTICE_S * self._settings.patience) as notices,
        ):
            await self._offer_all(BidderCall(bids, self._url), self._follow_up(notices))
            await self._pool.settle(DRAIN_S * self._settings.patience)
        return self.tally

    def _follow_up(self, session: ClientSession) -> Aftermath:
        courier = Courier(session, self._routes, self.tally.notices, self._tempo)
        return Aftermath(courier, self._tempo, self.tally, self._settings.conversion_url)

    async def _offer_all(self, bidder: BidderCall, aftermath: Aftermath) -> None:
        """Open loop: request n is due n/rate seconds after the start, whatever became of those before it."""
        settings, loop = self._settings, asyncio.get_running_loop()
        start = loop.time()
        stream = opportunities(settings.seed, run=settings.run, at=settings.at)
        for index, opportunity in enumerate(islice(stream, settings.count)):
            due = start + index / settings.rate
            wait_s = due - loop.time()
            await (self._pace.sleep(wait_s) if wait_s > _LEAST_WAIT_S else asyncio.sleep(0))
            if self._stopping:
                return
            if wait_s < -MAX_BEHIND_S * settings.patience:
                self.tally.held_back += settings.count - index
                return
            if self._in_flight >= settings.in_flight:
                self.tally.held_back += 1
                continue
            self.tally.started(loop.time() - start, due - start)
            self._in_flight += 1
            self._pool.spawn(self._offer(opportunity, due, bidder, aftermath))

    async def _offer(self, opportunity: Opportunity, due: float, bidder: BidderCall, aftermath: Aftermath) -> None:
        try:
            answer = await bidder.post(opportunity)
        except asyncio.CancelledError:
            self.tally.unanswered["abandoned"] += 1
            raise
        finally:
            self._in_flight -= 1
        latency_ms = (asyncio.get_running_loop().time() - due) * 1e3
        if isinstance(answer, str):
            self.tally.unanswered[answer] += 1
            return
        limit_ms = opportunity.tmax_ms * self._settings.patience
        if not self.tally.answered(answer.status, latency_ms, limit_ms) or answer.status != 200:
            return
        result = self._auctioneer.settle(opportunity, answer.body, answer.content_type)
        self.tally.settled(result, opportunity.id)
        for hammered in result.bids:
            self._pool.spawn(aftermath.follow(hammered))
