"""What the web port of the control process answers, and with what: its routes, put together from parts of control."""

from collections.abc import Callable
from typing import NamedTuple

from bidder.clock import wall_s
from bidder.domain.ticket import Signer
from bidder.events.schema import Event
from bidder.metrics import Samples
from bidder.processes.campaign_report import CampaignReport, Known
from bidder.processes.campaign_tally import CampaignTally
from bidder.processes.given import Given
from bidder.processes.heard import Heard
from bidder.processes.live_engine import LiveEngine
from bidder.processes.markups import Markups
from bidder.processes.model_desk import Desk
from bidder.processes.money import Money
from bidder.processes.pacer import Pacer
from bidder.processes.records import Records
from bidder.processes.reload import Reloader
from bidder.processes.samples import (
    config_samples,
    money_samples,
    notice_samples,
    pacing_samples,
    record_samples,
    worker_samples,
)
from bidder.processes.status import status_of
from bidder.processes.supervisor import Supervisor
from bidder.processes.web_port import Parts, WebPort, notice_routes
from bidder.web.campaign_route import CampaignRoute
from bidder.web.control_app import Operations
from bidder.web.dashboard_route import DashboardRoute
from bidder.web.explain_route import ExplainRoute
from bidder.web.metrics_routes import MetricsRoutes
from bidder.web.model_routes import ModelRoutes
from bidder.web.notice_routes import NoticeRoutes
from bidder.web.pacing_route import PacingRoute
from bidder.web.prices import Prices
from bidder.web.receipt import Counts


class Desks(NamedTuple):
    """The parts of control that something is asked of, or told to, on the web port."""

    money: Money
    records: Records
    markups: Markups
    prices: Prices
    pacer: Pacer
    tally: CampaignTally
    models: Desk
    supervisor: Supervisor
    reloader: Reloader


def web_port(
    given: Given, signer: Signer, desks: Desks, is_ready: Callable[[], bool], hear: Callable[[Event], None]
) -> WebPort:
    """The web port, not listening yet; `hear` is told of each event that is said of a bid there."""
    notices = Counts()
    server = given.live.config.bidder.server
    return WebPort(
        [
            _notice_routes(given, signer, desks, notices, hear),
            Operations(is_ready, lambda: status_of(str(given.settings.config), desks.reloader)),
            DashboardRoute(),
            MetricsRoutes(lambda: _samples(desks, notices), lambda: pacing_samples(desks.pacer)),
            CampaignRoute(_campaign_report(desks)),
            _explain_route(desks),
            ModelRoutes(desks.models),
            PacingRoute(desks.pacer.report),
        ],
        lambda: desks.reloader.config.bidder.server.operations_token,
        server.drain_seconds / 8,
    )


def _notice_routes(
    given: Given, signer: Signer, desks: Desks, notices: Counts, hear: Callable[[Event], None]
) -> NoticeRoutes:
    return notice_routes(
        Parts(
            config=given.live.config,
            signer=signer,
            book=desks.money.treasury.book,
            counts=notices,
            records=Heard(desks.records, hear),
            journal=desks.money.journal,
            clock=desks.money.clock.earlier,
            markups=desks.markups,
            prices=desks.prices,
        )
    )


def _campaign_report(desks: Desks) -> CampaignReport:
    book, pacer = desks.money.treasury.book, desks.pacer
    known = Known(lambda: desks.reloader.config, lambda: book.accounts, lambda: pacer.views, desks.tally)
    return CampaignReport(known, wall_s)


def _explain_route(desks: Desks) -> ExplainRoute:
    board = desks.money.treasury.board
    return ExplainRoute(LiveEngine(lambda: (desks.reloader.config, desks.supervisor.live.models), board), wall_s)


def _samples(desks: Desks, notices: Counts) -> Samples:
    """All metrics but those of each campaign."""
    return {
        **worker_samples(desks.supervisor),
        **record_samples(desks.supervisor, desks.records),
        **notice_samples(notices),
        **money_samples(desks.money),
        **config_samples(desks.reloader),
        **desks.models.samples(),
    }
