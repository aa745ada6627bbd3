"""The events: one record each for a bid, its notices, what the user did, a full evaluation, and an edit.

Money is integer micros of the account currency unless a field says otherwise; prices are for one impression. Times are
milliseconds since 1970 UTC and are those of the receiving process. `bid_id` is the ticket's unsigned 64-bit id, which
joins all records of one bid. An absent text is "", an absent number is None.

A record is a msgpack array: the tag, then the fields in order. So that old segments stay readable, tags are never given
to another event, and fields are only ever added at the end of an event, with a default.
"""

import struct
from collections.abc import Sequence
from typing import Annotated, Literal, TypeAlias

import msgspec

Int64: TypeAlias = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
"""An integer that every column store holds; the decoder refuses others."""

AtMs: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=253_402_300_799_999)]
"""Milliseconds since 1970 UTC, to the end of the year 9999."""

BidId: TypeAlias = Annotated[int, msgspec.Meta(ge=0)]
"""The unsigned 64-bit id of a ticket; URLs write it as 16 hexadecimal digits."""

Fact: TypeAlias = str | int | float | bool | None
Facts: TypeAlias = dict[str, Fact]
"""What the model was told about a request and a candidate, by the name of the fact."""

NoticeKind: TypeAlias = Literal["win", "billing", "loss"]
"""Which URL was called: `nurl`, `burl` or `lurl` (OpenRTB 2.6, section 3.2.8)."""


class Bid(msgspec.Struct, tag=1, array_like=True, frozen=True, gc=False, kw_only=True):
    """A bid that was answered.

    The price is `value_micros * probability * multiplier * shade`, less margin and within the limits that the
    configuration with the hash `config` sets. `facts` belongs to the record: its maker must not change it afterwards.
    """

    at_ms: AtMs
    bid_id: BidId
    request_id: str
    imp_id: str
    exchange: str
    campaign: str
    creative: str
    deal: str = ""
    format: str
    """`banner`, `video`, `audio` or `native`."""
    auction_type: Int64
    """1 is first price, 2 is second price plus, others are the exchange's (OpenRTB 2.6, `at`)."""
    price_micros: Int64
    floor_micros: Int64
    """The floor that the bid had to meet: that of the deal, else of the imp."""
    currency: str
    """ISO 4217 code of the answer."""
    answer_micros: Int64
    """The price as answered: micros of `currency`."""
    goal: str
    """`cpm`, `cpc`, `cpa` or `value`: what `probability` is the probability of."""
    probability: float
    """Calibrated, of the event that the goal pays for; 1.0 for a fixed CPM."""
    value_micros: Int64
    """What one event of the goal is worth."""
    multiplier: float
    """The pacing controller's factor on the price."""
    shade: float = 1.0
    """The share of the full price that was bid."""
    throttle: float = 1.0
    """The share of eligible requests that the campaign took part in: the inverse is the weight of this bid."""
    model: str
    """`name:version`; "" where no model was asked."""
    config: str
    """Hash of the configuration."""
    expires_ms: AtMs
    """When the bid counts as lost if nothing was heard of it."""
    test: bool = False
    facts: Facts


class Notice(msgspec.Struct, tag=2, array_like=True, frozen=True, gc=False, kw_only=True):
    """A win, billing or loss notice, also one that moved no money.

    Of a forged one only time, kind and outcome are known.
    """

    at_ms: AtMs
    kind: NoticeKind
    bid_id: BidId = 0
    campaign: str = ""
    creative: str = ""
    exchange: str = ""
    outcome: str
    """`counted`, or why not: `repeated`, `forged`, `expired`, `audit`, `unexpanded`, `empty` ..."""
    price_micros: Int64 | None = None
    """The clearing price."""
    price_text: str = ""
    """The price as it stood in the URL, cut to a bounded length by the receiver."""
    loss_reason: Int64 | None = None
    """OpenRTB list: Loss Reason Codes."""
    min_to_win_micros: Int64 | None = None
    """What would have won (`${AUCTION_MIN_TO_WIN}`)."""
    test: bool = False
    fee_micros: Int64 = 0
    """What the exchange is owed on top of a price that was booked."""


class Impression(msgspec.Struct, tag=3, array_like=True, frozen=True, gc=False, kw_only=True):
    """The impression pixel was fetched."""

    at_ms: AtMs
    bid_id: BidId = 0
    campaign: str = ""
    creative: str = ""
    exchange: str = ""
    outcome: str
    """As `Notice.outcome`."""
    test: bool = False


