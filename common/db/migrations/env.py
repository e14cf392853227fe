"""Runs the migrations on the connection that `common.db.migrate` hands over, and only there."""

from __future__ import annotations

from alembic import context

from common.db.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
