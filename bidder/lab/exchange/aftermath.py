"""What follows an auction: notices of the exchange, the ad in the browser, the click, the sale."""

import asyncio
import time
from urllib.parse import parse_qs, urlsplit

from bidder.lab.exchange.auctioneer import Hammered
from bidder.lab.exchange.courier import Courier, Reply
from bidder.lab.exchange.markup import Markup, read_markup
from bidder.lab.exchange.notices import Kind
from bidder.lab.exchange.substitution import audit_values, macro_values, substitute
from bidder.lab.exchange.tally import Tally
from bidder.lab.exchange.tempo import Tempo
from openrtb.macros import Macro

EXCHANGE_UA = "mock-exchange/1.0"
CLICK_ID = "bid_click_id"
"""The query parameter of a landing page that names the click in a conversion."""


class Aftermath:
    """Plays what `Fate` has decided."""

    def __init__(self, courier: Courier, tempo: Tempo, tally: Tally, conversion_url: str | None) -> None:
        self._courier = courier
        self._tempo = tempo
        self._tally = tally
        self._conversion_url = conversion_url

    async def follow(self, bid: Hammered) -> None:
        """Whatever follows for one bid: nothing is paid on a test, a winner is shown, a loser told."""
        if bid.test:
            await self._audit(bid)
        elif bid.outcome.won:
            await self._show(bid)
        else:
            values = macro_values(bid.auctioned, bid.outcome, _now_ms())
            await self._notify(Kind.LOSS, bid.outcome.bid.lurl, values, bid)

    async def _show(self, bid: Hammered) -> None:
        """Win notice, ad on the screen with its billing and pixels, perhaps a click and a sale."""
        values = macro_values(bid.auctioned, bid.outcome, _now_ms())
        reply = await self._notify(Kind.WIN, bid.outcome.bid.nurl, values, bid)
        if not bid.fate.renders:
            return
        await self._tempo.sleep(bid.fate.render_delay_s)
        self._tally.billed(bid.auctioned.currency, bid.outcome.price_cpm_micros or 0)
        markup = read_markup(substitute(_markup(bid, reply), values))
        pixels = (self._browse(Kind.IMPRESSION, url, bid) for url in markup.pixels)
        await asyncio.gather(self._notify(Kind.BILLING, bid.outcome.bid.burl, values, bid), *pixels)
        if bid.fate.clicks and markup.click is not None:
            await self._click(markup, markup.click, bid)

    async def _audit(self, bid: Hammered) -> None:
        """Render the ad of a test request, which nobody pays (OpenRTB 2.6, 3.2.1 and 4.4)."""
        values = audit_values(bid.auctioned, bid.outcome.bid)
        markup = read_markup(substitute(bid.outcome.bid.adm or "", values))
        await asyncio.gather(*(self._browse(Kind.AUDIT, url, bid) for url in markup.pixels))

    async def _click(self, markup: Markup, url: str, bid: Hammered) -> None:
        await self._tempo.sleep(bid.fate.click_delay_s)
        self._tally.clicks += 1
        trackers = (self._browse(Kind.CLICK_TRACKER, tracker, bid) for tracker in markup.click_trackers)
        landed, *_ = await asyncio.gather(self._browse(Kind.CLICK, url, bid), *trackers)
        if bid.fate.converts:
            await self._convert(landed.location if landed is not None else url, bid)

    async def _convert(self, landing_page: str | None, bid: Hammered) -> None:
        await self._tempo.sleep(bid.fate.conversion_delay_s)
        self._tally.conversions += 1
        click_id = parse_qs(urlsplit(landing_page or "").query).get(CLICK_ID)
        if not click_id:
            self._tally.without_click_id += 1
        elif self._conversion_url is not None:
            url = self._conversion_url.replace("{click_id}", click_id[0])
            await self._courier.deliver(Kind.CONVERSION, url, bid.fate, EXCHANGE_UA)

    async def _notify(self, kind: Kind, url: str | None, values: dict[Macro, str], bid: Hammered) -> Reply | None:
        if not url:
            return None
        return await self._courier.deliver(kind, substitute(url, values), bid.fate, EXCHANGE_UA)

    async def _browse(self, kind: Kind, url: str, bid: Hammered) -> Reply | None:
        return await self._courier.deliver(kind, url, bid.fate, bid.ua)


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


def _markup(bid: Hammered, win: Reply | None) -> str:
    """The markup of the bid, or the body of the win notice where that serves it (OpenRTB 2.6, 4.3)."""
    if bid.outcome.bid.adm:
        return bid.outcome.bid.adm
    return win.body.decode("utf-8", "replace") if win is not None else ""
