from __future__ import annotations

import pytest

from common.document.resolved import ColumnOrigin, ColumnType

TIMESTAMPS = {"use_timestamps": True, "use_soft_delete": False}
SOFT_DELETE = {"use_timestamps": False, "use_soft_delete": True}

GOOD_DEFAULTS = [
    ("Integer", -(2**31)),
    ("Integer", 2**31 - 1),
    ("SmallInteger", -(2**15)),
    ("BigInteger", 2**63 - 1),
    ("String", ""),
    ("String", "datetime.now()"),
    ("Text", 'it\'s "q" \\ {{x}}'),
    ("Boolean", False),
    ("Numeric", 4.99),
    ("Numeric", "12345678901234567890.123456789"),
    ("Numeric", -7),
    ("Float", 0),
    ("Float", -1.5e300),
    ("DateTime", "2026-01-31T12:30:00"),
    ("DateTime", "2026-01-31 12:30"),
    ("DateTime", "2026-01-31T12:30:00.5+02:00"),
    ("DateTime", "2026-01-31T12:30:00Z"),
    ("Date", "2024-02-29"),
    ("Time", "23:59:59.999999"),
    ("Time", "08:00"),
    ("Interval", "P1DT2H3M4.5S"),
    ("Interval", "-PT20M"),
    ("JSON", {"a": [1, {"b": None}]}),
    ("JSON", None),
    ("UUID", "3f2b7d3c-3f63-4a8e-9a53-7f5a4a3a2b1c"),
    ("LargeBinary", "AAEC"),
    ("LargeBinary", ""),
    ("String", None),
]
BAD_DEFAULTS = [
    ("Integer", 2**31),
    ("Integer", 1.0),
    ("Integer", True),
    ("Integer", "1"),
    ("Integer", [1]),
    ("SmallInteger", 2**15),
    ("BigInteger", 2**63),
    ("String", 1),
    ("String", "x" * 11),
    ("Text", {}),
    ("Boolean", "maybe"),
    ("Boolean", 0),
    ("Numeric", "many"),
    ("Numeric", True),
    ("Numeric", "NaN"),
    ("Numeric", "1e5"),
    ("Numeric", "1\n"),
    ("Float", "1.5"),
    ("Float", 10**400),
    ("DateTime", "now"),
    ("DateTime", "2026-02-30T00:00:00"),
    ("DateTime", "2026-01-31"),
    ("DateTime", 1769860000),
    ("DateTime", "0001-01-01T00:00:00+10:00"),
    ("Date", "2023-02-29"),
    ("Date", "31.12.2026"),
    ("Date", "20260131"),
    ("Time", "24:00:00"),
    ("Time", "noon"),
    ("Interval", "P"),
    ("Interval", "PT"),
    ("Interval", 60),
    ("Interval", "P999999D"),
    ("UUID", "not-a-uuid"),
    ("UUID", "3f2b7d3c3f634a8e9a537f5a4a3a2b1c"),
    ("LargeBinary", "?"),
    ("LargeBinary", "AAE"),
]


def column_of(make, kind, default):
    sizes = {"length": 10} if kind == "String" and default == "x" * 11 else {}
    return make.document(make.table("t", make.column("c", kind, default=default, **sizes)))


@pytest.mark.parametrize(("kind", "default"), GOOD_DEFAULTS)
def test_defaults_of_the_right_type_are_kept_as_they_were_sent(make, resolve, kind, default):
    column = resolve(column_of(make, kind, default)).tables[0].column("c")
    assert column.has_default
    assert (column.default, type(column.default)) == (default, type(default))


@pytest.mark.parametrize(("kind", "default"), BAD_DEFAULTS)
def test_defaults_of_another_type_are_faults(make, faults, kind, default):
    assert faults(column_of(make, kind, default)) == {
        ("/schema/0/columns/1/default", "invalid_default")
    }


@pytest.mark.parametrize(
    ("default", "good"),
    [(99.99, True), (-99.99, True), ("0.10", True), (0, True), (100, False), (0.001, False)],
)
def test_a_numeric_default_fits_into_its_digits(make, faults, default, good):
    numeric = make.column("c", "Numeric", precision=4, scale=2, default=default)
    assert (faults(make.document(make.table("t", numeric))) == set()) is good


