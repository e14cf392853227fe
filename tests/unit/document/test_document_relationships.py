from __future__ import annotations

import pytest


def sides(document):
    """{table: {attribute: (kind, target, attribute on the other side)}}"""
    return {
        table.name: {
            one.name: (one.kind, one.target_table, one.back_populates)
            for one in table.relationships
        }
        for table in document.tables
    }


def blog(make, users=(), posts=(), keys=None, **members):
    """users and posts that refer to users by author_id, with these entries."""
    keys = [make.key("author_id", "users.id")] if keys is None else keys
    return make.document(
        make.table("users", relationships=list(users)),
        make.table("posts", make.column("title", "String"), *keys, relationships=list(posts)),
        **members,
    )


def test_two_entries_name_each_other(make, resolve):
    raw = blog(
        make,
        [make.relationship("posts", "one_to_many", back_populates="writer")],
        [make.relationship("users", "many_to_one", back_populates="articles")],
    )
    assert sides(resolve(raw)) == {
        "users": {"articles": ("one_to_many", "posts", "writer")},
        "posts": {"writer": ("many_to_one", "users", "articles")},
    }


def test_the_name_of_an_entry_comes_first(make, resolve):
    raw = blog(
        make,
        [make.relationship("posts", "one_to_many", name="articles")],
        [make.relationship("users", "many_to_one", name="writer", back_populates="articles")],
    )
    assert sides(resolve(raw))["users"] == {"articles": ("one_to_many", "posts", "writer")}


@pytest.mark.parametrize(
    ("column", "attribute"),
    [
        ("author_id", "author"),
        ("author_uuid", "author"),
        ("author_key", "author"),
        ("author", "user"),
        ("user_id", "user"),
        ("class_id", "class_user"),
        ("title_id", "title_user"),
        ("metadata_id", "metadata_user"),
        ("id_", "user"),
    ],
)
def test_names_are_derived_from_the_foreign_key_and_the_table(make, resolve, column, attribute):
    raw = blog(
        make,
        posts=[make.relationship("users", "many_to_one")],
        keys=[make.key(column, "users.id")],
    )
    assert sides(resolve(raw)) == {
        "users": {"posts": ("one_to_many", "posts", attribute)},
        "posts": {attribute: ("many_to_one", "users", "posts")},
    }


def test_a_missing_side_is_added_on_either_side(make, resolve):
    expected = {
        "users": {"posts": ("one_to_many", "posts", "author")},
        "posts": {"author": ("many_to_one", "users", "posts")},
    }
    one = resolve(blog(make, users=[make.relationship("posts", "one_to_many")]))
    other = resolve(blog(make, posts=[make.relationship("users", "many_to_one")]))
    assert sides(one) == sides(other) == expected
    declared = {side.declared for table in one.tables for side in table.relationships}
    assert declared == {True, False}


def test_keys_that_no_entry_mentions_get_no_sides(make, resolve):
    assert sides(resolve(blog(make))) == {"users": {}, "posts": {}}


def test_a_table_may_have_several_keys_to_another(make, resolve):
    keys = [make.key("author_id", "users.id"), make.key("editor_id", "users.id")]
    entries = [
        make.relationship("users", "many_to_one", foreign_key=name)
        for name in ("author_id", "editor_id")
    ]
    assert sides(resolve(blog(make, posts=entries, keys=keys))) == {
        "users": {
            "posts": ("one_to_many", "posts", "author"),
            "posts_by_editor": ("one_to_many", "posts", "editor"),
        },
        "posts": {
            "author": ("many_to_one", "users", "posts"),
            "editor": ("many_to_one", "users", "posts_by_editor"),
        },
    }


def test_which_of_several_keys_is_meant_has_to_be_said(make, faults):
    keys = [make.key("author_id", "users.id"), make.key("editor_id", "users.id")]
    raw = blog(
        make,
        [make.relationship("posts", "one_to_many")],
        [make.relationship("users", "many_to_one")],
        keys,
    )
    assert faults(raw) == {
        ("/schema/0/relationships/0", "ambiguous_foreign_key"),
        ("/schema/1/relationships/0", "ambiguous_foreign_key"),
    }


def test_declared_names_are_taken_before_derived_ones(make, resolve):
    keys = [make.key("author_id", "users.id"), make.key("editor_id", "users.id")]
    entries = [
        make.relationship("users", "many_to_one", foreign_key="author_id"),
        make.relationship(
            "users", "many_to_one", foreign_key="editor_id", name="author", back_populates="posts"
        ),
    ]
    found = sides(resolve(blog(make, posts=entries, keys=keys)))
    assert found["posts"]["author"] == ("many_to_one", "users", "posts")
    assert found["posts"]["author_user"] == ("many_to_one", "users", "posts_by_author_user")


