from __future__ import annotations

import pytest

from common.document.resolved import ColumnType


def pair(make, *, target="users.id", own=None, theirs=(), **members):
    """users and posts, where posts.user_ref refers to users."""
    return make.document(
        make.table("users", *theirs),
        make.table("posts", make.key("user_ref", target, **(own or {}))),
        **members,
    )


@pytest.mark.parametrize(
    "target_column",
    [
        {"type": "String", "length": 40},
        {"type": "UUID"},
        {"type": "Numeric", "precision": 9, "scale": 3},
        {"type": "Enum", "values": ["a", "b"]},
        {"type": "DateTime"},
    ],
)
def test_a_foreign_key_takes_over_the_type_through_chains(make, resolve, target_column):
    document = resolve(
        make.document(
            make.table("third", make.key("c", "second.b")),
            make.table("second", make.key("b", "first.a", primary_key=True)),
            make.table("first", {"name": "a", "unique": True, **target_column}),
        )
    )
    for name, column in (("second", "b"), ("third", "c")):
        taken = document.table(name).column(column)
        assert taken.type is ColumnType(target_column["type"])
        assert taken.length == target_column.get("length")
        assert (taken.precision, taken.scale) == (
            target_column.get("precision"),
            target_column.get("scale"),
        )
        assert list(taken.values) == target_column.get("values", [])
        assert taken.enum_of == (("first", "a") if taken.values else None)
    assert document.build_order == ("first", "second", "third")


@pytest.mark.parametrize(
    ("target", "code"),
    [
        (None, "target_missing"),
        ("users", "invalid_target"),
        ("public.users.id", "invalid_target"),
        ("users.", "invalid_target"),
        ("people.id", "unknown_table"),
        ("Users.id", "unknown_table"),
        ("users.ID", "unknown_column"),
        ("users.id\n", "unknown_column"),
        ("users.name", "target_not_unique"),
        ("posts.user_ref", "self_target"),
    ],
)
def test_wrong_targets_are_faults_at_the_target(make, faults, target, code):
    raw = pair(make, target=target, theirs=[make.column("name", "String")])
    assert faults(raw) == {("/schema/1/columns/1/target", code)}


def test_a_key_without_a_target_is_a_fault_of_the_column(make, faults):
    raw = make.document(make.table("t", {"name": "a", "type": "ForeignKey"}))
    assert faults(raw) == {("/schema/0/columns/1", "target_missing")}


def test_a_part_of_a_composite_key_is_no_target(make, faults):
    raw = make.document(
        make.table("a", *(make.column(name, primary_key=True) for name in "xy")),
        make.table("b", make.key("x", "a.x")),
    )
    assert faults(raw) == {("/schema/1/columns/1/target", "target_not_unique")}


@pytest.mark.parametrize("declared", [{"unique": True}, {}])
def test_a_unique_column_is_a_target_however_it_says_so(make, resolve, declared):
    users = make.table("users", make.column("email", "String", **declared))
    if not declared:
        users["unique"] = [["email"]]
    document = resolve(make.document(users, make.table("p", make.key("e", "users.email"))))
    (key,) = document.table("p").foreign_keys
    assert (key.columns, key.target_table, key.target_columns) == (("e",), "users", ("email",))


def test_columns_that_only_refer_to_each_other_are_faults_each(make, faults):
    raw = make.document(
        make.table("a", make.key("id", "b.id", primary_key=True)),
        make.table("b", make.key("id", "c.id", primary_key=True)),
        make.table("c", make.key("id", "a.id", primary_key=True)),
        make.table("d", make.key("a_id", "a.id")),
    )
    assert faults(raw) == {
        (f"/schema/{index}/columns/0/target", "foreign_key_cycle") for index in range(3)
    }


def test_primary_keys_of_several_columns_that_only_refer_to_each_other_are_faults(make, faults):
    def table(name, target):
        columns = [make.column(part, primary_key=True) for part in ("x", "y")]
        key = {"columns": ["x", "y"], "target_table": target, "target_columns": ["x", "y"]}
        return make.table(name, *columns, foreign_keys=[key])

    assert faults(make.document(table("a", "b"), table("b", "a"))) == {
        (f"/schema/{index}/foreign_keys/0", "foreign_key_cycle") for index in range(2)
    }


