"""Create all tables.

Revision: 92d307379d0e, the first
"""

import sqlalchemy as sa
from alembic import op

revision = "92d307379d0e"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create each table after those that it refers to."""
    op.create_table(
        "skills",
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("broader_name", sa.String(60), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_skills")),
        sa.ForeignKeyConstraint(
            ["broader_name"],
            ["skills.name"],
            name=op.f("fk_skills_broader_name_skills"),
            ondelete="CASCADE",
        ),
        comment="Something that people can do.",
    )
    op.create_table(
        "units",
        sa.Column(
            "code", sa.String(20), nullable=False, comment="A short word such as `SALES-EU`."
        ),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("parent_code", sa.String(20), nullable=True),
        sa.Column(
            "head_id",
            sa.Uuid(),
            nullable=True,
            comment="Who leads it; a person, who belongs to a unit in turn.",
        ),
        sa.Column("cost_centre", sa.String(12), nullable=True),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False
        ),
        sa.Column(
            "updated_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_units")),
        sa.ForeignKeyConstraint(
            ["parent_code"],
            ["units.code"],
            name=op.f("fk_units_parent_code_units"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["head_id"],
            ["people.id"],
            name=op.f("fk_units_head_id_people"),
            ondelete="SET NULL",
            use_alter=True,
        ),
        sa.UniqueConstraint("cost_centre", name=op.f("uq_units_cost_centre")),
        comment="A division, department or team. The topmost has no parent.",
    )
    op.create_index(op.f("ix_units_parent_code"), "units", ["parent_code"])
    op.create_table(
        "people",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("unit_code", sa.String(20), nullable=False),
        sa.Column("manager_id", sa.Uuid(), nullable=True),
        sa.Column("joined_on", sa.Date(), nullable=False),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False
        ),
        sa.Column(
            "updated_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False
        ),
        sa.Column("is_deleted", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
        sa.ForeignKeyConstraint(
            ["unit_code"],
            ["units.code"],
            name=op.f("fk_people_unit_code_units"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["manager_id"],
            ["people.id"],
            name=op.f("fk_people_manager_id_people"),
            ondelete="SET NULL",
        ),
        sa.UniqueConstraint("email", name=op.f("uq_people_email")),
        sa.CheckConstraint(
            sa.or_(sa.column("left_on").is_(None), sa.column("left_on") >= sa.column("joined_on")),
            name=op.f("ck_people_left_on_joined_on"),
        ),
        comment="Someone who works here.",
    )
    op.create_index(op.f("ix_people_name"), "people", ["name"])
    op.create_index(op.f("ix_people_unit_code"), "people", ["unit_code"])
    op.create_index(op.f("ix_people_manager_id"), "people", ["manager_id"])
    op.create_table(
        "badges",
        sa.Column("serial", sa.String(16), nullable=False),
        sa.Column("holder_id", sa.Uuid(), nullable=True),
        sa.Column("blocked", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("serial", name=op.f("pk_badges")),
        sa.ForeignKeyConstraint(
            ["holder_id"],
            ["people.id"],
            name=op.f("fk_badges_holder_id_people"),
            ondelete="SET NULL",
        ),
        sa.UniqueConstraint("holder_id", name=op.f("uq_badges_holder_id")),
        comment="The card that opens doors. One for each person.",
    )
    op.create_table(
        "projects",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("owner_code", sa.String(20), nullable=False),
        sa.Column(
            "follows_id",
            sa.Integer(),
            nullable=True,
            comment="The project that this one goes on from.",
        ),
        sa.Column("budget", sa.Numeric(14, 2), nullable=True),
        sa.Column("is_deleted", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_projects")),
        sa.ForeignKeyConstraint(
            ["owner_code"],
            ["units.code"],
            name=op.f("fk_projects_owner_code_units"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["follows_id"],
            ["projects.id"],
            name=op.f("fk_projects_follows_id_projects"),
            ondelete="SET NULL",
        ),
        sa.UniqueConstraint("follows_id", name=op.f("uq_projects_follows_id")),
        comment="Work with a beginning and an end.",
    )
    op.create_index(op.f("ix_projects_owner_code"), "projects", ["owner_code"])
    op.create_table(
        "assignments",
        sa.Column("project_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(60), server_default="member", nullable=False),
        sa.Column(
            "share",
            sa.Float(),
            server_default=sa.text("1.0"),
            nullable=False,
            comment="1 is full time.",
        ),
        sa.PrimaryKeyConstraint("project_id", "person_id", name=op.f("pk_assignments")),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["projects.id"],
            name=op.f("fk_assignments_project_id_projects"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["people.id"],
            name=op.f("fk_assignments_person_id_people"),
            ondelete="CASCADE",
        ),
        sa.CheckConstraint(
            sa.and_(sa.column("share") > 0, sa.column("share") <= 1),
            name=op.f("ck_assignments_share"),
        ),
        comment="How much of someone's time a project has.",
    )
    op.create_index(op.f("ix_assignments_person_id"), "assignments", ["person_id"])
    op.create_table(
        "people_mentees",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("mentee_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "mentee_id", name=op.f("pk_people_mentees")),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["people.id"],
            name=op.f("fk_people_mentees_person_id_people"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["mentee_id"],
            ["people.id"],
            name=op.f("fk_people_mentees_mentee_id_people"),
            ondelete="CASCADE",
        ),
    )
    op.create_index(op.f("ix_people_mentees_mentee_id"), "people_mentees", ["mentee_id"])
    op.create_table(
        "people_skills",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("skill_name", sa.String(60), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "skill_name", name=op.f("pk_people_skills")),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["people.id"],
            name=op.f("fk_people_skills_person_id_people"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["skill_name"],
            ["skills.name"],
            name=op.f("fk_people_skills_skill_name_skills"),
            ondelete="CASCADE",
        ),
    )
    op.create_index(op.f("ix_people_skills_skill_name"), "people_skills", ["skill_name"])
    if op.get_context().dialect.supports_alter:
        # SQLite, which can't add keys, has them already: it lets tables refer to later ones
        op.create_foreign_key(
            op.f("fk_units_head_id_people"),
            "units",
            "people",
            ["head_id"],
            ["id"],
            ondelete="SET NULL",
        )


def downgrade() -> None:
    """Drop all tables, and the data in them."""
    if op.get_context().dialect.supports_alter:
        op.drop_constraint(op.f("fk_units_head_id_people"), "units", type_="foreignkey")
    op.drop_table("people_skills")
    op.drop_table("people_mentees")
    op.drop_table("assignments")
    op.drop_table("projects")
    op.drop_table("badges")
    op.drop_table("people")
    op.drop_table("units")
    op.drop_table("skills")
