"""The routes of customers."""

from httpx import AsyncClient
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from app import models
from app.schemas.customers import CustomerQuery
from tests.factories.customers import (
    CUSTOMER_PATH,
    body_of_customer,
    make_customer,
    url_of_customer,
)
from tests.factories.orders import make_order
from tests.rows import (
    LONG_AGO,
    Json,
    column_sorted,
    erase,
    faults,
    in_order,
    is_recent,
    items,
    listed,
    selected,
    stored,
    url,
)


async def test_create_and_read(client: AsyncClient, session: AsyncSession) -> None:
    body = await body_of_customer(session)
    answer = await client.post(CUSTOMER_PATH, json=body)
    assert answer.status_code == 201, answer.text
    created = answer.json()
    assert {name: created[name] for name in body} == body
    assert is_recent(created["created_at"])
    assert is_recent(created["updated_at"])
    assert created in await stored(session, models.Customer)
    read = await client.get(answer.headers["location"])
    assert read.status_code == 200
    assert read.json() == created


async def test_defaults(client: AsyncClient, session: AsyncSession) -> None:
    defaults: dict[str, object] = {
        "tier": "standard",
        "credit_limit": "0.00",
    }
    body = await body_of_customer(session)
    sent = {name: value for name, value in body.items() if name not in defaults}
    answer = await client.post(CUSTOMER_PATH, json=sent)
    assert answer.status_code == 201, answer.text
    created = answer.json()
    assert {name: created[name] for name in defaults} == defaults


async def test_create_refuses_what_does_not_fit(client: AsyncClient, session: AsyncSession) -> None:
    body = await body_of_customer(session)
    misfits: Json = {
        "email": "x" * 255,
        "full_name": "x" * 121,
        "tier": "no such value",
        "credit_limit": "1e40",
        "id": None,
        "created_at": None,
        "updated_at": None,
        "is_deleted": None,
        "deleted_at": None,
        "no such column": 1,
    }
    answer = await client.post(CUSTOMER_PATH, json=body | misfits)
    assert faults(answer) == set(misfits)
    nothing = await client.post(CUSTOMER_PATH, json={})
    assert faults(nothing) == {"email", "full_name"}
    assert await stored(session, models.Customer) == []


async def test_values_of_tier(session: AsyncSession) -> None:
    for value in ["standard", "silver", "gold"]:
        given = {"tier": value}
        row = await make_customer(session, **given)
        assert row["tier"] == value


async def test_checks_are_kept(client: AsyncClient, session: AsyncSession) -> None:
    body = await body_of_customer(session)
    broken: list[Json] = [
        {"credit_limit": "-0.01"},
    ]
    for values in broken:
        answer = await client.post(CUSTOMER_PATH, json=body | values)
        assert answer.status_code == 422, values
    assert await stored(session, models.Customer) == []


async def test_pages(client: AsyncClient, session: AsyncSession, statements: list[str]) -> None:
    rows = [await make_customer(session) for _ in range(3)]
    statements.clear()
    first = (await client.get(CUSTOMER_PATH, params={"limit": 2})).json()
    asked = len(statements)
    assert any("ORDER BY" in one for one in statements), "pages overlap without an order"
    second = (await client.get(CUSTOMER_PATH, params={"limit": 2, "offset": 2})).json()
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
    assert faults(await client.get(CUSTOMER_PATH, params=wrong)) == set(wrong)


async def test_sorting(client: AsyncClient, session: AsyncSession) -> None:
    for _ in range(3):
        await make_customer(session)
    names = ["email", "full_name", "tier", "credit_limit"]
    rows = await items(client, CUSTOMER_PATH, sort=",".join(names))
    assert rows == await selected(session, models.Customer, CustomerQuery, sort=",".join(names))
    for name in ["email", "full_name"]:
        falling = await column_sorted(session, models.Customer, CustomerQuery, name, f"-{name}")
        assert in_order(falling[::-1]), name
    for name in ["email", "tier", "credit_limit"]:
        rising = await column_sorted(session, models.Customer, CustomerQuery, name, name)
        falling = await column_sorted(session, models.Customer, CustomerQuery, name, f"-{name}")
        assert rising == falling[::-1], name


