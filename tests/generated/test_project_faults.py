"""The tests of a generated project notice what is wrong with it."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest


class Fault(NamedTuple):
    """A change that breaks a promise, and the tests that have to notice."""

    name: str
    files: str
    right: str
    wrong: str
    tests: str


ROUTES = "tests/routes"
FAULTS = [
    Fault(
        "unique column",
        "alembic/versions/*.py",
        'sa.UniqueConstraint("slug", name=op.f("uq_posts_slug")),',
        "",
        "tests",
    ),
    Fault(
        "check",
        "alembic/versions/*.py",
        'sa.column("view_count") >= 0',
        'sa.column("view_count") >= -9',
        "tests",
    ),
    Fault(
        "what is deleted with a row",
        "alembic/versions/*.py",
        'ondelete="CASCADE"',
        'ondelete="SET NULL"',
        f"{ROUTES}/test_posts.py {ROUTES}/test_comments.py tests/test_migrations.py",
    ),
    Fault("index", "app/models/*.py", ", index=True", "", "tests/test_migrations.py"),
    Fault(
        "length",
        "app/models/tags.py",
        "String(50)",
        "String(51)",
        "tests/test_migrations.py",
    ),
    Fault(
        "default",
        "app/models/posts.py",
        "PostStatus.DRAFT",
        "PostStatus.ARCHIVED",
        f"{ROUTES}/test_posts.py",
    ),
    Fault(
        "hidden rows in lists",
        "app/core/filters.py",
        ".is_not(True)",
        ".is_not(None)",
        f"{ROUTES}/test_users.py",
    ),
    Fault(
        "hidden rows by key",
        "app/core/rows.py",
        "if row is None or hidden",
        "if row is None",
        f"{ROUTES}/test_users.py",
    ),
    Fault(
        "restore",
        "app/api/routes/users.py",
        "is_deleted = False",
        "is_deleted = True",
        f"{ROUTES}/test_users.py",
    ),
    Fault(
        "size of pages",
        "app/core/pagination.py",
        "MAX_LIMIT = 100",
        "MAX_LIMIT = 10**9",
        f"{ROUTES}/test_tags.py",
    ),
    Fault(
        "offset",
        "app/core/pagination.py",
        ".offset(query.offset)",
        ".offset(0)",
        f"{ROUTES}/test_tags.py",
    ),
    Fault(
        "total",
        "app/core/pagination.py",
        "total=total or 0",
        "total=len(items)",
        f"{ROUTES}/test_tags.py",
    ),
    Fault(
        "filters",
        "app/core/filters.py",
        "column == value",
        "column == column",
        f"{ROUTES}/test_tags.py",
    ),
    Fault(
        "bounds",
        "app/core/filters.py",
        "column >= value",
        "column > value",
        f"{ROUTES}/test_posts.py",
    ),
    Fault(
        "empty columns",
        "app/core/filters.py",
        "column.is_(None) if",
        "column.is_not(None) if",
        f"{ROUTES}/test_posts.py",
    ),
    Fault(
        "order",
        "app/core/filters.py",
        "column.desc() if",
        "column.asc() if",
        f"{ROUTES}/test_tags.py",
    ),
    Fault(
        "unknown members",
        "app/core/fields.py",
        'extra="forbid"',
        'extra="ignore"',
        f"{ROUTES}/test_tags.py",
    ),
    Fault(
        "duplicates",
        "app/core/integrity.py",
        '"SQLITE_CONSTRAINT_UNIQUE"',
        '"SQLITE_OTHER"',
        f"{ROUTES}/test_tags.py",
    ),
    Fault(
        "references",
        "app/core/integrity.py",
        '"SQLITE_CONSTRAINT_FOREIGNKEY"',
        '"SQLITE_OTHER"',
        f"{ROUTES}/test_posts.py",
    ),
    Fault("commit", "app/core/rows.py", "await session.commit()", "", f"{ROUTES}/test_tags.py"),
    Fault(
        "links that stay",
        "app/api/routes/posts.py",
        "await session.execute(delete(PostTag).where(linked))",
        "",
        f"{ROUTES}/test_posts.py",
    ),
    Fault(
        "changes of what was not sent",
        "app/api/routes/tags.py",
        "exclude_unset=True",
        "exclude_unset=False",
        f"{ROUTES}/test_tags.py",
    ),
    Fault(
        "place of a new row",
        "app/api/routes/tags.py",
        'location("/tags"',
        'location("/posts"',
        f"{ROUTES}/test_tags.py",
    ),
]


QUICK = 8
"""How many of them `make test` tries."""


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(fault, id=fault.name, marks=[] if place < QUICK else [pytest.mark.long])
        for place, fault in enumerate(FAULTS)
    ],
)
def test_a_fault_is_noticed(
    fault: Fault,
    project: Callable[..., Path],
    run_tests: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    folder = project("blog")
    changed = 0
    for path in folder.glob(fault.files):
        text = path.read_text(encoding="utf-8")
        changed += text.count(fault.right)
        path.write_text(text.replace(fault.right, fault.wrong), encoding="utf-8")
    assert changed, f"nothing of {fault.files} says {fault.right}"
    ran = run_tests(folder, "-x", *fault.tests.split())
    assert ran.returncode == 1, ran.stdout[-3000:]
