"""The routes of posts."""

from httpx import AsyncClient

from tests.factories.posts import POST_PATH, body_of_post, make_post, url_of_post
from tests.factories.tags import make_tag
from tests.samples import Json, create, in_order, items, url


async def test_create_and_read(client: AsyncClient) -> None:
    body = await body_of_post(client)
    answer = await client.post(POST_PATH, json=body)
    assert answer.status_code == 201, answer.text
    created = answer.json()
    assert {name: created[name] for name in body} == body
    read = await client.get(answer.headers["location"])
    assert read.status_code == 200
    assert read.json() == created


async def test_defaults(client: AsyncClient) -> None:
    defaults: dict[str, object] = {
        "body": "",
        "status": "draft",
        "published_at": None,
        "view_count": 0,
    }
    body = await body_of_post(client)
    sent = {name: value for name, value in body.items() if name not in defaults}
    created = await create(client, POST_PATH, sent)
    assert {name: created[name] for name in defaults} == defaults


async def test_create_refuses_what_does_not_fit(client: AsyncClient) -> None:
    body = await body_of_post(client)
    for name in ["author_id", "title", "slug"]:
        incomplete = {other: body[other] for other in body if other != name}
        answer = await client.post(POST_PATH, json=incomplete)
        assert answer.status_code == 422, name
    misfits: list[tuple[str, object]] = [
        ("title", "x" * 201),
        ("slug", "x" * 201),
        ("body", "\x00"),
        ("status", "no such value"),
        ("published_at", "0001-01-01T00:00:00+14:00"),
        ("view_count", 2**31),
        ("id", None),
        ("created_at", None),
        ("updated_at", None),
        ("is_deleted", None),
        ("deleted_at", None),
        ("no such column", 1),
    ]
    for name, value in misfits:
        answer = await client.post(POST_PATH, json=body | {name: value})
        assert answer.status_code == 422, name
        assert answer.json()["errors"][0]["pointer"].split("/")[1] == name
    assert await items(client, POST_PATH) == []


async def test_checks_are_kept(client: AsyncClient) -> None:
    body = await body_of_post(client)
    broken: list[tuple[str, object]] = [
        ("view_count", -1),
    ]
    for name, value in broken:
        answer = await client.post(POST_PATH, json=body | {name: value})
        assert answer.status_code == 422, name
    assert await items(client, POST_PATH) == []


async def test_pages(client: AsyncClient) -> None:
    rows = [await make_post(client) for _ in range(3)]
    first = (await client.get(POST_PATH, params={"limit": 2})).json()
    second = (await client.get(POST_PATH, params={"limit": 2, "offset": 2})).json()
    assert [first["total"], second["total"]] == [3, 3]
    assert [len(first["items"]), len(second["items"])] == [2, 1]
    assert all(row in first["items"] + second["items"] for row in rows)
    for wrong in ({"limit": 0}, {"limit": 101}, {"offset": -1}, {"offset": 2**63}):
        answer = await client.get(POST_PATH, params=wrong)
        assert answer.status_code == 422, wrong


async def test_sorting(client: AsyncClient) -> None:
    for _ in range(3):
        await make_post(client)
    for name in ["author_id", "title", "slug", "body", "published_at", "view_count"]:
        assert in_order([row[name] for row in await items(client, POST_PATH, sort=name)]), name
    for name in ["author_id", "status"]:
        rising = [row[name] for row in await items(client, POST_PATH, sort=name)]
        falling = [row[name] for row in await items(client, POST_PATH, sort=f"-{name}")]
        assert rising == falling[::-1], name
    answer = await client.get(POST_PATH, params={"sort": "no such column"})
    assert answer.status_code == 422


