"""The routes of group."""

from httpx import AsyncClient

from tests.factories.class_ import make_class_
from tests.factories.group import GROUP_PATH, body_of_group, make_group, url_of_group
from tests.samples import Json, create, in_order, items, text, url, uuid


async def test_create_and_read(client: AsyncClient) -> None:
    body = await body_of_group(client)
    answer = await client.post(GROUP_PATH, json=body)
    assert answer.status_code == 201, answer.text
    created = answer.json()
    assert {name: created[name] for name in body} == body
    read = await client.get(answer.headers["location"])
    assert read.status_code == 200
    assert read.json() == created


async def test_defaults(client: AsyncClient) -> None:
    defaults: dict[str, object] = {
        "values": [],
    }
    body = await body_of_group(client)
    sent = {name: value for name, value in body.items() if name not in defaults}
    created = await create(client, GROUP_PATH, sent)
    assert {name: created[name] for name in defaults} == defaults


async def test_create_refuses_what_does_not_fit(client: AsyncClient) -> None:
    body = await body_of_group(client)
    for name in ["order", "key"]:
        incomplete = {other: body[other] for other in body if other != name}
        answer = await client.post(GROUP_PATH, json=incomplete)
        assert answer.status_code == 422, name
    misfits: list[tuple[str, object]] = [
        ("key", "x" * 21),
        ("values", ["\x00"]),
        ("no such column", 1),
    ]
    for name, value in misfits:
        answer = await client.post(GROUP_PATH, json=body | {name: value})
        assert answer.status_code == 422, name
        assert answer.json()["errors"][0]["pointer"].split("/")[1] == name
    assert await items(client, GROUP_PATH) == []


async def test_pages(client: AsyncClient) -> None:
    rows = [await make_group(client) for _ in range(3)]
    first = (await client.get(GROUP_PATH, params={"limit": 2})).json()
    second = (await client.get(GROUP_PATH, params={"limit": 2, "offset": 2})).json()
    assert [first["total"], second["total"]] == [3, 3]
    assert [len(first["items"]), len(second["items"])] == [2, 1]
    assert all(row in first["items"] + second["items"] for row in rows)
    for wrong in ({"limit": 0}, {"limit": 101}, {"offset": -1}, {"offset": 2**63}):
        answer = await client.get(GROUP_PATH, params=wrong)
        assert answer.status_code == 422, wrong


async def test_sorting(client: AsyncClient) -> None:
    for _ in range(3):
        await make_group(client)
    for name in ["order", "key"]:
        assert in_order([row[name] for row in await items(client, GROUP_PATH, sort=name)]), name
    for name in ["order"]:
        rising = [row[name] for row in await items(client, GROUP_PATH, sort=name)]
        falling = [row[name] for row in await items(client, GROUP_PATH, sort=f"-{name}")]
        assert rising == falling[::-1], name
    answer = await client.get(GROUP_PATH, params={"sort": "no such column"})
    assert answer.status_code == 422


async def test_filters(client: AsyncClient) -> None:
    first, second = await make_group(client), await make_group(client)
    for name in ["order", "key"]:
        found = await items(client, GROUP_PATH, **{name: first[name]})
        assert first in found, name
        assert (second in found) == (second[name] == first[name]), name
    for name in ["key"]:
        found = await items(client, GROUP_PATH, **{f"{name}__contains": first[name].upper()})
        assert found == [first], name
    assert await items(client, GROUP_PATH, key__contains="%") == []


async def test_empty_columns(client: AsyncClient) -> None:
    names = ["values"]
    full = await make_group(client)
    empty = await make_group(client, **dict.fromkeys(names))
    for name in names:
        assert await items(client, GROUP_PATH, **{f"{name}__isnull": True}) == [empty], name
        assert await items(client, GROUP_PATH, **{f"{name}__isnull": False}) == [full], name


async def test_update(client: AsyncClient) -> None:
    row = await make_group(client)
    unchanged = await client.patch(url_of_group(row), json={})
    assert (unchanged.status_code, unchanged.json()) == (200, row)
    other = await body_of_group(client)
    names = ["values"]
    for some in (names[:1], names[1:]):
        changes = {name: other[name] for name in some}
        answer = await client.patch(url_of_group(row), json=changes)
        assert answer.status_code == 200, answer.text
        row |= changes
        assert answer.json() == row
    assert (await client.get(url_of_group(row))).json() == row


async def test_update_refuses_what_does_not_fit(client: AsyncClient) -> None:
    row = await make_group(client)
    for name in ["order", "key", "no such column"]:
        answer = await client.patch(url_of_group(row), json={name: row.get(name)})
        assert answer.status_code == 422, name
    assert (await client.get(url_of_group(row))).json() == row


async def test_delete(client: AsyncClient) -> None:
    row = await make_group(client)
    assert (await client.delete(url_of_group(row))).status_code == 204
    assert (await client.get(url_of_group(row))).status_code == 404
    assert await items(client, GROUP_PATH) == []


async def test_what_is_not_there_is_not_found(client: AsyncClient) -> None:
    missing = url(GROUP_PATH, uuid(0), text("key", 0))
    assert (await client.get(missing)).status_code == 404
    assert (await client.delete(missing)).status_code == 404
    assert (await client.patch(missing, json={})).status_code == 404


async def test_duplicates_are_conflicts(client: AsyncClient) -> None:
    row = await make_group(client)
    for names in [["order", "key"]]:
        body = await body_of_group(client) | {name: row[name] for name in names}
        answer = await client.post(GROUP_PATH, json=body)
        assert answer.status_code == 409, names
    assert await items(client, GROUP_PATH) == [row]


async def test_unknown_references_are_refused(client: AsyncClient) -> None:
    references: list[Json] = [
        {"order": uuid(0)},
    ]
    for reference in references:
        body = await body_of_group(client) | reference
        answer = await client.post(GROUP_PATH, json=body)
        assert answer.status_code == 422, reference
    assert await items(client, GROUP_PATH) == []


async def test_linked_class(client: AsyncClient) -> None:
    row, other = await make_group(client), await make_class_(client)
    links = f"{url_of_group(row)}/linked-class"
    assert await items(client, links) == []
    link = url(links, other["import"])
    for _ in range(2):
        assert (await client.put(link)).status_code == 204
        assert await items(client, links) == [other]
    assert (await client.get(links)).json()["total"] == 1
    assert (await client.delete(link)).status_code == 204
    assert await items(client, links) == []
    assert (await client.delete(link)).status_code == 404
    unknown = url(links, 0)
    assert (await client.put(unknown)).status_code == 404
