from __future__ import annotations

import copy
import json

import pytest


@pytest.fixture
def sound(make):
    """A document that has some of everything."""
    return make.document(
        make.table(
            "users",
            make.column("email", "String", length=100, nullable=False, unique=True),
            make.column("kind", "Enum", values=["a", "b"], default="a"),
            make.column("balance", "Numeric", precision=10, scale=2),
            relationships=[make.relationship("posts", "one_to_many", foreign_key="author_id")],
            options={"use_timestamps": True, "use_soft_delete": True},
        ),
        make.table(
            "posts",
            make.key("author_id", "users.id", on_delete="CASCADE"),
            make.column("first", "Integer"),
            make.column("second", "Integer"),
            foreign_keys=[
                {"columns": ["first"], "target_table": "users", "target_columns": ["id"]}
            ],
            unique=[["first", "second"]],
            indexes=[["second"]],
            checks=["first < second"],
        ),
        description="Some of everything.",
        options={"add_missing_primary_keys": False},
        run={"verify": "fast", "require_engine": True, "max_cost_usd": 1},
        operations=[
            {
                "name": "count",
                "method": "GET",
                "description": "Counts.",
                "body": "pass",
                "examples": [{"expect": {"status": 204}}],
            }
        ],
    )


def put(raw, pointer, value):
    """A copy of `raw` with `value` at `pointer`; without the member if it is `...`."""
    changed = copy.deepcopy(raw)
    *path, last = pointer.split("/")[1:]
    place = changed
    for part in path:
        place = place[int(part) if isinstance(place, list) else part]
    key = int(last) if isinstance(place, list) else last
    if value is ...:
        del place[key]
    else:
        place[key] = value
    return changed


def test_the_sound_document_is_sound(sound, read):
    reading = read(sound)
    assert (reading.faults, reading.run.verify) == ((), "fast")
    assert reading.run.required_engine("mysql") == "mysql"


