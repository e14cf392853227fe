"""Create all tables.

Revision: 314a86d621cc, the first
"""

import sqlalchemy as sa
from alembic import op

revision = "314a86d621cc"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create each table after those that it refers to."""
    op.create_table(
        "teams",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("captain_id", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_teams")),
        sa.ForeignKeyConstraint(
            ["captain_id"],
            ["players.id"],
            name=op.f("fk_teams_captain_id_players"),
            ondelete="SET NULL",
            use_alter=True,
        ),
        sa.UniqueConstraint("name", name=op.f("uq_teams_name")),
    )
    op.create_table(
        "players",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_players")),
        sa.ForeignKeyConstraint(
            ["team_id"], ["teams.id"], name=op.f("fk_players_team_id_teams"), ondelete="CASCADE"
        ),
    )
    if op.get_context().dialect.supports_alter:
        # SQLite, which can't add keys, has them already: it lets tables refer to later ones
        op.create_foreign_key(
            op.f("fk_teams_captain_id_players"),
            "teams",
            "players",
            ["captain_id"],
            ["id"],
            ondelete="SET NULL",
        )


def downgrade() -> None:
    """Drop all tables, and the data in them."""
    if op.get_context().dialect.supports_alter:
        op.drop_constraint(op.f("fk_teams_captain_id_players"), "teams", type_="foreignkey")
    op.drop_table("players")
    op.drop_table("teams")
