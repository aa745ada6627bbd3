"""The money of the running bidder: the book in this process, the board that it shares with the workers, the journal."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import structlog
from msgspec.structs import replace

from bidder.auction.expiry import longest_seconds
from bidder.config.schema import Advertiser, Campaign, Config
from bidder.domain.money import micros_from_amount, micros_from_cpm
from bidder.domain.outcome import Outcome
from bidder.events.recorder import RecordError
from bidder.events.schema import Bid, Event
from bidder.ledger.account import PPB, Budget
from bidder.ledger.board import Shape
from bidder.ledger.entry import Fund, first_life
from bidder.ledger.grants import Grant, Grants
from bidder.ledger.pool import Pool
from bidder.ledger.slots import Slots
from bidder.processes.journal import STALLED_SECONDS, Journal
from bidder.processes.open_bids import claim
from bidder.processes.recovery import Recovered
from bidder.processes.unrecorded import Unrecorded

FEWEST_SLOTS = 4096
HEADROOM = 2
"""What the store is told may be out is so many times what is, within the budget: so few rounds wait for the disk."""

_log = structlog.get_logger()


class Treasury:
    """Funds campaigns, grants to workers, and holds what they bid."""

    def __init__(self, recovered: Recovered, journal: Journal, funds: Iterable[Fund], now_s: float) -> None:
        """`funds`: all that the store has."""
        self.board, self.book = recovered.board, recovered.book
        self.ungranted = 0
        """Records of bids that nothing covered; anything but zero is a defect of ours."""
        self._journal = journal
        self._carried = dict(recovered.carried)
        self._slots = Slots(self.board)
        self._grants = Grants(self.book, self.board)
        self._funds = {fund.campaign: fund for fund in funds}
        self._next_life = first_life(recovered.epoch)
        self._lives: dict[int, tuple[int, dict[str, int]]] = {}
        """By worker: its present life, and what it had bid before, by campaign."""
        self._recorded: dict[int, dict[str, int]] = {}
        self._unrecorded = Unrecorded(self.board, journal, recovered.gaps)
        self._placed: dict[str, int] = {}
        self._announced: dict[str, int] = {}
        self._now_s = now_s
        self._zones: dict[str, dict[str, None]] = {}
        """Campaigns by timezone."""
        self._days: dict[str, str] = {}
        self._hours: dict[str, int] = {}
        for fund in self._funds.values():
            self._begin_day(fund)

    def place(self, config: Config, generation: int) -> dict[str, int]:
        """The slot of each campaign of the coming generation. Raises `NoSlotError`."""
        placed = self._slots.assign((each.id for each in campaigns(config)), generation, self.book.has_open)
        for campaign in placed.keys() & self._carried.keys():
            slot = placed[campaign]
            self.board.throttle_ppb[slot], self.board.multiplier_ppb[slot] = self._carried.pop(campaign)
        self._take_places(placed)
        return placed

    def serve(self, config: Config, slots: Mapping[str, int]) -> None:
        """The generation is live: fund its campaigns; from the next round on grant to them alone."""
        self.board.longest_s = max(self.board.longest_s, longest_hold_s(config))
        for advertiser in config.advertisers:
            for each in advertiser.campaigns:
                self._fund(_fund(each, advertiser, self._now_s))
        self.book.share(self._pools(config))
        self._grants.serve(slots, {each.id: micros_from_cpm(each.max_cpm) for each in campaigns(config)})

    def begin_life(self, worker: int) -> int:
        """A worker process is started: the number of its life."""
        self._next_life += 1
        counted = {name: self._counted(worker, slot) for name, slot in self._placed.items()}
        self._lives[worker] = self._next_life, counted
        self._recorded[worker] = {}
        self.book.begin_life(self._next_life)
        return self._next_life

    def end_life(self, worker: int) -> None:
        """The worker, if there was one, is gone and all its records are taken in: the rest is held as one sum."""
        if worker not in self._lives:
            return
        life, before = self._lives.pop(worker)
        recorded = self._recorded.pop(worker)
        unrecorded = {
            name: self._counted(worker, slot) - before.get(name, 0) - recorded.get(name, 0)
            for name, slot in self._placed.items()
        }
        over = self.book.end_life(life, unrecorded, self.board.longest_s)
        self._unrecorded.end_life(life, worker, self._placed)
        self._unrecorded.end(over)

    def take_in(self, worker: int, events: Iterable[Event]) -> None:
        """Hold the money of bids that a worker recorded; tests hold none."""
        life, _ = self._lives.get(worker, (0, {}))
        recorded = self._recorded.setdefault(worker, {})
        for event in events:
            if isinstance(event, Bid) and not event.test:
                recorded[event.campaign] = recorded.get(event.campaign, 0) + event.price_micros
                if self.book.hold(claim(event, life)) is Outcome.UNGRANTED:
                    self.ungranted += 1
                    _log.error("a bid was made that no grant covers", campaign=event.campaign, bid=event.bid_id)

    def tick(self, now_s: float, wall_s: float | None = None) -> None:
        """Begin new days by the wall clock, and give up expired bids by one that does not jump."""
        self._now_s = now_s if wall_s is None else wall_s
        for zone, names in self._zones.items():
            today, hour_s = self._local(zone)
            if self._days.get(zone) != today:
                self._days[zone] = today
                for campaign in names:
                    self.book.start_day(campaign, today)
            if self._hours.get(zone) != hour_s:
                self._hours[zone] = hour_s
                for campaign in names:
                    self.book.start_hour(campaign, hour_s)
        self.board.control_beat_ms, self.board.control_wall_ms = int(now_s * 1000), int(self._now_s * 1000)
        self._unrecorded.end(self.book.expire(now_s))  # after the beat: what a crash leaves of it is held, not free

    async def round(self) -> None:
        """Top up the workers' grants, unless the store fails or stalls: what cannot be recorded is not to be spent."""
        grants = self._grants.plan()
        if not grants:
            return
        if self._journal.is_failing:
            self._grants.withdraw(grants)
            return
        try:
            await self._write_ahead(grants)
        except RecordError as error:
            _log.error("nothing is granted while the ledger cannot be written", error=str(error))
            self._grants.withdraw(grants)
        else:
            self._grants.give(grants)

    async def _write_ahead(self, grants: Iterable[Grant]) -> None:
        """Have on disk what grants rest on: notices and ends of gaps that freed their money, and how much may be out.

        What a crash forgets of that is held again, bids at their full price. Raises `RecordError`.
        """
        raised = self._raised(grants)
        if raised or self._journal.is_ahead:
            self._journal.state(raised)
            await self._journal.commit(STALLED_SECONDS)
            self._announced |= raised

    def _raised(self, grants: Iterable[Grant]) -> dict[str, int]:
        """What may be out of campaigns, where it is more than the store knows."""
        accounts = self.book.accounts
        out = {name: accounts[name].held + accounts[name].unspent for name in {grant.campaign for grant in grants}}
        return {
            name: min(HEADROOM * micros, micros + self.book.available(name))
            for name, micros in out.items()
            if micros > self._announced.get(name, 0)
        }

    def _take_places(self, placed: Mapping[str, int]) -> None:
        """A slot may have been another campaign's: what workers bid on it until here was for that one."""
        new = {name: slot for name, slot in placed.items() if name not in self._placed}
        taken = set(new.values())
        self._placed = {name: slot for name, slot in self._placed.items() if slot not in taken} | new
        for worker, (_, before) in self._lives.items():
            before |= {name: self._counted(worker, slot) for name, slot in new.items()}

    def _fund(self, fund: Fund) -> None:
        known = self._funds.get(fund.campaign)
        self._funds[fund.campaign] = fund
        if known is not None:
            del self._zones[known.timezone][fund.campaign]
        self._begin_day(fund)
        self.book.fund(fund.campaign, fund.budget)
        if known is None or replace(known, at_ms=fund.at_ms) != fund:
            self._journal.state({}, funds=[fund])

    def _pools(self, config: Config) -> Iterator[Pool]:
        """A campaign that is gone stays in its group: what it spent is spent of the budget that it shared."""
        present = {each.id for each in campaigns(config)}
        gone: defaultdict[str, set[str]] = defaultdict(set)
        for fund in self._funds.values():
            if fund.campaign not in present:
                gone[fund.group].add(fund.campaign)
        for advertiser in config.advertisers:
            for group in advertiser.groups:
                limits = group.budget
                budget = Budget(_micros(limits.total), _micros(limits.daily), hour_micros=_micros(limits.hourly))
                yield Pool(budget, frozenset({each.id for each in advertiser.members(group)} | gone[group.id]))

    def _begin_day(self, fund: Fund) -> None:
        self._zones.setdefault(fund.timezone, {})[fund.campaign] = None
        today, hour_s = self._local(fund.timezone)
        self.book.start_day(fund.campaign, today)
        self.book.start_hour(fund.campaign, hour_s)

    def _local(self, zone: str) -> tuple[str, int]:
        """The day of a timezone, and when its present clock hour began."""
        local = datetime.fromtimestamp(self._now_s, UTC).astimezone(ZoneInfo(zone))
        return local.date().isoformat(), int(self._now_s) - 60 * local.minute - local.second

    def _counted(self, worker: int, slot: int) -> int:
        """What a worker has bid on a slot since the board was made."""
        return self.board.bid[worker][slot] - self.board.returned[worker][slot]


def _micros(amount: Decimal | None) -> int | None:
    return None if amount is None else micros_from_amount(amount)


def _fund(campaign: Campaign, advertiser: Advertiser, now_s: float) -> Fund:
    return Fund(
        campaign=campaign.id,
        at_ms=int(now_s * 1000),
        advertiser=advertiser.advertiser,
        total_micros=_micros(campaign.budget.total),
        day_micros=_micros(campaign.budget.daily),
        since=campaign.flight.start.isoformat(),
        timezone=campaign.flight.timezone,
        margin_ppb=int(campaign.margin * PPB),
        hour_micros=_micros(campaign.budget.hourly),
        group=campaign.group or advertiser.group or "",
    )


def campaigns(config: Config) -> Iterable[Campaign]:
    """All campaigns of all advertisers."""
    return (campaign for advertiser in config.advertisers for campaign in advertiser.campaigns)


def shape_for(config: Config, workers: int) -> Shape:
    """A board with room for as many campaigns again as there are."""
    return Shape(workers, max(FEWEST_SLOTS, 2 * sum(1 for _ in campaigns(config))), 0)


def longest_hold_s(config: Config) -> int:
    """How long a bid under this configuration may be open."""
    return max(map(longest_seconds, config.exchanges.values()), default=0)
