"""The answer to an exchange: bids with markup, signed notice URLs and what its dialect wants (OpenRTB 2.6, 4.2).

What does not change from bid to bid is written once (`bidder.auction.form`) and kept.
"""

from collections.abc import Hashable, Iterator
from hashlib import blake2b
from itertools import count

import msgspec
from msgspec import Struct

from bidder.auction.creative import Prepared, render
from bidder.auction.decision import Bid, Decision
from bidder.auction.expiry import hold_seconds
from bidder.auction.form import Form, form_of
from bidder.auction.offer import Candidate
from bidder.auction.round import Round
from bidder.domain.links import LinkBuilder, landing_query
from bidder.domain.money import cpm_from_micros
from bidder.domain.reason import Reason
from bidder.domain.ticket import MAX_FOREIGN_CHARS, Billable, Signed, Signer, Ticket

MOST_FORMS = 8192
"""Forms that are kept; slots come in more kinds than we can keep, so all are let go when there are too many."""

_BILLABLE = {"burl": Billable.BURL, "nurl": Billable.NURL, "impression": Billable.IMPRESSION}
_json = msgspec.json.Encoder().encode


class Sent(Struct):
    """One bid as it was sent: its id, what was decided, the ticket and its two texts."""

    id: str
    """That of the ticket, as sixteen hexadecimal digits."""
    bid: Bid
    ticket: Ticket
    signed: Signed


class Responder:
    """Writes answers; holds what all of them share: the signing keys, the base of all URLs, and the forms."""

    def __init__(self, signer: Signer, links: LinkBuilder, life: int = 0, serials: Iterator[int] | None = None) -> None:
        """`life` is that of the worker, for its tickets; `serials` number the answers of that life."""
        self._signer = signer
        self._links = links
        self._life = life
        self._serials = count() if serials is None else serials
        self._landings: dict[Prepared, str] = {}
        self._forms: dict[Hashable, Form] = {}

    def respond(self, decision: Decision) -> tuple[bytes, list[Sent]]:
        """The body of the answer and the bids in it; bids that would make it too large are left out, cheapest first."""
        auction = decision.round
        if auction is None or not decision.bids:
            raise ValueError("a decision without bids has no response body")
        answer = f"{auction.request.id}\0{round(auction.view.now * 1000)}\0{self._life}\0{next(self._serials)}"
        sent = [self._sent(auction, bid, f"{answer}\0{place}") for place, bid in enumerate(decision.bids)]
        body = self._body(auction, sent)
        limit = auction.market.exchange.max_response_bytes
        while limit is not None and len(body) > limit and sent:
            sent.remove(min(sent, key=lambda each: each.bid.offer.price_micros))
            body = self._body(auction, sent) if sent else b""
        return body, sent

    def markup(self, sent: Sent) -> str:
        """The markup of a bid, for exchanges that want it apart from the bid."""
        candidate = sent.bid.offer.candidate
        links = self._links.links(sent.signed, self._landing(candidate.creative))
        return render(candidate.creative, candidate.slot, links).adm

    def _sent(self, auction: Round, bid: Bid, name: str) -> Sent:
        digest = _bid_id(name)
        ticket = _ticket(int.from_bytes(digest), auction, bid, self._life)
        return Sent(digest.hex(), bid, ticket, self._signer.sign(ticket))

    def _body(self, auction: Round, sent: list[Sent]) -> bytes:
        """The response (OpenRTB 2.6, 4.2.1)."""
        bids = ",".join([self._bid(auction, each) for each in sent])
        name = _json(auction.request.id).decode()
        seat = (
            f',"seat":{_json(auction.market.exchange.seat).decode()}'
            if auction.market.exchange.seat is not None
            else ""
        )
        head = f'{{"id":{name},"bidid":"{sent[0].id}","cur":"{auction.market.currency}"'
        return f'{head},"seatbid":[{{"bid":[{bids}]{seat}}}]}}'.encode()

    def _bid(self, auction: Round, sent: Sent) -> str:
        bid, ticket = sent.bid, sent.ticket
        offer = bid.offer
        candidate = offer.candidate
        deal = f'"dealid":{_json(candidate.deal.id).decode()},' if candidate.deal is not None else ""
        members = self._form(auction, candidate).fill(sent.signed)
        name, price = _json(bid.imp.id).decode(), cpm_from_micros(offer.wire_micros)
        exp = ticket.expires_s - ticket.at_s
        return f'{{"id":"{sent.id}","impid":{name},"price":{price},"exp":{exp},{deal}{members}'

    def _form(self, auction: Round, candidate: Candidate) -> Form:
        creative, told = candidate.creative, auction.dsa is not None
        key = (auction.market.name, creative, creative.markup.variant(candidate.slot), told)
        form = self._forms.get(key)
        if form is None:
            if len(self._forms) >= MOST_FORMS:
                self._forms.clear()
            form = form_of(auction.market.exchange, candidate, self._links, self._landing(creative), told=told)
            self._forms[key] = form
        return form

    def _landing(self, creative: Prepared) -> str:
        """The signed landing page in the creative's click URLs; the same for every bid."""
        query = self._landings.get(creative)
        if query is None:
            query = landing_query(self._signer, creative.campaign, creative.id, creative.landing)
            self._landings[creative] = query
        return query


def withdrawn(decision: Decision, sent: list[Sent]) -> None:
    """Take the bids out of a decision that the answer had no room for; each line ends in `ANSWER_TOO_LARGE`."""
    if len(sent) == len(decision.bids):
        return
    kept = [each.bid for each in sent]
    if decision.funnel is not None:
        offers = [bid.offer for bid in decision.bids]
        decision.funnel.withdraw(offers, [bid.offer for bid in kept], Reason.ANSWER_TOO_LARGE)
    decision.bids = kept
    if not decision.bids:
        decision.reason = Reason.ANSWER_TOO_LARGE


def _bid_id(name: str) -> bytes:
    """Eight bytes that no other bid has, and a replay has again.

    A request that is sent twice is answered twice. Its bids are two of their own, each with its money, so the number
    of the answer tells them apart, even within a millisecond and within a pod.
    """
    return blake2b(name.encode(errors="surrogatepass"), digest_size=8).digest()


def _hold_seconds(auction: Round, bid: Bid) -> int:
    kind = bid.offer.candidate.creative.format
    return hold_seconds(auction.market.exchange, kind, bid.imp, in_browser=auction.request.site is not None)


def _ticket(bid_id: int, auction: Round, bid: Bid, life: int) -> Ticket:
    offer, market = bid.offer, auction.market
    candidate = offer.candidate
    at_s = int(auction.view.now)
    return Ticket(
        bid_id=bid_id,
        at_s=at_s,
        expires_s=at_s + _hold_seconds(auction, bid),
        exchange=market.name,
        imp_id=bid.imp.id[:MAX_FOREIGN_CHARS],
        campaign=candidate.line.id,
        creative=candidate.creative.id,
        price_micros=offer.price_micros,
        currency=market.currency,
        rate=market.rate,
        billable=_BILLABLE[market.exchange.billable],
        deal=candidate.deal.id[:MAX_FOREIGN_CHARS] if candidate.deal is not None else "",
        test=auction.test,
        life=life,
    )
