"""The routes of categories."""

from httpx import AsyncClient

from tests.factories.categories import (
    CATEGORY_PATH,
    body_of_category,
    make_category,
    url_of_category,
)
from tests.factories.products import make_product
from tests.samples import in_order, items, text, url


async def test_create_and_read(client: AsyncClient) -> None:
    body = await body_of_category(client)
    answer = await client.post(CATEGORY_PATH, json=body)
    assert answer.status_code == 201, answer.text
    created = answer.json()
    assert {name: created[name] for name in body} == body
    read = await client.get(answer.headers["location"])
    assert read.status_code == 200
    assert read.json() == created


async def test_create_refuses_what_does_not_fit(client: AsyncClient) -> None:
    body = await body_of_category(client)
    for name in ["name"]:
        incomplete = {other: body[other] for other in body if other != name}
        answer = await client.post(CATEGORY_PATH, json=incomplete)
        assert answer.status_code == 422, name
    misfits: list[tuple[str, object]] = [
        ("name", "x" * 61),
        ("id", None),
        ("no such column", 1),
    ]
    for name, value in misfits:
        answer = await client.post(CATEGORY_PATH, json=body | {name: value})
        assert answer.status_code == 422, name
        assert answer.json()["errors"][0]["pointer"].split("/")[1] == name
    assert await items(client, CATEGORY_PATH) == []


async def test_pages(client: AsyncClient) -> None:
    rows = [await make_category(client) for _ in range(3)]
    first = (await client.get(CATEGORY_PATH, params={"limit": 2})).json()
    second = (await client.get(CATEGORY_PATH, params={"limit": 2, "offset": 2})).json()
    assert [first["total"], second["total"]] == [3, 3]
    assert [len(first["items"]), len(second["items"])] == [2, 1]
    assert all(row in first["items"] + second["items"] for row in rows)
    for wrong in ({"limit": 0}, {"limit": 101}, {"offset": -1}, {"offset": 2**63}):
        answer = await client.get(CATEGORY_PATH, params=wrong)
        assert answer.status_code == 422, wrong


async def test_sorting(client: AsyncClient) -> None:
    for _ in range(3):
        await make_category(client)
    for name in ["name"]:
        assert in_order([row[name] for row in await items(client, CATEGORY_PATH, sort=name)]), name
    for name in ["name"]:
        rising = [row[name] for row in await items(client, CATEGORY_PATH, sort=name)]
        falling = [row[name] for row in await items(client, CATEGORY_PATH, sort=f"-{name}")]
        assert rising == falling[::-1], name
    answer = await client.get(CATEGORY_PATH, params={"sort": "no such column"})
    assert answer.status_code == 422


async def test_filters(client: AsyncClient) -> None:
    first, second = await make_category(client), await make_category(client)
    for name in ["name"]:
        found = await items(client, CATEGORY_PATH, **{name: first[name]})
        assert first in found, name
        assert (second in found) == (second[name] == first[name]), name
    for name in ["name"]:
        found = await items(client, CATEGORY_PATH, **{f"{name}__contains": first[name].upper()})
        assert found == [first], name
    assert await items(client, CATEGORY_PATH, name__contains="%") == []


async def test_update(client: AsyncClient) -> None:
    row = await make_category(client)
    unchanged = await client.patch(url_of_category(row), json={})
    assert (unchanged.status_code, unchanged.json()) == (200, row)
    other = await body_of_category(client)
    names = ["name"]
    for some in (names[:1], names[1:]):
        changes = {name: other[name] for name in some}
        answer = await client.patch(url_of_category(row), json=changes)
        assert answer.status_code == 200, answer.text
        row |= changes
        assert answer.json() == row
    assert (await client.get(url_of_category(row))).json() == row


async def test_update_refuses_what_does_not_fit(client: AsyncClient) -> None:
    row = await make_category(client)
    for name in ["name"]:
        answer = await client.patch(url_of_category(row), json={name: None})
        assert answer.status_code == 422, name
    for name in ["id", "no such column"]:
        answer = await client.patch(url_of_category(row), json={name: row.get(name)})
        assert answer.status_code == 422, name
    assert (await client.get(url_of_category(row))).json() == row


async def test_delete(client: AsyncClient) -> None:
    row = await make_category(client)
    assert (await client.delete(url_of_category(row))).status_code == 204
    assert (await client.get(url_of_category(row))).status_code == 404
    assert await items(client, CATEGORY_PATH) == []


async def test_what_is_not_there_is_not_found(client: AsyncClient) -> None:
    missing = url(CATEGORY_PATH, 0)
    assert (await client.get(missing)).status_code == 404
    assert (await client.delete(missing)).status_code == 404
    assert (await client.patch(missing, json={})).status_code == 404


async def test_duplicates_are_conflicts(client: AsyncClient) -> None:
    row = await make_category(client)
    for names in [["name"]]:
        body = await body_of_category(client) | {name: row[name] for name in names}
        answer = await client.post(CATEGORY_PATH, json=body)
        assert answer.status_code == 409, names
    assert await items(client, CATEGORY_PATH) == [row]


async def test_products(client: AsyncClient) -> None:
    row, other = await make_category(client), await make_product(client)
    links = f"{url_of_category(row)}/products"
    assert await items(client, links) == []
    link = url(links, other["sku"])
    for _ in range(2):
        assert (await client.put(link)).status_code == 204
        assert await items(client, links) == [other]
    assert (await client.get(links)).json()["total"] == 1
    assert (await client.delete(link)).status_code == 204
    assert await items(client, links) == []
    assert (await client.delete(link)).status_code == 404
    unknown = url(links, text("sku", 0))
    assert (await client.put(unknown)).status_code == 404
