"""The routes of post tags."""

from httpx import AsyncClient

from tests.factories.post_tags import (
    POST_TAG_PATH,
    body_of_post_tag,
    make_post_tag,
    url_of_post_tag,
)
from tests.samples import Json, in_order, items, url


async def test_create_and_read(client: AsyncClient) -> None:
    body = await body_of_post_tag(client)
    answer = await client.post(POST_TAG_PATH, json=body)
    assert answer.status_code == 201, answer.text
    created = answer.json()
    assert {name: created[name] for name in body} == body
    read = await client.get(answer.headers["location"])
    assert read.status_code == 200
    assert read.json() == created


async def test_create_refuses_what_does_not_fit(client: AsyncClient) -> None:
    body = await body_of_post_tag(client)
    for name in ["post_id", "tag_id"]:
        incomplete = {other: body[other] for other in body if other != name}
        answer = await client.post(POST_TAG_PATH, json=incomplete)
        assert answer.status_code == 422, name
    misfits: list[tuple[str, object]] = [
        ("no such column", 1),
    ]
    for name, value in misfits:
        answer = await client.post(POST_TAG_PATH, json=body | {name: value})
        assert answer.status_code == 422, name
        assert answer.json()["errors"][0]["pointer"].split("/")[1] == name
    assert await items(client, POST_TAG_PATH) == []


async def test_pages(client: AsyncClient) -> None:
    rows = [await make_post_tag(client) for _ in range(3)]
    first = (await client.get(POST_TAG_PATH, params={"limit": 2})).json()
    second = (await client.get(POST_TAG_PATH, params={"limit": 2, "offset": 2})).json()
    assert [first["total"], second["total"]] == [3, 3]
    assert [len(first["items"]), len(second["items"])] == [2, 1]
    assert all(row in first["items"] + second["items"] for row in rows)
    for wrong in ({"limit": 0}, {"limit": 101}, {"offset": -1}, {"offset": 2**63}):
        answer = await client.get(POST_TAG_PATH, params=wrong)
        assert answer.status_code == 422, wrong


async def test_sorting(client: AsyncClient) -> None:
    for _ in range(3):
        await make_post_tag(client)
    for name in ["post_id", "tag_id"]:
        assert in_order([row[name] for row in await items(client, POST_TAG_PATH, sort=name)]), name
    for name in ["post_id"]:
        rising = [row[name] for row in await items(client, POST_TAG_PATH, sort=name)]
        falling = [row[name] for row in await items(client, POST_TAG_PATH, sort=f"-{name}")]
        assert rising == falling[::-1], name
    answer = await client.get(POST_TAG_PATH, params={"sort": "no such column"})
    assert answer.status_code == 422


async def test_filters(client: AsyncClient) -> None:
    first, second = await make_post_tag(client), await make_post_tag(client)
    for name in ["post_id", "tag_id"]:
        found = await items(client, POST_TAG_PATH, **{name: first[name]})
        assert first in found, name
        assert (second in found) == (second[name] == first[name]), name


async def test_delete(client: AsyncClient) -> None:
    row = await make_post_tag(client)
    assert (await client.delete(url_of_post_tag(row))).status_code == 204
    assert (await client.get(url_of_post_tag(row))).status_code == 404
    assert await items(client, POST_TAG_PATH) == []


async def test_what_is_not_there_is_not_found(client: AsyncClient) -> None:
    missing = url(POST_TAG_PATH, 0, 0)
    assert (await client.get(missing)).status_code == 404
    assert (await client.delete(missing)).status_code == 404


async def test_duplicates_are_conflicts(client: AsyncClient) -> None:
    row = await make_post_tag(client)
    for names in [["post_id", "tag_id"]]:
        body = await body_of_post_tag(client) | {name: row[name] for name in names}
        answer = await client.post(POST_TAG_PATH, json=body)
        assert answer.status_code == 409, names
    assert await items(client, POST_TAG_PATH) == [row]


async def test_unknown_references_are_refused(client: AsyncClient) -> None:
    references: list[Json] = [
        {"post_id": 0},
        {"tag_id": 0},
    ]
    for reference in references:
        body = await body_of_post_tag(client) | reference
        answer = await client.post(POST_TAG_PATH, json=body)
        assert answer.status_code == 422, reference
    assert await items(client, POST_TAG_PATH) == []
