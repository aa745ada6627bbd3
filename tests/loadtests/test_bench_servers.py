"""The servers that the benchmark compares ours with start and answer as they should."""

import urllib.request

import pytest

from tests.bench.servers import single


@pytest.mark.parametrize("module", ["tests.bench.floor", "tests.bench.bare"])
def test_a_yardstick_answers_a_request_with_204(module: str) -> None:
    with single(module) as server:
        request = urllib.request.Request(server.url, b'{"id":"1"}', {"Content-Type": "application/json"})  # noqa: S310
        with urllib.request.urlopen(request, timeout=120) as answer:  # noqa: S310
            assert answer.status == 204
