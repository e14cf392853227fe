"""The routes of categories."""

from httpx import AsyncClient
from sqlalchemy.ext.asyncio import AsyncSession

from app import models
from app.schemas.categories import CategoryQuery
from tests.factories.categories import (
    CATEGORY_PATH,
    body_of_category,
    make_category,
    url_of_category,
)
from tests.factories.products import make_product
from tests.rows import (
    Json,
    column_sorted,
    faults,
    in_order,
    items,
    listed,
    related,
    selected,
    stored,
    url,
)
from tests.samples import text


async def test_create_and_read(client: AsyncClient, session: AsyncSession) -> None:
    body = await body_of_category(session)
    answer = await client.post(CATEGORY_PATH, json=body)
    assert answer.status_code == 201, answer.text
    created = answer.json()
    assert {name: created[name] for name in body} == body
    assert created in await stored(session, models.Category)
    read = await client.get(answer.headers["location"])
    assert read.status_code == 200
    assert read.json() == created


async def test_create_refuses_what_does_not_fit(client: AsyncClient, session: AsyncSession) -> None:
    body = await body_of_category(session)
    misfits: Json = {
        "name": "x" * 61,
        "id": None,
        "no such column": 1,
    }
    answer = await client.post(CATEGORY_PATH, json=body | misfits)
    assert faults(answer) == set(misfits)
    nothing = await client.post(CATEGORY_PATH, json={})
    assert faults(nothing) == {"name"}
    assert await stored(session, models.Category) == []


async def test_pages(client: AsyncClient, session: AsyncSession, statements: list[str]) -> None:
    rows = [await make_category(session) for _ in range(3)]
    statements.clear()
    first = (await client.get(CATEGORY_PATH, params={"limit": 2})).json()
    asked = len(statements)
    assert any("ORDER BY" in one for one in statements), "pages overlap without an order"
    second = (await client.get(CATEGORY_PATH, params={"limit": 2, "offset": 2})).json()
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
    assert faults(await client.get(CATEGORY_PATH, params=wrong)) == set(wrong)


async def test_sorting(client: AsyncClient, session: AsyncSession) -> None:
    for _ in range(3):
        await make_category(session)
    names = ["name"]
    rows = await items(client, CATEGORY_PATH, sort=",".join(names))
    assert rows == await selected(session, models.Category, CategoryQuery, sort=",".join(names))
    for name in ["name"]:
        falling = await column_sorted(session, models.Category, CategoryQuery, name, f"-{name}")
        assert in_order(falling[::-1]), name
    for name in ["name"]:
        rising = await column_sorted(session, models.Category, CategoryQuery, name, name)
        falling = await column_sorted(session, models.Category, CategoryQuery, name, f"-{name}")
        assert rising == falling[::-1], name


async def test_filters(client: AsyncClient, session: AsyncSession) -> None:
    first, second = await make_category(session), await make_category(session)
    same: dict[str, str] = {
        "name": "name",
    }
    values = {parameter: first[name] for parameter, name in same.items()}
    assert first in await items(client, CATEGORY_PATH, **values)
    asked: list[Json] = [{parameter: value} for parameter, value in values.items()]
    shown = await listed(session, models.Category, CategoryQuery, asked)
    for name, found in zip(same.values(), shown, strict=True):
        assert first in found, name
        assert (second in found) == (second[name] == first[name]), name
    parts = {name: first[name][1:] or first[name] for name in ["name"]}
    asked = [{f"{name}__contains": part.upper()} for name, part in parts.items()]
    shown = await listed(session, models.Category, CategoryQuery, asked)
    for (name, part), found in zip(parts.items(), shown, strict=True):
        assert first in found, name
        assert (second in found) == (part.lower() in second[name].lower()), name
    assert await items(client, CATEGORY_PATH, name__contains="%") == []


async def test_update(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_category(session)
    unchanged = await client.patch(url_of_category(row), json={})
    assert (unchanged.status_code, unchanged.json()) == (200, row)
    other = await body_of_category(session)
    names = ["name"]
    for some in (names[:1], names[1:]):
        changes = {name: other[name] for name in some}
        answer = await client.patch(url_of_category(row), json=changes)
        assert answer.status_code == 200, answer.text
        row |= changes
        assert answer.json() == row
    assert row in await stored(session, models.Category)


async def test_update_refuses_what_does_not_fit(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_category(session)
    kept = {name: row.get(name) for name in ["id", "no such column"]}
    nulls = dict.fromkeys(["name"])
    answer = await client.patch(url_of_category(row), json=kept | nulls)
    assert faults(answer) == set(kept | nulls)
    assert row in await stored(session, models.Category)


async def test_delete(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_category(session)
    assert (await client.delete(url_of_category(row))).status_code == 204
    assert (await client.get(url_of_category(row))).status_code == 404
    assert row not in await stored(session, models.Category)


async def test_what_is_not_there_is_not_found(client: AsyncClient) -> None:
    missing = url(CATEGORY_PATH, 0)
    assert (await client.get(missing)).status_code == 404
    assert (await client.delete(missing)).status_code == 404
    assert (await client.patch(missing, json={})).status_code == 404


async def test_duplicates_are_conflicts(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_category(session)
    for names in [["name"]]:
        body = await body_of_category(session) | {name: row[name] for name in names}
        answer = await client.post(CATEGORY_PATH, json=body)
        assert answer.status_code == 409, names
    assert await stored(session, models.Category) == [row]


async def test_update_to_a_duplicate_is_a_conflict(
    client: AsyncClient, session: AsyncSession
) -> None:
    first, second = await make_category(session), await make_category(session)
    names = ["name"]
    answer = await client.patch(url_of_category(second), json={name: first[name] for name in names})
    assert answer.status_code == 409
    assert second in await stored(session, models.Category)


async def test_links_to_products(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_category(session)
    links = f"{url_of_category(row)}/products"
    assert await items(client, links) == []
    other = await make_product(session)
    link = url(links, other["sku"])
    for _ in range(2):
        assert (await client.put(link)).status_code == 204
        assert await items(client, links) == [other]
    assert (row, [other]) in await related(session, models.Category.products)
    assert (other, [row]) in await related(session, models.Product.categories)
    assert (await client.delete(link)).status_code == 204
    assert await items(client, links) == []
    assert (await client.delete(link)).status_code == 404
    unknown = url(links, text("sku", 0))
    assert (await client.put(unknown)).status_code == 404