def test_null_is_no_default_of_what_must_not_be_null(make, faults):
    raw = make.document(make.table("t", make.column("c", nullable=False, default=None)))
    assert faults(raw) == {("/schema/0/columns/1/default", "invalid_default")}


def test_an_enum_default_is_one_of_its_values(make, faults):
    enum = make.column("c", "Enum", values=["", "None"], default="")
    assert faults(make.document(make.table("t", enum))) == set()
    enum["default"] = "none"
    assert faults(make.document(make.table("t", enum))) == {
        ("/schema/0/columns/1/default", "invalid_default")
    }


@pytest.mark.parametrize(
    ("kind", "members", "at"),
    [
        ("Integer", {"length": 5}, "length"),
        ("Text", {"length": 5}, "length"),
        ("Float", {"precision": 5}, "precision"),
        ("String", {"values": ["a"]}, "values"),
        ("Integer", {"target": "t.id"}, "target"),
        ("Integer", {"on_delete": "CASCADE"}, "on_delete"),
        ("Numeric", {"scale": 2}, "scale"),
        ("Integer", {"autoincrement": True}, "autoincrement"),
        ("String", {"autoincrement": True, "primary_key": True}, "autoincrement"),
    ],
)
def test_members_of_other_types_are_faults(make, faults, kind, members, at):
    raw = make.document(make.table("t", make.column("c", kind, **members)))
    position = 0 if members.get("primary_key") else 1
    assert faults(raw) == {(f"/schema/0/columns/{position}/{at}", "not_applicable")}


def test_what_counts_up_has_no_default_and_only_one_column_does(make, faults):
    one = make.column("a", primary_key=True, autoincrement=True, default=1)
    assert faults(make.document(make.table("t", one))) == {
        ("/schema/0/columns/0/default", "not_applicable")
    }
    both = [make.column(name, primary_key=True, autoincrement=True) for name in "ab"]
    assert faults(make.document(make.table("t", *both))) == {
        ("/schema/0/columns/1/autoincrement", "not_applicable")
    }


def test_a_part_of_a_composite_key_counts_up_where_the_database_can(make, faults):
    columns = (
        make.column("a", primary_key=True, autoincrement=True),
        make.column("b", primary_key=True),
    )
    assert faults(make.document(make.table("t", *columns))) == set()
    assert faults(make.document(make.table("t", *columns), db_type="sqlite")) == {
        ("/schema/0/columns/0/autoincrement", "not_applicable")
    }


def test_silences_are_filled(make, resolve):
    column = resolve(make.document(make.table("t", make.column("c")))).tables[0].column("c")
    assert (column.nullable, column.has_default, column.default) == (True, False, None)
    assert not any(
        (column.primary_key, column.autoincrement, column.unique, column.index, column.values)
    )


def test_a_primary_key_is_never_nullable_whatever_is_said(make, resolve):
    key = make.column("code", "String", primary_key=True, nullable=True)
    assert not resolve(make.document(make.table("t", key))).tables[0].column("code").nullable


@pytest.mark.parametrize(
    "name",
    ["class", "None", "lambda", "metadata", "registry", "model_config", "_x", "__x__", "Id2"],
)
def test_keywords_and_reserved_words_are_names_of_columns(make, resolve, name):
    table = resolve(make.document(make.table("t", make.column(name)))).tables[0]
    assert table.column(name).name == name


def test_a_table_without_a_key_is_a_fault_or_gets_one(make, faults, resolve, warnings):
    bare = {"table_name": "t", "class_name": "T", "columns": [{"name": "a", "type": "Text"}]}
    assert faults(make.document(bare)) == {("/schema/0/columns", "primary_key_missing")}
    wanted = make.document(bare, options={"add_missing_primary_keys": True})
    (key,) = resolve(wanted).tables[0].primary_key
    assert (key.name, key.type, key.autoincrement, key.origin) == (
        "id",
        ColumnType.BIG_INTEGER,
        True,
        ColumnOrigin.ADDED_PRIMARY_KEY,
    )
    assert warnings(wanted) == {("/schema/0/columns", "primary_key_added")}


@pytest.mark.parametrize(
    ("taken", "added"),
    [(["ID"], "row_id"), (["id", "Row_Id"], "id_2"), (["id", "row_id", "id_2"], "id_3")],
)
def test_an_added_key_takes_a_free_name(make, resolve, taken, added):
    bare = {
        "table_name": "t",
        "class_name": "T",
        "columns": [{"name": name, "type": "Text"} for name in taken],
    }
    raw = make.document(bare, options={"add_missing_primary_keys": True})
    assert [key.name for key in resolve(raw).tables[0].primary_key] == [added]


