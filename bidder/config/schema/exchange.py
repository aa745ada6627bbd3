"""`exchanges/NAME.toml`: an exchange; the name of the file is the path `/openrtb2/NAME`."""

from decimal import Decimal
from typing import Annotated, Literal

from msgspec import Meta

from bidder.config.schema.values import Currency, Format, Table, Text

Part = Annotated[Decimal, Meta(extra={"min": 0, "below": 1}, description="a share from 0 to below 1")]


class ClearingPrice(Table, frozen=True, kw_only=True):
    """How notices tell the clearing price. Secrets are not written here, but kept in a file or the environment.

    Each line of them is an encryption key and an integrity key, 32 bytes each in base64 or hexadecimal; several lines
    are a rotation, all of them open. They are read at the start, at each edit, and when none of them opens a price.
    """

    format: Literal["cpm", "google"] = "cpm"
    """A CPM in decimals, or the cipher of Google and OpenX, which holds micros for one impression."""
    keys_file: Text | None = None
    """A file with the keys of the cipher; a relative path begins at the configuration directory."""
    keys_env: Text | None = None
    """An environment variable with the keys of the cipher, lines separated by `;`."""
    window_seconds: Annotated[int, Meta(ge=1, le=30 * 86_400)] = 3600
    """How far the time in a ciphered price may be from ours; older ones are stale."""
    currency: Currency | None = None
    """The currency of the prices; left out: that of the bid."""
    discount: Part = Decimal(0)
    """Share of the told price that the exchange does not bill, as agreed."""


class Losses(Table, frozen=True, kw_only=True):
    """How lost bids are told."""

    notice: Literal["lurl", "nurl"] = "lurl"
    """The URL that is called: `lurl`, or `nurl` for won and lost bids alike; then `${AUCTION_LOSS}` is 0 for a win."""
    minimum: Literal["AUCTION_MIN_TO_WIN", "AUCTION_MINIMUM_BID_TO_WIN"] = "AUCTION_MIN_TO_WIN"
    """The macro of the price that would have won: that of OpenRTB 2.6, or the one that some exchanges had before it."""


Seconds = Annotated[int, Meta(ge=1, le=86_400)]


class Exchange(Table, frozen=True, kw_only=True):
    """`exchanges/NAME.toml`: an exchange's dialect of OpenRTB and the agreement with it. It may be empty."""

    enabled: bool = True
    """Whether its requests are bid on; if not, they are answered with a no-bid."""
    version: Literal["2.5", "2.6"] = "2.6"
    """The version of OpenRTB it speaks, and answers are written in."""
    currencies: Annotated[tuple[Currency, ...], Meta(min_length=1)] = ("USD",)
    """Currencies we may bid in, the preferred one first; a request's `cur` narrows them."""
    auction: Literal["request", "first", "second"] = "request"
    """The kind of auction: what `BidRequest.at` says, or what the exchange is known to do whatever it says."""
    default_tmax_ms: Annotated[int, Meta(ge=10, le=10_000)] = 100
    """Time for an answer where the request has no `tmax`."""
    deadline_ms: Annotated[int, Meta(ge=5, le=10_000)] = 200
    """The longest this exchange waits, whatever `tmax` says."""
    network_margin_ms: Annotated[int, Meta(ge=0, le=5_000)] = 10
    """Time the answer needs on the wire; taken off the deadline."""
    billable: Literal["burl", "nurl", "impression"] = "burl"
    """The event on which the exchange bills, and spend is counted."""
    seat: Text | None = None
    """Our seat on this exchange, sent as `seatbid.seat` and matched with `wseat`, `bseat` and the seats of deals."""
    markup: Literal["adm", "nurl"] = "adm"
    """Whether the markup travels in the bid or is the body of the answer to the win notice."""
    send_mtype: bool = True
    """Whether bids carry `mtype`."""
    send_nurl: bool = True
    """Whether bids carry `nurl`, the win notice."""
    send_lurl: bool = True
    """Whether bids carry `lurl`, the loss notice, where it is that which tells of losses."""
    send_language: bool = True
    """Whether bids carry the `language` of the creative."""
    native_wrapped: bool = False
    """Whether `adm` of a native bid has the `native` root of Native 1.0."""
    one_imp: bool = False
    """Bid on the best imp only, for exchanges that read a single bid."""
    max_pod_bids: Annotated[int, Meta(ge=1, le=32)] = 16
    """The most bids for one dynamic pod; 1 for exchanges that read a single bid for each imp."""
    max_response_bytes: Annotated[int, Meta(ge=512, le=4 * 1024 * 1024)] | None = None
    """The longest answer it reads; bids that do not fit are left out."""
    gzip: bool = True
    """Whether answers may be compressed where the request accepts it."""
    max_adomains: Annotated[int, Meta(ge=1, le=100)] | None = None
    """The most advertiser domains it reads in a bid."""
    exp_seconds: Seconds | None = None
    """How long a bid is honoured, and its price held, at most; less where the imp has a shorter `exp`. Where it is not
    set: what the imp says, 1800 at most, or what is usual, which is 60 for banner and native on a site, 300 and 600
    elsewhere, and 1800 for video, audio and interstitials."""
    exp_seconds_of: dict[Format, Seconds] = {}
    """The same for single formats, as in `{ banner = 60, video = 1800 }`; `exp_seconds` says it for the others."""
    price: ClearingPrice = ClearingPrice()
    """How notices tell the clearing price."""
    fee: Part = Decimal(0)
    """Share of what it bills that we owe it on top, as for its technology: a line of its own beside what is spent, owed
    by the advertiser and outside the budget. Bids are not lowered by it."""
    loss: Losses = Losses()
    """How lost bids are told."""
    no_bid: Literal["204", "nbr"] = "204"
    """Whether a no-bid is an empty 204 or a 200 that carries `nbr`."""
