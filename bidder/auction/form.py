"""A bid written once, with holes for its tickets: what all bids of one creative in one kind of slot have in common.

Each of our URLs is fixed text around a ticket, and a ticket has no character that any escape changes. So the bid is
written with marks in the place of the tickets, and every later one is that text with its own tickets.
"""

import re

import msgspec
from msgspec import Raw

from bidder.auction.creative import Prepared, Rendered, render, serving_id
from bidder.auction.creative.markup.template import Template
from bidder.auction.offer import Candidate
from bidder.config.schema import Exchange, Transparency
from bidder.domain.links import LinkBuilder, Links, with_minimum
from bidder.domain.ticket import Signed
from openrtb import encode_response
from openrtb.extensions import DSAResponse, DSATransparency
from openrtb.response import Bid, BidResponse, SeatBid

_MARKS = ("markOfTheNoticeTicket", "markOfTheTrackingTicket", "markOfTheServingId")
_MARKED = Signed(*_MARKS[:2])
_ANY_MARK = re.compile(f"({'|'.join(_MARKS)})")


class Form:
    """The members of a bid that are the same each time, as JSON without the opening brace; holes for its tickets."""

    __slots__ = ("_links", "_serves", "_template")

    def __init__(self, text: str, links: LinkBuilder) -> None:
        parts = _ANY_MARK.split(text)
        self._template = Template([_MARKS.index(part) if part in _MARKS else part for part in parts])
        self._serves = _MARKS[2] in parts
        self._links = links

    def fill(self, signed: Signed) -> str:
        """The members with these tickets."""
        serving = serving_id(self._links.links(signed, "").impression) if self._serves else ""
        return self._template.fill((signed.notice, signed.tracking, serving))


def form_of(exchange: Exchange, candidate: Candidate, links: LinkBuilder, landing: str, *, told: bool) -> Form:
    """The form of bids with this creative in such a slot; `told` where the request asks for transparency."""
    marked = links.links(_MARKED, landing)
    creative = candidate.creative
    rendered = render(creative, candidate.slot, marked)
    rendered.adm = rendered.adm.replace(serving_id(marked.impression), _MARKS[2])
    bid = _bid(exchange, creative, rendered)
    _notices(bid, exchange, marked)
    transparency = candidate.line.campaign.dsa
    if told and transparency is not None:
        bid.ext = Raw(msgspec.json.encode({"dsa": _dsa(transparency)}))
    return Form(_members(bid, exchange), links)


def _members(bid: Bid, exchange: Exchange) -> str:
    """The bid as the exchange's version of OpenRTB has it, without its first brace."""
    response = encode_response(BidResponse(seatbid=[SeatBid(bid=[bid])]), version=exchange.version)
    written = msgspec.json.decode(response, type=dict[str, list[dict[str, list[Raw]]]])["seatbid"][0]["bid"][0]
    return bytes(written).decode().removeprefix("{")


def _bid(exchange: Exchange, creative: Prepared, rendered: Rendered) -> Bid:
    return Bid(
        adm=_markup(exchange, creative, rendered),
        adid=creative.id,
        adomain=list(creative.adomain[: exchange.max_adomains]),
        cid=creative.campaign,
        crid=f"{creative.campaign}:{creative.id}",
        bundle=creative.bundle,
        cat=list(creative.cat) or None,
        cattax=creative.cattax if creative.cat else 1,
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


def _markup(exchange: Exchange, creative: Prepared, rendered: Rendered) -> str | None:
    """The markup, unless it is what the win notice is answered with (OpenRTB 2.6, 4.3.1)."""
    if exchange.markup == "nurl":
        return None
    wrapped = creative.format == "native" and exchange.native_wrapped
    return f'{{"native":{rendered.adm}}}' if wrapped else rendered.adm


def _dsa(transparency: Transparency) -> DSAResponse:
    """What the DSA asks an ad to tell (DSA Transparency extension, `bid.ext.dsa`)."""
    parties = [DSATransparency(domain=transparency.domain, dsaparams=list(transparency.params))]
    return DSAResponse(
        behalf=transparency.behalf,
        paid=transparency.paid,
        transparency=parties if transparency.domain else None,
        adrender=int(transparency.rendered),
    )


def _notices(bid: Bid, exchange: Exchange, links: Links) -> None:
    loss = exchange.loss
    told_at_nurl = loss.notice == "nurl"
    if told_at_nurl:
        bid.nurl = with_minimum(links.outcome, loss.minimum)
    elif exchange.send_nurl or exchange.billable == "nurl" or exchange.markup == "nurl":
        bid.nurl = links.win
    if exchange.billable == "burl":
        bid.burl = links.billing
    if exchange.send_lurl and not told_at_nurl:
        bid.lurl = with_minimum(links.loss, loss.minimum)
