"""The answer to an exchange: bids with markup, signed notice URLs and what its dialect wants (OpenRTB 2.6, 4.2)."""

from hashlib import blake2b

import msgspec
from msgspec import Raw, Struct

from bidder.auction.creative import Prepared, Rendered
from bidder.auction.decision import Bid, Decision
from bidder.auction.round import Round
from bidder.config.schema import Exchange, Transparency
from bidder.domain.links import LinkBuilder, Links, landing_query
from bidder.domain.money import cpm_from_micros
from bidder.domain.reason import Reason
from bidder.domain.ticket import MAX_FOREIGN_CHARS, Billable, Signer, Ticket
from openrtb import encode_response
from openrtb.extensions import DSAResponse, DSATransparency
from openrtb.response import Bid as WireBid
from openrtb.response import BidResponse, SeatBid

_BILLABLE = {"burl": Billable.BURL, "nurl": Billable.NURL, "impression": Billable.IMPRESSION}


class Sent(Struct):
    """One bid as it was sent: what was decided, the ticket, the URLs that carry it, and the markup."""

    bid: Bid
    ticket: Ticket
    links: Links
    rendered: Rendered


class Responder:
    """Writes answers; holds what all of them share: the signing keys and the base of all URLs."""

    def __init__(self, signer: Signer, links: LinkBuilder) -> None:
        self._signer = signer
        self._links = links
        self._landings: dict[Prepared, str] = {}

    def respond(self, decision: Decision) -> tuple[bytes, list[Sent]]:
        """The body of the answer and the bids in it; bids that would make it too large are left out, cheapest first."""
        auction = decision.round
        if auction is None or not decision.bids:
            raise ValueError("a decision without bids has no response body")
        sent = [self._sent(auction, bid) for bid in decision.bids]
        body = self._body(auction, sent)
        limit = auction.exchange.max_response_bytes
        while limit is not None and len(body) > limit and sent:
            sent.remove(min(sent, key=lambda each: each.bid.offer.price_micros))
            body = self._body(auction, sent) if sent else b""
        return body, sent

    def _sent(self, auction: Round, bid: Bid) -> Sent:
        ticket = _ticket(auction, bid)
        candidate = bid.offer.candidate
        links = self._links.links(self._signer.sign(ticket), self._landing(candidate.creative))
        rendered = candidate.creative.markup.render(candidate.slot, links)
        return Sent(bid, ticket, links, rendered)

    def _landing(self, creative: Prepared) -> str:
        """The signed landing page in the creative's click URLs; the same for every bid."""
        query = self._landings.get(creative)
        if query is None:
            query = landing_query(self._signer, creative.campaign, creative.id, creative.landing)
            self._landings[creative] = query
        return query

    def _body(self, auction: Round, sent: list[Sent]) -> bytes:
        bids = [self._wire(auction, each) for each in sent]
        response = BidResponse(
            id=auction.request.id,
            cur=auction.currency,
            bidid=f"{sent[0].ticket.bid_id:016x}",
            seatbid=[SeatBid(bid=bids, seat=auction.exchange.seat)],
        )
        return encode_response(response, version=auction.exchange.version)

    def _wire(self, auction: Round, sent: Sent) -> WireBid:
        exchange, ticket, rendered = auction.exchange, sent.ticket, sent.rendered
        offer = sent.bid.offer
        creative = offer.candidate.creative
        wire = WireBid(
            id=f"{ticket.bid_id:016x}",
            impid=sent.bid.imp.id,
            price=cpm_from_micros(offer.wire_micros),
            adm=_markup(exchange, creative, rendered),
            adid=creative.id,
            adomain=list(creative.adomain[: exchange.max_adomains]),
            cid=creative.campaign,
            crid=f"{creative.campaign}:{creative.id}",
            bundle=creative.bundle,
            dealid=offer.candidate.deal.id if offer.candidate.deal is not None else None,
            exp=exp_seconds(exchange, sent.bid),
            mtype=rendered.mtype if exchange.send_mtype else None,
            w=rendered.w,
            h=rendered.h,
            wratio=rendered.wratio,
            hratio=rendered.hratio,
            protocol=rendered.protocol,
            dur=rendered.dur,
            attr=sorted(rendered.attr) or None,
            apis=sorted(rendered.apis) or None,
            language=creative.language if exchange.send_language else None,
        )
        _categories(wire, creative)
        _notices(wire, exchange, sent.links)
        transparency = offer.candidate.line.campaign.dsa
        if transparency is not None and auction.dsa is not None:
            wire.ext = Raw(msgspec.json.encode({"dsa": _dsa(transparency)}))
        return wire


