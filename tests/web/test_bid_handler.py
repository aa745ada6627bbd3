"""The bid handler: from bytes and headers to an answer, without a socket."""

import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bidder.domain.reason import Reason
from bidder.web.bid_counts import NO_EXCHANGE
from bidder.web.bid_headers import declared_length
from bidder.web.bid_reply import Reply
from bidder.web.bid_request_head import request_head
from tests.web.bid_port import BID, MAX_BODY_BYTES, NO_BID, NOW_S, SmallBrain, decoded, handler, post

GZIP = {"content_encoding": "gzip"}


def told(reply: Reply) -> tuple[int, bytes]:
    """Status and body."""
    return reply.status, reply.body


def test_a_request_that_is_bid_on_gets_200_with_json_in_the_version_of_the_exchange() -> None:
    reply = post(handler())
    assert reply.status == 200
    assert reply.headers == {"content-type": "application/json", "x-openrtb-version": "2.6"}
    assert decoded(reply.body)["seatbid"][0]["bid"][0]["impid"] == "1"


def test_a_request_that_is_not_bid_on_gets_204_without_a_body() -> None:
    reply = post(handler(), NO_BID)
    assert told(reply) == (204, b"")
    assert reply.headers == {"x-openrtb-version": "2.6", "x-no-bid-reason": "no_imp"}


def test_a_malformed_body_gets_400_without_a_body() -> None:
    assert told(post(handler(), b'{"id":')) == (400, b"")


def test_every_answer_says_the_version_that_its_exchange_speaks() -> None:
    for body in (BID, NO_BID, b"{"):
        assert post(handler(), body, exchange="old").headers["x-openrtb-version"] == "2.5"


def test_the_brain_is_told_the_exchange_the_plain_body_and_both_times() -> None:
    brain = SmallBrain()
    post(handler(brain), gzip.compress(BID), arrived_s=NOW_S - 0.25, **GZIP)
    assert brain.asked == [("adx", BID, NOW_S - 0.25, NOW_S)]


@pytest.mark.parametrize("exchange", ["unknown", "", "adx/", "adx/more", "ADX", "%61dx"])
def test_a_path_that_is_no_exchange_is_not_found_and_named_nowhere_in_the_counts(exchange: str) -> None:
    to = handler()
    reply = post(to, exchange=exchange)
    assert (reply.status, reply.headers["x-no-bid-reason"]) == (404, "unknown_exchange")
    assert set(to.counts.exchanges) == {NO_EXCHANGE, "adx", "old"}
    assert to.counts.exchanges[NO_EXCHANGE].statuses[404] == 1
    assert to.counts.reasons[Reason.UNKNOWN_EXCHANGE] == 1


@pytest.mark.parametrize("path", ["/", "/openrtb2", "/metrics", "*", "", "/openrtb/adx", "//openrtb2/adx"])
def test_other_paths_are_not_found(path: str) -> None:
    assert told(handler().handle(request_head("POST", path, {}), BID, NOW_S)) == (404, b"")


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "CONNECT", "post"])
def test_other_methods_are_told_what_is_allowed(method: str) -> None:
    reply = handler().handle(request_head(method, "/openrtb2/adx", {}), BID, NOW_S)
    assert (reply.status, reply.headers, reply.body) == (405, {"allow": "POST"}, b"")


@pytest.mark.parametrize("content_type", ["application/json", "Application/JSON; charset=utf-8", "application/json;"])
def test_json_is_read_whatever_its_parameters(content_type: str) -> None:
    assert post(handler(), content_type=content_type).status == 200


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-protobuf", "application/jsonx", ";", "json"])
def test_another_content_type_gets_415_and_hears_which_is_right(content_type: str) -> None:
    reply = post(handler(), content_type=content_type)
    assert (reply.status, reply.headers["accept"], reply.body) == (415, "application/json", b"")


@pytest.mark.parametrize("coding", ["gzip", "x-gzip", "GZIP", "identity, gzip", " gzip "])
def test_gzip_is_inflated_under_all_its_names(coding: str) -> None:
    assert post(handler(), gzip.compress(BID), content_encoding=coding).status == 200


