"""`bidder.toml`: the settings of the whole bidder."""

from decimal import Decimal
from typing import Annotated, Literal

from msgspec import Meta

from bidder.config.schema.models import Models
from bidder.config.schema.values import Currency, Share, Table, Text, Url

Rate = Annotated[
    Decimal,
    Meta(
        extra={"min": Decimal("0.000001"), "max": 10**6},
        description="an exchange rate from 0.000001 to 1,000,000",
    ),
]
Secret = Annotated[
    str, Meta(min_length=16, max_length=1024, description="a secret of 16 to 1024 characters", extra={"secret": True})
]


class Server(Table, frozen=True, kw_only=True):
    """How the outside reaches this bidder."""

    public_url: Url = "http://127.0.0.1:8080"
    """Base of notice, tracking and click URLs: where exchanges and browsers reach the web port. No `/` at the end.

    Slots that ask for secure ads get bids only where it is https.
    """
    max_body_bytes: Annotated[int, Meta(ge=1024, le=4 * 1024 * 1024)] = 512 * 1024
    """The longest request body, after inflation; longer ones are answered 413."""
    operations_token: Secret | None = None
    """What `/metrics` and `/api/` on the web port ask for as `Authorization: Bearer`; without it they answer callers on
    this machine alone."""
    drain_seconds: Annotated[int, Meta(ge=1, le=600)] = 10
    """How long a stopping server may take to finish what it has begun."""
    workers: Annotated[int, Meta(ge=1, le=256)] | None = None
    """Bid workers; left out: a core each, and one core for control where there are several. Read at the start only."""
    pin_workers: bool = False
    """Whether each worker keeps to one core; for machines that do nothing else. Read at the start only."""
    bid_transport: Literal["listener", "aiohttp"] = "listener"
    """What reads the sockets of the bid port: our own listener, or aiohttp as a reference, which takes requests in the
    order in which they come and refuses none under too much traffic. Read at the start only."""
    tls_certificate: Text | None = None
    """A PEM file with the certificate chain of the bid port, which then speaks TLS alone. Read at the start only."""
    tls_key: Text | None = None
    """A PEM file with the private key of that certificate. Read at the start only."""


class Account(Table, frozen=True, kw_only=True):
    """Whose money is spent."""

    currency: Currency = "USD"
    """The currency of every amount in this directory."""
    rates: dict[Currency, Rate] = {}
    """Account currency per unit of the foreign one, as in `EUR = 1.08`."""


class Tickets(Table, frozen=True, kw_only=True):
    """Signing of notice URLs. The first key signs, all verify, so that keys can be rotated."""

    keys: tuple[Secret, ...] = ()
    """Secrets; where empty, a key is made in the state directory at first start and kept there."""
    expire_hours: Annotated[int, Meta(ge=1, le=24 * 30)] = 72
    """How long after the bid a click or conversion is still counted; billing ends with the bid's own expiry."""


class Recording(Table, frozen=True, kw_only=True):
    """What is written down."""

    full_evaluation_rate: Share = Decimal("0.01")
    """Share of requests evaluated in full, chosen by a hash of their id; 1.0 for small accounts. Pacing learns from
    them what campaigns were held back from, which is rough where it is 0."""
    segment_megabytes: Annotated[int, Meta(ge=1, le=1024)] = 32
    """Size at which a segment of the event log is closed and the next one begun."""


class Privacy(Table, frozen=True, kw_only=True):
    """Who this bidder is to the frameworks of consent."""

    tcf_vendor: Annotated[int, Meta(ge=1, le=65535)] | None = None
    """Our id in the Global Vendor List of IAB Europe; without it, no personal data is used where GDPR applies."""


class Steps(Table, frozen=True, kw_only=True):
    """How often campaigns that are paced are told how to bid."""

    seconds: Annotated[int, Meta(ge=1, le=30)] = 2
    """Between two steps of pacing."""


class Prediction(Table, frozen=True, kw_only=True):
    """The fixed probabilities used where no model is live."""

    click: Share = Decimal("0.002")
    """Probability that an impression is clicked."""
    conversion: Share = Decimal("0.0001")
    """Probability that an impression leads to a conversion."""


class Bidder(Table, frozen=True, kw_only=True):
    """`bidder.toml`: the settings of the whole bidder. It may be empty."""

    server: Server = Server()
    """How the outside reaches this bidder."""
    account: Account = Account()
    """Whose money is spent."""
    tickets: Tickets = Tickets()
    """Signing of notice URLs."""
    recording: Recording = Recording()
    """What is written down."""
    privacy: Privacy = Privacy()
    """Who this bidder is to the frameworks of consent."""
    pacing: Steps = Steps()
    """How often campaigns that are paced are told how to bid."""
    prediction: Prediction = Prediction()
    """The fixed probabilities used where no model is live."""
    models: Models = Models()
    """Which models predict what."""
