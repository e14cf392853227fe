"""The routes of post tags."""

from httpx import AsyncClient
from sqlalchemy.ext.asyncio import AsyncSession

from app import models
from app.schemas.post_tags import PostTagQuery
from tests.factories.post_tags import (
    POST_TAG_PATH,
    body_of_post_tag,
    make_post_tag,
    url_of_post_tag,
)
from tests.factories.posts import make_post, url_of_post
from tests.rows import (
    Json,
    column_sorted,
    faults,
    in_order,
    items,
    listed,
    selected,
    stored,
    url,
)


async def test_create_and_read(client: AsyncClient, session: AsyncSession) -> None:
    body = await body_of_post_tag(session)
    answer = await client.post(POST_TAG_PATH, json=body)
    assert answer.status_code == 201, answer.text
    created = answer.json()
    assert {name: created[name] for name in body} == body
    assert created in await stored(session, models.PostTag)
    read = await client.get(answer.headers["location"])
    assert read.status_code == 200
    assert read.json() == created


async def test_create_refuses_what_does_not_fit(client: AsyncClient, session: AsyncSession) -> None:
    body = await body_of_post_tag(session)
    misfits: Json = {
        "no such column": 1,
    }
    answer = await client.post(POST_TAG_PATH, json=body | misfits)
    assert faults(answer) == set(misfits)
    nothing = await client.post(POST_TAG_PATH, json={})
    assert faults(nothing) == {"post_id", "tag_id"}
    assert await stored(session, models.PostTag) == []


async def test_pages(client: AsyncClient, session: AsyncSession, statements: list[str]) -> None:
    rows = [await make_post_tag(session) for _ in range(3)]
    statements.clear()
    first = (await client.get(POST_TAG_PATH, params={"limit": 2})).json()
    asked = len(statements)
    assert any("ORDER BY" in one for one in statements), "pages overlap without an order"
    second = (await client.get(POST_TAG_PATH, params={"limit": 2, "offset": 2})).json()
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
    assert faults(await client.get(POST_TAG_PATH, params=wrong)) == set(wrong)


async def test_sorting(client: AsyncClient, session: AsyncSession) -> None:
    for _ in range(3):
        await make_post_tag(session)
    names = ["post_id", "tag_id"]
    rows = await items(client, POST_TAG_PATH, sort=",".join(names))
    assert rows == await selected(session, models.PostTag, PostTagQuery, sort=",".join(names))
    for name in ["post_id", "tag_id"]:
        falling = await column_sorted(session, models.PostTag, PostTagQuery, name, f"-{name}")
        assert in_order(falling[::-1]), name
    for name in ["post_id"]:
        rising = await column_sorted(session, models.PostTag, PostTagQuery, name, name)
        falling = await column_sorted(session, models.PostTag, PostTagQuery, name, f"-{name}")
        assert rising == falling[::-1], name


async def test_filters(client: AsyncClient, session: AsyncSession) -> None:
    first, second = await make_post_tag(session), await make_post_tag(session)
    same: dict[str, str] = {
        "post_id": "post_id",
        "tag_id": "tag_id",
    }
    values = {parameter: first[name] for parameter, name in same.items()}
    assert first in await items(client, POST_TAG_PATH, **values)
    asked: list[Json] = [{parameter: value} for parameter, value in values.items()]
    shown = await listed(session, models.PostTag, PostTagQuery, asked)
    for name, found in zip(same.values(), shown, strict=True):
        assert first in found, name
        assert (second in found) == (second[name] == first[name]), name


async def test_delete(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_post_tag(session)
    assert (await client.delete(url_of_post_tag(row))).status_code == 204
    assert (await client.get(url_of_post_tag(row))).status_code == 404
    assert row not in await stored(session, models.PostTag)


async def test_what_is_not_there_is_not_found(client: AsyncClient) -> None:
    missing = url(POST_TAG_PATH, 0, 0)
    assert (await client.get(missing)).status_code == 404
    assert (await client.delete(missing)).status_code == 404


async def test_duplicates_are_conflicts(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_post_tag(session)
    for names in [["post_id", "tag_id"]]:
        body = await body_of_post_tag(session) | {name: row[name] for name in names}
        answer = await client.post(POST_TAG_PATH, json=body)
        assert answer.status_code == 409, names
    assert await stored(session, models.PostTag) == [row]


async def test_unknown_references_are_refused(client: AsyncClient, session: AsyncSession) -> None:
    references: list[Json] = [
        {"post_id": 0},
        {"tag_id": 0},
    ]
    for reference in references:
        body = await body_of_post_tag(session) | reference
        answer = await client.post(POST_TAG_PATH, json=body)
        assert answer.status_code == 422, reference
        assert {one["pointer"] for one in answer.json()["errors"]} & {
            f"/{name}" for name in reference
        }
    assert await stored(session, models.PostTag) == []


async def test_hidden_post_id_is_refused(client: AsyncClient, session: AsyncSession) -> None:
    parent = await make_post(session)
    referring = {"post_id": parent["id"]}
    assert (await client.delete(url_of_post(parent))).status_code == 204
    body = await body_of_post_tag(session) | referring
    assert faults(await client.post(POST_TAG_PATH, json=body)) == set(referring)
