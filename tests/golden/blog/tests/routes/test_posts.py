"""The routes of posts."""

from httpx import AsyncClient
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from app import models
from app.schemas.posts import PostQuery
from tests.factories.comments import make_comment
from tests.factories.post_tags import make_post_tag
from tests.factories.posts import POST_PATH, body_of_post, make_post, url_of_post
from tests.factories.tags import make_tag
from tests.factories.users import make_user, url_of_user
from tests.rows import (
    LONG_AGO,
    Json,
    column_sorted,
    erase,
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
    body = await body_of_post(session)
    answer = await client.post(POST_PATH, json=body)
    assert answer.status_code == 201, answer.text
    created = answer.json()
    assert {name: created[name] for name in body} == body
    assert is_recent(created["created_at"])
    assert is_recent(created["updated_at"])
    assert created in await stored(session, models.Post)
    read = await client.get(answer.headers["location"])
    assert read.status_code == 200
    assert read.json() == created


async def test_defaults(client: AsyncClient, session: AsyncSession) -> None:
    defaults: dict[str, object] = {
        "body": "",
        "status": "draft",
        "published_at": None,
        "view_count": 0,
    }
    body = await body_of_post(session)
    sent = {name: value for name, value in body.items() if name not in defaults}
    answer = await client.post(POST_PATH, json=sent)
    assert answer.status_code == 201, answer.text
    created = answer.json()
    assert {name: created[name] for name in defaults} == defaults


async def test_create_refuses_what_does_not_fit(client: AsyncClient, session: AsyncSession) -> None:
    body = await body_of_post(session)
    misfits: Json = {
        "title": "x" * 201,
        "slug": "x" * 201,
        "body": "\x00",
        "status": "no such value",
        "published_at": "0001-01-01T00:00:00+14:00",
        "view_count": 2**31,
        "id": None,
        "created_at": None,
        "updated_at": None,
        "is_deleted": None,
        "deleted_at": None,
        "no such column": 1,
    }
    answer = await client.post(POST_PATH, json=body | misfits)
    assert faults(answer) == set(misfits)
    nothing = await client.post(POST_PATH, json={})
    assert faults(nothing) == {"author_id", "title", "slug"}
    assert await stored(session, models.Post) == []


async def test_values_of_status(session: AsyncSession) -> None:
    for value in ["draft", "published", "archived"]:
        given = {"status": value}
        row = await make_post(session, **given)
        assert row["status"] == value


async def test_checks_are_kept(client: AsyncClient, session: AsyncSession) -> None:
    body = await body_of_post(session)
    broken: list[Json] = [
        {"view_count": -1},
    ]
    for values in broken:
        answer = await client.post(POST_PATH, json=body | values)
        assert answer.status_code == 422, values
    assert await stored(session, models.Post) == []


async def test_pages(client: AsyncClient, session: AsyncSession, statements: list[str]) -> None:
    rows = [await make_post(session) for _ in range(3)]
    statements.clear()
    first = (await client.get(POST_PATH, params={"limit": 2})).json()
    asked = len(statements)
    assert any("ORDER BY" in one for one in statements), "pages overlap without an order"
    second = (await client.get(POST_PATH, params={"limit": 2, "offset": 2})).json()
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
    assert faults(await client.get(POST_PATH, params=wrong)) == set(wrong)


async def test_sorting(client: AsyncClient, session: AsyncSession) -> None:
    for _ in range(3):
        await make_post(session)
    names = ["author_id", "title", "slug", "body", "status", "published_at", "view_count"]
    rows = await items(client, POST_PATH, sort=",".join(names))
    assert rows == await selected(session, models.Post, PostQuery, sort=",".join(names))
    for name in ["author_id", "title", "slug", "body", "published_at", "view_count"]:
        falling = await column_sorted(session, models.Post, PostQuery, name, f"-{name}")
        assert in_order(falling[::-1]), name
    for name in ["author_id", "status"]:
        rising = await column_sorted(session, models.Post, PostQuery, name, name)
        falling = await column_sorted(session, models.Post, PostQuery, name, f"-{name}")
        assert rising == falling[::-1], name


async def test_filters(client: AsyncClient, session: AsyncSession) -> None:
    first, second = await make_post(session), await make_post(session)
    same: dict[str, str] = {
        "author_id": "author_id",
        "title": "title",
        "slug": "slug",
        "body": "body",
        "status": "status",
        "published_at": "published_at",
        "view_count": "view_count",
    }
    values = {parameter: first[name] for parameter, name in same.items()}
    assert first in await items(client, POST_PATH, **values)
    asked: list[Json] = [{parameter: value} for parameter, value in values.items()]
    shown = await listed(session, models.Post, PostQuery, asked)
    for name, found in zip(same.values(), shown, strict=True):
        assert first in found, name
        assert (second in found) == (second[name] == first[name]), name
    names = ["published_at", "view_count"]
    asked = [
        {f"{name}__gte": row[name], f"{name}__lte": row[name]}
        for name in names
        for row in (first, second)
    ]
    shown = await listed(session, models.Post, PostQuery, asked)
    assert shown == [[first], [second]] * len(names)
    parts = {name: first[name][1:] or first[name] for name in ["title", "slug", "body"]}
    asked = [{f"{name}__contains": part.upper()} for name, part in parts.items()]
    shown = await listed(session, models.Post, PostQuery, asked)
    for (name, part), found in zip(parts.items(), shown, strict=True):
        assert first in found, name
        assert (second in found) == (part.lower() in second[name].lower()), name
    assert await items(client, POST_PATH, title__contains="%") == []


async def test_empty_columns(client: AsyncClient, session: AsyncSession) -> None:
    names = ["published_at"]
    full = await make_post(session)
    empty = await make_post(session, **dict.fromkeys(names))
    assert {name: empty[name] for name in names} == dict.fromkeys(names)
    asked: list[Json] = [{f"{name}__isnull": True} for name in names]
    null = await listed(session, models.Post, PostQuery, asked)
    assert null == [[empty]] * len(names)
    for value, row in ((True, empty), (False, full)):
        all_of_them = {f"{name}__isnull": value for name in names}
        assert await items(client, POST_PATH, **all_of_them) == [row]


async def test_update(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_post(session)
    unchanged = await client.patch(url_of_post(row), json={})
    assert (unchanged.status_code, unchanged.json()) == (200, row)
    other = await body_of_post(session)
    names = ["author_id", "title", "slug", "body", "status", "published_at", "view_count"]
    for some in (names[:1], names[1:]):
        changes = {name: other[name] for name in some}
        answer = await client.patch(url_of_post(row), json=changes)
        assert answer.status_code == 200, answer.text
        row |= changes | {"updated_at": answer.json()["updated_at"]}
        assert answer.json() == row
    assert row in await stored(session, models.Post)


async def test_updated_at_moves_on(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_post(session)
    await session.execute(update(models.Post).values(updated_at=LONG_AGO))
    name = "author_id"
    changes = {name: (await body_of_post(session))[name]}
    changed = await client.patch(url_of_post(row), json=changes)
    assert is_recent(changed.json()["updated_at"])


async def test_update_refuses_what_does_not_fit(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_post(session)
    kept = {
        name: row.get(name)
        for name in ["id", "created_at", "updated_at", "is_deleted", "deleted_at", "no such column"]
    }
    nulls = dict.fromkeys(["author_id", "title", "slug", "body", "status", "view_count"])
    answer = await client.patch(url_of_post(row), json=kept | nulls)
    assert faults(answer) == set(kept | nulls)
    assert row in await stored(session, models.Post)


async def test_delete_and_restore(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_post(session)
    assert (await client.delete(url_of_post(row))).status_code == 204
    for method in ("GET", "DELETE", "PATCH"):
        answer = await client.request(
            method, url_of_post(row), json={} if method == "PATCH" else None
        )
        assert answer.status_code == 404, method
    assert await items(client, POST_PATH) == []
    [deleted] = await items(client, POST_PATH, include_deleted=True)
    assert await items(client, POST_PATH, is_deleted=True) == [deleted]
    assert deleted["is_deleted"] is True
    assert is_recent(deleted["deleted_at"])
    shown = await client.get(url_of_post(row), params={"include_deleted": True})
    assert shown.json() == deleted
    restored = await client.post(f"{url_of_post(row)}/restore")
    assert restored.status_code == 200
    assert restored.json()["is_deleted"] is False
    assert restored.json()["deleted_at"] is None
    assert await items(client, POST_PATH) == [restored.json()]


async def test_what_is_not_there_is_not_found(client: AsyncClient) -> None:
    missing = url(POST_PATH, 0)
    assert (await client.get(missing)).status_code == 404
    assert (await client.delete(missing)).status_code == 404
    assert (await client.patch(missing, json={})).status_code == 404
    assert (await client.post(f"{missing}/restore")).status_code == 404


async def test_duplicates_are_conflicts(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_post(session)
    for names in [["slug"]]:
        body = await body_of_post(session) | {name: row[name] for name in names}
        answer = await client.post(POST_PATH, json=body)
        assert answer.status_code == 409, names
    assert await stored(session, models.Post) == [row]


async def test_update_to_a_duplicate_is_a_conflict(
    client: AsyncClient, session: AsyncSession
) -> None:
    first, second = await make_post(session), await make_post(session)
    names = ["slug"]
    answer = await client.patch(url_of_post(second), json={name: first[name] for name in names})
    assert answer.status_code == 409
    assert second in await stored(session, models.Post)


async def test_unknown_references_are_refused(client: AsyncClient, session: AsyncSession) -> None:
    references: list[Json] = [
        {"author_id": 0},
    ]
    for reference in references:
        body = await body_of_post(session) | reference
        answer = await client.post(POST_PATH, json=body)
        assert answer.status_code == 422, reference
        assert {one["pointer"] for one in answer.json()["errors"]} & {
            f"/{name}" for name in reference
        }
    assert await stored(session, models.Post) == []


async def test_hidden_author_id_is_refused(client: AsyncClient, session: AsyncSession) -> None:
    parent = await make_user(session)
    referring = {"author_id": parent["id"]}
    row = await make_post(session, **referring)
    assert (await client.delete(url_of_post(row))).status_code == 204
    assert (await client.delete(url_of_user(parent))).status_code == 204
    body = await body_of_post(session) | referring
    assert faults(await client.post(POST_PATH, json=body)) == set(referring)
    assert faults(await client.post(f"{url_of_post(row)}/restore")) == set(referring)


async def test_relationship_author(session: AsyncSession) -> None:
    other = await make_user(session)
    referring = {"author_id": other["id"]}
    row = await make_post(session, **referring)
    assert (row, [other]) in await related(session, models.Post.author)
    assert (other, [row]) in await related(session, models.User.posts)


async def test_delete_with_comments_by_post_id(session: AsyncSession) -> None:
    row = await make_post(session)
    referring = {"post_id": row["id"]}
    child = await make_comment(session, **referring)
    gone = await erase(session, models.Post, row)
    assert gone
    assert child not in await stored(session, models.Comment)


async def test_delete_with_post_tags_by_post_id(session: AsyncSession) -> None:
    row = await make_post(session)
    referring = {"post_id": row["id"]}
    child = await make_post_tag(session, **referring)
    gone = await erase(session, models.Post, row)
    assert gone
    assert child not in await stored(session, models.PostTag)


async def test_links_to_tags(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_post(session)
    links = f"{url_of_post(row)}/tags"
    assert await items(client, links) == []
    other = await make_tag(session)
    link = url(links, other["id"])
    for _ in range(2):
        assert (await client.put(link)).status_code == 204
        assert await items(client, links) == [other]
    assert (row, [other]) in await related(session, models.Post.tags)
    assert (other, [row]) in await related(session, models.Tag.posts)
    assert (await client.delete(link)).status_code == 204
    assert await items(client, links) == []
    assert (await client.delete(link)).status_code == 404
    unknown = url(links, 0)
    assert (await client.put(unknown)).status_code == 404
    assert (await client.delete(url_of_post(row))).status_code == 204
    for method, path in (("GET", links), ("PUT", link), ("DELETE", link)):
        assert (await client.request(method, path)).status_code == 404, method