def test_an_added_key_can_be_referred_to(make, resolve):
    bare = {"table_name": "t", "class_name": "T", "columns": [{"name": "a", "type": "Text"}]}
    raw = make.document(
        bare, make.table("u", make.key("t_id", "t.id")), options={"add_missing_primary_keys": True}
    )
    assert resolve(raw).table("u").column("t_id").type is ColumnType.BIG_INTEGER


def test_options_add_columns_behind_the_declared_ones(make, resolve):
    both = {"use_timestamps": True, "use_soft_delete": True}
    table = resolve(make.document(make.table("t", make.column("a"), options=both))).tables[0]
    assert [(one.name, one.type, one.nullable, one.origin) for one in table.columns[2:]] == [
        ("created_at", ColumnType.DATETIME, False, ColumnOrigin.TIMESTAMPS),
        ("updated_at", ColumnType.DATETIME, False, ColumnOrigin.TIMESTAMPS),
        ("is_deleted", ColumnType.BOOLEAN, False, ColumnOrigin.SOFT_DELETE),
        ("deleted_at", ColumnType.DATETIME, True, ColumnOrigin.SOFT_DELETE),
    ]
    assert {one.pointer for one in table.columns[2:]} == {"/schema/0/options"}


def test_declared_columns_win_over_those_of_the_options(make, resolve):
    declared = make.column("created_at", "DateTime", index=True)
    table = resolve(make.document(make.table("t", declared, options=TIMESTAMPS))).tables[0]
    assert [one.name for one in table.columns] == ["id", "created_at", "updated_at"]
    assert table.column("created_at").origin is ColumnOrigin.DECLARED
    assert table.column("created_at").index


@pytest.mark.parametrize(
    ("name", "kind", "options"),
    [
        ("created_at", "String", TIMESTAMPS),
        ("updated_at", "Date", TIMESTAMPS),
        ("is_deleted", "Integer", SOFT_DELETE),
        ("deleted_at", "Boolean", SOFT_DELETE),
        ("Created_At", "DateTime", TIMESTAMPS),
    ],
)
def test_declared_columns_of_another_type_are_faults_where_options_need_them(
    make, faults, name, kind, options
):
    declared = make.column(name, kind)
    assert faults(make.document(make.table("t", declared, options=options))) == {
        ("/schema/0/columns/1/name", "mixin_conflict")
    }
    other = SOFT_DELETE if options is TIMESTAMPS else TIMESTAMPS
    assert faults(make.document(make.table("t", declared, options=other))) == set()


def test_a_declared_moment_of_deletion_is_nullable(make, faults):
    declared = make.column("deleted_at", "DateTime", nullable=False)
    assert faults(make.document(make.table("t", declared, options=SOFT_DELETE))) == {
        ("/schema/0/columns/1/name", "mixin_conflict")
    }


@pytest.mark.parametrize("kind", ["Text", "LargeBinary", "JSON"])
@pytest.mark.parametrize("flag", ["unique", "index"])
@pytest.mark.parametrize("db_type", ["mysql", "mssql"])
def test_what_a_database_cannot_index_is_a_fault(make, faults, kind, flag, db_type):
    raw = make.document(make.table("t", make.column("c", kind, **{flag: True})), db_type=db_type)
    assert faults(raw) == {(f"/schema/0/columns/1/{flag}", "not_indexable")}


def test_json_can_be_indexed_but_is_no_key(make, faults):
    assert faults(make.document(make.table("t", make.column("c", "JSON", index=True)))) == set()
    raw = make.document(
        make.table("t", make.column("c", "JSON", unique=True), unique=[["id", "c"]])
    )
    assert faults(raw) == {
        ("/schema/0/columns/1/unique", "not_indexable"),
        ("/schema/0/unique/0/1", "not_indexable"),
    }


def test_mysql_gets_a_length_and_long_strings_become_texts(make, read):
    columns = (make.column("a", "String"), make.column("b", "String", length=70_000))
    reading = read(make.document(make.table("t", *columns), db_type="mysql"))
    assert reading.faults == ()
    assert {(one.pointer, one.code) for one in reading.warnings} == {
        ("/schema/0/columns/1", "length_assumed"),
        ("/schema/0/columns/2/length", "stored_as_text"),
    }
    assert reading.resolved.tables[0].column("a").length == 255


