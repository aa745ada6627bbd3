"""The reference says what the schema says; a setting that is not described fails here."""

import pytest
from msgspec import structs

from bidder.config.document import README, ROOTS, field_texts, headings, reference, with_reference
from bidder.config.schema import Table

KINDS = {kind for root in ROOTS for kind in (root, *(inner for inner, _ in headings(root)))}


@pytest.mark.parametrize("kind", sorted(KINDS, key=lambda kind: kind.__name__))
def test_every_setting_is_described(kind: type[Table]) -> None:
    texts = field_texts(kind)
    assert [field.name for field in structs.fields(kind) if not texts.get(field.name, "").endswith((".", '."'))] == []


@pytest.mark.parametrize("kind", sorted(KINDS, key=lambda kind: kind.__name__))
def test_every_table_is_described(kind: type[Table]) -> None:
    assert (kind.__doc__ or "").strip().endswith((".", ")."))


def test_every_setting_is_in_the_reference() -> None:
    text = reference()
    assert [field.name for kind in KINDS for field in structs.fields(kind) if f"| `{field.name}` |" not in text] == []


def test_the_readme_is_up_to_date_with_the_schema() -> None:
    text = README.read_text("utf-8")
    assert with_reference(text) == text, "run python -m bidder.config.document"
