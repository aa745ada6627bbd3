"""The dashboard: one page, for the callers of the API, whose numbers are documented and whose texts stay texts."""

import asyncio
import base64
import hashlib
import re
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

import bidder.web
from bidder.config.diff import Change
from bidder.config.live import Accepted
from bidder.metrics import METRICS, Samples
from bidder.pacing.line import View
from bidder.processes import campaign_report, document, model_desk, status
from bidder.processes.refusals import Refusal
from bidder.processes.reload import Problem, Rejection
from bidder.web.campaign_route import Asked, CampaignRoute
from bidder.web.control_app import Operations, control_app
from bidder.web.dashboard_route import DashboardRoute
from bidder.web.metrics_routes import MetricsRoutes

MODULES = {each.name: each.read_text("utf-8") for each in (Path(bidder.web.__file__).parent / "dashboard").glob("*.js")}
SCRIPT = "\n".join(MODULES.values())
PAGE = {"Accept": "text/html,application/xhtml+xml"}
EVIL = "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
STRUCTS: Mapping[str, type[msgspec.Struct]] = {
    "report": campaign_report.Report,
    "row": campaign_report.Row,
    "ending": campaign_report.Ending,
    "pacing": View,
    "group": View,
    "config": status.Status,
    "rejected": Rejection,
    "problem": Problem,
    "edit": Accepted,
    "change": Change,
    "models": model_desk.Status,
    "model": model_desk.Post,
    "arm": model_desk.Arm,
    "ended": model_desk.Ended,
    "each": Refusal,
}
"""What the variables of the script hold that it reads fields from."""


