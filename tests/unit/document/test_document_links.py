from __future__ import annotations

import pytest

from common.document.made_links import MAX_MADE_COLUMNS


def many(make, table, **members):
    return make.relationship(table, "many_to_many", **members)


def between(make, name="enrollments", *more, **members):
    """A table that lies between students and courses."""
    return make.table(
        name,
        make.key("student_id", "students.id", primary_key=True),
        make.key("course_id", "courses.id", primary_key=True),
        *more,
        **members,
    )


def school(make, *tables, students=(), courses=(), **members):
    return make.document(
        make.table("students", relationships=list(students)),
        make.table("courses", relationships=list(courses)),
        *tables,
        **members,
    )


def only_link(document):
    links = {
        (one.link.table, one.link.made) for table in document.tables for one in table.relationships
    }
    (link,) = links
    return link


def test_two_entries_are_one_relationship(make, resolve):
    document = resolve(
        school(
            make,
            between(make),
            students=[many(make, "courses", back_populates="attendees")],
            courses=[many(make, "students", back_populates="subjects")],
        )
    )
    (subjects,) = document.table("students").relationships
    (attendees,) = document.table("courses").relationships
    assert (subjects.name, subjects.back_populates) == ("subjects", "attendees")
    assert (attendees.name, attendees.back_populates) == ("attendees", "subjects")
    assert subjects.link.local == attendees.link.remote
    assert subjects.link.local.columns == ("student_id",)
    assert subjects.link.remote.columns == ("course_id",)
    assert only_link(document) == ("enrollments", False)
    assert document.made_links == ()


def test_the_table_between_is_named(make, resolve):
    document = resolve(
        school(
            make,
            between(make, "a"),
            between(make, "b"),
            students=[many(make, "courses", secondary="b")],
        )
    )
    assert only_link(document) == ("b", False)
    assert [one.name for one in document.table("courses").relationships] == ["students"]


def test_several_tables_that_could_be_meant_are_a_fault(make, faults):
    raw = school(make, between(make, "a"), between(make, "b"), students=[many(make, "courses")])
    assert faults(raw) == {("/schema/0/relationships/0", "ambiguous_link_table")}


def test_a_table_that_holds_more_is_not_taken_for_one_between(make, resolve):
    comments = make.table(
        "comments",
        make.key("student_id", "students.id"),
        make.key("course_id", "courses.id"),
        make.column("body", "Text", nullable=False),
    )
    document = resolve(school(make, comments, students=[many(make, "courses")]))
    assert only_link(document) == ("courses_students", True)


def test_a_table_that_could_be_one_between_is_taken_with_a_warning(make, read):
    loose = make.table(
        "enrollments",
        make.key("student_id", "students.id"),
        make.key("course_id", "courses.id"),
        make.column("grade"),
    )
    reading = read(school(make, loose, students=[many(make, "courses")]))
    assert only_link(reading.resolved) == ("enrollments", False)
    assert [(one.pointer, one.code) for one in reading.warnings] == [
        ("/schema/0/relationships/0", "link_table_found")
    ]


def test_a_named_table_that_needs_more_is_used_with_a_warning(make, warnings):
    grade = make.column("grade", nullable=False)
    raw = school(
        make,
        between(make, "enrollments", grade),
        students=[many(make, "courses", secondary="enrollments")],
    )
    assert warnings(raw) == {("/schema/0/relationships/0", "link_needs_values")}
    grade["default"] = 1
    assert warnings(raw) == set()


