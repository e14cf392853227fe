"""Create all tables.

Revision: 7f50ff057d02, the first
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "7f50ff057d02"
down_revision = None
branch_labels = None
depends_on = None

ENUMS = (
    postgresql.ENUM("x", "y", name="class_type_code"),
    postgresql.ENUM(
        "class",
        "None",
        "True",
        "import",
        "name",
        "value",
        "mro",
        "__x__",
        "in progress",
        "a-b",
        "a b",
        "a_b",
        "A B",
        "",
        "1st",
        "über",
        "it's",
        name="class_type_256c09c4",
    ),
)


def upgrade() -> None:
    """Create each table after those that it refers to."""
    if op.get_context().dialect.name == "postgresql":
        for enum in ENUMS:
            op.execute(postgresql.CreateEnumType(enum))
    op.create_table(
        "class",
        sa.Column("import", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column(
            "class",
            sa.String(100),
            server_default='it\'s "quoted" \\ {braces} {{twice}} %s %% ${x}',
            nullable=False,
        ),
        sa.Column("def", sa.Text(), server_default='"""', nullable=True),
        sa.Column("None", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("lambda", sa.Float(), server_default=sa.text("-0.5"), nullable=True),
        sa.Column("from", sa.Date(), server_default="2000-02-29", nullable=True),
        sa.Column(
            "async",
            sa.DateTime(timezone=True),
            server_default="2026-01-31 12:30:00+00:00",
            nullable=True,
        ),
        sa.Column(
            "metadata",
            sa.JSON(none_as_null=True),
            server_default='{"a": [1, null, {"b": "\'"}], "class": "None"}',
            nullable=True,
        ),
        sa.Column("registry", sa.String(40), nullable=True),
        sa.Column("model_config", sa.String(40), server_default="None", nullable=True),
        sa.Column(
            "model_fields", sa.Integer(), server_default=sa.text("-2147483648"), nullable=True
        ),
        sa.Column("query", sa.String(40), server_default="datetime.now()", nullable=True),
        sa.Column("self", sa.String(40), server_default=sa.text("''"), nullable=True),
        sa.Column("_private", sa.SmallInteger(), server_default=sa.text("32767"), nullable=True),
        sa.Column("__dunder__", sa.String(40), nullable=True),
        sa.Column("UpperCase", sa.String(40), nullable=True),
        sa.Column(
            "int", sa.BigInteger(), server_default=sa.text("9007199254740993"), nullable=True
        ),
        sa.Column("str", sa.String(40), nullable=True),
        sa.Column("list", sa.String(40), nullable=True),
        sa.Column(
            "type",
            sa.Enum(
                "class",
                "None",
                "True",
                "import",
                "name",
                "value",
                "mro",
                "__x__",
                "in progress",
                "a-b",
                "a b",
                "a_b",
                "A B",
                "",
                "1st",
                "über",
                "it's",
                name="class_type_256c09c4",
                create_type=False,
            ),
            server_default="in progress",
            nullable=False,
        ),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False
        ),
        sa.Column(
            "updated_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False
        ),
        sa.Column("is_deleted", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("import", name=op.f("pk_class")),
        sa.UniqueConstraint("class", "int", name=op.f("uq_class_class_int")),
        sa.CheckConstraint(
            sa.or_(sa.column("lambda") < 1000000, sa.column("from").is_not(None)),
            name=op.f("ck_class_lambda_from"),
        ),
        sa.CheckConstraint(
            sa.or_(sa.column("type") != "it's", sa.column("int").in_([1, 2, 3])),
            name=op.f("ck_class_type_int"),
        ),
        comment='A table called like a keyword; """ ends no docstring here.',
    )
    op.create_index(op.f("ix_class_str"), "class", ["str"])
    op.create_index(op.f("ix_class_from_async"), "class", ["from", "async"])
    op.create_table(
        "order",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user", sa.Integer(), nullable=False),
        sa.Column("table", sa.Uuid(), nullable=True, comment="A table in a column."),
        sa.Column(
            "select",
            sa.Numeric(20, 6),
            server_default=sa.text("12345678901234.123456"),
            nullable=True,
        ),
        sa.Column("where", sa.Time(), server_default="23:59:59", nullable=True),
        sa.Column("limit", sa.Interval(), server_default="93784.000000 seconds", nullable=True),
        sa.Column("offset", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("sort", sa.String(20), server_default="asc", nullable=True),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("items", sa.Integer(), nullable=True),
        sa.Column("desc", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "updated_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order")),
        sa.ForeignKeyConstraint(
            ["user"], ["class.import"], name=op.f("fk_order_user_class"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["table"], ["order.id"], name=op.f("fk_order_table_order"), ondelete="SET NULL"
        ),
        comment="Select * from where; -- a comment; /* another */",
    )
    op.create_table(
        "group",
        sa.Column("order", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(20), nullable=False),
        sa.Column("values", sa.JSON(none_as_null=True), server_default="[]", nullable=True),
        sa.PrimaryKeyConstraint("order", "key", name=op.f("pk_group")),
        sa.ForeignKeyConstraint(
            ["order"], ["order.id"], name=op.f("fk_group_order_order"), ondelete="CASCADE"
        ),
        comment="Its class and file are called like words of SQL.",
    )
    op.create_table(
        "session",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("request", sa.String(40), nullable=True),
        sa.Column("response", sa.String(40), nullable=True),
        sa.Column("db", sa.String(40), nullable=True),
        sa.Column("session", sa.String(40), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session")),
        comment="A class that SQLAlchemy has as well.",
    )
    op.create_table(
        "base",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_base")),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["session.id"],
            name=op.f("fk_base_request_id_session"),
            ondelete="SET NULL",
        ),
        comment="A class that every generated project has as well.",
    )
    op.create_table(
        "class_type",
        sa.Column(
            "code", sa.Enum("x", "y", name="class_type_code", create_type=False), nullable=False
        ),
        sa.Column("label", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_class_type")),
        comment="Its class would like to be called as the Enum of `class.type`.",
    )
    op.create_table(
        "typed",
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("x", "y", name="class_type_code", create_type=False),
            server_default="x",
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_typed")),
        sa.ForeignKeyConstraint(["order_id"], ["order.id"], name=op.f("fk_typed_order_id_order")),
        sa.ForeignKeyConstraint(
            ["kind"], ["class_type.code"], name=op.f("fk_typed_kind_class_type")
        ),
        comment="A foreign key to an Enum, and one to a UUID that is a key itself.",
    )
    op.create_table(
        "only_key",
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_only_key")),
        comment="Nothing but a key, and that one is made.",
    )
    op.create_table(
        "class_group",
        sa.Column("class_import", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("group_order", sa.Uuid(), nullable=False),
        sa.Column("group_key", sa.String(20), nullable=False),
        sa.PrimaryKeyConstraint(
            "class_import", "group_order", "group_key", name=op.f("pk_class_group")
        ),
        sa.ForeignKeyConstraint(
            ["class_import"],
            ["class.import"],
            name=op.f("fk_class_group_class_import_class"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["group_order", "group_key"],
            ["group.order", "group.key"],
            name=op.f("fk_class_group_group_order_group_key_group"),
            ondelete="CASCADE",
        ),
    )
    op.create_index(
        op.f("ix_class_group_group_order_group_key"), "class_group", ["group_order", "group_key"]
    )


def downgrade() -> None:
    """Drop all tables, and the data in them."""
    op.drop_table("class_group")
    op.drop_table("only_key")
    op.drop_table("typed")
    op.drop_table("class_type")
    op.drop_table("base")
    op.drop_table("session")
    op.drop_table("group")
    op.drop_table("order")
    op.drop_table("class")
    if op.get_context().dialect.name == "postgresql":
        for enum in ENUMS:
            op.execute(postgresql.DropEnumType(enum))
