"""Keys that end and are replaced, tokens that are taken back, and counts of events."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from common.db.tables import Moment

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_RATES = ("rate_limit_authenticated", "rate_limit_generation", "rate_limit_validation")


def upgrade() -> None:
    """Apply it."""
    for name in _RATES:
        op.add_column("callers", sa.Column(name, sa.Text(), nullable=True))
    op.add_column("callers", sa.Column("tokens_valid_from", Moment, nullable=True))
    op.add_column("api_keys", sa.Column("expires_at", Moment, nullable=True))
    op.add_column("api_keys", sa.Column("replaced_by", sa.Text(), nullable=True))
    # Nobody could revoke a key before: what was ended is an earlier value of API_KEY.
    op.execute(
        "UPDATE api_keys SET replaced_by ="
        " (SELECT min(later.id) FROM api_keys AS later"
        " WHERE later.origin = 'settings' AND later.id > api_keys.id)"
        " WHERE origin = 'settings' AND revoked_at IS NOT NULL"
    )
    op.create_table(
        "revoked_tokens",
        sa.Column("jti", sa.Text(), nullable=False),
        sa.Column("expires_at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("jti", name=op.f("pk_revoked_tokens")),
    )
    op.create_index("ix_revoked_tokens_expires_at", "revoked_tokens", ["expires_at"])
    op.create_table(
        "security_counters",
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("event", name=op.f("pk_security_counters")),
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_table("security_counters")
    op.drop_index("ix_revoked_tokens_expires_at", "revoked_tokens")
    op.drop_table("revoked_tokens")
    # What knows no ends must not take a key that has one for a good one.
    op.execute(
        "UPDATE api_keys SET revoked_at = expires_at"
        " WHERE revoked_at IS NULL AND expires_at IS NOT NULL"
    )
    # An earlier API_KEY may be set again; one that somebody revoked may not, also once this is
    # applied again, when all that ended and is of the settings is taken for an earlier one.
    op.execute(
        "UPDATE api_keys SET origin = 'made' WHERE origin = 'settings'"
        " AND revoked_at IS NOT NULL AND replaced_by IS NULL"
    )
    op.drop_column("api_keys", "replaced_by")
    op.drop_column("api_keys", "expires_at")
    op.drop_column("callers", "tokens_valid_from")
    for name in reversed(_RATES):
        op.drop_column("callers", name)
