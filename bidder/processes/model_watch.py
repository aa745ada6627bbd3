"""What becomes known of models while they answer: outcomes, what others would have bid, what drifts."""

from collections.abc import Callable, Collection

from bidder.clock import Clock
from bidder.config.schema import Models
from bidder.events.schema import Event
from bidder.processes.appraisal import Stage
from bidder.processes.appraising import Appraising
from bidder.processes.arms import Arms
from bidder.processes.canary_guard import Guard, Tallies
from bidder.processes.model_desk import Desk, Insight
from bidder.processes.model_keeper import Keeper
from bidder.processes.sampler import Sampler


class ModelWatch:
    """Follows bids to their outcomes, judges canaries, and has samples appraised."""

    def __init__(self, keeper: Keeper, tallies: Tallies, clock: Clock) -> None:
        self.appraising = Appraising()
        self._keeper = keeper
        self._clock = clock
        self._arms = Arms()
        self._sampler = Sampler()
        self._guard = Guard(self._arms, tallies, clock)

    def desk(self, models: Callable[[], Models]) -> Desk:
        """What people ask and tell of models; `models` are the settings that are live."""
        return Desk(Insight(self._keeper, self._guard, self._arms, self.appraising), models)

    def take_in(self, events: Collection[Event]) -> None:
        """Bids as they are recorded, and what is said of them later."""
        self._arms.take_in(events)
        self._sampler.take_in(events)

    async def look(self, models: Models, stage: Stage | None) -> None:
        """Judge those on trial, and have what is on the stage appraised; None: nothing is."""
        self._guard.look(self._keeper.lineup, models)
        await self.appraising.show(stage)
        self.appraising.aftermath(self._sampler.collect(int(self._clock() * 1000)))
