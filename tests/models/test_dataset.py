"""Rows out of public data sets and of a bidder's own log, with what was known when."""

import gzip
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from models.dataset import events, installs, ipinyou, leak
from models.dataset.history import History
from models.dataset.read import Target, read
from models.dataset.rows import Dataset, thinned
from models.errors import DataError
from models.facts import Fact
from tests import shared
from tests.models.build import HOUR_MS, MINUTE_MS, NOON_MS, rows

# Rows


def test_outcomes_later_than_a_time_are_not_known_then() -> None:
    data = rows([1.0, 0.0, 1.0])
    known = data.known_at(NOON_MS + MINUTE_MS)
    assert (data.positives, known.positives) == (2, 1)
    assert known.labels.tolist() == [1.0, 0.0, 0.0]


def test_a_negative_stands_for_the_negatives_that_were_not_kept() -> None:
    assert rows([1.0, 0.0]).downsampled(0.1).weights.tolist() == pytest.approx([1.0, 10.0])


def test_thinning_keeps_all_positives_and_a_share_of_the_negatives() -> None:
    labels = np.repeat([1.0, 0.0], [50, 10_000])
    kept = thinned(labels, 0.2, seed=1)
    assert labels[kept].sum() == 50
    assert (labels[kept] == 0).sum() == pytest.approx(2000, rel=0.1)


def test_history_forgets_what_is_older_than_its_window() -> None:
    history = History(60)
    visits = [history.visit("user", at) for at in (0, 30_000, 61_000, 300_000)]
    assert visits == [(0, None), (1, 30.0), (1, 31.0), (0, None)]
    assert history.visit("another", 300_000) == (0, None)


# Installs

INSTALLS = """ip,app,device,os,channel,click_time,attributed_time,is_attributed
1,3,1,13,280,2017-11-06 16:05,,0
1,3,1,13,280,2017-11-06 16:00,2017-11-06 16:07,1
2,9,1,13,134,2017-11-07 0:10,,0
"""


def written(path: Path, text: str) -> Path:
    with gzip.open(path, "wt") if path.suffix == ".gz" else path.open("w") as file:
        file.write(text)
    return path


@pytest.mark.parametrize("name", ["clicks.csv", "clicks.csv.gz"])
def test_clicks_are_read_in_order_of_time_with_the_time_of_their_install(tmp_path: Path, name: str) -> None:
    data = installs.read([written(tmp_path / name, INSTALLS)])
    assert data.labels.tolist() == [1.0, 0.0, 0.0]
    assert (data.known_ms[0] - data.at_ms[0]) == 7 * MINUTE_MS
    assert data.facts[2] == {
        "ip": "2", "campaign": "9", "model": "1", "os": "13", "publisher": "134", "at_ms": 1_510_013_400_000, "hour": 0,
        "weekday": 1, "ip_seen": 0, "ip_seen_week": 0, "user_seen": 0, "user_idle_s": None, "frequency": 0,
        "recency_s": None,
    }  # fmt: skip
    assert list(data.sources) == [name]


def test_history_tells_only_of_earlier_clicks(tmp_path: Path) -> None:
    data = installs.read([written(tmp_path / "clicks.csv", INSTALLS)])
    told = [(facts["ip_seen"], facts["user_seen"], facts["user_idle_s"], facts["frequency"]) for facts in data.facts]
    assert told == [(0, 0, None, 0), (1, 1, 300.0, 1), (0, 0, None, 0)]


def test_each_history_reaches_as_far_back_as_its_fact_says(tmp_path: Path) -> None:
    clicks = "".join(f"1,3,1,13,280,2017-11-{when},,0\n" for when in ("06 16:00", "06 23:00", "07 16:01", "14 15:00"))
    data = installs.read([written(tmp_path / "clicks.csv", INSTALLS.splitlines()[0] + "\n" + clicks)])
    names = ("ip_seen", "ip_seen_week", "user_seen", "frequency")
    assert [tuple(facts[name] for name in names) for facts in data.facts] == [
        (0, 0, 0, 0),
        (0, 1, 1, 1),
        (0, 2, 1, 1),
        (0, 1, 0, 0),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a,b\n1,2\n", "expected the columns app, attributed_time"),
        (
            INSTALLS.replace("2017-11-06 16:05", "noon"),
            "line 2: expected a time such as 2017-11-06 16:00, found 'noon'",
        ),
        (INSTALLS.partition("\n")[0], "there are no rows in clicks.csv"),
        ("", "clicks.csv: the file is empty"),
        (INSTALLS + "1,3,1\n", "line 5: expected 8 columns, found none for attributed_time, channel, click_time"),
        (INSTALLS + "1,3,1,13,280,2017-11-06 16:00,,yes\n", "expected 0 or 1 for is_attributed, found 'yes'"),
        (INSTALLS + "1" * 200_000 + ",3,1,13,280,2017-11-06 16:00,,0\n", "line 5: field larger than field limit"),
    ],
)
def test_clicks_out_of_form_are_named_by_file_and_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(DataError, match=said):
        installs.read([written(tmp_path / "clicks.csv", text)])