def test_a_table_refers_to_itself(make, resolve):
    node = make.table(
        "nodes",
        make.key("parent_id", "nodes.id"),
        relationships=[make.relationship("nodes", "many_to_one")],
    )
    (table,) = resolve(make.document(node)).tables
    assert [(one.name, one.kind, one.owns_key) for one in table.relationships] == [
        ("parent", "many_to_one", True),
        ("children", "one_to_many", False),
    ]


def test_both_sides_of_a_self_reference_pair(make, resolve):
    node = make.table(
        "nodes",
        make.key("parent_id", "nodes.id"),
        relationships=[
            make.relationship("nodes", "many_to_one", back_populates="below"),
            make.relationship("nodes", "one_to_many", back_populates="above"),
        ],
    )
    assert sides(resolve(make.document(node)))["nodes"] == {
        "above": ("many_to_one", "nodes", "below"),
        "below": ("one_to_many", "nodes", "above"),
    }


@pytest.mark.parametrize("both", [True, False])
def test_a_table_has_a_one_to_one_with_itself(make, resolve, both):
    entries = [make.relationship("steps", "one_to_one", name="next", back_populates="previous")]
    if both:
        entries.append(
            make.relationship("steps", "one_to_one", name="previous", back_populates="next")
        )
    raw = make.document(
        make.table("steps", make.key("next_id", "steps.id", unique=True), relationships=entries)
    )
    (table,) = resolve(raw).tables
    assert [(one.name, one.owns_key, one.back_populates) for one in table.relationships] == [
        ("next", True, "previous"),
        ("previous", False, "next"),
    ]


def test_a_one_to_one_on_a_key_that_is_not_unique_makes_it_unique(make, read):
    raw = blog(make, users=[make.relationship("posts", "one_to_one", name="post")])
    reading = read(raw)
    assert [(one.pointer, one.code) for one in reading.warnings] == [
        ("/schema/0/relationships/0", "made_unique")
    ]
    posts = reading.resolved.table("posts")
    assert posts.column("author_id").unique
    assert sides(reading.resolved)["posts"] == {"author": ("one_to_one", "users", "post")}


@pytest.mark.parametrize("members", [{"unique": True}, {"primary_key": True}])
def test_a_one_to_one_on_a_unique_key_says_nothing(make, warnings, members):
    keys = [make.key("author_id", "users.id", **members)]
    raw = blog(make, posts=[make.relationship("users", "one_to_one")], keys=keys)
    assert warnings(raw) == set()


def test_a_composite_key_joins_too(make, read):
    key = {"columns": ["x", "y"], "target_table": "a", "target_columns": ["p", "q"]}
    raw = make.document(
        make.table("a", *(make.column(name, primary_key=True) for name in "pq")),
        make.table(
            "b",
            make.column("x"),
            make.column("y"),
            foreign_keys=[key],
            relationships=[make.relationship("a", "one_to_one", foreign_key="x")],
        ),
    )
    reading = read(raw)
    assert reading.faults == ()
    (side,) = reading.resolved.table("b").relationships
    assert (side.name, side.foreign_key.columns) == ("a", ("x", "y"))
    assert [one.columns for one in reading.resolved.table("b").uniques] == [("x", "y")]


@pytest.mark.parametrize("name", ["class", "None", "metadata", "registry", "_x", "a b", "1st", ""])
@pytest.mark.parametrize("member", ["name", "back_populates"])
def test_names_that_cannot_be_attributes_are_faults_where_they_stand(make, faults, name, member):
    raw = blog(make, [make.relationship("posts", "one_to_many", **{member: name})])
    ((pointer, code),) = faults(raw)
    assert pointer == f"/schema/0/relationships/0/{member}"
    assert code in {"keyword", "reserved_name", "invalid_name"}


def test_an_attribute_is_no_column_and_no_other_relationship(make, faults):
    raw = blog(make, [make.relationship("posts", "one_to_many", back_populates="title")])
    assert faults(raw) == {("/schema/0/relationships/0/back_populates", "attribute_taken")}
    raw = blog(make, [make.relationship("posts", "one_to_many", name="id")])
    assert faults(raw) == {("/schema/0/relationships/0/name", "attribute_taken")}
    keys = [make.key("author_id", "users.id"), make.key("editor_id", "users.id")]
    entries = [
        make.relationship("users", "many_to_one", foreign_key=name, back_populates="posts")
        for name in ("author_id", "editor_id")
    ]
    assert faults(blog(make, posts=entries, keys=keys)) == {
        ("/schema/1/relationships/1/back_populates", "attribute_taken")
    }


