"""What a slot is offered for: the floor, the deals and the other terms of an imp."""

from random import Random
from typing import Any

from msgspec import Raw

from bidder.lab.exchange.traffic.publishers import Placement
from bidder.lab.exchange.traffic.surfaces import encoded_media

_FLOOR_SHARES = (0.0, 0.2, 0.3, 0.4, 0.6)
"""Of the median rival bid."""

_DEAL_SHARE = 0.6
_PRIVATE_SHARE = 0.25
_FIXED_PRICE = 3


def draw_imp(chance: Random, placement: Placement, wealth: float, number: int, slot: int) -> dict[str, Any]:
    """One imp with `number` as its id. `wealth` scales its floor; `slot` counts from 1 in a pod, 0 outside one."""
    publisher, surface = placement.publisher, placement.surface
    expected = placement.median_cpm * wealth
    imp: dict[str, Any] = {"id": str(number), "tagid": placement.key, **surface.imp}
    imp.update(_media(placement, slot))
    floor = round(expected * chance.choice(_FLOOR_SHARES), 2)
    if floor:
        imp["bidfloor"] = floor
    if publisher.currency != "USD":
        imp["bidfloorcur"] = publisher.currency
    if publisher.secure:
        imp["secure"] = 1
    imp["metric"] = [{"type": "viewability", "value": surface.viewability, "vendor": "seen.example"}]
    if publisher.is_app:
        imp["exp"] = 3600
    if publisher.deals and chance.random() < _DEAL_SHARE:
        imp["pmp"] = _market(chance, placement, expected)
    imp["ext"] = {"gpid": f"/{placement.key}#{number}"}
    return imp


def _market(chance: Random, placement: Placement, expected: float) -> dict[str, Any]:
    """A first-price deal for anyone, and at a fixed price one for two brands."""
    publisher, key = placement.publisher, placement.key.replace("/", "-")
    common = {"bidfloorcur": publisher.currency}
    deals = [{"id": f"open-{key}", "bidfloor": round(expected * 0.9, 2), "at": publisher.at, **common}]
    if chance.random() < 0.4:
        brands = ["acme-shoes.example", "blue-bank.example"]
        fixed = {"id": f"fixed-{key}", "bidfloor": round(expected * 1.3, 2), "at": _FIXED_PRICE, "wadomain": brands}
        deals.append({**fixed, **common})
    return {"private_auction": int(chance.random() < _PRIVATE_SHARE), "deals": deals}


def _media(placement: Placement, slot: int) -> dict[str, Raw]:
    found = _MEDIA.get((placement.surface.name, placement.publisher.version, slot))
    if found is None:
        found = encoded_media(placement.surface, placement.publisher.version, slot)
        _MEDIA[placement.surface.name, placement.publisher.version, slot] = found
    return found


_MEDIA: dict[tuple[str, str, int], dict[str, Raw]] = {}
