"""Arrivals, wire format and histogram: the arithmetic of the sender, on a clock turned by hand."""

from itertools import islice, pairwise
from random import Random

import pytest

from loadtests.arrivals import Pacer, constant, poisson
from loadtests.histogram import Histogram, percentiles
from loadtests.profiles import PROFILES, requests
from loadtests.target import NotLoopbackError, Target, target
from loadtests.template import Magazine, template
from loadtests.wire import UnreadableError, read_answer

HERE = Target("127.0.0.1", 8000, "/openrtb2/demo")


class Clock:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


def test_constant_arrivals_are_evenly_spaced_and_as_many_as_asked() -> None:
    due = list(constant(250, 2))
    assert len(due) == 500
    assert due[:3] == [0.0, 0.004, 0.008]
    assert due[-1] == pytest.approx(1.996)


def test_poisson_arrivals_have_the_rate_the_spread_and_the_seed() -> None:
    due = list(poisson(1000, 20, Random(1)))
    gaps = [after - before for before, after in pairwise(due)]
    mean = sum(gaps) / len(gaps)
    spread = (sum((gap - mean) ** 2 for gap in gaps) / len(gaps)) ** 0.5
    assert len(due) == pytest.approx(20_000, rel=0.03)
    assert spread == pytest.approx(mean, rel=0.05)  # an exponential gap deviates by its own mean
    assert due == list(poisson(1000, 20, Random(1)))
    assert due[-1] < 20


def test_what_is_due_is_handed_out_with_the_moment_it_was_meant_for_however_late() -> None:
    clock = Clock()
    pacer = Pacer(constant(10, 1), clock)
    assert list(pacer.due(100)) == [0.0]
    assert pacer.next_at_s == 1000.1
    clock.now_s += 0.35  # the sender was held up
    assert list(pacer.due(100)) == [0.1, 0.2, 0.3]
    assert list(pacer.due(100)) == []


def test_a_turn_hands_out_at_most_so_many_and_loses_none() -> None:
    clock = Clock()
    pacer = Pacer(constant(10, 1), clock)
    clock.now_s += 60
    assert [len(list(pacer.due(4))) for _ in range(3)] == [4, 4, 2]
    assert pacer.next_at_s is None


def test_percentiles_of_a_known_series() -> None:
    found = percentiles(range(1, 10_001))
    assert found is not None
    assert found.count == 10_000
    assert found.mean == pytest.approx(5_000.5, rel=0.001)
    assert [found.p50, found.p90, found.p99, found.p999] == pytest.approx([5_000, 9_000, 9_900, 9_990], rel=0.001)
    assert found.max == pytest.approx(10_000, rel=0.001)


def test_percentiles_are_exact_to_a_microsecond_below_a_millisecond() -> None:
    found = percentiles([731, 732, 733])
    assert found is not None
    assert (found.p50, found.max) == (732, 733)


def test_histograms_add_up_also_over_a_wire() -> None:
    one, two = Histogram(), Histogram()
    one.add_all([100] * 99)
    two.add(50_000)
    one.merge(Histogram(two.encode()))
    assert one.count == 100
    assert one.at(100) == pytest.approx(50_000, rel=0.001)
    assert one.at(99) == 100


def test_nothing_has_no_percentiles() -> None:
    assert percentiles([]) is None


@pytest.mark.parametrize("cut", range(1, 60, 7))
def test_an_answer_is_read_only_when_it_is_whole(cut: int) -> None:
    data = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\ncontent-length: 4\r\n\r\n{"a"'
    assert read_answer(data[:-cut]) is None
    whole = read_answer(data)
    assert whole is not None
    assert (whole.status, whole.body, whole.keeps_open) == (200, b'{"a"', True)


def test_the_reason_of_an_answer_without_a_bid_is_read() -> None:
    data = b"HTTP/1.1 204 No Content\r\nX-No-Bid-Reason: too_late\r\nConnection: close\r\n\r\n"
    answer = read_answer(data)
    assert answer is not None
    assert (answer.status, answer.reason, answer.keeps_open) == (204, "too_late", False)


@pytest.mark.parametrize(
    "data",
    [
        b"SSH-2.0-OpenSSH\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: ten\r\n\r\n",
        b"HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
    ],
)
def test_bytes_that_are_no_answer_of_known_length_are_told(data: bytes) -> None:
    with pytest.raises(UnreadableError):
        read_answer(data)


def test_shots_differ_in_their_ids_alone_and_keep_their_length() -> None:
    (request,) = requests("mixed", 3, 1)
    shots = list(islice(Magazine([template(request, HERE)], 0xABCD), 3))
    assert len({shot.wire for shot in shots}) == 3
    assert len({len(shot.wire) for shot in shots}) == 1
    assert b'"id":"0000abcd00000002"' in shots[2].wire
    head, _, body = shots[0].wire.partition(b"\r\n\r\n")
    assert f"Content-Length: {len(body)}".encode() in head


def test_a_request_without_a_user_id_can_be_sent_too() -> None:
    made = template({"id": "1", "imp": [{"id": "1"}]}, HERE)
    assert made.wire(b"i" * 16, b"u" * 32).endswith(b'{"id":"iiiiiiiiiiiiiiii","imp":[{"id":"1"}]}')


@pytest.mark.parametrize("name", PROFILES)
def test_a_profile_is_the_same_for_the_same_seed_and_another_for_another(name: str) -> None:
    assert requests(name, 1, 20) == requests(name, 1, 20)
    assert requests(name, 1, 20) != requests(name, 2, 20)


def test_the_mixed_profile_has_every_format_place_and_kind_of_consent() -> None:
    made = requests("mixed", 1, 2000)
    formats = {
        name
        for request in made
        for imp in request["imp"]
        for name in ("banner", "video", "native", "audio")
        if name in imp
    }
    assert formats == {"banner", "video", "native", "audio"}
    assert {("app" in request) for request in made} == {True, False}
    assert {request["regs"]["gdpr"] for request in made} == {0, 1}
    assert any("pmp" in imp for request in made for imp in request["imp"])
    assert any(len(request["imp"]) > 1 for request in made)


@pytest.mark.parametrize(
    "url",
    [
        "http://203.0.113.9:8000/openrtb2/demo",
        "http://ads.example/openrtb2/demo",
        "https://127.0.0.1:8000/openrtb2/demo",
        "http://127.0.0.1@ads.example/",
        "http://user@127.0.0.1/",
        "http://127.0.0.1:99999/",
        "ftp://127.0.0.1/",
        "127.0.0.1:8000",
        "",
    ],
)
def test_nothing_is_ever_sent_beyond_this_machine(url: str) -> None:
    with pytest.raises(NotLoopbackError, match="is not on this machine"):
        target(url)


@pytest.mark.parametrize(
    ("url", "authority"),
    [
        ("http://localhost:81/a", "127.0.0.1:81"),
        ("http://[::1]:8000/a", "[::1]:8000"),
        ("http://127.9.9.9/a", "127.9.9.9:80"),
    ],
)
def test_every_loopback_address_is_this_machine(url: str, authority: str) -> None:
    assert target(url).authority == authority