def test_mysql_sees_no_case_in_the_values_of_an_enum(make, faults):
    raw = make.document(make.table("t", make.column("c", "Enum", values=["a", "A"])))
    assert faults(raw) == set()
    assert faults({**raw, "db_type": "mysql"}) == {
        ("/schema/0/columns/1/values/1", "duplicate_value")
    }


@pytest.mark.parametrize(
    "values",
    [
        ("é", "e"),
        ("e\u0301", "e"),
        ("\uff21", "a"),
        ("\u0131", "i"),
        ("が", "か"),
        ("😀", "😁"),
        ("\U0001d400", "A"),
        ("", "\u200d"),
        ("ё", "\u0435"),
    ],
)
def test_mysql_overlooks_more_than_case_in_the_values_of_an_enum(make, faults, values):
    raw = make.document(make.table("t", make.column("c", "Enum", values=list(values))))
    assert faults(raw) == set()
    assert faults({**raw, "db_type": "mysql"}) == {
        ("/schema/0/columns/1/values/1", "duplicate_value")
    }


def test_what_mysql_tells_apart_may_be_values_of_an_enum(make, faults):
    words = [
        "\\",
        "\n",
        "\r",
        "😀",
        "?",
        "",
        "мой",
        "мои",
        "أ",
        "\u0627",
        "कि",
        "कु",
        "กุ",
        "ก",
        "a b",
        "ab",
    ]
    column = make.column("c", "Enum", values=words)
    assert faults(make.document(make.table("t", column), db_type="mysql")) == set()


def test_mysql_takes_blanks_from_the_end_of_the_values_of_an_enum(make, faults):
    raw = make.document(make.table("t", make.column("c", "Enum", values=["a ", " b", "c\t"])))
    assert faults(raw) == set()
    assert faults({**raw, "db_type": "mysql"}) == {
        ("/schema/0/columns/1/values/0", "trailing_blank")
    }


WITH_FRACTIONS = [
    ("Time", "08:30:00.5", "08:30:00"),
    ("Time", "23:59:59.9", "23:59:59"),
    ("DateTime", "2026-01-31T12:30:00.5", "2026-01-31T12:30:00"),
    ("DateTime", "2026-01-31T12:30:00.999999+02:00", "2026-01-31T12:30:00+02:00"),
    ("Interval", "PT0.5S", "PT0S"),
    ("Interval", "-PT1M1.5S", "-PT1M1S"),
]


@pytest.mark.parametrize(("kind", "default", "kept"), WITH_FRACTIONS)
def test_mysql_cuts_fractions_of_seconds_off_defaults(make, read, kind, default, kept):
    raw = make.document(make.table("t", make.column("c", kind, default=default)))
    reading = read(raw)
    assert reading.warnings == ()
    assert reading.resolved.tables[0].column("c").default == default
    reading = read({**raw, "db_type": "mysql"})
    assert reading.faults == ()
    assert [(one.pointer, one.code) for one in reading.warnings] == [
        ("/schema/0/columns/1/default", "fraction_cut")
    ]
    assert reading.resolved.tables[0].column("c").default == kept


def test_a_fraction_of_nothing_is_cut_without_a_word(make, read):
    column = make.column("c", "Time", default="08:30:00.000")
    reading = read(make.document(make.table("t", column), db_type="mysql"))
    assert reading.warnings == ()
    assert reading.resolved.tables[0].column("c").default == "08:30:00"


def test_a_description_that_mysql_has_no_characters_for_is_a_warning(make, read):
    column = make.column("c", description="a 😀")
    raw = make.document(make.table("t", column, description="😀"), description="😀")
    assert read(raw).warnings == ()
    assert {(one.pointer, one.code) for one in read({**raw, "db_type": "mysql"}).warnings} == {
        ("/schema/0/description", "comment_simplified"),
        ("/schema/0/columns/1/description", "comment_simplified"),
    }


