"""Lists of categories: read as they are published, and told line by line where they are wrong."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bidder.config import check
from bidder.config.diff import changes
from bidder.config.load import load
from bidder.config.mistake import ConfigError
from bidder.config.taxonomy import read_taxonomy
from tests.config.broken_edits import SOUND, write

LIST = """\
Relational ID System\t\t\tSome Taxonomy\t\t\t
Unique ID\tParent\tName\tTier 1\tTier 2\t
10\t10\tGames\tGames\t\t
11\t10\tCards\tGames\tCards\t
A1B2C3\t11\tPatience\tGames\tCards\tSCD
20\t\tMusic\tMusic\t\t
"""
"""In the form of the published lists: a title, a header, a top that is its own parent and one that has none."""

PARENTS = {"10": "", "11": "10", "A1B2C3": "11", "20": ""}


@pytest.mark.parametrize(
    "text",
    [
        LIST,
        LIST.replace("\n", "\r\n"),
        "\ufeff" + LIST,
        LIST + "\n\t\t\t\n",
        LIST.partition("\n")[2],
        LIST.replace("Unique ID\tParent", "Unique ID\tParent ID"),
        LIST.replace("11\t10", " 11 \t10 "),
        LIST.replace("\tMusic\tMusic\t\t", ""),
    ],
    ids=[
        "as published",
        "windows",
        "byte order mark",
        "empty lines",
        "no title",
        "another header",
        "spaces",
        "no name",
    ],
)
def test_a_list_is_read_as_it_is_published(text: str) -> None:
    taxonomy, faults = read_taxonomy(text.encode())
    assert (taxonomy.parents, faults) == (PARENTS, [])


def mistakes(directory: Path, **files: str) -> list[str]:
    named = {f"taxonomies/{name.strip('_')}": text for name, text in files.items()}
    with pytest.raises(ConfigError) as raised:
        load(write(directory, SOUND | {name.replace("__", "."): text for name, text in named.items()}))
    return [str(each) for each in raised.value.mistakes]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "10\t\tGames\n",
            "1: a header line that begins with `Unique ID` and `Parent`, as in the lists of IAB Tech Lab",
        ),
        (LIST + "10\t20\tGames\n", '7: an id that no other line has; line 3 has it, found "10"'),
        (LIST + "30\t99\tGames\n", '7: a parent that has a line of its own, found "99"'),
        (LIST + "30\t31\tA\n31\t30\tB\n", '7: a parent that is not below the category itself, found "31"'),
        (LIST + "30 31\n", '7: the id of a category and a tab at the beginning of the line, found "30 31"'),
        (LIST + "\t30\tA\n", '7: the id of a category and a tab at the beginning of the line, found ""'),
        (LIST + "30\tof Games\tA\n", "7: the id of the category above, or nothing, between the first two tabs"),
    ],
)
def test_what_is_wrong_with_a_list_is_told_with_its_line(tmp_path: Path, text: str, expected: str) -> None:
    (found,) = mistakes(tmp_path, **{"7__tsv": text})
    assert found.startswith(f"taxonomies/7.tsv:{expected}")


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    text = LIST + "10\t\tAgain\n30\t99\tNowhere\n"
    assert [each.split(": ")[0] for each in mistakes(tmp_path, **{"7__tsv": text})] == [
        "taxonomies/7.tsv:7",
        "taxonomies/7.tsv:8",
    ]


def test_bytes_that_are_no_text_are_told_with_their_line(tmp_path: Path) -> None:
    write(tmp_path, SOUND)
    (tmp_path / "taxonomies").mkdir()
    (tmp_path / "taxonomies" / "7.tsv").write_bytes(LIST.encode() + b"30\t\xff\n")
    with pytest.raises(ConfigError, match=r"taxonomies/7.tsv:7: text in UTF-8, found bytes that are not"):
        load(tmp_path)


@pytest.mark.parametrize("name", ["1", "10", "499", "0", "07", "content", "99999999999"])
def test_a_list_goes_by_the_number_of_a_taxonomy_that_has_one(tmp_path: Path, name: str) -> None:
    (found,) = mistakes(tmp_path, **{f"{name}__tsv": LIST})
    assert found.startswith(f"taxonomies/{name}.tsv:1: the number of a taxonomy of the AdCOM list")


@pytest.mark.parametrize("name", ["2", "7", "9", "500", "1234"])
def test_listed_taxonomies_and_those_agreed_on_may_have_a_list(tmp_path: Path, name: str) -> None:
    config = load(write(tmp_path, SOUND | {f"taxonomies/{name}.tsv": LIST}))
    assert config.taxonomies[int(name)].parents == PARENTS


def test_a_category_that_is_not_in_the_list_is_a_mistake_of_the_campaign(tmp_path: Path) -> None:
    text = SOUND["campaigns/other.toml"].replace(
        'adomain = ["other.example"]', 'adomain = ["other.example"]\ncat = ["11", "12"]\ncattax = 7'
    )
    text = text.replace(
        "\n[[campaigns.cr", 'include = { category = [{ ids = ["20", "21"], cattax = 7 }] }\n\n[[campaigns.cr'
    )
    files = SOUND | {"campaigns/other.toml": text}
    assert load(write(tmp_path, files)).taxonomies == {}
    with pytest.raises(ConfigError) as raised:
        load(write(tmp_path, files | {"taxonomies/7.tsv": LIST}))
    assert [str(each).partition(": ")[2] for each in raised.value.mistakes] == [
        'campaigns[other].include.category[0].ids[1]: a category that has a line in `taxonomies/7.tsv`, found "21"',
        'campaigns[other].creatives[other-1].cat[1]: a category that has a line in `taxonomies/7.tsv`, found "12"',
    ]


def test_a_campaign_may_name_categories_of_a_list_that_is_wrong_itself(tmp_path: Path) -> None:
    text = SOUND["campaigns/other.toml"].replace(
        'adomain = ["other.example"]', 'adomain = ["other.example"]\ncat = ["12"]\ncattax = 7'
    )
    write(tmp_path, {"campaigns/other.toml": text})
    files = {name: each for name, each in SOUND.items() if name != "campaigns/other.toml"}
    with pytest.raises(ConfigError) as raised:
        load(write(tmp_path, files | {"taxonomies/7.tsv": "nothing\n"}))
    assert {each.file for each in raised.value.mistakes} == {"taxonomies/7.tsv"}


def test_another_list_is_another_configuration_and_a_change_of_its_file(tmp_path: Path) -> None:
    before = load(write(tmp_path, SOUND | {"taxonomies/7.tsv": LIST}))
    after = load(write(tmp_path, {"taxonomies/7.tsv": LIST + "30\t20\tJazz\n"}))
    assert before.digest != after.digest
    assert [str(each) for each in changes(before, after)] == ['taxonomies/7.tsv: parents.30: nothing -> "20"']


def test_a_check_counts_the_categories(tmp_path: Path) -> None:
    config = load(write(tmp_path, SOUND | {"taxonomies/7.tsv": LIST}))
    noon = datetime(2026, 6, 15, tzinfo=UTC)
    assert "taxonomy 7: 4 categories" in list(check.summary(config, noon))


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.sampled_from(["", *"abcdef"]))))
def test_a_list_without_faults_has_no_circle(rows: list[tuple[str, str]]) -> None:
    text = "Unique ID\tParent\n" + "".join(f"{category}\t{parent}\n" for category, parent in rows)
    taxonomy, faults = read_taxonomy(text.encode())
    for category in taxonomy.parents if not faults else ():
        above = category
        for _ in rows:
            above = taxonomy.parents.get(above, "")
        assert not above
