"""Pacing of the running bidder: every few seconds, from records and book to throttle and multiplier on the board.

The controller is `bidder.pacing`, the same that `bidder simulate` runs. Nothing of this is on the way of a request.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from pathlib import Path

import structlog
from msgspec import Struct
from msgspec.structs import replace

from bidder.clock import monotonic_s
from bidder.config.schema import Campaign, Config, Prediction
from bidder.events.schema import Event
from bidder.ledger.account import Account
from bidder.ledger.accounts import Accounts
from bidder.ledger.board import Board
from bidder.pacing.exchanges import Exchanges
from bidder.pacing.line import PacedLine, View, exchanges_of, worth_micros
from bidder.pacing.memory import FULL, Memory, Money, Terms
from bidder.processes.pacer_file import Kept, UnusableError, load, save
from bidder.processes.pacer_groups import PacedGroup, groups_of, own_terms, tighter, worth_of
from bidder.processes.pacer_records import PacerRecords
from bidder.processes.treasury import campaigns

SAVE_SECONDS = 30.0
IDLE_SECONDS = 20.0
"""A campaign of which nothing is heard is stepped this often."""
SLICE_SECONDS = 0.005
"""After so long the event loop has its turn: notices do not wait for pacing."""

Requests = Callable[[], Mapping[str, int]]
"""Requests received so far, by exchange; only grows, but for a worker's end."""

_log = structlog.get_logger()


class Report(Struct, frozen=True):
    """How all campaigns stand that are paced."""

    step_seconds: int
    steps: int
    campaigns: list[View]


