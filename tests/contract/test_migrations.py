"""The migrations make what the tables say, once, whoever starts them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, text

from common.db import migrations
from common.db.migrate import HEAD, current_revision, migrate
from common.db.tables import metadata
from common.errors import BackboneError


def test_make_exactly_what_the_tables_say(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_make_the_indexes_of_some_rows(engine: Engine) -> None:
    """Comparing metadata does not look at an index's condition."""
    dialect = engine.dialect.name
    expected = {
        str(index.name)
        for index in metadata.tables["jobs"].indexes
        if index.dialect_options[dialect]["where"] is not None
    }
    found = {
        str(index["name"])
        for index in inspect(engine).get_indexes("jobs")
        if index.get("dialect_options", {}).get(f"{dialect}_where") is not None
    }
    assert found == expected
    assert expected


def test_end_where_the_code_thinks_they_do(engine: Engine) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    assert ScriptDirectory.from_config(config).get_current_head() == HEAD
    assert current_revision(engine) == HEAD


def test_of_a_database_without_any(new_engine: Callable[[], Engine]) -> None:
    assert current_revision(new_engine()) is None


def test_again_touch_nothing(engine: Engine, counting: Any) -> None:
    with counting() as statements:
        migrate(engine)
    assert all("CREATE" not in statement and "BEGIN" not in statement for statement in statements)


def test_by_many_at_once_are_applied_once(new_engine: Callable[[], Engine], race: Any) -> None:
    engines = [new_engine() for _ in range(5)]
    assert race(*(lambda each=each: migrate(each) for each in engines)) == [None] * 5
    assert current_revision(engines[0]) == HEAD


def test_of_a_newer_version_are_left_alone(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(BackboneError, match=r"9999.*a newer one has been here"):
        migrate(engine)