def test_uniques_and_indexes_are_kept_and_repetitions_left_out(make, read):
    raw = make.document(
        make.table(
            "t",
            make.column("a", unique=True),
            make.column("b", index=True),
            make.column("c"),
            unique=[["b", "c"], ["c", "b"], ["a"], ["id"], ["c"]],
            indexes=[["b", "c"], ["c", "b"], ["b"], ["b", "c"]],
        )
    )
    reading = read(raw)
    table = reading.resolved.tables[0]
    assert [one.columns for one in table.uniques] == [("b", "c"), ("c",)]
    assert [one.columns for one in table.indexes] == [("b", "c"), ("c", "b")]
    assert {one.pointer for one in reading.warnings if one.code == "redundant"} == {
        "/schema/0/unique/1",
        "/schema/0/unique/2",
        "/schema/0/unique/3",
        "/schema/0/indexes/2",
        "/schema/0/indexes/3",
    }


def test_indexes_may_name_columns_that_options_add(make, resolve):
    raw = make.document(make.table("t", options=TIMESTAMPS, indexes=[["created_at", "id"]]))
    assert resolve(raw).tables[0].indexes[0].columns == ("created_at", "id")


def test_a_column_is_listed_once(make, faults):
    raw = make.document(make.table("t", unique=[["id", "id"]], indexes=[["id", "id"]]))
    assert faults(raw) == {
        ("/schema/0/unique/0", "duplicate_column"),
        ("/schema/0/indexes/0", "duplicate_column"),
    }


def test_a_key_of_mysql_has_at_most_768_characters(make, faults):
    words = [make.column(name, "String", length=400) for name in "ab"]
    raw = make.document(make.table("t", *words, unique=[["a", "b"]]))
    assert faults(raw) == set()
    assert faults({**raw, "db_type": "mysql"}) == {("/schema/0/unique/0", "not_indexable")}
    long = make.document(
        make.table("t", make.column("a", "String", length=769, index=True)), db_type="mysql"
    )
    assert faults(long) == {("/schema/0/columns/1/index", "not_indexable")}


def test_an_index_has_at_most_32_columns_on_postgresql(make, faults):
    def wide(count):
        columns = [make.column(f"c{index}", primary_key=True) for index in range(count)]
        return make.document(make.table("t", *columns))

    assert faults(wide(32)) == set()
    assert faults(wide(33)) == {("/schema/0/columns", "not_indexable")}
    assert faults({**wide(33), "db_type": "sqlite"}) == set()


@pytest.mark.parametrize("value", ["", ".", ".."])
def test_values_of_a_key_can_stand_in_a_path(make, faults, value):
    enum = make.column("c", "Enum", values=["a", value])
    other = make.column("d", "Enum", values=["...", "a/b", "a\n", "\u65e5"], primary_key=True)
    assert faults(make.document(make.table("t", enum))) == set()
    key = make.table("t", enum | {"primary_key": True}, other)
    assert faults(make.document(key)) == {("/schema/0/columns/0/values/1", "not_in_path")}
    unique = make.table("u", enum | {"unique": True, "nullable": False})
    referring = make.table("v", make.key("c", "u.c", primary_key=True))
    assert faults(make.document(referring, unique)) == {
        ("/schema/1/columns/1/values/1", "not_in_path")
    }


@pytest.mark.parametrize(
    "name",
    [
        *("password", "passwd", "pwd", "user_password", "passwordHash", "password_hint"),
        "PASSWORD",
        *("secret", "client_secret", "secret_key", "token", "accessToken", "reset_token", "salt"),
        *("api_key", "apiKey", "APIKey", "apikey", "private_key_pem", "pin_hash", "hash"),
    ],
)
@pytest.mark.parametrize("kind", ["String", "Text", "LargeBinary"])
def test_a_column_that_seems_secret_is_a_warning(make, warnings, name, kind):
    raw = make.document(make.table("t", make.column(name, kind)))
    assert warnings(raw) == {("/schema/0/columns/1", "secret_column")}


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        *[(name, "String") for name in ("name", "keyboard", "tokens_used", "hashtag", "passage")],
        *[(name, "String") for name in ("key", "secretary", "primary_key", "_", "token_type")],
        *[("token", "Integer"), ("password", "Boolean"), ("secret", "UUID")],
        *[("password_changed", "DateTime"), ("secret", "JSON")],
    ],
)
def test_other_columns_seem_no_secret(make, warnings, name, kind):
    assert warnings(make.document(make.table("t", make.column(name, kind)))) == set()


def test_a_reference_seems_no_secret(make, warnings):
    target = make.table("t", make.column("code", "String", unique=True))
    referring = make.table("u", make.key("token", "t.code"))
    assert warnings(make.document(target, referring)) == set()
