"""The routes of comments."""

from httpx import AsyncClient
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from app import models
from app.schemas.comments import CommentQuery
from tests.factories.comments import COMMENT_PATH, body_of_comment, make_comment, url_of_comment
from tests.factories.posts import make_post, url_of_post
from tests.factories.users import make_user, url_of_user
from tests.rows import (
    LONG_AGO,
    Json,
    column_sorted,
    faults,
    in_order,
    is_recent,
    items,
    listed,
    related,
    selected,
    stored,
    url,
)


async def test_create_and_read(client: AsyncClient, session: AsyncSession) -> None:
    body = await body_of_comment(session)
    answer = await client.post(COMMENT_PATH, json=body)
    assert answer.status_code == 201, answer.text
    created = answer.json()
    assert {name: created[name] for name in body} == body
    assert is_recent(created["created_at"])
    assert is_recent(created["updated_at"])
    assert created in await stored(session, models.Comment)
    read = await client.get(answer.headers["location"])
    assert read.status_code == 200
    assert read.json() == created


async def test_create_refuses_what_does_not_fit(client: AsyncClient, session: AsyncSession) -> None:
    body = await body_of_comment(session)
    misfits: Json = {
        "body": "\x00",
        "id": None,
        "created_at": None,
        "updated_at": None,
        "no such column": 1,
    }
    answer = await client.post(COMMENT_PATH, json=body | misfits)
    assert faults(answer) == set(misfits)
    nothing = await client.post(COMMENT_PATH, json={})
    assert faults(nothing) == {"post_id", "body"}
    assert await stored(session, models.Comment) == []


async def test_pages(client: AsyncClient, session: AsyncSession, statements: list[str]) -> None:
    rows = [await make_comment(session) for _ in range(3)]
    statements.clear()
    first = (await client.get(COMMENT_PATH, params={"limit": 2})).json()
    asked = len(statements)
    assert any("ORDER BY" in one for one in statements), "pages overlap without an order"
    second = (await client.get(COMMENT_PATH, params={"limit": 2, "offset": 2})).json()
    assert len(statements) == 2 * asked, "as many queries for one row as for two"
    assert [first["total"], second["total"]] == [3, 3]
    assert [len(first["items"]), len(second["items"])] == [2, 1]
    assert all(row in first["items"] + second["items"] for row in rows)
    wrong: dict[str, str | int] = {
        "limit": 101,
        "offset": -1,
        "sort": "no such column",
        "no such column": 1,
    }
    assert faults(await client.get(COMMENT_PATH, params=wrong)) == set(wrong)


async def test_sorting(client: AsyncClient, session: AsyncSession) -> None:
    for _ in range(3):
        await make_comment(session)
    names = ["post_id", "body"]
    rows = await items(client, COMMENT_PATH, sort=",".join(names))
    assert rows == await selected(session, models.Comment, CommentQuery, sort=",".join(names))
    for name in ["post_id", "body"]:
        falling = await column_sorted(session, models.Comment, CommentQuery, name, f"-{name}")
        assert in_order(falling[::-1]), name
    for name in ["post_id"]:
        rising = await column_sorted(session, models.Comment, CommentQuery, name, name)
        falling = await column_sorted(session, models.Comment, CommentQuery, name, f"-{name}")
        assert rising == falling[::-1], name


async def test_filters(client: AsyncClient, session: AsyncSession) -> None:
    first, second = await make_comment(session), await make_comment(session)
    same: dict[str, str] = {
        "post_id": "post_id",
        "body": "body",
    }
    values = {parameter: first[name] for parameter, name in same.items()}
    assert first in await items(client, COMMENT_PATH, **values)
    asked: list[Json] = [{parameter: value} for parameter, value in values.items()]
    shown = await listed(session, models.Comment, CommentQuery, asked)
    for name, found in zip(same.values(), shown, strict=True):
        assert first in found, name
        assert (second in found) == (second[name] == first[name]), name
    parts = {name: first[name][1:] or first[name] for name in ["body"]}
    asked = [{f"{name}__contains": part.upper()} for name, part in parts.items()]
    shown = await listed(session, models.Comment, CommentQuery, asked)
    for (name, part), found in zip(parts.items(), shown, strict=True):
        assert first in found, name
        assert (second in found) == (part.lower() in second[name].lower()), name
    assert await items(client, COMMENT_PATH, body__contains="%") == []