def test_a_default_of_a_foreign_key_is_of_the_targets_type(make, faults):
    uuid = make.column("uid", "UUID", unique=True)
    raw = pair(make, target="users.uid", theirs=[uuid], own={"default": 1})
    assert faults(raw) == {("/schema/1/columns/1/default", "invalid_default")}


@pytest.mark.parametrize("fixed", [{"nullable": False}, {"primary_key": True}])
def test_what_cannot_be_null_is_not_set_to_null(make, faults, fixed):
    raw = pair(make, own={"on_delete": "SET NULL", **fixed})
    index = 0 if "primary_key" in fixed else 1
    assert faults(raw) == {(f"/schema/1/columns/{index}/on_delete", "set_null_not_nullable")}


def test_set_default_wants_a_default(make, warnings, faults):
    place = "/schema/1/columns/1/on_delete"
    raw = pair(make, own={"on_delete": "SET DEFAULT"})
    assert warnings(raw) == {(place, "set_default_without_default")}
    assert warnings(pair(make, own={"on_delete": "SET DEFAULT", "default": 1})) == set()
    assert faults({**raw, "db_type": "mysql"}) == {(place, "not_supported")}


def test_sql_server_does_without_restrict(make, read):
    reading = read(pair(make, own={"on_delete": "RESTRICT"}, db_type="mssql"))
    assert [one.code for one in reading.warnings] == ["on_delete_replaced"]
    assert reading.resolved.table("posts").foreign_keys[0].on_delete == "NO ACTION"


class TestComposite:
    def raw(self, make, **members):
        key = {"columns": ["x", "y"], "target_table": "a", "target_columns": ["p", "q"], **members}
        return make.document(
            make.table(
                "a",
                make.column("p", primary_key=True),
                make.column("q", "String", primary_key=True),
                make.column("r"),
            ),
            make.table("b", make.column("x"), make.column("y", "String"), foreign_keys=[key]),
        )

    def test_it_is_a_key_like_any_other(self, make, resolve):
        document = resolve(self.raw(make, on_delete="CASCADE"))
        (key,) = document.table("b").foreign_keys
        assert (key.columns, key.target_columns, key.on_delete) == (
            ("x", "y"),
            ("p", "q"),
            "CASCADE",
        )
        assert document.build_order == ("a", "b")

    def test_the_order_of_its_columns_is_free(self, make, resolve):
        raw = self.raw(make, columns=["y", "x"], target_columns=["q", "p"])
        assert resolve(raw).table("b").foreign_keys[0].target_columns == ("q", "p")

    @pytest.mark.parametrize(
        ("members", "below", "code"),
        [
            ({"columns": ["x", "z"]}, "/columns/1", "unknown_column"),
            ({"target_table": "c"}, "/target_table", "unknown_table"),
            ({"target_columns": ["p", "z"]}, "/target_columns/1", "unknown_column"),
            ({"target_columns": ["p"]}, "/target_columns", "wrong_length"),
            ({"target_columns": ["p", "p"]}, "/target_columns", "duplicate_column"),
            (
                {"columns": ["x"], "target_columns": ["r"]},
                "/target_columns",
                "target_not_unique",
            ),
            ({"on_delete": "SET NULL", "columns": ["x", "y"]}, None, None),
        ],
    )
    def test_its_faults(self, make, faults, members, below, code):
        expected = {(f"/schema/1/foreign_keys/0{below}", code)} if code else set()
        assert faults(self.raw(make, **members)) == expected

    def test_its_columns_are_of_the_same_types(self, make, faults):
        raw = self.raw(make, columns=["y", "x"])
        assert faults(raw) == {
            ("/schema/1/foreign_keys/0/columns/0", "type_mismatch"),
            ("/schema/1/foreign_keys/0/columns/1", "type_mismatch"),
        }

    def test_the_same_key_twice_is_a_fault(self, make, faults):
        raw = self.raw(make)
        again = {"columns": ["y", "x"], "target_table": "a", "target_columns": ["q", "p"]}
        raw["schema"][1]["foreign_keys"].append(again)
        assert faults(raw) == {("/schema/1/foreign_keys/1", "duplicate_foreign_key")}