def test_an_attribute_is_no_column_that_options_add(make, faults):
    raw = blog(make, [make.relationship("posts", "one_to_many", name="created_at")])
    assert faults(raw) == set()
    raw["schema"][0]["options"] = {"use_timestamps": True}
    assert faults(raw) == {("/schema/0/relationships/0/name", "attribute_taken")}


def test_two_sides_that_contradict_each_other(make, faults):
    raw = blog(
        make,
        [make.relationship("posts", "one_to_many", back_populates="author")],
        [make.relationship("users", "many_to_one", name="writer")],
    )
    assert faults(raw) == {("/schema/0/relationships/0/back_populates", "name_mismatch")}


@pytest.mark.parametrize(
    ("users", "posts", "fault"),
    [
        ("one_to_many", "one_to_many", ("/schema/1/relationships/0/type", "type_mismatch")),
        ("many_to_one", "many_to_one", ("/schema/0/relationships/0/type", "type_mismatch")),
        ("one_to_one", "many_to_one", ("/schema/1/relationships/0/type", "type_mismatch")),
        ("one_to_many", "one_to_one", ("/schema/1/relationships/0/type", "type_mismatch")),
    ],
)
def test_types_that_are_not_inverse_are_faults(make, faults, users, posts, fault):
    raw = blog(
        make,
        [make.relationship("posts", users, foreign_key="author_id")],
        [make.relationship("users", posts, foreign_key="author_id")],
    )
    assert faults(raw) == {fault}


@pytest.mark.parametrize(
    ("member", "code"), [("writer_id", "unknown_column"), ("title", "no_foreign_key")]
)
def test_a_foreign_key_that_is_none_is_a_fault_on_both_sides(make, faults, member, code):
    raw = blog(
        make,
        [make.relationship("posts", "one_to_many", foreign_key=member)],
        [make.relationship("users", "many_to_one", foreign_key=member)],
    )
    assert faults(raw) == {
        (f"/schema/{index}/relationships/0/foreign_key", code) for index in (0, 1)
    }


def test_tables_that_no_key_joins_have_no_relationship(make, faults):
    raw = blog(make, [make.relationship("posts", "one_to_many")], keys=[])
    assert faults(raw) == {("/schema/0/relationships/0", "no_foreign_key")}


def test_a_side_is_written_once(make, faults):
    entry = make.relationship("users", "many_to_one")
    assert faults(blog(make, posts=[entry, {**entry, "name": "other"}])) == {
        ("/schema/1/relationships/1", "duplicate_relationship")
    }


def test_members_of_other_kinds_are_faults(make, faults):
    raw = blog(
        make,
        [make.relationship("posts", "one_to_many", secondary="posts")],
        [make.relationship("users", "many_to_many", foreign_key="author_id", name="readers")],
    )
    assert faults(raw) == {
        ("/schema/0/relationships/0/secondary", "not_applicable"),
        ("/schema/1/relationships/0/foreign_key", "not_applicable"),
    }


def test_relationships_stand_in_the_order_of_the_document_added_ones_last(make, resolve):
    raw = blog(
        make,
        [
            make.relationship("posts", "many_to_many", name="liked"),
            make.relationship("posts", "one_to_many", name="written"),
        ],
        [make.relationship("users", "many_to_many", name="fans", back_populates="liked")],
    )
    document = resolve(raw)
    assert [one.name for one in document.table("users").relationships] == ["liked", "written"]
    assert [one.name for one in document.table("posts").relationships] == ["fans", "author"]


@pytest.mark.parametrize("name", ["_odd", "__very_odd", "users", "class", "metadata", "a" * 63])
@pytest.mark.parametrize("kind", ["one_to_one", "many_to_one", "many_to_many"])
def test_every_table_has_names_for_what_refers_to_it(make, resolve, name, kind):
    entry = make.relationship(name, kind)
    entry["target_class"] = "Target"
    target = make.table(name)
    target["class_name"] = "Target"
    raw = make.document(
        target, make.table("others", make.key("_id", f"{name}.id"), relationships=[entry])
    )
    for table in resolve(raw).tables:
        (side,) = table.relationships
        assert side.name.isidentifier()
        assert side.name[0] != "_"


@pytest.mark.parametrize("name", ["a.b.c", "1", "", "\N{CJK UNIFIED IDEOGRAPH-4E2D}", "class "])
def test_faulty_names_do_not_keep_names_from_being_found(make, faults, name):
    raw = blog(make, [make.relationship(name, "many_to_many")])
    raw["schema"][1]["table_name"] = name
    raw["schema"][0]["relationships"][0]["target_class"] = "Posts"
    assert ("/schema/1/table_name", "invalid_name") in faults(raw)
