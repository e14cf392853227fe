"""The routes of customers."""

from httpx import AsyncClient

from tests.factories.customers import (
    CUSTOMER_PATH,
    body_of_customer,
    make_customer,
    url_of_customer,
)
from tests.samples import create, in_order, items, url


async def test_create_and_read(client: AsyncClient) -> None:
    body = await body_of_customer(client)
    answer = await client.post(CUSTOMER_PATH, json=body)
    assert answer.status_code == 201, answer.text
    created = answer.json()
    assert {name: created[name] for name in body} == body
    read = await client.get(answer.headers["location"])
    assert read.status_code == 200
    assert read.json() == created


async def test_defaults(client: AsyncClient) -> None:
    defaults: dict[str, object] = {
        "tier": "standard",
    }
    body = await body_of_customer(client)
    sent = {name: value for name, value in body.items() if name not in defaults}
    created = await create(client, CUSTOMER_PATH, sent)
    assert {name: created[name] for name in defaults} == defaults


async def test_create_refuses_what_does_not_fit(client: AsyncClient) -> None:
    body = await body_of_customer(client)
    for name in ["email", "full_name"]:
        incomplete = {other: body[other] for other in body if other != name}
        answer = await client.post(CUSTOMER_PATH, json=incomplete)
        assert answer.status_code == 422, name
    misfits: list[tuple[str, object]] = [
        ("email", "x" * 255),
        ("full_name", "x" * 121),
        ("tier", "no such value"),
        ("credit_limit", "1e40"),
        ("id", None),
        ("created_at", None),
        ("updated_at", None),
        ("is_deleted", None),
        ("deleted_at", None),
        ("no such column", 1),
    ]
    for name, value in misfits:
        answer = await client.post(CUSTOMER_PATH, json=body | {name: value})
        assert answer.status_code == 422, name
        assert answer.json()["errors"][0]["pointer"].split("/")[1] == name
    assert await items(client, CUSTOMER_PATH) == []


async def test_checks_are_kept(client: AsyncClient) -> None:
    body = await body_of_customer(client)
    broken: list[tuple[str, object]] = [
        ("credit_limit", "-0.01"),
    ]
    for name, value in broken:
        answer = await client.post(CUSTOMER_PATH, json=body | {name: value})
        assert answer.status_code == 422, name
    assert await items(client, CUSTOMER_PATH) == []


async def test_pages(client: AsyncClient) -> None:
    rows = [await make_customer(client) for _ in range(3)]
    first = (await client.get(CUSTOMER_PATH, params={"limit": 2})).json()
    second = (await client.get(CUSTOMER_PATH, params={"limit": 2, "offset": 2})).json()
    assert [first["total"], second["total"]] == [3, 3]
    assert [len(first["items"]), len(second["items"])] == [2, 1]
    assert all(row in first["items"] + second["items"] for row in rows)
    for wrong in ({"limit": 0}, {"limit": 101}, {"offset": -1}, {"offset": 2**63}):
        answer = await client.get(CUSTOMER_PATH, params=wrong)
        assert answer.status_code == 422, wrong


async def test_sorting(client: AsyncClient) -> None:
    for _ in range(3):
        await make_customer(client)
    for name in ["email", "full_name"]:
        assert in_order([row[name] for row in await items(client, CUSTOMER_PATH, sort=name)]), name
    for name in ["email", "tier", "credit_limit"]:
        rising = [row[name] for row in await items(client, CUSTOMER_PATH, sort=name)]
        falling = [row[name] for row in await items(client, CUSTOMER_PATH, sort=f"-{name}")]
        assert rising == falling[::-1], name
    answer = await client.get(CUSTOMER_PATH, params={"sort": "no such column"})
    assert answer.status_code == 422


async def test_filters(client: AsyncClient) -> None:
    first, second = await make_customer(client), await make_customer(client)
    for name in ["email", "full_name", "tier", "credit_limit"]:
        found = await items(client, CUSTOMER_PATH, **{name: first[name]})
        assert first in found, name
        assert (second in found) == (second[name] == first[name]), name
    for name in ["credit_limit"]:
        assert await items(client, CUSTOMER_PATH, **{f"{name}__lte": first[name]}) == [first], name
        assert await items(client, CUSTOMER_PATH, **{f"{name}__gte": second[name]}) == [second], (
            name
        )
    for name in ["email", "full_name"]:
        found = await items(client, CUSTOMER_PATH, **{f"{name}__contains": first[name].upper()})
        assert found == [first], name
    assert await items(client, CUSTOMER_PATH, email__contains="%") == []


async def test_update(client: AsyncClient) -> None:
    row = await make_customer(client)
    unchanged = await client.patch(url_of_customer(row), json={})
    assert (unchanged.status_code, unchanged.json()) == (200, row)
    other = await body_of_customer(client)
    names = ["email", "full_name", "tier", "credit_limit"]
    for some in (names[:1], names[1:]):
        changes = {name: other[name] for name in some}
        answer = await client.patch(url_of_customer(row), json=changes)
        assert answer.status_code == 200, answer.text
        row |= changes | {"updated_at": answer.json()["updated_at"]}
        assert answer.json() == row
    assert (await client.get(url_of_customer(row))).json() == row


async def test_update_refuses_what_does_not_fit(client: AsyncClient) -> None:
    row = await make_customer(client)
    for name in ["email", "full_name", "tier", "credit_limit"]:
        answer = await client.patch(url_of_customer(row), json={name: None})
        assert answer.status_code == 422, name
    for name in ["id", "created_at", "updated_at", "is_deleted", "deleted_at", "no such column"]:
        answer = await client.patch(url_of_customer(row), json={name: row.get(name)})
        assert answer.status_code == 422, name
    assert (await client.get(url_of_customer(row))).json() == row


async def test_delete_and_restore(client: AsyncClient) -> None:
    row = await make_customer(client)
    assert (await client.delete(url_of_customer(row))).status_code == 204
    for method in ("GET", "DELETE", "PATCH"):
        answer = await client.request(
            method, url_of_customer(row), json={} if method == "PATCH" else None
        )
        assert answer.status_code == 404, method
    assert await items(client, CUSTOMER_PATH) == []
    [deleted] = await items(client, CUSTOMER_PATH, include_deleted=True)
    assert deleted["is_deleted"] is True
    assert deleted["deleted_at"] is not None
    shown = await client.get(url_of_customer(row), params={"include_deleted": True})
    assert shown.json() == deleted
    restored = await client.post(f"{url_of_customer(row)}/restore")
    assert restored.status_code == 200
    assert restored.json()["is_deleted"] is False
    assert restored.json()["deleted_at"] is None
    assert await items(client, CUSTOMER_PATH) == [restored.json()]


async def test_what_is_not_there_is_not_found(client: AsyncClient) -> None:
    missing = url(CUSTOMER_PATH, 0)
    assert (await client.get(missing)).status_code == 404
    assert (await client.delete(missing)).status_code == 404
    assert (await client.patch(missing, json={})).status_code == 404
    assert (await client.post(f"{missing}/restore")).status_code == 404


async def test_duplicates_are_conflicts(client: AsyncClient) -> None:
    row = await make_customer(client)
    for names in [["email"]]:
        body = await body_of_customer(client) | {name: row[name] for name in names}
        answer = await client.post(CUSTOMER_PATH, json=body)
        assert answer.status_code == 409, names
    assert await items(client, CUSTOMER_PATH) == [row]