async def test_filters(client: AsyncClient) -> None:
    first, second = await make_post(client), await make_post(client)
    for name in ["author_id", "title", "slug", "body", "status", "published_at", "view_count"]:
        found = await items(client, POST_PATH, **{name: first[name]})
        assert first in found, name
        assert (second in found) == (second[name] == first[name]), name
    for name in ["published_at", "view_count"]:
        assert await items(client, POST_PATH, **{f"{name}__lte": first[name]}) == [first], name
        assert await items(client, POST_PATH, **{f"{name}__gte": second[name]}) == [second], name
    for name in ["title", "slug", "body"]:
        found = await items(client, POST_PATH, **{f"{name}__contains": first[name].upper()})
        assert found == [first], name
    assert await items(client, POST_PATH, title__contains="%") == []


async def test_empty_columns(client: AsyncClient) -> None:
    names = ["published_at"]
    full = await make_post(client)
    empty = await make_post(client, **dict.fromkeys(names))
    for name in names:
        assert await items(client, POST_PATH, **{f"{name}__isnull": True}) == [empty], name
        assert await items(client, POST_PATH, **{f"{name}__isnull": False}) == [full], name


async def test_update(client: AsyncClient) -> None:
    row = await make_post(client)
    unchanged = await client.patch(url_of_post(row), json={})
    assert (unchanged.status_code, unchanged.json()) == (200, row)
    other = await body_of_post(client)
    names = ["author_id", "title", "slug", "body", "status", "published_at", "view_count"]
    for some in (names[:1], names[1:]):
        changes = {name: other[name] for name in some}
        answer = await client.patch(url_of_post(row), json=changes)
        assert answer.status_code == 200, answer.text
        row |= changes | {"updated_at": answer.json()["updated_at"]}
        assert answer.json() == row
    assert (await client.get(url_of_post(row))).json() == row


async def test_update_refuses_what_does_not_fit(client: AsyncClient) -> None:
    row = await make_post(client)
    for name in ["author_id", "title", "slug", "body", "status", "view_count"]:
        answer = await client.patch(url_of_post(row), json={name: None})
        assert answer.status_code == 422, name
    for name in ["id", "created_at", "updated_at", "is_deleted", "deleted_at", "no such column"]:
        answer = await client.patch(url_of_post(row), json={name: row.get(name)})
        assert answer.status_code == 422, name
    assert (await client.get(url_of_post(row))).json() == row


async def test_delete_and_restore(client: AsyncClient) -> None:
    row = await make_post(client)
    assert (await client.delete(url_of_post(row))).status_code == 204
    for method in ("GET", "DELETE", "PATCH"):
        answer = await client.request(
            method, url_of_post(row), json={} if method == "PATCH" else None
        )
        assert answer.status_code == 404, method
    assert await items(client, POST_PATH) == []
    [deleted] = await items(client, POST_PATH, include_deleted=True)
    assert deleted["is_deleted"] is True
    assert deleted["deleted_at"] is not None
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


async def test_duplicates_are_conflicts(client: AsyncClient) -> None:
    row = await make_post(client)
    for names in [["slug"]]:
        body = await body_of_post(client) | {name: row[name] for name in names}
        answer = await client.post(POST_PATH, json=body)
        assert answer.status_code == 409, names
    assert await items(client, POST_PATH) == [row]


async def test_unknown_references_are_refused(client: AsyncClient) -> None:
    references: list[Json] = [
        {"author_id": 0},
    ]
    for reference in references:
        body = await body_of_post(client) | reference
        answer = await client.post(POST_PATH, json=body)
        assert answer.status_code == 422, reference
    assert await items(client, POST_PATH) == []


async def test_tags(client: AsyncClient) -> None:
    row, other = await make_post(client), await make_tag(client)
    links = f"{url_of_post(row)}/tags"
    assert await items(client, links) == []
    link = url(links, other["id"])
    for _ in range(2):
        assert (await client.put(link)).status_code == 204
        assert await items(client, links) == [other]
    assert (await client.get(links)).json()["total"] == 1
    assert (await client.delete(link)).status_code == 204
    assert await items(client, links) == []
    assert (await client.delete(link)).status_code == 404
    unknown = url(links, 0)
    assert (await client.put(unknown)).status_code == 404
