"""Whether an answer is one that an exchange could use: our own rules, from what a client reads (OpenRTB 2.6, 4.2)."""

from collections.abc import Iterator, Mapping
from typing import Any

import orjson


def faults(request: Mapping[str, Any], request_id: str, body: bytes) -> list[str]:
    """What is wrong with the body of a 200 to `request`, sent with `request_id`; empty where nothing is."""
    try:
        answer = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        return [f"no JSON: {error}"]
    if not isinstance(answer, dict):
        return ["not a JSON object"]
    return list(_faults(request, request_id, answer))


def _faults(request: Mapping[str, Any], request_id: str, answer: dict[str, Any]) -> Iterator[str]:
    if answer.get("id") != request_id:
        yield f"id is {answer.get('id')!r}, not that of the request, {request_id!r}"
    currency, allowed = answer.get("cur", "USD"), request.get("cur") or [answer.get("cur", "USD")]
    if currency not in allowed:
        yield f"cur is {currency!r}, and the request allows {allowed}"
    if "nbr" in answer and not answer.get("seatbid"):
        return
    seats = answer.get("seatbid")
    if not isinstance(seats, list) or not seats:
        yield "no seatbid"
        return
    imps = {imp["id"]: imp for imp in request["imp"]}
    for seat in seats:
        bids = seat.get("bid") if isinstance(seat, dict) else None
        if not isinstance(bids, list) or not bids:
            yield "a seatbid without bids"
            continue
        for bid in bids:
            yield from _bid_faults(imps, bid, currency)


def _bid_faults(imps: Mapping[str, Mapping[str, Any]], bid: Any, currency: str) -> Iterator[str]:
    if not isinstance(bid, dict):
        yield "a bid that is no object"
        return
    yield from (f"bid.{name} is missing" for name in ("id", "crid", "cid") if not isinstance(bid.get(name), str))
    imp = imps.get(bid.get("impid", ""))
    if imp is None:
        yield f"bid.impid {bid.get('impid')!r} is not an imp of the request"
        return
    price = bid.get("price")
    if isinstance(price, bool) or not isinstance(price, int | float) or price <= 0:
        yield f"bid.price is {price!r}, not a positive number"
    else:
        yield from _floor_faults(imp, bid, price, currency)
    if not bid.get("adm") and not bid.get("nurl"):
        yield "neither bid.adm nor bid.nurl: nothing to show"
    if not bid.get("adomain"):
        yield "bid.adomain is missing"


def _floor_faults(imp: Mapping[str, Any], bid: Mapping[str, Any], price: float, currency: str) -> Iterator[str]:
    deals = {deal["id"]: deal for deal in imp.get("pmp", {}).get("deals", ())}
    deal_id = bid.get("dealid")
    if deal_id is not None and deal_id not in deals:
        yield f"bid.dealid {deal_id!r} is not a deal of the imp"
        return
    terms = imp if deal_id is None else deals[deal_id]
    if terms.get("bidfloorcur", "USD") == currency and price < terms.get("bidfloor", 0):
        yield f"bid.price {price} is below the floor {terms['bidfloor']}"