def test_a_file_from_windows_holds_the_same_clicks(tmp_path: Path) -> None:
    windows = tmp_path / "clicks.csv"
    windows.write_bytes(b"\xef\xbb\xbf" + INSTALLS.replace("\n", "\r\n").encode())
    plain = installs.read([written(tmp_path / "plain.csv", INSTALLS)])
    assert installs.read([windows]).facts == plain.facts


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"nowhere\.csv: .*No such file"):
        installs.read([tmp_path / "nowhere.csv"])


def test_a_damaged_archive_is_named(tmp_path: Path) -> None:
    path = written(tmp_path / "clicks.csv.gz", INSTALLS)
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(DataError, match=r"clicks\.csv\.gz"):
        installs.read([path])


# iPinYou


def log_line(bid: str, **changes: str) -> str:
    columns = {
        "bid": bid, "time": "20131021192300738", "type": "1", "user": "C4",
        "agent": "Mozilla/5.0 (Windows NT 6.1) Chrome",
        "ip": "1.2.3.*", "region": "238", "city": "246", "exchange": "1", "domain": "d", "url": "u",
        "anonymous": "null", "slot": "s", "width": "300", "height": "250", "visibility": "FirstView",
        "format": "Na", "floor": "5",
        "creative": "c", "bidding": "294", "paying": "201", "key": "null", "advertiser": "2821", "tags": "1,2",
    }  # fmt: skip
    return "\t".join((columns | changes).values()) + "\n"


def table_line(**changes: str) -> str:
    """A header of the table and a row."""
    names = (
        "BidID", "IP", "Region", "City", "AdExchange", "Domain", "URL", "AdSlotId", "AdSlotWidth", "AdSlotHeight",
        "AdSlotVisibility", "AdSlotFormat", "CreativeID", "Adid", "UserTag", "IsClick",
    )  # fmt: skip
    return "\t".join(names) + "\n" + "\t".join((dict.fromkeys(names, "1") | changes).values()) + "\n"


def test_logs_of_impressions_and_clicks_make_one_row_a_bid(tmp_path: Path) -> None:
    shown = written(tmp_path / "imp.tsv", log_line("a") + log_line("b", time="20131021192200000") + log_line("b"))
    clicked = written(tmp_path / "clk.tsv", log_line("a", type="2", time="20131021193000000"))
    data = ipinyou.read([shown, clicked])
    assert data.labels.tolist() == [0.0, 1.0]
    first = data.facts[0]
    assert (first["os"], first["browser"], first["size"], first["bidfloor"]) == ("windows 7", "chrome", "300x250", 5.0)
    assert (first["hour"], first["weekday"], first["slot_format"]) == (19, 0, None)
    assert first["at_ms"] == 1_382_354_520_000


def test_prices_that_a_bidder_learns_later_are_no_facts(tmp_path: Path) -> None:
    data = ipinyou.read([written(tmp_path / "imp.tsv", log_line("a"))])
    assert not {"294", "201", 294.0, 201.0} & set(data.facts[0].values())


