"""Rules on transparency under the Digital Services Act (community extension DSA Transparency)."""

from collections.abc import Iterator

from openrtb.enums import DSAAdvertiserRender, DSAPublisherRender, DSARequired
from openrtb.errors import DecodeError
from openrtb.extensions import DSARequest, DSAResponse, extension
from openrtb.validate.finding import Finding, finding
from openrtb.validate.offer import Case

_DEMANDED = {DSARequired.REQUIRED, DSARequired.REQUIRED_ONLINE_PLATFORM}
_LONGEST = 100  # characters of behalf and paid


def check_dsa(case: Case) -> Iterator[Finding]:
    """The object is there where demanded, and says what it must."""
    wanted, path = case.auction.dsa, f"{case.path}.ext.dsa"
    try:
        answer = extension(case.bid).dsa
    except DecodeError as error:
        yield finding("ext-unreadable", f"{case.path}.ext", f"{error.message}; right is a JSON object")
        return
    if answer is None:
        if wanted.dsarequired in _DEMANDED:
            message = f"dsa is missing, but dsarequired of the request is {wanted.dsarequired}"
            yield finding("dsa-required", path, message)
        return
    yield from _content(answer, wanted, path)


def _content(answer: DSAResponse, wanted: DSARequest, path: str) -> Iterator[Finding]:
    for name in ("behalf", "paid"):
        text = getattr(answer, name)
        if text and len(text) > _LONGEST:
            yield finding("dsa-content", f"{path}.{name}", f"{len(text)} characters; at most {_LONGEST} are allowed")
    by_publisher, by_advertiser = wanted.pubrender, answer.adrender
    if by_publisher == DSAPublisherRender.CANNOT_RENDER and by_advertiser == DSAAdvertiserRender.WILL_NOT_RENDER:
        message = "0, and the publisher cannot render either (pubrender 0); somebody has to: 1"
        yield finding("dsa-content", f"{path}.adrender", message)
    if by_publisher == DSAPublisherRender.WILL_RENDER and by_advertiser == DSAAdvertiserRender.WILL_RENDER:
        message = "1, but the publisher will render it (pubrender 2); once is enough: 0"
        yield finding("dsa-content", f"{path}.adrender", message)