@pytest.mark.parametrize("coding", ["identity", "", ","])
def test_no_coding_leaves_the_body_as_it_is(coding: str) -> None:
    assert post(handler(), content_encoding=coding).status == 200


@pytest.mark.parametrize("coding", ["deflate", "br", "zstd", "gzip, gzip", "gzip, br", "gzipped"])
def test_another_or_a_nested_coding_gets_415_and_hears_which_is_right(coding: str) -> None:
    reply = post(handler(), gzip.compress(BID), content_encoding=coding)
    assert (reply.status, reply.headers["accept-encoding"]) == (415, "gzip")


def test_gzip_inside_gzip_is_not_followed() -> None:
    assert post(handler(), gzip.compress(gzip.compress(BID)), **GZIP).status == 400


@pytest.mark.parametrize(
    "body",
    [
        b"",
        BID,
        gzip.compress(BID)[:-1],
        gzip.compress(BID)[:12],
        gzip.compress(BID) + b"x",
        gzip.compress(BID) + gzip.compress(BID),
        gzip.compress(BID)[:-8] + b"\0" * 8,
        zlib.compress(BID),
    ],
    ids=["empty", "plain", "cut", "head only", "more behind", "two members", "wrong checksum", "zlib"],
)
def test_broken_gzip_is_malformed(body: bytes) -> None:
    to = handler()
    assert told(post(to, body, **GZIP)) == (400, b"")
    assert to.counts.reasons[Reason.MALFORMED] == 1


def test_a_body_of_the_greatest_length_is_read_and_one_byte_more_gets_413() -> None:
    exact = BID + b" " * (MAX_BODY_BYTES - len(BID))
    assert post(handler(), exact).status == 200
    assert told(post(handler(), exact + b" ")) == (413, b"")
    assert post(handler(), gzip.compress(exact), **GZIP).status == 200
    assert post(handler(), gzip.compress(exact + b" "), **GZIP).status == 413


def test_a_gzip_bomb_gets_413() -> None:
    bomb = gzip.compress(b" " * 2_000_000)
    assert len(bomb) < MAX_BODY_BYTES
    assert post(handler(), bomb, **GZIP).status == 413


def test_a_declared_length_beyond_the_limit_is_refused_before_the_body_is_read() -> None:
    for length in (str(MAX_BODY_BYTES + 1), "9" * 400):
        refusal = handler().refusal(request_head("POST", "/openrtb2/adx", {}), declared_length(length))
        assert refusal is not None
        assert refusal.status == 413


def test_an_expectation_other_than_continue_cannot_be_met() -> None:
    assert post(handler(), expect="100-Continue").status == 200
    assert post(handler(), expect="the-moon").status == 417


def test_a_long_answer_is_compressed_for_who_accepts_it() -> None:
    reply = post(handler(SmallBrain(padding=3000)), accept_encoding="deflate, gzip;q=0.8")
    assert reply.headers["content-encoding"] == "gzip"
    assert len(reply.body) < 300
    assert len(gzip.decompress(reply.body)) > 3000


@pytest.mark.parametrize("accepted", ["", "identity", "deflate, br", "gzip;q=0", "gzip; q=0.00", "*, gzip;q=0"])
def test_an_answer_is_left_plain_for_who_does_not_accept_gzip(accepted: str) -> None:
    assert "content-encoding" not in post(handler(SmallBrain(padding=3000)), accept_encoding=accepted).headers


@pytest.mark.parametrize("accepted", ["gzip", "*", "x-gzip", "GZIP", "br;q=1.0, gzip;q=0.001", "gzip;q=1, *;q=0"])
def test_gzip_is_accepted_by_name_and_by_star(accepted: str) -> None:
    reply = post(handler(SmallBrain(padding=3000)), accept_encoding=accepted)
    assert reply.headers["content-encoding"] == "gzip"


def test_a_short_answer_is_not_compressed() -> None:
    assert "content-encoding" not in post(handler(), accept_encoding="gzip").headers