class Texts(HTMLParser):
    """The elements of a page by name, and its texts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.texts: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002 - the signature is HTMLParser's
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def a_row(campaign: str = "spring", **changes: Any) -> campaign_report.Row:
    """A campaign that bids, wins and spends."""
    fields: dict[str, Any] = {
        "campaign": campaign, "name": "Spring", "advertiser": "Acme", "state": "live", "mode": "even",
        "daily_micros": 100_000_000, "total_micros": None, "today_micros": 25_000_000, "flight_micros": 25_000_000,
        "held_micros": 0, "pacing": View(campaign, True, 0.5, 0.8, 100_000_000, 26_000_000, 25_000_000, -0.01, 1000.0),
        "bids": 40, "wins": 10, "spend_micros": 20_000, "clicks": 3, "conversions": 1, "bid_on": 30,
        "reasons": [campaign_report.Ending("below_floor", "value and price", 60)],
    }  # fmt: skip
    return campaign_report.Row(**(fields | changes))


def a_report(rows: Iterable[campaign_report.Row], currency: str = "USD") -> campaign_report.Report:
    listed = list(rows)
    return campaign_report.Report(
        at=1000.0, since=400.0, currency=currency, evaluated=90, live=len(listed), known=len(listed), found=len(listed),
        today_micros=25_000_000, campaigns=listed, groups=[],
    )  # fmt: skip


def a_status(**changes: Any) -> status.Status:
    fields: dict[str, Any] = {
        "directory": "config", "generation": 1, "digest": "c0ffee", "since": 0.0, "exchanges": ["adx"],
        "advertisers": 1, "campaigns": 1, "reloads": 0, "rejections": 0, "rejected": None, "history": [],
    }  # fmt: skip
    return status.Status(**(fields | changes))


def samples() -> Samples:
    """One worker, and nothing that has come yet."""
    return {"bidder_workers": [((), 1)], "bidder_worker_resident_bytes": [(("0",), 2**20)]}


class Models:
    """The route of models, which says nothing of any."""

    def add_to(self, router: web.UrlDispatcher) -> None:
        router.add_get("/api/models", self._answer)

    async def _answer(self, _: web.Request) -> web.Response:
        told = model_desk.Status(
            store="models", swaps=0, refusals=0, models=[], appraisal=model_desk.Appraisal(), samples_dropped=0
        )
        return web.Response(body=msgspec.json.encode(told), content_type="application/json")


@asynccontextmanager
async def web_port(
    report: campaign_report.Report, configuration: status.Status, token: str | None = None
) -> AsyncIterator["TestClient[web.Request, web.Application]"]:
    """The parts of the web port that the page asks."""
    parts = [
        Operations(lambda: True, lambda: configuration),
        DashboardRoute(),
        MetricsRoutes(samples, dict),
        CampaignRoute(lambda _: report),
        Models(),
    ]
    async with TestClient(TestServer(control_app(parts, lambda: token))) as client:
        yield client


async def test_people_get_the_page_and_programs_a_list_of_routes() -> None:
    async with web_port(a_report([]), a_status()) as client:
        page, listed = await client.get("/", headers=PAGE), await client.get("/")
        assert (page.content_type, listed.content_type) == ("text/html", "text/plain")
        assert page.headers["Vary"] == listed.headers["Vary"] == "Accept"
        assert "/api/campaigns" in await listed.text()


async def test_the_page_runs_its_own_style_and_script_alone_and_asks_nobody_else() -> None:
    async with web_port(a_report([]), a_status()) as client:
        response = await client.get("/", headers=PAGE)
        page, policy = await response.text(), response.headers["Content-Security-Policy"]
    (style,) = re.findall("<style>(.*?)</style>", page, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}';" in policy
    (nonce,) = re.findall(r'<script type="module" src="/dashboard/page.js" nonce="([\w-]{22})"></script>', page)
    assert page.count("<script") == 1
    assert f"script-src 'nonce-{nonce}';" in policy
    assert "default-src 'none'" in policy
    assert "connect-src 'self'" in policy
    assert "unsafe" not in policy
    assert re.findall(r"(?:src|href)=\"(?!/|data:)|url\(|https?://(?!www\.w3\.org/2000/svg)", page) == []


async def test_no_two_pages_have_the_nonce_that_lets_their_script_run() -> None:
    async with web_port(a_report([]), a_status()) as client:
        policies = {(await client.get("/", headers=PAGE)).headers["Content-Security-Policy"] for _ in range(5)}
    assert len(policies) == 5


async def test_every_module_that_the_page_needs_is_served_as_a_script_and_no_other_file_is() -> None:
    imported = set(re.findall(r'from "\./([\w.]+)"', SCRIPT))
    assert imported | {"page.js"} == MODULES.keys()
    async with web_port(a_report([]), a_status()) as client:
        for name, text in MODULES.items():
            response = await client.get(f"/dashboard/{name}")
            assert (response.content_type, await response.text()) == ("text/javascript", text)
            assert response.headers["X-Content-Type-Options"] == "nosniff"
        for other in ("page.html", "style.css", "%2e%2e/control_app.py", "none.js"):
            assert (await client.get(f"/dashboard/{other}")).status == 404


async def test_the_page_is_for_the_callers_of_the_api() -> None:
    async with web_port(a_report([]), a_status(), token="a token of sixteen or more") as client:
        refused = await client.get("/", headers=PAGE)
        assert refused.status == 401
        assert {each.split()[0] for each in refused.headers.getall("WWW-Authenticate")} == {"Basic", "Bearer"}
        password = base64.b64encode(b"anybody:a token of sixteen or more").decode()
        for path in ("/", "/dashboard/page.js", "/api/campaigns", "/api/metrics"):
            assert (await client.get(path, headers=PAGE)).status == 401
            given = await client.get(path, headers={**PAGE, "Authorization": f"Basic {password}"})
            assert given.status == 200


async def test_what_is_asked_of_campaigns_is_checked() -> None:
    async with web_port(a_report([a_row()]), a_status()) as client:
        assert (await client.get("/api/campaigns?find=ac&sort=behind&limit=3")).status == 200
        for wrong in ("sort=luck", "limit=0", "limit=many", "colour=red", f"find={'x' * 101}"):
            response = await client.get(f"/api/campaigns?{wrong}")
            assert (response.status, response.content_type) == (400, "application/json")


async def test_who_asks_the_same_in_the_same_second_is_told_the_same() -> None:
    now_s, asked = [100.0], []

    def report(what: Asked) -> campaign_report.Report:
        asked.append(what.find)
        return a_report([])

    route = CampaignRoute(report, lambda: now_s[0])
    async with TestClient(TestServer(control_app([route]))) as client:
        for query in ("", "", "?find=a", "?find=a"):
            await client.get(f"/api/campaigns{query}")
        assert asked == ["", "a"]
        now_s[0] += 1.0
        await client.get("/api/campaigns?find=a")
        assert asked == ["", "a", "a"]


def test_the_script_makes_no_markup_and_no_code_of_what_it_is_told() -> None:
    ways = (
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|srcdoc|createContextualFragment"
    )
    assert re.findall(ways, SCRIPT) == []
    assert re.findall(r"setAttribute\(\"(?!points|viewBox|preserveAspectRatio|aria-expanded)", SCRIPT) == []


def test_every_metric_that_the_page_shows_is_documented() -> None:
    used = set(re.findall(r"bidder_[a-z0-9_]+", SCRIPT))
    assert len(used) > 20
    assert used <= {each.name for each in METRICS}


def test_every_field_that_the_page_shows_is_one_of_the_api() -> None:
    used = re.findall(r"\bread\((\w+), \"([\w.]+)\"\)", SCRIPT)
    definition = "function read(from, path)"
    assert len(used) == SCRIPT.count("read(") - SCRIPT.count(definition), "fields are read by name"
    known = {name: {path for path, _, _ in document.fields(kind)} for name, kind in STRUCTS.items()}
    assert [(name, path) for name, path in used if path not in known[name]] == []


def test_the_document_of_the_api_is_that_of_its_structs() -> None:
    written = document.DOCUMENT.read_text("utf-8")
    assert written == document.with_reference(written), "run `python -m bidder.processes.document`"


def seen(url: str) -> Texts:
    """The page as it stands after some seconds of a browser."""
    with tempfile.TemporaryDirectory() as profile:
        command = [str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={profile}"]
        found = subprocess.run(
            [*command, "--virtual-time-budget=5000", "--dump-dom", url],
            capture_output=True, check=True, text=True, timeout=120,
        )  # fmt: skip
    return Texts(found.stdout)


async def shown(report: campaign_report.Report, configuration: status.Status) -> Texts:
    """The page of a web port that says this."""
    async with web_port(report, configuration) as client:
        return await asyncio.to_thread(seen, str(client.make_url("/")))


needs_browser = pytest.mark.skipif(CHROMIUM is None, reason="needs chromium to open the page")


@needs_browser
async def test_a_browser_shows_campaigns_in_words_and_units() -> None:
    page = await shown(a_report([a_row()]), a_status())
    for text in (
        "● bidding",
        "Spring",
        "25.00 of 100.00 USD",
        "▼ 1.0 % behind",
        "25 %",
        "2.00 USD",
        "67 % below floor",
    ):
        assert text in page.texts, text


@needs_browser
async def test_a_browser_says_what_to_do_where_there_is_nothing_yet() -> None:
    page = await shown(a_report([]), a_status(campaigns=0))
    told = " ".join(page.texts)
    assert "There are no campaigns yet: add a file to campaigns/" in told
    assert "No edit since the start" in told
    assert "No model is named in bidder.toml" in told


@needs_browser
async def test_markup_in_names_and_messages_is_shown_and_never_run() -> None:
    view = View(EVIL, True, 1.0, 1.0, 1, 1, 1, 0.0, 1.0)
    row = a_row(EVIL, name=EVIL, advertiser=EVIL, reasons=[campaign_report.Ending(EVIL, EVIL, 1)])
    report = msgspec.structs.replace(a_report([row], currency=EVIL), groups=[view])
    configuration = a_status(
        rejected=Rejection(1.0, (Problem(EVIL),)), history=[Accepted(1.0, EVIL, (Change(EVIL, EVIL, EVIL, EVIL),))]
    )
    page = await shown(report, configuration)
    assert page.tags.count("script") == 1
    assert "img" not in page.tags
    assert page.texts.count(EVIL) >= 4
    assert "owned" not in page.texts[page.texts.index("bidder")]


@needs_browser
async def test_a_refused_edit_is_told_with_every_mistake() -> None:
    refused = Rejection(1.0, (Problem("campaigns/a.toml:4: wrong"), Problem("campaigns/a.toml:9: wrong, too")))
    page = await shown(a_report([a_row()]), a_status(rejected=refused))
    assert "▲ bidding, 1 to look at" in page.texts
    assert {"campaigns/a.toml:4: wrong", "campaigns/a.toml:9: wrong, too"} <= set(page.texts)
