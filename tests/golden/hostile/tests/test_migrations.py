"""The migrations make exactly the tables of the models, and take them away again."""

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, inspect

from app.models.base import Base
from tests.conftest import migrations


def test_up_down_and_up_again(tmp_path: Path) -> None:
    config = migrations(tmp_path / "test.sqlite3")
    engine = create_engine(f"sqlite:///{tmp_path / 'test.sqlite3'}")
    command.upgrade(config, "head")
    command.downgrade(config, "base")
    with engine.connect() as connection:
        assert set(inspect(connection).get_table_names()) <= {"alembic_version"}
    command.upgrade(config, "head")
    with engine.connect() as connection:
        tables = set(inspect(connection).get_table_names())
    engine.dispose()
    assert tables == {*Base.metadata.tables, "alembic_version"}


def test_models_match_the_migrated_database(migrated: Path) -> None:
    engine = create_engine(f"sqlite:///{migrated}")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, Base.metadata)
    engine.dispose()
    assert differences == []
