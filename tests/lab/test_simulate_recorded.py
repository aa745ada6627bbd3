"""Files of recorded auctions: read as a market, or refused with the line, what is there and what would be right."""

import gzip
import json
from pathlib import Path

import pytest

from bidder.lab.simulate import UnusableInputError, read_ipinyou
from bidder.lab.simulate.market import FEN_CPM_MICROS
from bidder.lab.simulate.recorded import read_prior
from tests import shared
from tests.lab.test_simulate_market import same

ROWS = "0\t80\t0.000468\t5\n1\t20\t0.000260\t3\n0\t50\t0.000291\t5\n"


def written(directory: Path, text: str = ROWS, name: str = "auctions.txt") -> Path:
    path = directory / name
    path.write_text(text)
    return path


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
    [
        ("", "no auction in it"),
        ("\n \n", "no auction in it"),
        ("1 2\n", "line 1: .*found 2 columns, in '1 2'"),
        ("0 1 0.2\n\na b c\n", "line 3: click: a whole number from 0 to 1 is needed, found 'a'"),
        ("1 2 0.3\n1 2\n", "line 2: .*found 2 columns"),
        ("1 2 0.3\n1 2 0.3 4\n", "line 2: 3 columns as in the first line are needed, found 4"),
        ("1 2 0.3\n0 -2 0.3\n", "line 2: price: a number from 0 to 1,000,000 is needed, found '-2'"),
        ("2 2 0.3\n", "line 1: click: .*found '2'"),
        ("0 2 1.3\n", "line 1: predicted CTR: a number from 0 to 1 is needed, found '1.3'"),
        ("0 2 nan\n", "line 1: predicted CTR: .*found 'nan'"),
        ("0 2 0.1 1.5\n", "line 1: hour: a whole number from 0 to 1,000,000 is needed, found '1.5'"),
        ("# comment\n0 2 0.1\n", "line 1: .*found 2 columns"),
    ],
)
def test_what_is_no_table_of_auctions_is_refused_by_its_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(UnusableInputError, match=message):
        read_ipinyou(written(tmp_path, text), "count")


def test_a_gzipped_file_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "auctions.txt.gz"
    path.write_bytes(gzip.compress(ROWS.encode() * 1000, compresslevel=0)[:-8_000])
    with pytest.raises(UnusableInputError, match=r"gzip data is cut off or damaged after 2,\d{3} lines"):
        read_ipinyou(path, "count")


def test_a_gzipped_file_with_a_changed_byte_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "auctions.txt.gz"
    data = bytearray(gzip.compress(ROWS.encode()))
    data[-6] ^= 1
    path.write_bytes(data)
    with pytest.raises(UnusableInputError, match="gzip data is cut off or damaged"):
        read_ipinyou(path, "count")


def test_what_is_no_text_is_refused_by_its_line(tmp_path: Path) -> None:
    path = tmp_path / "auctions.txt"
    path.write_bytes(b"\x80\x81\xff" * 100)
    with pytest.raises(UnusableInputError, match=r"line 1: .*found 1 columns, in '.x80"):
        read_ipinyou(path, "count")


def test_hours_that_span_more_than_a_year_are_refused(tmp_path: Path) -> None:
    text = "0 70 0.002 0\n0 70 0.002 8784\n"
    assert len(read_ipinyou(written(tmp_path, text), "count")) == 2
    with pytest.raises(UnusableInputError, match="at most a year, 8,784, are needed, found 8,785"):
        read_ipinyou(written(tmp_path, text), "hours")


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
    ("text", "message"),
    [
        ("[]", "not an info file"),
        ("{}", "not an info file.*price_counter_train"),
        ("nonsense", "not an info file"),
        ('{"price_counter_train": [1], "clk_train": 1, "imp_train": 0}', "not an info file.*imp_train"),
        ('{"price_counter_train": [1], "clk_train": 0, "imp_train": 9}', "not an info file.*clk_train"),
        ('{"price_counter_train": [-1], "clk_train": 1, "imp_train": 9}', "not an info file.*price_counter_train"),
        ('{"price_counter_train": [0], "clk_train": 1, "imp_train": 9}', "found 0 prices"),
        ('{"price_counter_train": [1], "clk_train": 10, "imp_train": 9}', "found .* 10 clicks, 9 impressions"),
    ],
)
def test_what_is_no_prior_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(UnusableInputError, match=message):
        read_prior(written(tmp_path, text, "info.json"))


def test_the_recorded_auctions_are_read_whole() -> None:
    market = read_ipinyou(shared.path("data/ipinyou_auctions/2259.test.txt.gz"), "hours")
    assert (len(market), market.length_s) == (80_000, 42 * 3600)
    assert market.cost_micros == 7_050_762 * FEN_CPM_MICROS
    assert int(market.clicks.sum()) == 26
