"""How a notice ended: one closed list that book, notices, tracking, counters and records share."""

from enum import StrEnum, unique


@unique
class Outcome(StrEnum):
    """What became of a notice, a pixel, a click or a conversion."""

    COUNTED = "counted"
    UNRECORDED = "unrecorded"  # counted on the word of the ticket, before the record of the bid was read
    OVER_HOLD = "over_hold"  # counted; the price is above the bid, and the bid's price was booked

    LATE = "late"  # nothing is held for the bid any more; a price is booked on the late line, outside the budget
    REPEATED = "repeated"
    CONTRADICTED = "contradicted"  # a win and a loss of the same bid; the first stands
    NOT_BILLABLE = "not_billable"  # a billing notice of an exchange that bills on another event
    EXPIRED = "expired"
    TEST = "test"
    UNGRANTED = "ungranted"  # the record of a bid that no grant and no funds cover

    AUDIT = "audit"
    EMPTY = "empty"
    UNEXPANDED = "unexpanded"
    NOT_A_NUMBER = "not_a_number"
    NEGATIVE = "negative"
    NON_FINITE = "non_finite"
    OUT_OF_RANGE = "out_of_range"
    UNKNOWN_SIGNER = "unknown_signer"  # a ciphered price that none of the exchange's keys signed
    STALE = "stale"  # a ciphered price of another time
    REPLAYED = "replayed"  # a ciphered price that was told for another bid
    AMBIGUOUS = "ambiguous"  # a parameter that decides came twice

    MALFORMED = "malformed"
    UNKNOWN_KEY = "unknown_key"
    BAD_SIGNATURE = "bad_signature"
    BAD_LANDING = "bad_landing"
    OVERSIZED = "oversized"

    @property
    def counts(self) -> bool:
        """Whether the event took effect, for the first time."""
        return self in COUNTING

    @property
    def alarming(self) -> bool:
        """Whether somebody should look: money that an exchange may claim does not agree with the book."""
        return self in _ALARMING

    @property
    def refused(self) -> bool:
        """Whether it was not ours, or not whole: the sender gets a 4xx."""
        return self in _REFUSED


COUNTING = frozenset({Outcome.COUNTED, Outcome.UNRECORDED, Outcome.OVER_HOLD})
"""Those of events that took effect; the text of one, as records have it, is in it as well."""
_ALARMING = {
    Outcome.OVER_HOLD,
    Outcome.LATE,
    Outcome.UNGRANTED,
    Outcome.NEGATIVE,
    Outcome.NOT_A_NUMBER,
    Outcome.NON_FINITE,
    Outcome.OUT_OF_RANGE,
    Outcome.UNKNOWN_SIGNER,
    Outcome.STALE,
    Outcome.REPLAYED,
}
_REFUSED = {
    Outcome.MALFORMED,
    Outcome.UNKNOWN_KEY,
    Outcome.BAD_SIGNATURE,
    Outcome.BAD_LANDING,
    Outcome.OVERSIZED,
}
