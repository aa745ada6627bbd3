"""The table of metrics, its documentation, and the collector that fills it."""

import re
from pathlib import Path

import pytest
from prometheus_client.exposition import generate_latest
from prometheus_client.parser import text_string_to_metric_families

import bidder
from bidder.domain.outcome import Outcome
from bidder.domain.reason import Reason
from bidder.metrics import METRICS, Histogram, Samples, registry

DOCUMENT = Path(bidder.__file__).parent / "METRICS.md"
ROW = re.compile(r"^\| `(bidder_\w+)` \| (\w+) \| (.*?) \| (.+) \|$", re.MULTILINE)


def exported(samples: Samples) -> dict[str, float]:
    """Samples as Prometheus reads them: name and labels to value."""
    text = generate_latest(registry(lambda: samples)).decode()
    return {
        sample.name + "".join(f" {name}={value}" for name, value in sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_every_metric_is_documented_as_it_is_exported() -> None:
    documented = [
        (name, kind, tuple(re.findall(r"`(\w+)`", labels)), text)
        for name, kind, labels, text in ROW.findall(DOCUMENT.read_text())
    ]
    assert documented == [tuple(each) for each in METRICS]


def test_names_are_unique_and_say_their_unit_and_kind() -> None:
    assert len({each.name for each in METRICS}) == len(METRICS)
    for each in METRICS:
        assert each.name.endswith("_total") == (each.kind == "counter"), each.name


def test_every_metric_has_its_help_and_type_before_anything_happened() -> None:
    text = generate_latest(registry(dict)).decode()
    for each in METRICS:
        assert f"# TYPE {each.name} {each.kind}" in text
        assert f"# HELP {each.name} {each.help}" in text


def test_samples_come_out_under_their_labels() -> None:
    found = exported(
        {
            "bidder_requests_total": [(("adx", "200"), 3), (("adx", "204"), 4)],
            "bidder_workers": [((), 2)],
            "bidder_config_info": [(("abc",), 1)],
        }
    )
    assert found["bidder_requests_total exchange=adx status=200"] == 3
    assert found["bidder_requests_total exchange=adx status=204"] == 4
    assert found["bidder_workers"] == 2
    assert found["bidder_config_info digest=abc"] == 1


def test_buckets_come_out_added_up() -> None:
    found = exported({"bidder_answer_seconds": [((), Histogram((0.1, 0.5), [3, 0, 2], 4.25))]})
    assert found["bidder_answer_seconds_bucket le=0.1"] == 3
    assert found["bidder_answer_seconds_bucket le=0.5"] == 3
    assert found["bidder_answer_seconds_bucket le=+Inf"] == found["bidder_answer_seconds_count"] == 5
    assert found["bidder_answer_seconds_sum"] == 4.25


def test_a_metric_that_is_not_in_the_table_is_refused() -> None:
    with pytest.raises(KeyError, match="bidder_secret_total"):
        generate_latest(registry(lambda: {"bidder_secret_total": [((), 1)]}))


def test_labels_of_closed_lists_need_no_escaping() -> None:
    for label in [reason.label for reason in Reason] + [str(outcome) for outcome in Outcome]:
        assert re.fullmatch(r"[a-z0-9_]+", label)