@pytest.mark.parametrize("named", [None, "visits"])
def test_a_table_is_made_where_there_is_none(make, read, named):
    reading = read(school(make, students=[many(make, "courses", secondary=named)]))
    document = reading.resolved
    (made,) = document.made_links
    assert made.name == (named or "courses_students")
    assert [(one.name, one.primary_key, one.nullable) for one in made.columns] == [
        ("course_id", True, False),
        ("student_id", True, False),
    ]
    assert [(one.target_table, one.on_delete) for one in made.foreign_keys] == [
        ("courses", "CASCADE"),
        ("students", "CASCADE"),
    ]
    (side,) = document.table("students").relationships
    assert side.link.local.target_table == "students"
    assert side.link.remote.target_table == "courses"
    assert document.build_order == ("students", "courses", made.name)
    codes = [one.code for one in reading.warnings]
    assert codes == (["link_table_made"] if named else [])


def test_a_made_table_takes_over_whole_keys(make, resolve):
    raw = make.document(
        make.table(
            "rooms",
            make.column("building", "String", length=5, primary_key=True),
            make.column("room", primary_key=True),
            relationships=[many(make, "people")],
        ),
        make.table("people", make.column("person_uuid", "UUID", primary_key=True)),
    )
    (made,) = resolve(raw).made_links
    assert [(one.name, str(one.type), one.length) for one in made.columns] == [
        ("person_uuid", "UUID", None),
        ("room_building", "String", 5),
        ("room", "Integer", None),
    ]
    assert made.foreign_keys[1].target_columns == ("building", "room")


def test_entries_of_one_table_to_itself_are_two_sides(make, resolve):
    document = resolve(
        make.document(
            make.table(
                "users",
                relationships=[
                    many(make, "users", back_populates="followers"),
                    many(make, "users", back_populates="following"),
                ],
            )
        )
    )
    following, followers = document.table("users").relationships
    assert (following.name, followers.name) == ("following", "followers")
    (made,) = document.made_links
    assert made.name == "users_following"
    assert [one.name for one in made.columns] == ["user_id", "following_id"]
    assert following.link.local.columns == ("user_id",)
    assert following.link.remote.columns == ("following_id",)
    assert followers.link.local == following.link.remote


def test_one_entry_of_a_table_to_itself_gets_another(make, resolve):
    (table,) = resolve(
        make.document(make.table("users", relationships=[many(make, "users", name="friends")]))
    ).tables
    assert [(one.name, one.declared) for one in table.relationships] == [
        ("friends", True),
        ("friends_of", False),
    ]


def test_a_declared_table_links_a_table_to_itself(make, resolve):
    follows = make.table(
        "follows",
        make.key("who_id", "users.id", primary_key=True),
        make.key("whom_id", "users.id", primary_key=True),
    )
    entry = many(make, "users", name="follows", back_populates="followers")
    document = resolve(make.document(make.table("users", relationships=[entry]), follows))
    first, second = document.table("users").relationships
    assert (first.link.local.columns, first.link.remote.columns) == (("who_id",), ("whom_id",))
    assert (second.link.local.columns, second.link.remote.columns) == (("whom_id",), ("who_id",))


def test_two_relationships_between_the_same_tables_are_kept_apart(make, resolve):
    document = resolve(
        school(
            make,
            students=[
                many(make, "courses", name="attended", back_populates="attendees"),
                many(make, "courses", name="liked", back_populates="fans"),
            ],
            courses=[
                many(make, "students", name="fans", back_populates="liked"),
                many(make, "students", name="attendees", back_populates="attended"),
            ],
        )
    )
    found = {one.name: one.back_populates for one in document.table("students").relationships}
    assert found == {"attended": "attendees", "liked": "fans"}
    assert [made.name for made in document.made_links] == ["courses_students", "courses_fans"]


def test_entries_that_cannot_be_told_apart_are_a_fault(make, faults):
    raw = school(
        make,
        students=[many(make, "courses"), many(make, "courses")],
        courses=[many(make, "students")],
    )
    assert faults(raw) == {("/schema/0/relationships/0", "ambiguous_relationship")}


@pytest.mark.parametrize(
    ("secondary", "code"),
    [("Visits", "invalid_name"), ("v" * 64, "name_too_long"), ("students", "not_a_link_table")],
)
def test_names_that_cannot_be_tables_between_are_faults(make, faults, secondary, code):
    raw = school(make, students=[many(make, "courses", secondary=secondary)])
    assert faults(raw) == {("/schema/0/relationships/0/secondary", code)}


