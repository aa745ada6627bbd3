"""Rules on what the publisher refuses: seats, categories, advertisers, apps, languages."""

from collections.abc import Iterator

from openrtb.enums import CategoryTaxonomies
from openrtb.validate.domain import host, is_bare, is_within
from openrtb.validate.finding import Finding, finding, shown
from openrtb.validate.offer import Auction, Case

_LONGEST_TAG = 35  # characters of a language tag that receivers must take (RFC 5646, 4.4.1)


def check_seat(seat: str | None, path: str, auction: Auction) -> Iterator[Finding]:
    """OpenRTB 2.6, 3.2.1: `wseat` and `bseat`."""
    request = auction.request
    if auction.wseat and seat not in auction.wseat:
        message = f"{shown(seat)} is not among the seats allowed: {shown(request.wseat)}"
        yield finding("req-wseat-enforce", f"{path}.seat", message)
    if seat in auction.bseat:
        message = f"{shown(seat)} is among the seats blocked: {shown(request.bseat)}"
        yield finding("req-wseat-enforce", f"{path}.seat", message)


def check_blocks(case: Case) -> Iterator[Finding]:
    """OpenRTB 2.6, 3.2.1 and 4.2.3: `badv`, `bapp`, `bcat`, `acat`, `wlang`, `wlangb`."""
    yield from _advertisers(case)
    if case.bid.bundle in case.auction.bapp:
        message = f"{shown(case.bid.bundle)} is in bapp; advertise another app"
        yield finding("req-bapp", f"{case.path}.bundle", message)
    if case.auction.bcat or case.auction.acat:
        yield from _categories(case)
    yield from _language(case)


def _advertisers(case: Case) -> Iterator[Finding]:
    if not case.bid.adomain:
        message = "adomain is missing, so that blocks of advertisers cannot be checked; name the advertiser's domain"
        yield finding("bid-adomain", f"{case.path}.adomain", message)
    for index, domain in enumerate(case.bid.adomain or ()):
        path = f"{case.path}.adomain[{index}]"
        if not is_bare(domain):
            yield finding("adomain-form", path, f'{shown(domain)} is not a bare domain, such as "brand.com"')
        if is_within(host(domain), case.auction.badv):
            yield finding("req-badv", path, f"{shown(domain)} or a parent of it is in badv; do not bid with it")


def _categories(case: Case) -> Iterator[Finding]:
    auction, request = case.auction, case.auction.request
    path = f"{case.path}.cat"
    if not case.bid.cat:
        if auction.acat:
            message = f"cat is missing although only some categories are allowed: {shown(request.acat)}"
            yield finding("req-category-taxonomy", path, message)
        return
    if case.bid.cattax != request.cattax:
        message = f"taxonomy {case.bid.cattax} in the bid, {request.cattax} in the request; categories not compared"
        yield finding("category-not-comparable", f"{case.path}.cattax", message)
        return
    for index, category in enumerate(case.bid.cat):
        names = _with_parent(category, request.cattax)
        if not names.isdisjoint(auction.bcat):
            message = f"{shown(category)} or what it belongs to is in bcat; do not bid with it"
            yield finding("req-category-taxonomy", f"{path}[{index}]", message)
        if auction.acat and names.isdisjoint(auction.acat):
            message = f"{shown(category)} is not in acat: {shown(request.acat)}"
            yield finding("req-category-taxonomy", f"{path}[{index}]", message)


def _with_parent(category: str, taxonomy: int) -> set[str]:
    """The category and, where its name tells, what it belongs to: in Content Taxonomy 1.0 IAB7-3 is part of IAB7."""
    if taxonomy == CategoryTaxonomies.CONTENT_1_0:
        return {category, category.partition("-")[0]}
    return {category}


def _language(case: Case) -> Iterator[Finding]:
    """The creative's language against `wlang` by its main part, against `wlangb` by prefix (RFC 4647, 3.3.1)."""
    auction, bid = case.auction, case.bid
    tag = (bid.langb or bid.language or "").lower()
    path = f"{case.path}.{'langb' if bid.langb else 'language'}"
    if tag and auction.wlang and tag.partition("-")[0] not in auction.wlang:
        message = f"{shown(tag)} is not among the languages allowed: {shown(auction.request.wlang)}"
        yield finding("bid-language", path, message)
    of_any_region = bid.langb is None and tag in auction.wlangb_main  # language alone cannot name the region
    if tag and auction.wlangb and not (of_any_region or _has_prefix(tag, auction.wlangb)):
        message = f"{shown(tag)} is not among the languages allowed: {shown(auction.request.wlangb)}"
        yield finding("bid-language", path, message)


def _has_prefix(tag: str, listed: frozenset[str]) -> bool:
    parts = tag[:_LONGEST_TAG].split("-")
    return any("-".join(parts[:count]) in listed for count in range(1, len(parts) + 1))
