"""Taking ports."""

import socket

import pytest

from bidder.processes.places import Places, greeting
from bidder.processes.ports import PortError, bound, reserved, shared
from bidder.processes.settings import Settings


def places(tmp_path: object, host: str) -> Places:
    return Places.take(Settings(config=tmp_path, state=tmp_path, workers=1, host=host, bid_port=0, web_port=0))  # type: ignore[arg-type]


def test_a_port_that_somebody_listens_on_is_refused_with_the_option_that_chose_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        for take in (bound, reserved):
            with pytest.raises(PortError, match=rf"127.0.0.1:{port} \(--some-port\): another program has this port"):
                take("127.0.0.1", port, "--some-port")


def test_a_port_that_another_bidder_shares_among_its_workers_is_refused() -> None:
    with reserved("127.0.0.1", 0, "--bid-port") as reservation:
        port = reservation.getsockname()[1]
        with shared("127.0.0.1", port) as worker:
            worker.listen()
            with pytest.raises(PortError):
                reserved("127.0.0.1", port, "--bid-port")


def test_workers_join_a_reserved_port_and_the_reservation_swallows_no_connection() -> None:
    with reserved("127.0.0.1", 0, "--bid-port") as reservation:
        port = reservation.getsockname()[1]
        with shared("127.0.0.1", port) as first, shared("127.0.0.1", port) as second:
            first.listen()
            second.listen()
            for _ in range(20):
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
            accepted = 0
            for worker in (first, second):
                while True:
                    try:
                        worker.accept()[0].close()
                    except BlockingIOError:
                        break
                    accepted += 1
            assert accepted == 20


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(PortError, match=r"192.0.2.1:0 \(--web-port\): this machine has no such address"):
        bound("192.0.2.1", 0, "--web-port")


def test_a_host_that_is_no_address_is_refused() -> None:
    with pytest.raises(PortError, match=r"\(--host\): not an address of this machine"):
        bound("not an address", 0, "--web-port")


@pytest.mark.parametrize(
    ("host", "url"), [("127.0.0.1", "http://127.0.0.1:"), ("0.0.0.0", "http://127.0.0.1:"), ("::1", "http://[::1]:")]
)
def test_urls_reach_the_ports_from_here(tmp_path: object, host: str, url: str) -> None:
    taken = places(tmp_path, host)
    assert taken.bid_url == f"{url}{taken.bid_port}"
    assert taken.web_url.startswith(url)
    taken.close()


def test_the_greeting_says_where_to_bid_and_where_to_look(tmp_path: object) -> None:
    taken = places(tmp_path, "127.0.0.1")
    several = greeting(taken, ["one", "two"]).splitlines()
    assert several == [f"bid   POST {taken.bid_url}/openrtb2/{{one,two}}", f"look  {taken.web_url}/"]
    assert greeting(taken, ["one"]).splitlines()[0] == f"bid   POST {taken.bid_url}/openrtb2/one"
    taken.close()
