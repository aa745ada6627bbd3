"""Markup that travels in the answer to the win notice, not in the bid: from the worker that bid to the web port."""

from collections.abc import Callable, Iterator

from bidder.auction.decision import Decision
from bidder.auction.respond import Responder, Sent
from bidder.domain.links import LinkBuilder
from bidder.domain.ticket import Signer, Ticket
from bidder.processes.messages import Markup

MOST_KEPT = 100_000
"""Bids whose markup is kept; beyond that the oldest are forgotten."""

Keep = Callable[[Markup], None]


class KeepingResponder(Responder):
    """Hands on the markup of bids on exchanges that want it with the win notice (OpenRTB 2.6, section 4.3.1)."""

    def __init__(self, signer: Signer, links: LinkBuilder, keep: Keep, life: int, serials: Iterator[int]) -> None:
        super().__init__(signer, links, life, serials)
        self._keep = keep

    def respond(self, decision: Decision) -> tuple[bytes, list[Sent]]:
        """As `Responder.respond`."""
        body, sent = super().respond(decision)
        if decision.round is not None and decision.round.market.exchange.markup == "nurl":
            for each in sent:
                self._keep(Markup(each.ticket.bid_id, each.ticket.expires_s, self.markup(each)))
        return body, sent


class Markups:
    """The markup of bids that may yet win."""

    def __init__(self, most: int = MOST_KEPT) -> None:
        self._most = most
        self._kept: dict[int, Markup] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def keep(self, markup: Markup) -> None:
        """Keep it for the win notice of its bid, in the place of the oldest where there are too many."""
        self._kept[markup.bid_id] = markup
        if len(self._kept) > self._most:
            del self._kept[next(iter(self._kept))]

    def of(self, ticket: Ticket) -> str | None:
        """What the win notice of this bid returns; None where its exchange got it in the bid, or it is gone."""
        kept = self._kept.get(ticket.bid_id)
        return kept.text if kept is not None else None

    def expire(self, now_s: float) -> None:
        """Forget the oldest, as far as their bids have expired."""
        while self._kept:
            oldest = next(iter(self._kept.values()))
            if oldest.expires_s > now_s:
                return
            del self._kept[oldest.bid_id]
