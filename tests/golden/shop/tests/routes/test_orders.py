"""The routes of orders."""

from httpx import AsyncClient

from tests.factories.order_lines import make_order_line, url_of_order_line
from tests.factories.orders import ORDER_PATH, body_of_order, make_order, url_of_order
from tests.factories.payments import make_payment, url_of_payment
from tests.samples import Json, create, in_order, items, url


async def test_create_and_read(client: AsyncClient) -> None:
    body = await body_of_order(client)
    answer = await client.post(ORDER_PATH, json=body)
    assert answer.status_code == 201, answer.text
    created = answer.json()
    assert {name: created[name] for name in body} == body
    read = await client.get(answer.headers["location"])
    assert read.status_code == 200
    assert read.json() == created


async def test_defaults(client: AsyncClient) -> None:
    defaults: dict[str, object] = {
        "status": "cart",
        "placed_at": None,
        "deliver_on": None,
        "note": None,
    }
    body = await body_of_order(client)
    sent = {name: value for name, value in body.items() if name not in defaults}
    created = await create(client, ORDER_PATH, sent)
    assert {name: created[name] for name in defaults} == defaults


async def test_create_refuses_what_does_not_fit(client: AsyncClient) -> None:
    body = await body_of_order(client)
    for name in ["customer_id", "reference"]:
        incomplete = {other: body[other] for other in body if other != name}
        answer = await client.post(ORDER_PATH, json=incomplete)
        assert answer.status_code == 422, name
    misfits: list[tuple[str, object]] = [
        ("reference", "no uuid"),
        ("status", "no such value"),
        ("placed_at", "0001-01-01T00:00:00+14:00"),
        ("deliver_on", "2024-02-30"),
        ("note", "\x00"),
        ("id", None),
        ("created_at", None),
        ("updated_at", None),
        ("no such column", 1),
    ]
    for name, value in misfits:
        answer = await client.post(ORDER_PATH, json=body | {name: value})
        assert answer.status_code == 422, name
        assert answer.json()["errors"][0]["pointer"].split("/")[1] == name
    assert await items(client, ORDER_PATH) == []


async def test_pages(client: AsyncClient) -> None:
    rows = [await make_order(client) for _ in range(3)]
    first = (await client.get(ORDER_PATH, params={"limit": 2})).json()
    second = (await client.get(ORDER_PATH, params={"limit": 2, "offset": 2})).json()
    assert [first["total"], second["total"]] == [3, 3]
    assert [len(first["items"]), len(second["items"])] == [2, 1]
    assert all(row in first["items"] + second["items"] for row in rows)
    for wrong in ({"limit": 0}, {"limit": 101}, {"offset": -1}, {"offset": 2**63}):
        answer = await client.get(ORDER_PATH, params=wrong)
        assert answer.status_code == 422, wrong


async def test_sorting(client: AsyncClient) -> None:
    for _ in range(3):
        await make_order(client)
    for name in ["customer_id", "reference", "placed_at", "deliver_on", "note"]:
        assert in_order([row[name] for row in await items(client, ORDER_PATH, sort=name)]), name
    for name in ["customer_id", "status"]:
        rising = [row[name] for row in await items(client, ORDER_PATH, sort=name)]
        falling = [row[name] for row in await items(client, ORDER_PATH, sort=f"-{name}")]
        assert rising == falling[::-1], name
    answer = await client.get(ORDER_PATH, params={"sort": "no such column"})
    assert answer.status_code == 422


async def test_filters(client: AsyncClient) -> None:
    first, second = await make_order(client), await make_order(client)
    for name in ["customer_id", "reference", "status", "placed_at", "deliver_on", "note"]:
        found = await items(client, ORDER_PATH, **{name: first[name]})
        assert first in found, name
        assert (second in found) == (second[name] == first[name]), name
    for name in ["placed_at", "deliver_on"]:
        assert await items(client, ORDER_PATH, **{f"{name}__lte": first[name]}) == [first], name
        assert await items(client, ORDER_PATH, **{f"{name}__gte": second[name]}) == [second], name
    for name in ["note"]:
        found = await items(client, ORDER_PATH, **{f"{name}__contains": first[name].upper()})
        assert found == [first], name
    assert await items(client, ORDER_PATH, note__contains="%") == []


