"""Files of recorded requests: which format, which bodies, what is expected of a bidder."""

import gzip
import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from bidder.lab.feed.recorded import MAX_LINE_BYTES, Recorded, UnusableInputError, recorded
from tests import shared

BANNER = b'{"id":"1","imp":[{"id":"1","banner":{"w":300,"h":250}}]}'


def written(tmp_path: Path, *lines: bytes, zipped: bool = False) -> Path:
    path = tmp_path / "requests"
    content = b"\n".join(lines) + b"\n"
    path.write_bytes(gzip.compress(content) if zipped else content)
    return path


def corpus_line(body: bytes, **changes: Any) -> bytes:
    record = {"id": "owner/name:a.json#/", "kind": "request", "role": "to-bidder", "basic": True} | changes
    return json.dumps(record)[:-1].encode() + b',"body":' + body + b"}"


def only(path: Path) -> Recorded:
    (found,) = recorded(path)
    return found


def test_lines_of_openrtb_are_passed_on_byte_for_byte(tmp_path: Path) -> None:
    odd = b'{"imp":[{"id":"1","bidfloor":1e-05,"banner":{}}], "id":"\\u0041","id":"2"}'
    assert [each.body for each in recorded(written(tmp_path, BANNER, b"", odd))] == [BANNER, odd]


def test_a_line_is_named_by_its_file_and_number(tmp_path: Path) -> None:
    assert [each.source for each in recorded(written(tmp_path, BANNER, b"", BANNER))] == ["requests:1", "requests:3"]


def test_one_request_may_spread_over_many_lines(tmp_path: Path) -> None:
    found = only(written(tmp_path, b"{", b'"id": "1",', b'"imp": [{"id": "1", "banner": {}}]', b"}"))
    assert json.loads(found.body) == {"id": "1", "imp": [{"id": "1", "banner": {}}]}


@pytest.mark.parametrize("zipped", [False, True])
def test_gzip_is_known_by_its_content_whatever_the_name(tmp_path: Path, zipped: bool) -> None:
    assert only(written(tmp_path, BANNER, zipped=zipped)).body == BANNER


@pytest.mark.parametrize(
    "body", [b'{"id":"1","imp":[]}', b'{"imp":[{"id":"1"}]}', b"{", b"[]", b'{"id":{},"imp":[{}]}']
)
def test_what_is_no_request_or_lacks_id_or_imp_is_to_be_refused(tmp_path: Path, body: bytes) -> None:
    assert list(recorded(written(tmp_path, BANNER, body)))[1].expected == "refusal"


def test_an_imp_without_a_media_type_is_still_to_be_answered(tmp_path: Path) -> None:
    assert only(written(tmp_path, b'{"id":"1","imp":[{"id":"1"}]}')).expected == "answer"


def test_a_corpus_body_keeps_the_characters_of_its_source(tmp_path: Path) -> None:
    body = b'{"id":"1","imp":[{"id":"1","bidfloor":1.0,"bidfloor":2e0,"banner":{}}]}'
    found = only(written(tmp_path, corpus_line(body)))
    assert found == Recorded("owner/name:a.json#/", "to-bidder", True, body, "answer")


def test_a_corpus_body_that_is_text_is_posted_as_that_text(tmp_path: Path) -> None:
    found = only(written(tmp_path, corpus_line(b'"{\\"id\\": malformed"', basic=False)))
    assert (found.body, found.expected) == (b'{"id": malformed', "refusal")


def test_a_body_that_the_corpus_calls_basic_is_to_be_answered_whatever_we_make_of_it(tmp_path: Path) -> None:
    assert only(written(tmp_path, corpus_line(b"[]", basic=True))).expected == "answer"


def test_other_kinds_of_the_corpus_are_left_out(tmp_path: Path) -> None:
    lines = corpus_line(b'{"assets":[]}', kind="native-request"), corpus_line(BANNER)
    assert only(written(tmp_path, *lines)).body == BANNER


def test_a_body_found_in_several_roles_is_one_to_a_bidder_if_any_of_them_is(tmp_path: Path) -> None:
    line = corpus_line(BANNER, role="exchange-in", roles=["exchange-in", "to-bidder"])
    assert only(written(tmp_path, line)).role == "to-bidder"


def test_an_empty_file_holds_no_requests(tmp_path: Path) -> None:
    assert list(recorded(written(tmp_path, b""))) == []


def test_a_line_of_another_format_is_refused_with_its_place(tmp_path: Path) -> None:
    with pytest.raises(UnusableInputError, match=r"requests:2: not of the format of line 1: .*kind"):
        list(recorded(written(tmp_path, corpus_line(BANNER), BANNER)))


def test_broken_gzip_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "broken.gz"
    path.write_bytes(gzip.compress(BANNER * 100)[:-12])
    with pytest.raises(UnusableInputError, match=r"broken\.gz: broken gzip data"):
        list(recorded(path))


def test_a_line_beyond_the_limit_is_refused(tmp_path: Path) -> None:
    long = b'{"id":"' + b"x" * MAX_LINE_BYTES + b'"}'
    with pytest.raises(UnusableInputError, match="expected at most"):
        list(recorded(written(tmp_path, BANNER, long)))


def test_the_corpus_gives_all_its_requests_with_the_bytes_that_stand_in_its_lines() -> None:
    found = list(recorded(shared.path("corpus/requests.ndjson.gz")))
    bodies = [body for record, body in shared.corpus_bodies("requests") if record["kind"] == "request"]
    roles = Counter((each.role, each.basic, each.expected) for each in found)
    sys.stdout.write(f"requests by role, basic and what is expected: {dict(roles)}\n")
    assert len(found) == 2_215
    assert [each.body for each in found] == bodies
    assert all(each.expected == "answer" for each in found if each.basic)
    assert Counter(each.expected for each in found)["refusal"] == 3