def _markup(exchange: Exchange, creative: Prepared, rendered: Rendered) -> str:
    wrapped = creative.format == "native" and exchange.native_wrapped
    return f'{{"native":{rendered.adm}}}' if wrapped else rendered.adm


def exp_seconds(exchange: Exchange, bid: Bid) -> int:
    """How long the bid is honoured: what the imp expects, within what was agreed with the exchange."""
    return min(bid.imp.exp, exchange.exp_seconds) if bid.imp.exp and bid.imp.exp > 0 else exchange.exp_seconds


def withdrawn(decision: Decision, sent: list[Sent]) -> None:
    """Take the bids out of a decision that the answer had no room for; each line ends in `ANSWER_TOO_LARGE`."""
    kept = [each.bid for each in sent]
    if len(kept) == len(decision.bids):
        return
    if decision.funnel is not None:
        offers = [bid.offer for bid in decision.bids]
        decision.funnel.withdraw(offers, [bid.offer for bid in kept], Reason.ANSWER_TOO_LARGE)
    decision.bids = kept
    if not decision.bids:
        decision.reason = Reason.ANSWER_TOO_LARGE


def _ticket(auction: Round, bid: Bid) -> Ticket:
    offer = bid.offer
    at_s = int(auction.view.now)
    name = f"{auction.name}\0{auction.request.id}\0{bid.imp.id}\0{auction.view.now:.3f}\0{offer.candidate.line.id}"
    return Ticket(
        bid_id=int.from_bytes(blake2b(name.encode(errors="surrogatepass"), digest_size=8).digest()),
        at_s=at_s,
        expires_s=at_s + exp_seconds(auction.exchange, bid),
        exchange=auction.name,
        imp_id=bid.imp.id[:MAX_FOREIGN_CHARS],
        campaign=offer.candidate.line.id,
        creative=offer.candidate.creative.id,
        price_micros=offer.price_micros,
        currency=auction.currency,
        rate=auction.rate,
        billable=_BILLABLE[auction.exchange.billable],
        deal=offer.candidate.deal.id[:MAX_FOREIGN_CHARS] if offer.candidate.deal is not None else "",
        test=auction.test,
    )


def _dsa(transparency: Transparency) -> DSAResponse:
    """What the DSA asks an ad to tell (DSA Transparency extension, `bid.ext.dsa`)."""
    parties = [DSATransparency(domain=transparency.domain, dsaparams=list(transparency.params))]
    return DSAResponse(
        behalf=transparency.behalf,
        paid=transparency.paid,
        transparency=parties if transparency.domain else None,
        adrender=int(transparency.rendered),
    )


def _categories(wire: WireBid, creative: Prepared) -> None:
    if creative.cat:
        wire.cat = list(creative.cat)
        wire.cattax = creative.cattax


def _notices(wire: WireBid, exchange: Exchange, links: Links) -> None:
    if exchange.send_nurl or exchange.billable == "nurl" or exchange.markup == "nurl":
        wire.nurl = links.win
    if exchange.billable == "burl":
        wire.burl = links.billing
    if exchange.send_lurl:
        wire.lurl = links.loss
    if exchange.markup == "nurl":
        wire.adm = None
