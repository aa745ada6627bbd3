"""Recorded and made-up auctions as a market."""

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from bidder.lab.simulate import Market, UnusableInputError, read_ipinyou, seeded
from bidder.lab.simulate.market import FEN_CPM_MICROS, generous_worth, read_prior
from bidder.pacing.outcomes import PPB
from tests import shared

ROWS = "0\t80\t0.000468\t5\n1\t20\t0.000260\t3\n0\t50\t0.000291\t5\n"


def written(directory: Path, text: str = ROWS, name: str = "auctions.txt") -> Path:
    path = directory / name
    path.write_text(text)
    return path


def same(one: Market, other: Market) -> bool:
    arrays = ("at_s", "ctr_ppb", "price_micros", "clicks")
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in arrays)


def test_prices_are_micros_of_an_impression_and_rates_parts_per_billion(tmp_path: Path) -> None:
    market = read_ipinyou(written(tmp_path), "count")
    assert market.price_micros.tolist() == [800, 200, 500]
    assert market.ctr_ppb.tolist() == [468_000, 260_000, 291_000]
    assert market.clicks.tolist() == [0, 1, 0]


def test_counted_auctions_come_one_a_second_in_the_order_of_the_file(tmp_path: Path) -> None:
    market = read_ipinyou(written(tmp_path), "count")
    assert market.at_s.tolist() == [0.5, 1.5, 2.5]
    assert market.length_s == 3


def test_hours_come_in_order_and_the_auctions_of_an_hour_spread_over_it(tmp_path: Path) -> None:
    market = read_ipinyou(written(tmp_path), "hours")
    assert market.price_micros.tolist() == [200, 800, 500]
    assert market.at_s.tolist() == [1800, 2 * 3600 + 900, 2 * 3600 + 2700]
    assert market.length_s == 3 * 3600


def test_a_gzipped_file_with_blanks_between_columns_is_the_same(tmp_path: Path) -> None:
    path = tmp_path / "auctions.txt.gz"
    path.write_bytes(gzip.compress(ROWS.replace("\t", " ").encode()))
    assert same(read_ipinyou(path, "hours"), read_ipinyou(written(tmp_path), "hours"))


@pytest.mark.parametrize(
    ("text", "message"),
    [("", "rows of click"), ("1 2\n", "rows of click"), ("a b c\n", "not a table"), ("1 2 3\n1 2\n", "not a table")],
)
def test_what_is_no_table_of_auctions_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(UnusableInputError, match=message):
        read_ipinyou(written(tmp_path, text), "count")


def test_the_clock_of_hours_needs_a_column_of_hours(tmp_path: Path) -> None:
    with pytest.raises(UnusableInputError, match="fourth column"):
        read_ipinyou(written(tmp_path, "0 70 0.002\n"), "hours")


def test_a_prior_has_its_prices_where_an_average_impression_would_pay_them(tmp_path: Path) -> None:
    counts = [0] * 301
    counts[300] = 30
    counts[75] = 10
    info = {"price_counter_train": counts, "clk_train": 2, "imp_train": 1000}
    believed, mean_ctr_ppb = read_prior(written(tmp_path, json.dumps(info), "info.json"))
    assert mean_ctr_ppb == 2_000_000
    assert sum(believed) == pytest.approx(1)
    assert sorted(part for part in believed if part) == [0.25, 0.75]
    highest = max(place for place, part in enumerate(believed) if part)
    lowest = min(place for place, part in enumerate(believed) if part)
    assert highest - lowest == 16  # two octaves of eight bins


@pytest.mark.parametrize(
    "text", ["[]", "{}", "nonsense", '{"price_counter_train": [1], "clk_train": 1, "imp_train": 0}']
)
def test_what_is_no_prior_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(UnusableInputError, match="not an info file"):
        read_prior(written(tmp_path, text, "info.json"))


def test_a_generous_worth_would_win_an_average_impression_sixteen_times_over() -> None:
    assert generous_worth(2_000_000) * 2_000_000 // PPB == 16 * 300 * FEN_CPM_MICROS


def test_a_seed_gives_one_market_and_another_seed_another() -> None:
    assert same(seeded(3, 500), seeded(3, 500))
    assert not same(seeded(3, 500), seeded(4, 500))


def test_a_made_up_market_comes_in_order_within_its_flight() -> None:
    market = seeded(5, 2_000, hours=3)
    assert np.all(np.diff(market.at_s) >= 0)
    assert 0 <= market.at_s[0] <= market.at_s[-1] < market.length_s == 3 * 3600
    assert market.price_micros.min() > 0


def test_the_recorded_auctions_are_read_whole() -> None:
    market = read_ipinyou(shared.path("data/ipinyou_auctions/2259.test.txt.gz"), "hours")
    assert (len(market), market.length_s) == (80_000, 42 * 3600)
    assert market.cost_micros == 7_050_762 * FEN_CPM_MICROS
    assert int(market.clicks.sum()) == 26
