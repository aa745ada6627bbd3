"""Conditions that no set of values can state: distances, version ranges, measured viewability.

They are asked one line at a time, of the few lines that every bitset let through.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt

from bidder.auction.agent import version_key
from bidder.auction.view import View
from bidder.config.schema import Campaign, Circle, VersionRange
from bidder.domain.reason import Reason
from openrtb.imp import Imp

EARTH_KM = 6371.0


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition: its reason, whether it holds, and what the request shows where it is explained."""

    reason: Reason
    holds: Callable[[View, Imp], bool]
    seen: Callable[[View, Imp], str]
    wanted: str
    personal: bool = False

    def reason_for(self, view: View) -> Reason:
        """Its reason, or that personal data may not be used to judge it."""
        return Reason.NO_PERSONAL_DATA if self.personal and not view.personal else self.reason


def conditions_of(campaign: Campaign) -> tuple[Condition, ...]:
    """The conditions a campaign sets, in the order of the gates."""
    found: list[Condition] = []
    if any(each.min or each.max for each in campaign.include.os):
        found.append(_os_versions(campaign.include.os))
    refused = tuple(each for each in campaign.exclude.os if each.min or each.max)
    if refused:
        found.append(_os_versions_refused(refused))
    if campaign.include.radius:
        found.append(_inside(campaign.include.radius))
    if campaign.exclude.radius:
        found.append(_outside(campaign.exclude.radius))
    least = campaign.placement.min_viewability
    if least is not None:
        found.append(_viewability(float(least)))
    return tuple(found)


def km_between(lat: float, lon: float, circle: Circle) -> float:
    """Great-circle distance from a point to the middle of a circle (haversine)."""
    half_lat = radians(circle.lat - lat) / 2
    half_lon = radians(circle.lon - lon) / 2
    chord = sin(half_lat) ** 2 + cos(radians(lat)) * cos(radians(circle.lat)) * sin(half_lon) ** 2
    return 2 * EARTH_KM * asin(min(1.0, sqrt(chord)))


def viewability(imp: Imp) -> float | None:
    """The placement's measured viewability, 0 to 1 (OpenRTB 2.6, 3.2.5)."""
    return next((each.value for each in imp.metric or () if each.type == "viewability"), None)


def _os_versions(ranges: tuple[VersionRange, ...]) -> Condition:
    def holds(view: View, _imp: Imp) -> bool:
        return _in_any(view.system, ranges)

    return Condition(Reason.OS_VERSION, holds, _shown_os, " or ".join(map(_shown_range, ranges)))


def _os_versions_refused(ranges: tuple[VersionRange, ...]) -> Condition:
    def holds(view: View, _imp: Imp) -> bool:
        return not _in_any(view.system, ranges)

    return Condition(Reason.OS_VERSION, holds, _shown_os, "not " + " or ".join(map(_shown_range, ranges)))


def _in_any(system: tuple[str, str], ranges: tuple[VersionRange, ...]) -> bool:
    name, version = system
    return any(each.name.lower() == name and _in_range(version, each) for each in ranges)


def _in_range(version: str, wanted: VersionRange) -> bool:
    if not (wanted.min or wanted.max):
        return True
    found = version_key(version)
    if not found:
        return False
    least, most = version_key(wanted.min or ""), version_key(wanted.max or "")
    return found >= least and (not most or found[: len(most)] <= most)


def _shown_os(view: View, _imp: Imp) -> str:
    return " ".join(view.system).strip()


def _shown_range(wanted: VersionRange) -> str:
    return f"{wanted.name} {wanted.min or ''}..{wanted.max or ''}"


def _inside(circles: tuple[Circle, ...]) -> Condition:
    def holds(view: View, _imp: Imp) -> bool:
        return _nearest_edge(view, circles) <= 0

    return Condition(Reason.RADIUS, holds, _shown_place, " or ".join(map(_shown_circle, circles)), personal=True)


def _outside(circles: tuple[Circle, ...]) -> Condition:
    def holds(view: View, _imp: Imp) -> bool:
        return _nearest_edge(view, circles) > 0

    return Condition(Reason.RADIUS, holds, _shown_place, "not " + " or ".join(map(_shown_circle, circles)))


def _nearest_edge(view: View, circles: tuple[Circle, ...]) -> float:
    """Kilometres from the device to the nearest circle's edge, negative inside; infinity where the place is unknown."""
    geo = view.geo
    if geo.lat is None or geo.lon is None or not view.personal:
        return float("inf")
    lat, lon = geo.lat, geo.lon
    return min(km_between(lat, lon, circle) - circle.km for circle in circles)


def _shown_place(view: View, _imp: Imp) -> str:
    geo = view.geo
    return "" if geo.lat is None else f"{geo.lat},{geo.lon}"


def _shown_circle(circle: Circle) -> str:
    return f"within {circle.km} km of {circle.lat},{circle.lon}"


def _viewability(least: float) -> Condition:
    def holds(_view: View, imp: Imp) -> bool:
        measured = viewability(imp)
        return measured is not None and measured >= least

    def seen(_view: View, imp: Imp) -> str:
        measured = viewability(imp)
        return "" if measured is None else f"{measured:.2f}"

    return Condition(Reason.VIEWABILITY, holds, seen, f"at least {least:.2f}")