@pytest.mark.parametrize(
    ("pointer", "value", "fault"),
    [
        ("/project_name", 5, "wrong_type"),
        ("/project_name", "", "invalid_name"),
        ("/project_name", "../../tmp/x", "invalid_name"),
        ("/project_name", "x\n", "invalid_name"),
        ("/project_name", "--", "invalid_name"),
        ("/project_name", "größe", "invalid_name"),
        ("/db_type", "PostgreSQL", "unknown_value"),
        ("/db_type", None, "wrong_type"),
        ("/description", 5, "wrong_type"),
        ("/schema", {}, "wrong_type"),
        ("/schema", [], "tables_missing"),
        ("/schema/0", "users", "wrong_type"),
        ("/schema/0/options", [], "wrong_type"),
        ("/schema/0/options/use_timestamps", "no", "wrong_type"),
        ("/schema/0/options/use_timestamps", 1, "wrong_type"),
        ("/schema/0/columns/1", None, "wrong_type"),
        ("/schema/0/columns/1/type", "string", "unknown_value"),
        ("/schema/0/columns/1/type", None, "wrong_type"),
        ("/schema/0/columns/1/length", -1, "out_of_range"),
        ("/schema/0/columns/1/length", 0, "out_of_range"),
        ("/schema/0/columns/1/length", "100", "wrong_type"),
        ("/schema/0/columns/1/length", True, "wrong_type"),
        ("/schema/0/columns/1/length", 1.5, "wrong_type"),
        ("/schema/0/columns/1/length", 20_000_000, "out_of_range"),
        ("/schema/0/columns/1/nullable", None, "wrong_type"),
        ("/schema/0/columns/1/unique", "yes", "wrong_type"),
        ("/schema/0/columns/2/values", [], "values_missing"),
        ("/schema/0/columns/2/values", ["a", "a"], "duplicate_value /1"),
        ("/schema/0/columns/2/values/1", 5, "wrong_type"),
        ("/schema/0/columns/2/values/1", "v" * 64, "value_too_long"),
        ("/schema/0/columns/3/scale", 11, "out_of_range"),
        ("/schema/0/columns/3/scale", -1, "out_of_range"),
        ("/schema/0/columns/3/precision", 1001, "out_of_range"),
        ("/schema/0/relationships/0/type", "has_many", "unknown_value"),
        ("/schema/0/relationships/0/target_table", "post", "unknown_table"),
        ("/schema/0/relationships/0/target_class", "Post", "class_mismatch"),
        ("/schema/1/columns/1/on_delete", "cascade", "unknown_value"),
        ("/schema/1/foreign_keys/0/columns", [], "too_few_items"),
        ("/schema/1/unique/0", "first", "wrong_type"),
        ("/schema/1/unique/0/1", "third", "unknown_column"),
        ("/schema/1/indexes/0/0", "third", "unknown_column"),
        ("/schema/1/checks/0", "first <", "invalid_condition"),
        ("/schema/1/checks/0", 5, "wrong_type"),
        ("/options/auth", "basic", "unknown_value"),
        ("/options/add_missing_primary_keys", "yes", "wrong_type"),
        ("/run/verify", True, "wrong_type"),
        ("/run/require_engine", "oracle", "unknown_value"),
        ("/run/timeout_seconds", 0, "out_of_range"),
        ("/run/max_cost_usd", -1, "out_of_range"),
        ("/run/max_cost_usd", "1", "wrong_type"),
        ("/run/max_cost_usd", 10**400, "out_of_range"),
        ("/operations/0/method", "get", "unknown_value"),
        ("/operations/0/name", "class", "keyword"),
        ("/operations/0/table", "nothing", "unknown_table"),
        (
            "/operations/0/examples",
            [{"expect": {"status": 200, "returns": {}}}],
            "invalid_example /0/expect",
        ),
    ],
)
def test_a_fault_is_found_at_its_place_and_nothing_else_is(sound, faults, pointer, value, fault):
    code, _, below = fault.partition(" ")
    assert faults(put(sound, pointer, value)) == {(pointer + below, code)}


@pytest.mark.parametrize(
    ("pointer", "value", "code"),
    [
        ("/schema/0/table_name", "Users", "invalid_name"),
        ("/schema/0/table_name", "1users", "invalid_name"),
        ("/schema/0/table_name", "my-users", "invalid_name"),
        ("/schema/0/table_name", "my.users", "invalid_name"),
        ("/schema/0/table_name", "users\n", "invalid_name"),
        ("/schema/0/table_name", "   ", "invalid_name"),
        ("/schema/0/table_name", "_", "invalid_name"),
        ("/schema/0/table_name", "nutzér", "invalid_name"),
        ("/schema/0/table_name", "t" * 64, "name_too_long"),
        ("/schema/0/table_name", "alembic_version", "reserved_name"),
        ("/schema/0/table_name", "sqlite_master", "reserved_name"),
        ("/schema/1/table_name", "users", "duplicate_table"),
        ("/schema/0/class_name", "user", "invalid_name"),
        ("/schema/0/class_name", "None", "keyword"),
        ("/schema/0/class_name", "User(object): pass #", "invalid_name"),
        ("/schema/0/class_name", "User\n", "invalid_name"),
        ("/schema/1/class_name", "Users", "duplicate_class"),
        ("/schema/0/columns", {}, "wrong_type"),
        ("/schema/0/columns", [], "columns_missing"),
        ("/schema/0/columns/1/name", 5, "wrong_type"),
        ("/schema/0/columns/1/name", "1st", "invalid_name"),
        ("/schema/0/columns/1/name", "first name", "invalid_name"),
        ("/schema/0/columns/1/name", "name\n", "invalid_name"),
        ("/schema/0/columns/1/name", "\ufb01le", "invalid_name"),
        ("/schema/0/columns/1/name", "n" * 64, "name_too_long"),
        ("/schema/0/columns/2/name", "email", "duplicate_column"),
        ("/schema/0/columns/2/name", "Email", "duplicate_column"),
    ],
)
def test_a_fault_of_a_name_is_found_whatever_else_spoke_of_the_name(
    sound, faults, pointer, value, code
):
    assert (pointer, code) in faults(put(sound, pointer, value))