async def test_update(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_comment(session)
    unchanged = await client.patch(url_of_comment(row), json={})
    assert (unchanged.status_code, unchanged.json()) == (200, row)
    other = await body_of_comment(session)
    names = ["post_id", "body"]
    for some in (names[:1], names[1:]):
        changes = {name: other[name] for name in some}
        answer = await client.patch(url_of_comment(row), json=changes)
        assert answer.status_code == 200, answer.text
        row |= changes | {"updated_at": answer.json()["updated_at"]}
        assert answer.json() == row
    assert row in await stored(session, models.Comment)


async def test_updated_at_moves_on(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_comment(session)
    await session.execute(update(models.Comment).values(updated_at=LONG_AGO))
    name = "post_id"
    changes = {name: (await body_of_comment(session))[name]}
    changed = await client.patch(url_of_comment(row), json=changes)
    assert is_recent(changed.json()["updated_at"])


async def test_update_refuses_what_does_not_fit(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_comment(session)
    kept = {name: row.get(name) for name in ["id", "created_at", "updated_at", "no such column"]}
    nulls = dict.fromkeys(["post_id", "body"])
    answer = await client.patch(url_of_comment(row), json=kept | nulls)
    assert faults(answer) == set(kept | nulls)
    assert row in await stored(session, models.Comment)


async def test_optional_references(client: AsyncClient, session: AsyncSession) -> None:
    referring: Json = {}
    parent = await make_user(session)
    referring |= {"author_id": parent["id"]}
    parent = await make_comment(session)
    referring |= {"parent_id": parent["id"]}
    row = await make_comment(session, **referring)
    for changes, is_null in ((dict.fromkeys(referring), True), (referring, False)):
        answer = await client.patch(url_of_comment(row), json=changes)
        assert answer.status_code == 200, answer.text
        row |= changes | {"updated_at": answer.json()["updated_at"]}
        assert answer.json() == row
        asked: list[Json] = [
            {f"{name}__isnull": value}
            for name in ["author_id", "parent_id"]
            for value in (is_null, not is_null)
        ]
        shown = await listed(session, models.Comment, CommentQuery, asked)
        assert [row in found for found in shown] == [True, False] * (len(asked) // 2)
    same = {"author_id": row["author_id"], "parent_id": row["parent_id"]}
    each = [{parameter: value} for parameter, value in same.items()]
    assert await listed(session, models.Comment, CommentQuery, each) == [[row]] * len(each)
    assert await items(client, COMMENT_PATH, **same) == [row]


async def test_delete(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_comment(session)
    assert (await client.delete(url_of_comment(row))).status_code == 204
    assert (await client.get(url_of_comment(row))).status_code == 404
    assert row not in await stored(session, models.Comment)


async def test_what_is_not_there_is_not_found(client: AsyncClient) -> None:
    missing = url(COMMENT_PATH, 0)
    assert (await client.get(missing)).status_code == 404
    assert (await client.delete(missing)).status_code == 404
    assert (await client.patch(missing, json={})).status_code == 404


async def test_unknown_references_are_refused(client: AsyncClient, session: AsyncSession) -> None:
    references: list[Json] = [
        {"post_id": 0},
        {"author_id": 0},
        {"parent_id": 0},
    ]
    for reference in references:
        body = await body_of_comment(session) | reference
        answer = await client.post(COMMENT_PATH, json=body)
        assert answer.status_code == 422, reference
        assert {one["pointer"] for one in answer.json()["errors"]} & {
            f"/{name}" for name in reference
        }
    assert await stored(session, models.Comment) == []


async def test_hidden_post_id_is_refused(client: AsyncClient, session: AsyncSession) -> None:
    parent = await make_post(session)
    referring = {"post_id": parent["id"]}
    assert (await client.delete(url_of_post(parent))).status_code == 204
    body = await body_of_comment(session) | referring
    assert faults(await client.post(COMMENT_PATH, json=body)) == set(referring)


async def test_hidden_author_id_is_refused(client: AsyncClient, session: AsyncSession) -> None:
    parent = await make_user(session)
    referring = {"author_id": parent["id"]}
    assert (await client.delete(url_of_user(parent))).status_code == 204
    body = await body_of_comment(session) | referring
    assert faults(await client.post(COMMENT_PATH, json=body)) == set(referring)


async def test_relationship_post(session: AsyncSession) -> None:
    other = await make_post(session)
    referring = {"post_id": other["id"]}
    row = await make_comment(session, **referring)
    assert (row, [other]) in await related(session, models.Comment.post)
    assert (other, [row]) in await related(session, models.Post.comments)


async def test_relationship_author(session: AsyncSession) -> None:
    other = await make_user(session)
    referring = {"author_id": other["id"]}
    row = await make_comment(session, **referring)
    assert (row, [other]) in await related(session, models.Comment.author)
    assert (other, [row]) in await related(session, models.User.comments)


async def test_relationship_parent(session: AsyncSession) -> None:
    other = await make_comment(session)
    referring = {"parent_id": other["id"]}
    row = await make_comment(session, **referring)
    assert (row, [other]) in await related(session, models.Comment.parent)
    assert (other, [row]) in await related(session, models.Comment.replies)


async def test_delete_with_comments_by_parent_id(
    client: AsyncClient, session: AsyncSession
) -> None:
    row = await make_comment(session)
    referring = {"parent_id": row["id"]}
    child = await make_comment(session, **referring)
    answer = await client.delete(url_of_comment(row))
    assert answer.status_code == 204
    assert child not in await stored(session, models.Comment)
