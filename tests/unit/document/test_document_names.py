"""Names in the singular and in the plural."""

from __future__ import annotations

import pytest

from common.document import names


@pytest.mark.parametrize(
    ("one", "many"),
    [
        ("playlist", "playlists"),
        ("order_line", "order_lines"),
        ("person", "people"),
        ("category", "categories"),
        ("day", "days"),
        ("status", "statuses"),
        ("analysis", "analyses"),
        ("box", "boxes"),
        ("branch", "branches"),
        ("hostess", "hostesses"),
    ],
)
def test_there_are_one_and_many(one: str, many: str) -> None:
    assert names.plural(one) == many
    assert names.plural(many) == many
    assert names.singular(many) == one
    assert names.singular(one) == one


@pytest.mark.parametrize("name", ["news", "staff", "data", "table_1", "as", "is_", "x"])
def test_some_names_have_one_form(name: str) -> None:
    assert names.plural(name) == name
