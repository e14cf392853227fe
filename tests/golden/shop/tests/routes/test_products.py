"""The routes of products."""

from httpx import AsyncClient

from tests.factories.categories import make_category
from tests.factories.order_lines import make_order_line, url_of_order_line
from tests.factories.products import PRODUCT_PATH, body_of_product, make_product, url_of_product
from tests.factories.stock_levels import make_stock_level, url_of_stock_level
from tests.samples import create, in_order, items, text, url


async def test_create_and_read(client: AsyncClient) -> None:
    body = await body_of_product(client)
    answer = await client.post(PRODUCT_PATH, json=body)
    assert answer.status_code == 201, answer.text
    created = answer.json()
    assert {name: created[name] for name in body} == body
    read = await client.get(answer.headers["location"])
    assert read.status_code == 200
    assert read.json() == created


async def test_defaults(client: AsyncClient) -> None:
    defaults: dict[str, object] = {
        "details": {},
        "weight_kg": None,
        "discontinued": False,
    }
    body = await body_of_product(client)
    sent = {name: value for name, value in body.items() if name not in defaults}
    created = await create(client, PRODUCT_PATH, sent)
    assert {name: created[name] for name in defaults} == defaults


async def test_create_refuses_what_does_not_fit(client: AsyncClient) -> None:
    body = await body_of_product(client)
    for name in ["sku", "title", "price"]:
        incomplete = {other: body[other] for other in body if other != name}
        answer = await client.post(PRODUCT_PATH, json=incomplete)
        assert answer.status_code == 422, name
    misfits: list[tuple[str, object]] = [
        ("sku", "x" * 33),
        ("title", "x" * 201),
        ("details", ["\x00"]),
        ("price", "1e40"),
        ("vat_rate", "1e40"),
        ("weight_kg", "NaN"),
        ("discontinued", "yes"),
        ("created_at", None),
        ("updated_at", None),
        ("no such column", 1),
    ]
    for name, value in misfits:
        answer = await client.post(PRODUCT_PATH, json=body | {name: value})
        assert answer.status_code == 422, name
        assert answer.json()["errors"][0]["pointer"].split("/")[1] == name
    assert await items(client, PRODUCT_PATH) == []


async def test_checks_are_kept(client: AsyncClient) -> None:
    body = await body_of_product(client)
    broken: list[tuple[str, object]] = [
        ("price", "-0.01"),
        ("vat_rate", "-0.001"),
        ("weight_kg", 0),
    ]
    for name, value in broken:
        answer = await client.post(PRODUCT_PATH, json=body | {name: value})
        assert answer.status_code == 422, name
    assert await items(client, PRODUCT_PATH) == []


async def test_pages(client: AsyncClient) -> None:
    rows = [await make_product(client) for _ in range(3)]
    first = (await client.get(PRODUCT_PATH, params={"limit": 2})).json()
    second = (await client.get(PRODUCT_PATH, params={"limit": 2, "offset": 2})).json()
    assert [first["total"], second["total"]] == [3, 3]
    assert [len(first["items"]), len(second["items"])] == [2, 1]
    assert all(row in first["items"] + second["items"] for row in rows)
    for wrong in ({"limit": 0}, {"limit": 101}, {"offset": -1}, {"offset": 2**63}):
        answer = await client.get(PRODUCT_PATH, params=wrong)
        assert answer.status_code == 422, wrong


async def test_sorting(client: AsyncClient) -> None:
    for _ in range(3):
        await make_product(client)
    for name in ["sku", "title", "weight_kg", "discontinued"]:
        assert in_order([row[name] for row in await items(client, PRODUCT_PATH, sort=name)]), name
    for name in ["sku", "price", "vat_rate"]:
        rising = [row[name] for row in await items(client, PRODUCT_PATH, sort=name)]
        falling = [row[name] for row in await items(client, PRODUCT_PATH, sort=f"-{name}")]
        assert rising == falling[::-1], name
    answer = await client.get(PRODUCT_PATH, params={"sort": "no such column"})
    assert answer.status_code == 422


