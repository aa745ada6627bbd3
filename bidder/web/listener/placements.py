"""What requests for one placement bring, known by a glance at the bytes: nobody decodes a body to refuse it.

A placement is what the first `tagid` says (OpenRTB 2.6, section 3.2.4). Requests without one near the beginning, with
spaces in their JSON, or compressed, go by the mean of their exchange.
"""

MARK = b'"tagid":"'
GLANCE_BYTES = 1024
LONGEST_BYTES = 64

MOST = 2048
"""Placements of an exchange that are kept. Beyond, all are forgotten: what comes often is soon known again."""
ENOUGH = 10
"""Decisions after which the mean is believed."""
LEARNING = 0.05
FORGOTTEN_S = 5.0
"""A placement that was refused for so long is tried again: it may be worth more by then."""


def placement_of(body: bytes) -> bytes:
    """The name of the placement; empty where the glance finds none."""
    start = body.find(MARK, 0, GLANCE_BYTES)
    if start < 0:
        return b""
    start += len(MARK)
    end = body.find(b'"', start, start + LONGEST_BYTES)
    return body[start:end] if end >= 0 else b""


class Placement:
    """What one placement brings."""

    __slots__ = ("decided", "latest_s", "value_micros")

    def __init__(self) -> None:
        self.decided = 0
        self.latest_s = 0.0
        self.value_micros = 0.0
        """What a decision bids, micros per impression, the latest counting most."""


class Placements:
    """Those of one exchange."""

    def __init__(self) -> None:
        self._known: dict[bytes, Placement] = {}

    def __len__(self) -> int:
        return len(self._known)

    def decided(self, name: bytes, bid_micros: int, now_s: float) -> None:
        """A request for a placement was decided, and bid so much."""
        if not name:
            return
        known = self._known
        each = known.get(name)
        if each is None:
            if len(known) >= MOST:
                known.clear()
            each = known[name] = Placement()
        each.decided += 1
        each.latest_s = now_s
        each.value_micros += max(LEARNING, 1 / each.decided) * (bid_micros - each.value_micros)

    def value_micros(self, name: bytes, now_s: float) -> float | None:
        """What a decision is expected to bid; None where that is not known."""
        each = self._known.get(name)
        if each is None or each.decided < ENOUGH or now_s - each.latest_s > FORGOTTEN_S:
            return None
        return each.value_micros
