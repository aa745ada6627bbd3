"""The money of the running bidder: the book in this process, the board that it shares with the workers.

Budgets live in memory only, for as long as this process does.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from msgspec import Struct

from bidder.config.schema import Campaign, Config
from bidder.domain.money import micros_from_amount, micros_from_cpm
from bidder.events.schema import Bid, Event
from bidder.ledger.account import Budget
from bidder.ledger.board import Board, Shape
from bidder.ledger.book import Book
from bidder.ledger.grants import Grants
from bidder.ledger.slots import Slots

FEWEST_SLOTS = 4096
LATE_SECONDS = 3600


class Claim(Struct, frozen=True):
    """A recorded bid as the book reads it."""

    bid_id: int
    campaign: str
    at_s: int
    expires_s: int
    price_micros: int


class Treasury:
    """Funds campaigns, grants to workers, and holds what they bid."""

    def __init__(self, path: Path, shape: Shape, now_s: float) -> None:
        """Makes a new board at `path`. Raises `OSError`."""
        self.board = Board.create(path, shape)
        self.book = Book(int(now_s), LATE_SECONDS)
        self._slots = Slots(self.board)
        self._grants = Grants(self.book, self.board)
        self._days: dict[ZoneInfo, date] = {}
        self._by_zone: dict[ZoneInfo, list[str]] = {}

    def place(self, config: Config, generation: int) -> dict[str, int]:
        """The slot of each campaign of the coming generation. Raises `NoSlotError`."""
        return self._slots.assign((each.id for each in campaigns(config)), generation, self.book.has_open)

    def serve(self, config: Config, slots: Mapping[str, int]) -> None:
        """The generation is live: fund its campaigns and grant to them alone."""
        self._by_zone = {}
        for each in campaigns(config):
            self.book.fund(each.id, _budget(each))
            self._by_zone.setdefault(ZoneInfo(each.flight.timezone), []).append(each.id)
        self._grants.serve(slots, {each.id: micros_from_cpm(each.max_cpm) for each in campaigns(config)})
        self._grants.round()

    def take_in(self, events: Iterable[Event]) -> None:
        """Hold the money of bids that workers recorded; tests hold none."""
        for event in events:
            if isinstance(event, Bid) and not event.test:
                self.book.hold(_claim(event))

    def tick(self, now_s: float) -> None:
        """Begin new days, give up expired bids, and top up the workers' grants."""
        for zone, names in self._by_zone.items():
            today = datetime.fromtimestamp(now_s, UTC).astimezone(zone).date()
            if self._days.setdefault(zone, today) != today:
                self._days[zone] = today
                for name in names:
                    self.book.start_day(name)
        self.book.expire(now_s)
        self._grants.round()


def campaigns(config: Config) -> Iterable[Campaign]:
    """All campaigns of all advertisers."""
    return (campaign for advertiser in config.advertisers for campaign in advertiser.campaigns)


def shape_for(config: Config, workers: int) -> Shape:
    """A board with room for as many campaigns again as there are."""
    return Shape(workers, max(FEWEST_SLOTS, 2 * sum(1 for _ in campaigns(config))), 0)


def _budget(campaign: Campaign) -> Budget:
    total, daily = campaign.budget.total, campaign.budget.daily
    return Budget(
        None if total is None else micros_from_amount(total), None if daily is None else micros_from_amount(daily)
    )


def _claim(bid: Bid) -> Claim:
    return Claim(bid.bid_id, bid.campaign, bid.at_ms // 1000, -(-bid.expires_ms // 1000), bid.price_micros)