class Click(msgspec.Struct, tag=4, array_like=True, frozen=True, gc=False, kw_only=True):
    """The click redirect was followed."""

    at_ms: AtMs
    bid_id: BidId = 0
    campaign: str = ""
    creative: str = ""
    exchange: str = ""
    outcome: str
    """As `Notice.outcome`."""
    test: bool = False


class Conversion(msgspec.Struct, tag=5, array_like=True, frozen=True, gc=False, kw_only=True):
    """The advertiser reported a conversion, by pixel or from its server."""

    at_ms: AtMs
    bid_id: BidId = 0
    campaign: str = ""
    creative: str = ""
    exchange: str = ""
    outcome: str
    """As `Notice.outcome`."""
    value_micros: Int64 | None = None
    """What the advertiser says it was worth."""
    event: str = ""
    """The advertiser's name for it, such as `purchase`."""
    reference: str = ""
    """The advertiser's own id, such as an order number, by which repeats are known."""
    test: bool = False


class Funnel(msgspec.Struct, tag=6, array_like=True, frozen=True, gc=False, kw_only=True):
    """A request of the sample that was evaluated in full: how every campaign ended.

    Raises `ValueError` (`msgspec.ValidationError` when decoding) where `terminal` holds half a reason.
    """

    at_ms: AtMs
    request_id: str
    exchange: str
    config: str
    """Hash of the configuration."""
    rate: float
    """The share of requests in the sample; `1 / rate` scales a count up to all traffic."""
    campaigns: Int64
    """How many were evaluated; the counts add up to it."""
    counts: dict[Int64, Int64]
    """Campaigns by their terminal `Reason`."""
    terminal: bytes = b""
    """`pack_reasons` of one reason per campaign, in the order of `Generation.campaigns`."""
    test: bool = False

    def __post_init__(self) -> None:
        if len(self.terminal) % 2:
            raise ValueError(f"Funnel.terminal: two bytes a campaign, found {len(self.terminal)} bytes")


class Generation(msgspec.Struct, tag=7, array_like=True, frozen=True, gc=False, kw_only=True):
    """A configuration that went live; it names the campaigns behind the places in `Funnel.terminal`."""

    at_ms: AtMs
    generation: Int64
    config: str
    """Hash of the configuration."""
    previous: str = ""
    """Hash of the one before."""
    campaigns: list[str]
    """Ids in dense order."""
    files: dict[str, str] = {}
    """Hash of each file, by its path in the configuration directory."""


class Edit(msgspec.Struct, tag=8, array_like=True, frozen=True, gc=False, kw_only=True):
    """One key of the configuration that went live with another value than before."""

    at_ms: AtMs
    generation: Int64
    """The generation that it went live with."""
    config: str
    """Hash of the configuration."""
    file: str
    """Relative to the configuration directory."""
    file_hash: str
    """SHA-256 of the file as it went live; "" where it is gone."""
    key: str
    """As in `campaigns[spring].budget.daily`; "" for a whole file."""
    before: str
    """The value as JSON, shortened; `nothing` where there was none, `not shown` for secrets. So is `after`."""
    after: str


Event: TypeAlias = Bid | Notice | Impression | Click | Conversion | Funnel | Generation | Edit

EVENTS: tuple[type[Event], ...] = (Bid, Notice, Impression, Click, Conversion, Funnel, Generation, Edit)

_encoder = msgspec.msgpack.Encoder()
_decoder: msgspec.msgpack.Decoder[Event] = msgspec.msgpack.Decoder(Event)

encode = _encoder.encode
"""An event as msgpack. Raises what `UNENCODABLE` lists."""

UNENCODABLE = (OverflowError, TypeError, ValueError)
"""An integer beyond 64 bits; a type that is none of `Fact`; a lone surrogate, or (of `frame`) too many bytes."""

decode = _decoder.decode
"""The event in msgpack bytes. Raises `msgspec.DecodeError` (of which `msgspec.ValidationError` is one)."""


def pack_reasons(reasons: Sequence[int]) -> bytes:
    """Reasons, each below 65,536, as `Funnel.terminal` holds them: little-endian, two bytes each."""
    return struct.pack(f"<{len(reasons)}H", *reasons)


def unpack_reasons(terminal: bytes) -> tuple[int, ...]:
    """The reasons in `Funnel.terminal`."""
    return struct.unpack(f"<{len(terminal) // 2}H", terminal)