async def test_empty_columns(client: AsyncClient) -> None:
    names = ["deliver_on", "note"]
    full = await make_order(client)
    empty = await make_order(client, **dict.fromkeys(names))
    for name in names:
        assert await items(client, ORDER_PATH, **{f"{name}__isnull": True}) == [empty], name
        assert await items(client, ORDER_PATH, **{f"{name}__isnull": False}) == [full], name


async def test_update(client: AsyncClient) -> None:
    row = await make_order(client)
    unchanged = await client.patch(url_of_order(row), json={})
    assert (unchanged.status_code, unchanged.json()) == (200, row)
    other = await body_of_order(client)
    names = ["customer_id", "reference", "deliver_on", "note"]
    for some in (names[:1], names[1:]):
        changes = {name: other[name] for name in some}
        answer = await client.patch(url_of_order(row), json=changes)
        assert answer.status_code == 200, answer.text
        row |= changes | {"updated_at": answer.json()["updated_at"]}
        assert answer.json() == row
    assert (await client.get(url_of_order(row))).json() == row


async def test_update_refuses_what_does_not_fit(client: AsyncClient) -> None:
    row = await make_order(client)
    for name in ["customer_id", "reference", "status"]:
        answer = await client.patch(url_of_order(row), json={name: None})
        assert answer.status_code == 422, name
    for name in ["id", "created_at", "updated_at", "no such column"]:
        answer = await client.patch(url_of_order(row), json={name: row.get(name)})
        assert answer.status_code == 422, name
    assert (await client.get(url_of_order(row))).json() == row


async def test_delete(client: AsyncClient) -> None:
    row = await make_order(client)
    assert (await client.delete(url_of_order(row))).status_code == 204
    assert (await client.get(url_of_order(row))).status_code == 404
    assert await items(client, ORDER_PATH) == []


async def test_what_is_not_there_is_not_found(client: AsyncClient) -> None:
    missing = url(ORDER_PATH, 0)
    assert (await client.get(missing)).status_code == 404
    assert (await client.delete(missing)).status_code == 404
    assert (await client.patch(missing, json={})).status_code == 404


async def test_duplicates_are_conflicts(client: AsyncClient) -> None:
    row = await make_order(client)
    for names in [["reference"]]:
        body = await body_of_order(client) | {name: row[name] for name in names}
        answer = await client.post(ORDER_PATH, json=body)
        assert answer.status_code == 409, names
    assert await items(client, ORDER_PATH) == [row]


async def test_unknown_references_are_refused(client: AsyncClient) -> None:
    references: list[Json] = [
        {"customer_id": 0},
    ]
    for reference in references:
        body = await body_of_order(client) | reference
        answer = await client.post(ORDER_PATH, json=body)
        assert answer.status_code == 422, reference
    assert await items(client, ORDER_PATH) == []


async def test_delete_with_order_lines_by_order_id(client: AsyncClient) -> None:
    row = await make_order(client)
    referring = {"order_id": row["id"]}
    child = await make_order_line(client, **referring)
    answer = await client.delete(url_of_order(row))
    assert answer.status_code == 204
    assert (await client.get(url_of_order_line(child))).status_code == 404


async def test_delete_with_payments_by_order_id(client: AsyncClient) -> None:
    row = await make_order(client)
    referring = {"order_id": row["id"]}
    child = await make_payment(client, **referring)
    answer = await client.delete(url_of_order(row))
    assert answer.status_code == 409
    assert (await client.get(url_of_order(row))).json() == row
    assert (await client.get(url_of_payment(child))).json() == child


async def test_products(client: AsyncClient) -> None:
    row = await make_order(client)
    links = f"{url_of_order(row)}/products"
    assert await items(client, links) == []