def test_one_table_lies_between_two_sides_only(make, faults):
    raw = school(
        make,
        students=[
            many(make, "courses", secondary="visits", name="a", back_populates="b"),
            many(make, "courses", secondary="visits", name="c", back_populates="d"),
        ],
    )
    assert faults(raw) == {("/schema/0/relationships/1/secondary", "duplicate_relationship")}
    assert faults({**raw, "schema": [*raw["schema"], between(make, "visits")]}) == {
        ("/schema/0/relationships/1", "duplicate_relationship")
    }


def test_made_names_are_free_and_fit(make, resolve):
    long_one, long_two = "a" * 40, "b" * 40
    raw = make.document(
        make.table(long_one, relationships=[many(make, long_two)]),
        make.table(long_two),
        make.table("courses_students", make.column("x")),
        make.table("students", relationships=[many(make, "courses")]),
        make.table("courses"),
    )
    first, second = resolve(raw).made_links
    assert len(first.name) <= 63
    assert first.name.startswith("a" * 40 + "_" + "b")
    assert second.name == "courses_students_2"


def test_it_does_not_matter_which_side_was_written_first(make, resolve):
    one = resolve(school(make, students=[many(make, "courses")]))
    other = resolve(school(make, courses=[many(make, "students")]))
    assert [made.name for made in one.made_links] == [made.name for made in other.made_links]
    assert [[column.name for column in made.columns] for made in one.made_links] == [
        [column.name for column in made.columns] for made in other.made_links
    ]


def test_no_table_lies_between_itself_and_another(make, faults):
    posts = make.table(
        "posts",
        make.key("author_id", "users.id"),
        make.key("parent_id", "posts.id"),
        relationships=[many(make, "users", secondary="posts", name="readers")],
    )
    assert faults(make.document(make.table("users"), posts)) == {
        ("/schema/1/relationships/0/secondary", "not_a_link_table")
    }


def test_made_columns_are_called_by_words(make, resolve):
    raw = make.document(
        make.table("__tags", relationships=[many(make, "posts")]), make.table("posts")
    )
    raw["schema"][0]["class_name"] = "Tags"
    (made,) = resolve(raw).made_links
    assert made.name == "__tags_posts"
    assert [one.name for one in made.columns] == ["tag_id", "post_id"]


def test_made_tables_have_no_more_columns_than_declared_ones(make, read):
    """A wide key is repeated in each of them."""
    links = [many(make, "users", name=f"a{number}", secondary=f"z{number}") for number in range(26)]
    keys = [make.column(f"k{number}", primary_key=True) for number in range(100)]
    users = make.table("users", *keys, relationships=links)
    reading = read(make.document(users, db_type="sqlite"))
    assert [(one.pointer, one.code) for one in reading.faults] == [
        ("/schema/0/relationships/25", "out_of_range")
    ]
    users["relationships"] = links[:25]
    made = read(make.document(users, db_type="sqlite")).resolved.made_links
    assert sum(len(link.columns) for link in made) == MAX_MADE_COLUMNS


def test_the_first_tables_that_are_made_are_told_what_may_be_meant(make, read):
    links = [many(make, "users", name=f"a{number}", secondary=f"user{number}") for number in (1, 2)]
    far = [
        make.table(
            f"x{number}",
            relationships=[
                many(make, "users", name=f"b{place}", secondary=f"users_{number}_{place}")
                for place in range(50)
            ],
        )
        for number in range(2)
    ]
    messages = [
        one.message
        for one in read(make.document(make.table("users", relationships=links), *far)).warnings
        if one.code == "link_table_made"
    ]
    assert messages[0].endswith("Did you mean 'users'?")
    assert len(messages) == 102
    assert not messages[-1].endswith("?")