@pytest.mark.parametrize(
    ("pointer", "missing"),
    [
        ("", "project_name"),
        ("", "db_type"),
        ("", "schema"),
        ("/schema/0", "table_name"),
        ("/schema/0", "class_name"),
        ("/schema/0", "columns"),
        ("/schema/0/columns/1", "name"),
        ("/schema/0/columns/1", "type"),
        ("/schema/0/relationships/0", "target_table"),
        ("/schema/0/relationships/0", "type"),
        ("/schema/1/foreign_keys/0", "target_columns"),
        ("/operations/0", "method"),
    ],
)
def test_a_missing_member_is_a_fault_of_its_object_and_blames_nobody_else(
    sound, read, pointer, missing
):
    reading = read(put(sound, f"{pointer}/{missing}", ...))
    assert [(fault.pointer, fault.code) for fault in reading.faults] == [
        (pointer, "missing_member")
    ]
    assert f"`{missing}`" in reading.faults[0].message


@pytest.mark.parametrize(
    ("pointer", "meant"),
    [
        ("/projectname", "project_name"),
        ("/schema/0/colums", "columns"),
        ("/schema/0/options/timestamps", "use_timestamps"),
        ("/schema/0/columns/1/primarykey", "primary_key"),
        ("/schema/0/relationships/0/back_populate", "back_populates"),
        ("/schema/1/foreign_keys/0/on_update", "on_delete"),
        ("/options/authentication", None),
        ("/run/verification", None),
        ("/operations/0/returned", "returns"),
    ],
)
def test_an_unknown_member_is_a_fault_that_names_the_nearest_known_one(sound, read, pointer, meant):
    (fault,) = read(put(sound, pointer, {"deep": [1]})).faults
    assert (fault.pointer, fault.code) == (pointer, "unknown_member")
    assert fault.message.endswith(f"Did you mean {meant!r}?" if meant else ".")


def test_odd_names_of_members_are_escaped_in_pointers_and_not_echoed_at_length(make, read):
    reading = read(make.document(make.table("t"), **{"a/b~c": 1, "x" * 900: 2}))
    pointers = {fault.pointer for fault in reading.faults}
    assert pointers == {"/a~1b~0c", "/" + "x" * 900}
    assert max(len(fault.message) for fault in reading.faults) < 200


@pytest.mark.parametrize("raw", [[], None, "x", 5, True, {}, [{}]])
def test_what_is_no_document_at_all_has_faults(read, raw):
    reading = read(raw)
    assert reading.faults
    assert (reading.document, reading.resolved, reading.run) == (None, None, None)


def test_faults_of_every_sort_come_at_once(make, faults):
    raw = make.document(
        make.table(
            "users",
            make.column("email", "string"),
            make.column("age", "Integer", defualt=1),
            make.column("level", "Integer", default="high"),
            relationships=[
                make.relationship("post", "one_to_many"),
                make.relationship("comments", "one_to_many", back_populates="import"),
            ],
        ),
        make.table(
            "Posts",
            make.key("author_id", "users.ident"),
            make.column("level", "Integer", length=5),
            relationships=[
                make.relationship("users", "many_to_one", foreign_key="level", name="class")
            ],
        ),
        make.table("comments", checks=["id >"]),
        run={"verify": "sometimes"},
        extra=1,
    )
    assert faults(raw) >= {
        ("/extra", "unknown_member"),
        ("/run/verify", "unknown_value"),
        ("/schema/0/columns/1/type", "unknown_value"),
        ("/schema/0/columns/2/defualt", "unknown_member"),
        ("/schema/0/columns/3/default", "invalid_default"),
        ("/schema/0/relationships/0/target_table", "unknown_table"),
        ("/schema/0/relationships/1/back_populates", "keyword"),
        ("/schema/1/table_name", "invalid_name"),
        ("/schema/1/columns/1/target", "unknown_column"),
        ("/schema/1/columns/2/length", "not_applicable"),
        ("/schema/2/checks/0", "invalid_condition"),
    }


