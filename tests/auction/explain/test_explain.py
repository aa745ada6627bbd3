"""What `explain` tells people and programs of a request."""

import re
from io import StringIO
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec import structs
from rich.console import Console

from bidder.auction.explain import Failure, LineReport
from bidder.config.schema import Campaign, Table
from bidder.domain.reason import Reason
from bidder.explain import Explanation, explain
from bidder.explain.table import show
from tests.auction.builders import NAME, NOW, campaign, creative, engine, imp, request
from tests.auction.explain.campaigns import cpm, explained

HERE = Path(__file__).parent


def explanation(**changes: Any) -> Explanation:
    deciding, asked = explained(**changes)
    return explain(deciding, asked, NAME, NOW)


def report(campaign_id: str, **changes: Any) -> LineReport:
    """What is told of one campaign on the only imp."""
    (found,) = [each for each in explanation(**changes).lines if each.campaign == campaign_id]
    return found


def failures(campaign_id: str, **changes: Any) -> dict[str, Failure]:
    return {each.reason: each for each in report(campaign_id, **changes).failures}


def printed(told: Explanation) -> str:
    out = StringIO()
    show(told, Console(file=out, width=160, force_terminal=False, legacy_windows=False))
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


def test_the_table_for_people_is_as_recorded() -> None:
    assert printed(explanation()) == (HERE / "table.txt").read_text()


def test_the_json_for_programs_is_as_recorded() -> None:
    found = msgspec.json.format(msgspec.json.encode(explanation()))
    assert found + b"\n" == (HERE / "explanation.json").read_bytes()


def test_a_price_below_the_floor_names_the_difference() -> None:
    (failure,) = report("sandals").failures
    assert failure.reason == "below_floor"
    assert failure.change == "floor 2.400 > price 2.260: +0.140 USD CPM"


def test_the_difference_is_told_in_the_currency_of_the_bid() -> None:
    told = explain(
        engine(
            campaign(goal=cpm("2.00")),
            exchange=msgspec.structs.replace(engine().snapshot.exchanges[NAME], currencies=("EUR",)),
            rates={"EUR": msgspec.convert("1.25", type=cpm("1").amount.__class__)},
        ),
        request(cur=["EUR"], imp=[imp(bidfloor=2.5)]),
        NAME,
        NOW,
    )
    (failure,) = told.lines[0].failures
    assert failure.change == "floor 2.000 > price 1.600: +0.400 EUR CPM"


def test_every_failed_gate_is_told_and_not_only_the_first() -> None:
    assert [each.reason for each in report("boots").failures] == [
        "country",
        "device_type",
        "domain",
        "os_version",
        "below_floor",
    ]


@pytest.mark.parametrize("campaign_id", ["boots", "near", "seen"])
def test_a_failed_condition_hides_no_later_gate(campaign_id: str) -> None:
    assert report(campaign_id).failures[-1].reason == "below_floor"


def test_nothing_is_told_twice() -> None:
    for each in explanation().lines:
        told = [(failure.reason, failure.wanted) for failure in each.failures]
        assert len(told) == len(set(told)), each


def test_a_change_names_a_key_that_a_campaign_has() -> None:
    changes = " ".join(failure.change for each in explanation().lines for failure in each.failures)
    named = re.findall(r"\b(?:include|exclude|placement|safety)\.[a-z_.]+", changes)
    assert len(named) >= 6
    assert all(is_key(path.split(".")) for path in named), named


def is_key(path: list[str]) -> bool:
    table: Any = Campaign
    for name in path:
        found = {field.name: field.type for field in structs.fields(table)} if issubclass(table, Table) else {}
        if name not in found:
            return False
        table = found[name] if isinstance(found[name], type) else str
    return True


def test_a_gate_tells_what_was_seen_and_what_was_wanted_and_the_smallest_change() -> None:
    found = failures("boots")
    assert (found["country"].seen, found["country"].wanted) == ("USA", "CAN")
    assert found["country"].change == "add USA to include.country"
    assert found["device_type"].change == "add phone to include.device_type"
    assert found["domain"].change == "remove example.com from exclude.domain"
    assert found["os_version"].seen == "ios 17.2"


def test_personal_data_that_may_not_be_used_are_told_as_such() -> None:
    assert failures("coat")["no_personal_data"].seen == "personal data, which may not be used"
    assert explanation().privacy.startswith("gdpr")
    assert "segment" in failures("coat", regs=None)


def test_every_creative_is_judged_and_named() -> None:
    seen = {(each.reason, each.seen.split(":")[0]) for each in report("hat").failures}
    assert seen == {("blocked_category", "banner"), ("creative_size", "wide"), ("creative_attribute", "wide")}


def test_who_could_bid_but_for_a_better_campaign_of_ours_was_outbid() -> None:
    told = explanation()
    assert told.bids == {"1": ["runner"]}
    assert [each.campaign for each in told.lines if each.outcome == Reason.OUTBID.label] == ["walker"]
    assert report("walker").price_cpm == 2.8


def test_who_bids_is_told_with_creative_price_and_floor() -> None:
    found = report("runner")
    assert (found.outcome, found.creative, found.format) == ("bid", "banner", "banner")
    assert (found.price_cpm, found.floor_cpm, found.probability) == (3.1, 2.4, 1.0)


def test_money_and_pace_are_told() -> None:
    assert report("rare").outcome == "throttled"
    assert report("broke").outcome == "no_budget"
    assert report("penny").outcome == "no_value"


def test_one_campaign_can_be_asked_for_alone() -> None:
    deciding, asked = explained()
    told = explain(deciding, asked, NAME, NOW, "sandals")
    assert [each.campaign for each in told.lines] == ["sandals"]
    assert told.bids == {"1": ["runner"]}


def test_a_campaign_that_does_not_exist_leaves_nothing_to_tell() -> None:
    deciding, asked = explained()
    assert explain(deciding, asked, NAME, NOW, "nobody").lines == []


def test_a_request_that_is_screened_out_says_why_and_judges_nobody() -> None:
    told = explanation(wseat=["other"])
    assert (told.screened, told.bids, list(told.lines)) == ("seat_not_allowed", {}, [])
    assert "seat_not_allowed" in printed(told)


def test_an_exchange_that_is_not_configured_is_named() -> None:
    deciding, asked = explained()
    assert explain(deciding, asked, "stranger", NOW).screened == "unknown_exchange"


def test_each_imp_is_judged_by_itself_and_a_campaign_bids_once() -> None:
    deciding = engine(campaign())
    told = explain(deciding, request(imp=[imp(id="1"), imp(id="2")]), NAME, NOW)
    assert [(each.imp, each.outcome) for each in told.lines] == [("1", "bid"), ("2", "already_bidding")]


def test_explaining_spends_nothing() -> None:
    deciding, asked = explained()
    explain(deciding, asked, NAME, NOW)
    assert not deciding.purse.spent  # type: ignore[attr-defined]


@pytest.mark.parametrize("text", ["[bold]x[/]", "[/]", "[red", "\x1b[31m"])
def test_what_comes_from_outside_is_printed_as_it_is(text: str) -> None:
    deciding = engine(campaign(creatives=(creative(size="728x90"),)))
    asked = request(id=text, imp=[imp(id=text)])
    assert text.replace("\x1b", "") in printed(explain(deciding, asked, NAME, NOW)).replace("\x1b", "")
