"""The routes of payments."""

from httpx import AsyncClient

from tests.factories.payments import PAYMENT_PATH, body_of_payment, make_payment, url_of_payment
from tests.samples import Json, in_order, items, url


async def test_create_and_read(client: AsyncClient) -> None:
    body = await body_of_payment(client)
    answer = await client.post(PAYMENT_PATH, json=body)
    assert answer.status_code == 201, answer.text
    created = answer.json()
    assert {name: created[name] for name in body} == body
    read = await client.get(answer.headers["location"])
    assert read.status_code == 200
    assert read.json() == created


async def test_create_refuses_what_does_not_fit(client: AsyncClient) -> None:
    body = await body_of_payment(client)
    for name in ["order_id", "method", "amount", "received_at"]:
        incomplete = {other: body[other] for other in body if other != name}
        answer = await client.post(PAYMENT_PATH, json=incomplete)
        assert answer.status_code == 422, name
    misfits: list[tuple[str, object]] = [
        ("method", "no such value"),
        ("amount", "1e40"),
        ("received_at", "0001-01-01T00:00:00+14:00"),
        ("id", None),
        ("no such column", 1),
    ]
    for name, value in misfits:
        answer = await client.post(PAYMENT_PATH, json=body | {name: value})
        assert answer.status_code == 422, name
        assert answer.json()["errors"][0]["pointer"].split("/")[1] == name
    assert await items(client, PAYMENT_PATH) == []


async def test_checks_are_kept(client: AsyncClient) -> None:
    body = await body_of_payment(client)
    broken: list[tuple[str, object]] = [
        ("amount", "0.00"),
    ]
    for name, value in broken:
        answer = await client.post(PAYMENT_PATH, json=body | {name: value})
        assert answer.status_code == 422, name
    assert await items(client, PAYMENT_PATH) == []


async def test_pages(client: AsyncClient) -> None:
    rows = [await make_payment(client) for _ in range(3)]
    first = (await client.get(PAYMENT_PATH, params={"limit": 2})).json()
    second = (await client.get(PAYMENT_PATH, params={"limit": 2, "offset": 2})).json()
    assert [first["total"], second["total"]] == [3, 3]
    assert [len(first["items"]), len(second["items"])] == [2, 1]
    assert all(row in first["items"] + second["items"] for row in rows)
    for wrong in ({"limit": 0}, {"limit": 101}, {"offset": -1}, {"offset": 2**63}):
        answer = await client.get(PAYMENT_PATH, params=wrong)
        assert answer.status_code == 422, wrong


async def test_sorting(client: AsyncClient) -> None:
    for _ in range(3):
        await make_payment(client)
    for name in ["order_id", "received_at"]:
        assert in_order([row[name] for row in await items(client, PAYMENT_PATH, sort=name)]), name
    for name in ["order_id", "method", "amount"]:
        rising = [row[name] for row in await items(client, PAYMENT_PATH, sort=name)]
        falling = [row[name] for row in await items(client, PAYMENT_PATH, sort=f"-{name}")]
        assert rising == falling[::-1], name
    answer = await client.get(PAYMENT_PATH, params={"sort": "no such column"})
    assert answer.status_code == 422


async def test_filters(client: AsyncClient) -> None:
    first, second = await make_payment(client), await make_payment(client)
    for name in ["order_id", "method", "amount", "received_at"]:
        found = await items(client, PAYMENT_PATH, **{name: first[name]})
        assert first in found, name
        assert (second in found) == (second[name] == first[name]), name
    for name in ["amount", "received_at"]:
        assert await items(client, PAYMENT_PATH, **{f"{name}__lte": first[name]}) == [first], name
        assert await items(client, PAYMENT_PATH, **{f"{name}__gte": second[name]}) == [second], name


async def test_update(client: AsyncClient) -> None:
    row = await make_payment(client)
    unchanged = await client.patch(url_of_payment(row), json={})
    assert (unchanged.status_code, unchanged.json()) == (200, row)
    other = await body_of_payment(client)
    names = ["order_id", "method", "amount", "received_at"]
    for some in (names[:1], names[1:]):
        changes = {name: other[name] for name in some}
        answer = await client.patch(url_of_payment(row), json=changes)
        assert answer.status_code == 200, answer.text
        row |= changes
        assert answer.json() == row
    assert (await client.get(url_of_payment(row))).json() == row


async def test_update_refuses_what_does_not_fit(client: AsyncClient) -> None:
    row = await make_payment(client)
    for name in ["order_id", "method", "amount", "received_at"]:
        answer = await client.patch(url_of_payment(row), json={name: None})
        assert answer.status_code == 422, name
    for name in ["id", "no such column"]:
        answer = await client.patch(url_of_payment(row), json={name: row.get(name)})
        assert answer.status_code == 422, name
    assert (await client.get(url_of_payment(row))).json() == row


async def test_delete(client: AsyncClient) -> None:
    row = await make_payment(client)
    assert (await client.delete(url_of_payment(row))).status_code == 204
    assert (await client.get(url_of_payment(row))).status_code == 404
    assert await items(client, PAYMENT_PATH) == []


async def test_what_is_not_there_is_not_found(client: AsyncClient) -> None:
    missing = url(PAYMENT_PATH, 0)
    assert (await client.get(missing)).status_code == 404
    assert (await client.delete(missing)).status_code == 404
    assert (await client.patch(missing, json={})).status_code == 404


async def test_unknown_references_are_refused(client: AsyncClient) -> None:
    references: list[Json] = [
        {"order_id": 0},
    ]
    for reference in references:
        body = await body_of_payment(client) | reference
        answer = await client.post(PAYMENT_PATH, json=body)
        assert answer.status_code == 422, reference
    assert await items(client, PAYMENT_PATH) == []