def test_indexed_features_are_turned_back_into_facts(tmp_path: Path) -> None:
    meanings = ["weekday:2", "hour:16", "useragent:android_chrome", "slotprice:11-50", "slotid:other", "region:3",
                "slotwidth:320", "slotheight:50"]  # fmt: skip
    index = written(tmp_path / "featindex.txt", "".join(f"{each}\t{place}\n" for place, each in enumerate(meanings)))
    lines = written(tmp_path / "train.txt", "1 " + " ".join(f"{place}:1" for place in range(8)) + "\n")
    data = ipinyou.read([lines, index])
    told = {name: fact for name, fact in data.facts[0].items() if fact is not None and name != "at_ms"}
    assert told == {
        "os": "android", "browser": "chrome", "bidfloor": 11.0, "region": "3", "width": 320.0, "height": 50.0,
        "size": "320x50", "utc_offset_min": 480, "hour": 16, "weekday": 2,
    }  # fmt: skip
    assert (data.form, data.labels.tolist()) == ("ipinyou_indexed", [1.0])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("0 1:1 2:1\n", "needs one file of `field:value<TAB>index` beside it, found 0"),
        ("a\tb\tc\n", "expected a form of iPinYou data, found 3 columns"),
        (log_line("a") + "short\n", "line 2: expected 24 columns, found 1"),
        (log_line("a", time="today"), "bid a: expected a time of 17 digits, found 'today'"),
        (
            log_line("a", time="20139921192200000"),
            "expected a time such as 20131019150000000, found",
        ),
        ("BidID\tIsClick\na\t0\n", "data.txt: the header lacks AdExchange, AdSlotFormat"),
        (table_line(AdSlotWidth="wide"), "data.txt, line 2: expected a number, found 'wide'"),
        ("", "the file is empty"),
    ],
)
def test_ipinyou_data_out_of_form_is_named(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(DataError, match=said):
        ipinyou.read([written(tmp_path / "data.txt", text)])


@pytest.mark.parametrize(
    ("meanings", "said"),
    [
        ("weekday:2\t0\nhour:24\t1\nregion:1\t2\n", "data.txt, line 1: expected a whole number below 24, found '24'"),
        (
            "weekday:999\t0\nhour:3\t1\nregion:1\t2\n",
            "line 1: expected a whole number below 7, found '999'",
        ),
        ("weekday:2\t0\nhour:3\t1\nbroken\n", "index.txt, line 3: expected `field:value<TAB>index`, found 1 columns"),
        ("weekday:2\t0\nslotwidth:wide\t1\nhour:3\t2\n", "data.txt, line 1: expected a number, found 'wide'"),
        ("weekday:2\t0\nhour:3\t7\n", "data.txt, line 1: '1' is no index with a meaning"),
    ],
)
def test_indexes_out_of_form_are_named(tmp_path: Path, meanings: str, said: str) -> None:
    index, data = written(tmp_path / "index.txt", meanings), written(tmp_path / "data.txt", "0 0:1 1:1 2:1\n")
    with pytest.raises(DataError, match=said):
        ipinyou.read([index, data])


@pytest.mark.parametrize(
    ("files", "rows_", "positives"),
    [
        (["ipinyou_2259_cran/train.20131019.tsv.gz"], 2363, 83),
        (["ipinyou_ctr_2997/train.fm.txt.gz", "ipinyou_ctr_2997/featindex.fm.txt.gz"], 26_773, 255),
        (["ipinyou_impressions_2821/imp.h18-21.tsv.gz", "ipinyou_impressions_2821/clk.h18-21.tsv.gz"], 7451, 276),
        (["ipinyou_landscape_2259/train.log.txt.gz"], 8355, 5),
    ],
)
def test_the_public_sets_have_the_rows_that_they_say(files: list[str], rows_: int, positives: int) -> None:
    data = ipinyou.read([shared.path(f"data/{file}") for file in files])
    assert (len(data), data.positives) == (rows_, positives)
    assert (np.diff(data.at_ms) >= 0).all()


# Leaks


def test_user_tags_that_no_click_log_has_are_found_and_refused() -> None:
    files = ("imp.h18-21.tsv.gz", "clk.h18-21.tsv.gz")
    data = leak.withhold(ipinyou.read([shared.path(f"data/ipinyou_impressions_2821/{file}") for file in files]))
    assert data.withheld == {"segments": "missing in all 276 positives but in 36% of the negatives only"}


def test_user_tags_that_clicks_have_as_well_are_not_refused() -> None:
    data = ipinyou.read([shared.path("data/ipinyou_2259_cran/train.20131019.tsv.gz")])
    assert leak.find(data) == {}


def leaking(positives: int, missing_in: str, share: float = 0.5) -> Dataset:
    """Rows with a fact that positives (or negatives) miss always, the others by a share."""
    labels = [1.0] * positives + [0.0] * 200
    absent = [True] * positives + [index < 200 * share for index in range(200)]
    if missing_in == "negatives":
        absent = [not each for each in absent]
    return rows(labels, domain=[None if each else "a" for each in absent])


def test_a_fact_that_is_there_in_all_positives_only_leaks_as_well() -> None:
    found = leak.find(leaking(60, "negatives"))
    assert found == {"domain": "present in all 60 positives but in 50% of the negatives only"}


@pytest.mark.parametrize(("yes", "no"), [("yes", "no"), (1, 0), (2.5, 0.5)])
def test_a_fact_that_is_the_outcome_under_another_name_leaks(yes: Fact, no: Fact) -> None:
    labels = [1.0] * 20 + [0.0] * 400
    found = leak.find(rows(labels, deal=[yes] * 20 + [no] * 397 + [yes] * 3))
    assert found == {"deal": f"{yes!r} in all 20 positives but in 0.8% of the negatives only"}


def test_a_value_that_all_positives_have_and_some_negatives_as_well_is_no_leak() -> None:
    labels = [1.0] * 20 + [0.0] * 400
    assert leak.find(rows(labels, deal=["best"] * 25 + ["other"] * 395)) == {}


def test_few_positives_that_are_alike_may_be_chance() -> None:
    assert leak.find(leaking(20, "positives")) == {}


def test_a_fact_that_is_seldom_there_at_all_is_no_leak() -> None:
    assert leak.find(leaking(400, "positives", share=0.9)) == {}


def test_a_trusted_fact_is_not_withheld() -> None:
    assert leak.withhold(leaking(60, "positives")).trusting(["domain"]).withheld == {}


# Event logs


def log(root: Path, kind: str, records: list[dict[str, Any]]) -> None:
    """One Parquet file of events where the bidder would put it."""
    place = root / "events" / kind / "date=2026-03-10" / "hour=12"
    place.mkdir(parents=True)
    table = pa.Table.from_pylist(records)
    index = table.column_names.index("bid_id")
    pq.write_table(table.set_column(index, "bid_id", table["bid_id"].cast(pa.uint64())), place / "worker-0-1.parquet")


def bid(number: int, **changes: Any) -> dict[str, Any]:
    logged = {"tagid": "top", "hour": 12, "interstitial": False}
    return {
        "at_ms": NOON_MS + number, "bid_id": number, "exchange": "plain", "campaign": "shoes", "creative": "c-1",
        "format": "banner", "deal": "", "auction_type": 1, "test": False,
        "facts": msgspec.json.encode(logged).decode(),
    } | changes  # fmt: skip


def event(number: int, after_ms: int = 1000, **changes: Any) -> dict[str, Any]:
    return {"at_ms": NOON_MS + number + after_ms, "bid_id": number, "outcome": "counted", "test": False} | changes


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """Bids 1 to 5: 1 only bid, 2 shown, 3 shown and clicked, 4 billed, clicked and converted, 5 a test."""
    log(tmp_path, "bid", [bid(1), bid(2), bid(3), bid(4), bid(5, test=True)])
    log(tmp_path, "impression", [event(2), event(3), event(3, 2000, outcome="repeated"), event(5, test=True)])
    log(tmp_path, "notice", [event(4, kind="billing"), event(1, kind="win"), event(2, kind="loss")])
    log(tmp_path, "click", [event(3, 5000), event(4, 6000), event(2, outcome="forged")])
    log(tmp_path, "conversion", [event(4, 9000)])
    return tmp_path


@pytest.mark.parametrize(
    ("outcome", "labels", "known"),
    [
        ("click", [0.0, 1.0, 1.0], [5003, 6004]),
        ("conversion", [0.0, 0.0, 1.0], [9004]),
        ("conversion_after_click", [0.0, 1.0], [9004]),
    ],
)
def test_bids_that_were_shown_are_rows_with_their_counted_outcomes(
    state: Path, outcome: str, labels: list[float], known: list[int]
) -> None:
    data = events.read([state], outcome)
    assert data.labels.tolist() == labels
    assert (data.known_ms[data.labels > 0] - NOON_MS).tolist() == known


def test_the_facts_of_a_bid_are_those_that_were_logged_and_its_own_columns(state: Path) -> None:
    assert events.read([state], "click").facts[0] == {
        "exchange": "plain", "campaign": "shoes", "creative": "c-1", "format": "banner", "deal": None,
        "auction_type": 1, "at_ms": NOON_MS + 2, "tagid": "top", "hour": 12, "interstitial": False,
    }  # fmt: skip


def test_an_outcome_after_the_attribution_window_does_not_count(state: Path) -> None:
    assert events.read([state], "conversion", attribution_ms=8999).positives == 0
    assert events.read([state], "conversion", attribution_ms=9000).positives == 1


def test_outcomes_count_for_as_long_as_is_asked_for(state: Path, tmp_path: Path) -> None:
    log(tmp_path / "late", "bid", [bid(1), bid(2)])
    log(tmp_path / "late", "impression", [event(1), event(2)])
    log(tmp_path / "late", "conversion", [event(1, HOUR_MS), event(2, 3 * HOUR_MS)])
    paths = [tmp_path / "late"]
    assert read("events", paths, Target("conversion")).positives == 2
    assert read("events", paths, Target("conversion", 2 * HOUR_MS)).positives == 1


def test_a_conversion_before_the_click_is_none_of_the_click_but_one_of_the_impression(tmp_path: Path) -> None:
    log(tmp_path, "bid", [bid(1), bid(2)])
    log(tmp_path, "impression", [event(1), event(2)])
    log(tmp_path, "click", [event(1, 5000), event(2, 5000)])
    log(tmp_path, "conversion", [event(1, 4000), event(2, 4000), event(2, 6000), event(2, 9000)])
    after_click = events.read([tmp_path], "conversion_after_click")
    assert after_click.labels.tolist() == [0.0, 1.0]
    assert after_click.known_ms[1] == NOON_MS + 2 + 6000
    assert events.read([tmp_path], "conversion").labels.tolist() == [1.0, 1.0]


def test_a_conversion_that_came_late_is_known_from_then_on_only(tmp_path: Path) -> None:
    log(tmp_path, "bid", [bid(1)])
    log(tmp_path, "impression", [event(1)])
    log(tmp_path, "conversion", [event(1, 6 * 24 * HOUR_MS)])
    data = events.read([tmp_path], "conversion")
    assert data.known_at(NOON_MS + 5 * 24 * HOUR_MS).positives == 0
    assert data.known_at(NOON_MS + 7 * 24 * HOUR_MS).positives == 1


def test_a_bid_that_was_recorded_twice_is_one_row(state: Path, tmp_path: Path) -> None:
    once, twice = events.read([state], "click"), events.read([state, tmp_path], "click")
    assert (twice.facts, twice.labels.tolist()) == (once.facts, once.labels.tolist())


def test_facts_that_cannot_be_read_are_named_by_their_bid(tmp_path: Path) -> None:
    log(tmp_path, "bid", [bid(7, facts='{"tagid": [1]}')])
    log(tmp_path, "impression", [event(7)])
    with pytest.raises(DataError, match=r"the facts of the bid 7: Expected .*, got `array`"):
        events.read([tmp_path], "click")


@pytest.mark.parametrize("folders", ["", "events/bid", "events/bid/date=2026-03-10/hour=12"])
def test_a_directory_without_bids_is_named(tmp_path: Path, folders: str) -> None:
    (tmp_path / folders).mkdir(parents=True, exist_ok=True)
    with pytest.raises(DataError, match=r"there is no file of bids in bid/; expected the state directory of a bidder"):
        events.read([tmp_path], "click")


def test_a_directory_of_outcomes_without_a_file_has_none(tmp_path: Path) -> None:
    log(tmp_path, "bid", [bid(1)])
    log(tmp_path, "impression", [event(1)])
    (tmp_path / "events" / "click").mkdir()
    assert events.read([tmp_path], "click").labels.tolist() == [0.0]


@pytest.mark.parametrize(
    ("outcome", "became"), [("conversion", "was shown"), ("conversion_after_click", "was clicked")]
)
def test_bids_of_which_none_can_be_a_row_are_counted(tmp_path: Path, outcome: str, became: str) -> None:
    log(tmp_path, "bid", [bid(1), bid(2)])
    with pytest.raises(DataError, match=f"2 bids are recorded there, and none of them {became}, so there is no row"):
        events.read([tmp_path], outcome)


def test_columns_that_a_log_of_bids_lacks_are_named(tmp_path: Path) -> None:
    log(tmp_path, "bid", [{"bid_id": 1, "at_ms": NOON_MS}])
    with pytest.raises(DataError, match="events/bid: expected events of a bidder, the columns exchange, campaign"):
        events.read([tmp_path], "click")


def test_a_log_without_any_outcome_has_only_negatives(tmp_path: Path) -> None:
    log(tmp_path, "bid", [bid(1)])
    log(tmp_path, "impression", [event(1)])
    assert events.read([tmp_path / "events"], "conversion").labels.tolist() == [0.0]