async def test_filters(client: AsyncClient, session: AsyncSession) -> None:
    first, second = await make_customer(session), await make_customer(session)
    same: dict[str, str] = {
        "email": "email",
        "full_name": "full_name",
        "tier": "tier",
        "credit_limit": "credit_limit",
    }
    values = {parameter: first[name] for parameter, name in same.items()}
    assert first in await items(client, CUSTOMER_PATH, **values)
    asked: list[Json] = [{parameter: value} for parameter, value in values.items()]
    shown = await listed(session, models.Customer, CustomerQuery, asked)
    for name, found in zip(same.values(), shown, strict=True):
        assert first in found, name
        assert (second in found) == (second[name] == first[name]), name
    names = ["credit_limit"]
    asked = [
        {f"{name}__gte": row[name], f"{name}__lte": row[name]}
        for name in names
        for row in (first, second)
    ]
    shown = await listed(session, models.Customer, CustomerQuery, asked)
    assert shown == [[first], [second]] * len(names)
    parts = {name: first[name][1:] or first[name] for name in ["email", "full_name"]}
    asked = [{f"{name}__contains": part.upper()} for name, part in parts.items()]
    shown = await listed(session, models.Customer, CustomerQuery, asked)
    for (name, part), found in zip(parts.items(), shown, strict=True):
        assert first in found, name
        assert (second in found) == (part.lower() in second[name].lower()), name
    assert await items(client, CUSTOMER_PATH, email__contains="%") == []


async def test_update(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_customer(session)
    unchanged = await client.patch(url_of_customer(row), json={})
    assert (unchanged.status_code, unchanged.json()) == (200, row)
    other = await body_of_customer(session)
    names = ["email", "full_name", "tier", "credit_limit"]
    for some in (names[:1], names[1:]):
        changes = {name: other[name] for name in some}
        answer = await client.patch(url_of_customer(row), json=changes)
        assert answer.status_code == 200, answer.text
        row |= changes | {"updated_at": answer.json()["updated_at"]}
        assert answer.json() == row
    assert row in await stored(session, models.Customer)


async def test_updated_at_moves_on(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_customer(session)
    await session.execute(update(models.Customer).values(updated_at=LONG_AGO))
    name = "email"
    changes = {name: (await body_of_customer(session))[name]}
    changed = await client.patch(url_of_customer(row), json=changes)
    assert is_recent(changed.json()["updated_at"])


async def test_update_refuses_what_does_not_fit(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_customer(session)
    kept = {
        name: row.get(name)
        for name in ["id", "created_at", "updated_at", "is_deleted", "deleted_at", "no such column"]
    }
    nulls = dict.fromkeys(["email", "full_name", "tier", "credit_limit"])
    answer = await client.patch(url_of_customer(row), json=kept | nulls)
    assert faults(answer) == set(kept | nulls)
    assert row in await stored(session, models.Customer)


async def test_delete_and_restore(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_customer(session)
    assert (await client.delete(url_of_customer(row))).status_code == 204
    for method in ("GET", "DELETE", "PATCH"):
        answer = await client.request(
            method, url_of_customer(row), json={} if method == "PATCH" else None
        )
        assert answer.status_code == 404, method
    assert await items(client, CUSTOMER_PATH) == []
    [deleted] = await items(client, CUSTOMER_PATH, include_deleted=True)
    assert await items(client, CUSTOMER_PATH, is_deleted=True) == [deleted]
    assert deleted["is_deleted"] is True
    assert is_recent(deleted["deleted_at"])
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


async def test_duplicates_are_conflicts(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_customer(session)
    for names in [["email"]]:
        body = await body_of_customer(session) | {name: row[name] for name in names}
        answer = await client.post(CUSTOMER_PATH, json=body)
        assert answer.status_code == 409, names
    assert await stored(session, models.Customer) == [row]


async def test_update_to_a_duplicate_is_a_conflict(
    client: AsyncClient, session: AsyncSession
) -> None:
    first, second = await make_customer(session), await make_customer(session)
    names = ["email"]
    answer = await client.patch(url_of_customer(second), json={name: first[name] for name in names})
    assert answer.status_code == 409
    assert second in await stored(session, models.Customer)


async def test_delete_with_orders_by_customer_id(
    client: AsyncClient, session: AsyncSession
) -> None:
    row = await make_customer(session)
    referring = {"customer_id": row["id"]}
    child = await make_order(session, **referring)
    assert (await client.delete(url_of_customer(row))).status_code == 409
    gone = await erase(session, models.Customer, row)
    assert not gone
    assert row in await stored(session, models.Customer)
    assert child in await stored(session, models.Order)