async def test_filters(client: AsyncClient) -> None:
    first, second = await make_product(client), await make_product(client)
    for name in ["sku", "title", "price", "vat_rate", "weight_kg", "discontinued"]:
        found = await items(client, PRODUCT_PATH, **{name: first[name]})
        assert first in found, name
        assert (second in found) == (second[name] == first[name]), name
    for name in ["price", "weight_kg"]:
        assert await items(client, PRODUCT_PATH, **{f"{name}__lte": first[name]}) == [first], name
        assert await items(client, PRODUCT_PATH, **{f"{name}__gte": second[name]}) == [second], name
    for name in ["sku", "title"]:
        found = await items(client, PRODUCT_PATH, **{f"{name}__contains": first[name].upper()})
        assert found == [first], name
    assert await items(client, PRODUCT_PATH, sku__contains="%") == []


async def test_empty_columns(client: AsyncClient) -> None:
    names = ["details", "weight_kg"]
    full = await make_product(client)
    empty = await make_product(client, **dict.fromkeys(names))
    for name in names:
        assert await items(client, PRODUCT_PATH, **{f"{name}__isnull": True}) == [empty], name
        assert await items(client, PRODUCT_PATH, **{f"{name}__isnull": False}) == [full], name


async def test_update(client: AsyncClient) -> None:
    row = await make_product(client)
    unchanged = await client.patch(url_of_product(row), json={})
    assert (unchanged.status_code, unchanged.json()) == (200, row)
    other = await body_of_product(client)
    names = ["title", "details", "price", "vat_rate", "weight_kg", "discontinued"]
    for some in (names[:1], names[1:]):
        changes = {name: other[name] for name in some}
        answer = await client.patch(url_of_product(row), json=changes)
        assert answer.status_code == 200, answer.text
        row |= changes | {"updated_at": answer.json()["updated_at"]}
        assert answer.json() == row
    assert (await client.get(url_of_product(row))).json() == row


async def test_update_refuses_what_does_not_fit(client: AsyncClient) -> None:
    row = await make_product(client)
    for name in ["title", "price", "vat_rate", "discontinued"]:
        answer = await client.patch(url_of_product(row), json={name: None})
        assert answer.status_code == 422, name
    for name in ["sku", "created_at", "updated_at", "no such column"]:
        answer = await client.patch(url_of_product(row), json={name: row.get(name)})
        assert answer.status_code == 422, name
    assert (await client.get(url_of_product(row))).json() == row


async def test_delete(client: AsyncClient) -> None:
    row = await make_product(client)
    assert (await client.delete(url_of_product(row))).status_code == 204
    assert (await client.get(url_of_product(row))).status_code == 404
    assert await items(client, PRODUCT_PATH) == []


async def test_what_is_not_there_is_not_found(client: AsyncClient) -> None:
    missing = url(PRODUCT_PATH, text("sku", 0))
    assert (await client.get(missing)).status_code == 404
    assert (await client.delete(missing)).status_code == 404
    assert (await client.patch(missing, json={})).status_code == 404


async def test_duplicates_are_conflicts(client: AsyncClient) -> None:
    row = await make_product(client)
    for names in [["sku"]]:
        body = await body_of_product(client) | {name: row[name] for name in names}
        answer = await client.post(PRODUCT_PATH, json=body)
        assert answer.status_code == 409, names
    assert await items(client, PRODUCT_PATH) == [row]


async def test_delete_with_order_lines_by_product_sku(client: AsyncClient) -> None:
    row = await make_product(client)
    referring = {"product_sku": row["sku"]}
    child = await make_order_line(client, **referring)
    answer = await client.delete(url_of_product(row))
    assert answer.status_code == 409
    assert (await client.get(url_of_product(row))).json() == row
    assert (await client.get(url_of_order_line(child))).json() == child


async def test_delete_with_stock_levels_by_product_sku(client: AsyncClient) -> None:
    row = await make_product(client)
    referring = {"product_sku": row["sku"]}
    child = await make_stock_level(client, **referring)
    answer = await client.delete(url_of_product(row))
    assert answer.status_code == 204
    assert (await client.get(url_of_stock_level(child))).status_code == 404


async def test_orders(client: AsyncClient) -> None:
    row = await make_product(client)
    links = f"{url_of_product(row)}/orders"
    assert await items(client, links) == []


async def test_categories(client: AsyncClient) -> None:
    row, other = await make_product(client), await make_category(client)
    links = f"{url_of_product(row)}/categories"
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