class Pacer:
    """Paces all campaigns but those that spend as fast as possible."""

    def __init__(self, path: Path, board: Board, accounts: Accounts, requests: Requests) -> None:
        """`path` is of the file that is kept. A file that is missing or unusable costs learning, and nothing else."""
        self.records = PacerRecords()
        self.steps = 0
        self._path = path
        self._board = board
        self._accounts = accounts
        self._requests = requests
        self._requests_before: dict[str, int] = {}
        self._came: Counter[str] = Counter()
        kept = _loaded(path)
        self._remembered: dict[str, Memory] = kept.lines
        self._exchanges = Exchanges(kept.exchanges)
        self._lines: dict[str, PacedLine] = {}
        self._groups: dict[str, PacedGroup] = {}
        self._group_of: dict[str, PacedGroup] = {}
        self._slots: Mapping[str, int] = {}
        self._config: Config | None = None
        self._urgent: set[str] = set()
        self._saved_s = 0.0

    def prepare(self, config: Config, slots: Mapping[str, int]) -> None:
        """A generation is coming: the board says how to bid for the campaigns that are new in it."""
        grouped = {each.id for _, _, members in groups_of(config) for each in members}
        for campaign in campaigns(config):
            if campaign.id not in self._lines:
                memory = self._remembered.get(campaign.id)
                known = Terms(memory.state.throttle_ppb, memory.state.multiplier_ppb) if memory else Terms()
                self._tell(slots[campaign.id], known if _is_paced(campaign, grouped) else FULL)

    def serve(self, config: Config, slots: Mapping[str, int]) -> None:
        """The generation is live. Campaigns go on from where they were; those that were edited are stepped at once."""
        chances = _chances(config.bidder.prediction)
        self._serve_groups(config, chances)
        lines: dict[str, PacedLine] = {}
        for campaign in campaigns(config):
            line = self._lines.get(campaign.id)
            if not _is_paced(campaign, self._group_of):
                self._tell(slots[campaign.id], FULL)
            elif line is None:
                memory = self._remembered.pop(campaign.id, None)
                lines[campaign.id] = PacedLine(campaign, worth_micros(campaign, chances), memory)
            else:
                lines[campaign.id] = line
                if line.edit(campaign) and not line.is_unknown:
                    self._urgent.add(campaign.id)
        self._lines, self._slots, self._config = lines, slots, config
        keeps = {name: float(1 - line.campaign.margin) for name, line in lines.items()}
        self.records.follow(keeps, samples=config.bidder.recording.full_evaluation_rate > 0)

    def _serve_groups(self, config: Config, chances: Mapping[str, float]) -> None:
        groups: dict[str, PacedGroup] = {}
        for name, group, members in groups_of(config):
            known = self._groups.get(name)
            if known is None:
                known = PacedGroup(group, members, worth_of(members, chances), self._remembered.pop(name, None))
            elif known.edit(group, members):
                self._urgent |= known.members
            known.sharing = self._accounts.sharing(members[0].id)
            groups[name] = known
        self._groups = groups
        self._group_of = {member: each for each in groups.values() for member in each.members}

    def read(self, events: Iterable[Event]) -> None:
        """Take the records of workers."""
        for event in events:
            campaign = self.records.record(event)
            if campaign is not None and self._lines[campaign].is_unknown:
                self._urgent.add(campaign)

    async def hurry(self, now_s: float) -> None:
        """Step the campaigns that cannot wait: edited ones, and those that met their first traffic."""
        if self._urgent:
            urgent, self._urgent = self._urgent, set()
            await self._step(urgent & self._lines.keys(), now_s)

    async def step(self, now_s: float) -> None:
        """Step all campaigns of which anything was heard, and those that are due."""
        before, self._requests_before = self._requests_before, dict(self._requests())
        came = {name: max(0, count - before.get(name, 0)) for name, count in self._requests_before.items()}
        self._exchanges.saw(came, now_s)
        self._came.update(came)
        self.records.expire(now_s)
        idle = {
            name for name, line in self._lines.items() if line.memory is not None and line.is_due(now_s - IDLE_SECONDS)
        }
        await self._step((self.records.active & self._lines.keys()) | idle, now_s)
        self.steps += 1
        if abs(now_s - self._saved_s) >= SAVE_SECONDS:
            self._saved_s = now_s
            await self.save()

    async def save(self) -> None:
        """Keep what was learned."""
        every = self._lines | {name: group.line for name, group in self._groups.items()}
        lines = {name: line.memory for name, line in every.items() if line.memory is not None}
        kept = Kept(self._remembered | lines, dict(self._exchanges.watched))
        try:
            await asyncio.to_thread(save, self._path, kept)
        except OSError as error:
            _log.error("what pacing has learned cannot be kept", error=str(error))

    @property
    def views(self) -> Iterator[View]:
        """How each campaign and group stands that has been stepped."""
        every = (*self._lines.values(), *(group.line for group in self._groups.values()))
        return (line.view for line in every if line.view is not None)

    def report(self, campaign: str | None = None) -> Report:
        """How all campaigns stand, or one."""
        views = (view for view in self.views if campaign in {None, view.campaign})
        return Report(self.step_seconds, self.steps, sorted(views, key=lambda view: view.campaign))

    @property
    def step_seconds(self) -> int:
        """Between two steps, as configured."""
        return self._config.bidder.pacing.seconds if self._config is not None else 1

    async def _step(self, names: Iterable[str], now_s: float) -> None:
        accounts = self._accounts.accounts
        turn_s = monotonic_s()
        for name in names:
            line, account = self._lines.get(name), accounts.get(name)
            if line is None or account is None:
                continue
            self._step_line(line, account, now_s)
            if monotonic_s() - turn_s > SLICE_SECONDS:
                await asyncio.sleep(0)
                turn_s = monotonic_s()
        for group in self._groups.values():
            self._step_group(group, accounts, now_s)

    def _step_line(self, line: PacedLine, account: Account, now_s: float) -> None:
        name, slot = line.campaign.id, self._slots[line.campaign.id]
        exchanges = exchanges_of(line.campaign, self._known_exchanges)
        told = Terms(self._board.throttle_ppb[slot], self._board.multiplier_ppb[slot])
        seen = self.records.take(name, line.came_since(self._came_from(exchanges)), told, line.value_micros)
        seen = replace(seen, opportunities=round(seen.opportunities * line.share))
        line.step(now_s, _money(account), seen, self._exchanges.rate(exchanges))
        group = self._group_of.get(name)
        if group is not None:
            group.hear(seen)
        self._tell(slot, self._terms_of(line))

    def _step_group(self, group: PacedGroup, accounts: Mapping[str, Account], now_s: float) -> None:
        exchanges = self._known_exchanges
        seen = group.take(lambda: group.line.came_since(self._came_from(exchanges)))
        if seen is None:
            return
        money = {name: _money(accounts[name]) for name in group.shared if name in accounts}
        group.step(now_s, money, seen, self._exchanges.rate(exchanges))
        for name in group.members & self._lines.keys():
            self._tell(self._slots[name], self._terms_of(self._lines[name]))

    def _terms_of(self, line: PacedLine) -> Terms:
        terms, group = own_terms(line.campaign, line), self._group_of.get(line.campaign.id)
        if group is not None:
            terms = tighter(terms, group.line.terms)
        return Terms(int(terms.throttle_ppb * line.share), terms.multiplier_ppb)

    @property
    def _known_exchanges(self) -> frozenset[str]:
        return frozenset(self._config.exchanges) if self._config is not None else frozenset()

    def _came_from(self, exchanges: Iterable[str]) -> int:
        return sum(self._came[name] for name in exchanges)

    def _tell(self, slot: int, terms: Terms) -> None:
        self._board.throttle_ppb[slot] = terms.throttle_ppb
        self._board.multiplier_ppb[slot] = terms.multiplier_ppb


def _is_paced(campaign: Campaign, grouped: Container[str]) -> bool:
    return campaign.pacing.mode != "asap" or campaign.id in grouped


def _money(account: Account) -> Money:
    return Money(account.spent_in_flight, account.spent_today, account.held, account.spent_this_hour, account.hour_s)


def _chances(prediction: Prediction) -> dict[str, float]:
    return {"click": float(prediction.click), "conversion": float(prediction.conversion)}


def _loaded(path: Path) -> Kept:
    try:
        return load(path)
    except (UnusableError, OSError) as error:
        _log.warning("what pacing had learned is lost; it learns anew", error=str(error))
        return Kept()
