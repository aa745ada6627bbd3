"""Which predictor scores a request: the champions, or those on trial for a share of users, or a quick one in a hurry.

The choice is made once a request, by its ids and the time it has left, so that an answer comes from exactly one and a
replay from the same one. A user stays with what was chosen for as long as the trial lasts.
"""

from collections.abc import Sequence
from typing import NamedTuple, Protocol
from zlib import crc32

from bidder.auction.score import PPB, Predictor
from bidder.config.schema import Goal
from openrtb.request import BidRequest


class Choice(Protocol):
    """Predictors, and how they share the requests."""

    def of(self, request: BidRequest, left_s: float, *, personal: bool) -> Predictor:
        """What scores this request. `personal` says whether the user's id may be used."""

    def ceiling(self, goal: Goal) -> int:
        """A probability that none of them exceeds for this goal."""


class Always:
    """The same predictor for all requests."""

    def __init__(self, predictor: Predictor) -> None:
        self.predictor = predictor
        self.ceiling = predictor.ceiling

    def of(self, request: BidRequest, left_s: float, *, personal: bool) -> Predictor:  # noqa: ARG002
        return self.predictor


class Trial(NamedTuple):
    """A version that answers a share of users."""

    salt: int
    share_ppb: int


class Hurry(NamedTuple):
    """What scores requests with less time left than this."""

    below_s: float
    predictor: Predictor


class Shared:
    """Predictors for every combination of the trials; bit n of a place says that trial n takes part."""

    def __init__(self, predictors: Sequence[Predictor], trials: Sequence[Trial], hurry: Hurry | None) -> None:
        self._predictors = predictors
        self._trials = trials
        self._hurry = hurry or Hurry(float("-inf"), predictors[0])

    def of(self, request: BidRequest, left_s: float, *, personal: bool) -> Predictor:
        if left_s < self._hurry.below_s:
            return self._hurry.predictor
        place = 0
        if self._trials:
            key = (_person(request) if personal else "") or request.id
            lot = crc32(key.encode(errors="surrogatepass"))
            for bit, trial in enumerate(self._trials):
                place |= (_spread(lot ^ trial.salt) * PPB >> 32 < trial.share_ppb) << bit
        return self._predictors[place]

    def ceiling(self, goal: Goal) -> int:
        return max(each.ceiling(goal) for each in (*self._predictors, self._hurry.predictor))


def _person(request: BidRequest) -> str:
    """The id that stays longest with the person, as far as the request has one."""
    user, device = request.user, request.device
    known = (user.buyeruid or user.id) if user is not None else None
    return known or (device.ifa if device is not None else None) or ""


def _spread(lot: int) -> int:
    """Thirty-two bits, each moved by every bit of the lot, so that trials draw apart (the end of MurmurHash3)."""
    lot = (lot ^ lot >> 16) * 0x85EBCA6B & 0xFFFFFFFF
    lot = (lot ^ lot >> 13) * 0xC2B2AE35 & 0xFFFFFFFF
    return lot ^ lot >> 16