def test_what_could_not_be_read_is_not_held_against_what_refers_to_it(make, faults):
    raw = make.document(
        make.table("users", make.column("email", "strin", unique=True), primary=1),
        make.table(
            "posts",
            make.key("email", "users.email"),
            make.key("other", "nameless.id"),
            relationships=[make.relationship("users", "many_to_one", foreign_key="email")],
            unique=[["email"]],
        ),
        {
            "class_name": "Nameless",
            "columns": [{"name": "id", "type": "Integer", "primary_key": 1}],
        },
    )
    assert faults(raw) == {
        ("/schema/0/columns/1/type", "unknown_value"),
        ("/schema/0/primary", "unknown_member"),
        ("/schema/2", "missing_member"),
        ("/schema/2/columns/0/primary_key", "wrong_type"),
    }


def test_the_list_of_faults_ends_somewhere(make, read):
    raw = make.document(
        *(
            make.table(f"t{index}", *(make.column(f"c{number}", "Nope") for number in range(90)))
            for index in range(50)
        )
    )
    reading = read(raw)
    assert len(reading.faults) == 501
    assert (reading.faults[-1].pointer, reading.faults[-1].code) == ("", "more_faults")
    assert "4000" in reading.faults[-1].message


def test_inputs_are_not_echoed_at_length(make, read):
    long = "z" * 1000
    raw = make.document(
        make.table(long, make.column(long, long), relationships=[make.relationship(long, long)]),
        make.table("t", make.key("a", long), make.column("b", default=long), checks=[long]),
        **{long: long},
    )
    raw["db_type"] = long
    for fault in read(raw).faults:
        assert len(fault.message) < 300


def test_null_stands_for_absence_where_a_member_has_no_default(make, read):
    column = make.column(
        "a", "String", length=None, precision=None, scale=None, values=None, target=None
    )
    entry = make.relationship("t", "many_to_many", foreign_key=None, secondary=None, name=None)
    raw = make.document(make.table("t", column, relationships=[entry], description=None))
    assert read(raw).faults == ()


def test_reading_what_is_stored_gives_the_same_again(sound, read):
    raw = put(sound, "/description", "\0" + "x" * 2000)
    first = read(raw)
    again = read(json.loads(json.dumps(first.raw)))
    assert again.resolved == first.resolved
    assert again.raw == first.raw
    assert again.warnings == ()


def test_an_llm_is_required_only_for_operations_without_a_body(sound, read):
    assert not read(sound).document.requires_llm
    bare = put(sound, "/operations/0/body", ...)
    assert read(bare).document.requires_llm
    bare["options"]["on_unproven"] = "stub"
    assert not read(bare).document.requires_llm


def test_faults_are_sorted_by_their_places(make, read):
    raw = make.document(*(make.table(f"t{index}", make.column("c", "?")) for index in range(12)))
    raw["schema"][3]["columns"].extend(make.column(f"d{index}", length="1") for index in range(10))
    raw["schema"][3]["table_name"] = "T"
    pointers = [fault.pointer for fault in read(raw).faults]
    assert pointers[:4] == [f"/schema/{index}/columns/1/type" for index in range(4)]
    assert pointers[4:6] == ["/schema/3/columns/2/length", "/schema/3/columns/3/length"]
    assert pointers[13:15] == ["/schema/3/columns/11/length", "/schema/3/table_name"]
    assert pointers[-1] == "/schema/11/columns/1/type"