def test_an_exchange_without_gzip_gets_plain_answers_whatever_it_accepts() -> None:
    reply = post(handler(SmallBrain(padding=3000)), exchange="old", accept_encoding="gzip")
    assert "content-encoding" not in reply.headers


def test_the_same_request_gets_the_same_bytes() -> None:
    replies = {post(handler(SmallBrain(padding=3000)), accept_encoding="gzip").body for _ in range(3)}
    assert len(replies) == 1


def test_health_is_told_to_get_and_head_only() -> None:
    for method in ("GET", "HEAD"):
        assert handler().handle(request_head(method, "/healthz", {}), b"", NOW_S).status == 200
        assert handler().handle(request_head(method, "/readyz", {}), b"", NOW_S).status == 200
    reply = handler().handle(request_head("POST", "/healthz", {}), b"", NOW_S)
    assert (reply.status, reply.headers) == (405, {"allow": "GET, HEAD"})


def test_while_draining_readiness_fails_and_requests_are_still_answered() -> None:
    to = handler()
    to.draining = True
    assert told(to.handle(request_head("GET", "/readyz", {}), b"", NOW_S)) == (503, b"draining\n")
    assert to.handle(request_head("GET", "/healthz", {}), b"", NOW_S).status == 200
    assert post(to).status == 200


def test_answers_are_counted_by_exchange_status_and_reason() -> None:
    to = handler()
    for body in (BID, BID, NO_BID, b"{", b"[]"):
        post(to, body)
    adx = to.counts.exchanges["adx"]
    assert {status: count for status, count in adx.statuses.items() if count} == {200: 2, 204: 1, 400: 2}
    assert adx.bids == 2
    assert {Reason(code): count for code, count in to.counts.reasons.items() if count} == {
        Reason.BID: 2,
        Reason.NO_IMP: 1,
        Reason.MALFORMED: 2,
    }


def test_latency_is_counted_from_arrival_in_the_bucket_that_includes_it() -> None:
    to = handler()
    for latency_s in (0.0, 0.0004, 0.4, 7.0):
        post(to, arrived_s=NOW_S - latency_s)
    latency = to.counts.latency
    assert (sum(latency), latency[0], latency[-2], latency[-1]) == (4, 2, 0, 1)
    assert to.counts.latency_sum_s == pytest.approx(7.4004, abs=1e-3)


def test_an_answer_is_late_after_its_own_deadline_and_after_that_of_the_exchange() -> None:
    to = handler(SmallBrain(deadline_s=NOW_S - 0.001))
    post(to)
    assert to.counts.exchanges["adx"].late == 1
    to = handler()
    post(to, arrived_s=NOW_S - 0.19)
    assert to.counts.exchanges["adx"].late == 0
    post(to, arrived_s=NOW_S - 0.21)
    assert to.counts.exchanges["adx"].late == 1


header_text = st.text(st.characters(max_codepoint=255), max_size=30)


@given(
    method=st.sampled_from(["POST", "GET", "", "\0"]) | st.text(max_size=8),
    path=st.sampled_from(["/openrtb2/adx", "/openrtb2/old", "/readyz"]) | st.text(max_size=30),
    headers=st.dictionaries(
        st.sampled_from(["content-type", "content-encoding", "accept-encoding", "content-length", "expect"]),
        header_text | st.sampled_from(["gzip", "application/json", "100-continue"]),
    ),
    body=st.binary(max_size=200) | st.binary(max_size=50).map(gzip.compress) | st.just(BID),
)
def test_whatever_comes_in_the_answer_is_one_of_a_closed_list_and_counted(
    method: str, path: str, headers: dict[str, str], body: bytes
) -> None:
    to = handler()
    reply = to.handle(request_head(method, path, headers), body, NOW_S)
    assert reply.status in {200, 204, 400, 404, 405, 413, 415, 417}
    assert bool(reply.body) == (reply.status == 200)
    counted = sum(count for each in to.counts.exchanges.values() for count in each.statuses.values())
    is_probe = path in {"/healthz", "/readyz"} and reply.status == 200
    assert counted == (0 if is_probe else 1)
