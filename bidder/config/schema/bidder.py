"""`bidder.toml`: the settings of the whole bidder."""

from decimal import Decimal
from typing import Annotated

from msgspec import Meta

from bidder.config.schema.values import Currency, Share, Table, Url


class Server(Table, frozen=True, kw_only=True):
    """How the outside reaches this bidder."""

    public_url: Url = "http://127.0.0.1:8080"
    """Base of notice, tracking and click URLs: where exchanges and browsers reach the web port."""
    max_body_bytes: Annotated[int, Meta(ge=1024, le=4 * 1024 * 1024)] = 512 * 1024
    drain_seconds: Annotated[int, Meta(ge=1, le=600)] = 10


class Account(Table, frozen=True, kw_only=True):
    """Whose money is spent."""

    currency: Currency = "USD"
    rates: dict[Currency, Decimal] = {}
    """Account currency per unit of the foreign one, as `EUR = 1.08`."""


class Tickets(Table, frozen=True, kw_only=True):
    """Signing of notice URLs. The first key signs, all verify, so that keys can be rotated."""

    keys: tuple[Annotated[str, Meta(min_length=16)], ...] = ()
    """Secrets; where empty, a key is made in the state directory at first start and kept there."""
    expire_hours: Annotated[int, Meta(ge=1, le=24 * 30)] = 72
    """How long after the bid a click or conversion is still counted; billing ends with the bid's own expiry."""


class Recording(Table, frozen=True, kw_only=True):
    """What is written down."""

    full_evaluation_rate: Share = Decimal("0.01")
    """Share of requests evaluated in full, chosen by a hash of their id; 1.0 for small accounts."""
    segment_megabytes: Annotated[int, Meta(ge=1, le=1024)] = 32


class Prediction(Table, frozen=True, kw_only=True):
    """The fixed probabilities used where no model is live."""

    click: Share = Decimal("0.002")
    conversion: Share = Decimal("0.0001")


class Bidder(Table, frozen=True, kw_only=True):
    """`bidder.toml`: the settings of the whole bidder."""

    server: Server = Server()
    account: Account = Account()
    tickets: Tickets = Tickets()
    recording: Recording = Recording()
    prediction: Prediction = Prediction()
