"""`exchanges/NAME.toml`: an exchange; the name of the file is the path `/openrtb2/NAME`."""

from typing import Annotated, Literal

from msgspec import Meta

from bidder.config.schema.values import Currency, Table


class Exchange(Table, frozen=True, kw_only=True):
    """One exchange: its dialect of OpenRTB and the agreement with it."""

    enabled: bool = True
    version: Literal["2.5", "2.6"] = "2.6"
    currencies: tuple[Currency, ...] = ("USD",)
    """Currencies we may bid in, the preferred one first; a request's `cur` narrows them."""
    auction: Literal["request", "first", "second"] = "request"
    """Overrides `BidRequest.at` where the exchange is known to say otherwise."""
    default_tmax_ms: Annotated[int, Meta(ge=10, le=10_000)] = 100
    deadline_ms: Annotated[int, Meta(ge=5, le=10_000)] = 200
    """The longest this exchange waits, whatever `tmax` says."""
    network_margin_ms: Annotated[int, Meta(ge=0, le=5_000)] = 10
    """Time the answer needs on the wire; taken off the deadline."""
    billable: Literal["burl", "nurl", "impression"] = "burl"
    """The event on which the exchange bills, and spend is counted."""
    seat: str | None = None
    markup: Literal["adm", "nurl"] = "adm"
    """Whether the markup travels in the bid or is the body of the win notice."""
    send_mtype: bool = True
    send_nurl: bool = True
    send_lurl: bool = True
    send_language: bool = True
    native_wrapped: bool = False
    """Whether `adm` of a native bid has the `native` root of Native 1.0."""
    one_imp: bool = False
    """Bid on the best imp only, for exchanges that read a single bid."""
    max_response_bytes: Annotated[int, Meta(ge=512)] | None = None
    gzip: bool = True
    max_adomains: Annotated[int, Meta(ge=1)] | None = None
    exp_seconds: Annotated[int, Meta(ge=1, le=86_400)] = 300
    """How long a bid is honoured where the request does not say."""
    no_bid: Literal["204", "nbr"] = "204"
    """Whether a no-bid is an empty 204 or a 200 that carries `nbr`."""
