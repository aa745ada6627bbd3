"""Domains as block lists compare them."""

_LONGEST = 253  # characters of a domain name (RFC 1035)


def host(text: str) -> str:
    """The bare domain in `text`, lower case, without the scheme, port or path that some senders leave on it."""
    _, _, rest = text.strip().lower().rpartition("://")
    for end in "/?#:":
        rest = rest.partition(end)[0]
    return rest.strip(".")


def is_bare(text: str) -> bool:
    """Whether `text` is nothing but a domain."""
    return text.split() == [text] and text.lower() == host(text)


def is_within(domain: str, listed: frozenset[str]) -> bool:
    """Whether a bare domain or a parent of it is listed: "a.shop.com" is within "shop.com"."""
    if domain in listed:
        return True
    if len(domain) > _LONGEST:
        return False
    labels = domain.split(".")
    return any(".".join(labels[start:]) in listed for start in range(1, len(labels)))
