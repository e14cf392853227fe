"""The routes of shipped lines."""

from httpx import AsyncClient
from sqlalchemy.ext.asyncio import AsyncSession

from app import models
from app.schemas.shipped_lines import ShippedLineQuery
from tests.factories.order_lines import make_order_line
from tests.factories.shipped_lines import (
    SHIPPED_LINE_PATH,
    body_of_shipped_line,
    make_shipped_line,
    url_of_shipped_line,
)
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


async def test_create_and_read(client: AsyncClient, session: AsyncSession) -> None:
    body = await body_of_shipped_line(session)
    answer = await client.post(SHIPPED_LINE_PATH, json=body)
    assert answer.status_code == 201, answer.text
    created = answer.json()
    assert {name: created[name] for name in body} == body
    assert created in await stored(session, models.ShippedLine)
    read = await client.get(answer.headers["location"])
    assert read.status_code == 200
    assert read.json() == created


async def test_defaults(client: AsyncClient, session: AsyncSession) -> None:
    defaults: dict[str, object] = {
        "tracking_code": None,
    }
    body = await body_of_shipped_line(session)
    sent = {name: value for name, value in body.items() if name not in defaults}
    answer = await client.post(SHIPPED_LINE_PATH, json=sent)
    assert answer.status_code == 201, answer.text
    created = answer.json()
    assert {name: created[name] for name in defaults} == defaults


async def test_create_refuses_what_does_not_fit(client: AsyncClient, session: AsyncSession) -> None:
    body = await body_of_shipped_line(session)
    misfits: Json = {
        "quantity": 2**31,
        "shipped_at": "0001-01-01T00:00:00+14:00",
        "tracking_code": "x" * 65,
        "id": None,
        "no such column": 1,
    }
    answer = await client.post(SHIPPED_LINE_PATH, json=body | misfits)
    assert faults(answer) == set(misfits)
    nothing = await client.post(SHIPPED_LINE_PATH, json={})
    assert faults(nothing) == {"order_id", "line_number", "quantity", "shipped_at"}
    assert await stored(session, models.ShippedLine) == []


async def test_checks_are_kept(client: AsyncClient, session: AsyncSession) -> None:
    body = await body_of_shipped_line(session)
    broken: list[Json] = [
        {"quantity": 0},
    ]
    for values in broken:
        answer = await client.post(SHIPPED_LINE_PATH, json=body | values)
        assert answer.status_code == 422, values
    assert await stored(session, models.ShippedLine) == []


async def test_pages(client: AsyncClient, session: AsyncSession, statements: list[str]) -> None:
    rows = [await make_shipped_line(session) for _ in range(3)]
    statements.clear()
    first = (await client.get(SHIPPED_LINE_PATH, params={"limit": 2})).json()
    asked = len(statements)
    assert any("ORDER BY" in one for one in statements), "pages overlap without an order"
    second = (await client.get(SHIPPED_LINE_PATH, params={"limit": 2, "offset": 2})).json()
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
    assert faults(await client.get(SHIPPED_LINE_PATH, params=wrong)) == set(wrong)


async def test_sorting(client: AsyncClient, session: AsyncSession) -> None:
    for _ in range(3):
        await make_shipped_line(session)
    names = ["order_id", "line_number", "quantity", "shipped_at", "tracking_code"]
    rows = await items(client, SHIPPED_LINE_PATH, sort=",".join(names))
    assert rows == await selected(
        session, models.ShippedLine, ShippedLineQuery, sort=",".join(names)
    )
    for name in ["order_id", "line_number", "quantity", "shipped_at", "tracking_code"]:
        falling = await column_sorted(
            session, models.ShippedLine, ShippedLineQuery, name, f"-{name}"
        )
        assert in_order(falling[::-1]), name
    for name in ["order_id"]:
        rising = await column_sorted(session, models.ShippedLine, ShippedLineQuery, name, name)
        falling = await column_sorted(
            session, models.ShippedLine, ShippedLineQuery, name, f"-{name}"
        )
        assert rising == falling[::-1], name


async def test_filters(client: AsyncClient, session: AsyncSession) -> None:
    first, second = await make_shipped_line(session), await make_shipped_line(session)
    same: dict[str, str] = {
        "order_id": "order_id",
        "line_number": "line_number",
        "quantity": "quantity",
        "shipped_at": "shipped_at",
        "tracking_code": "tracking_code",
    }
    values = {parameter: first[name] for parameter, name in same.items()}
    assert first in await items(client, SHIPPED_LINE_PATH, **values)
    asked: list[Json] = [{parameter: value} for parameter, value in values.items()]
    shown = await listed(session, models.ShippedLine, ShippedLineQuery, asked)
    for name, found in zip(same.values(), shown, strict=True):
        assert first in found, name
        assert (second in found) == (second[name] == first[name]), name
    names = ["quantity", "shipped_at"]
    asked = [
        {f"{name}__gte": row[name], f"{name}__lte": row[name]}
        for name in names
        for row in (first, second)
    ]
    shown = await listed(session, models.ShippedLine, ShippedLineQuery, asked)
    assert shown == [[first], [second]] * len(names)
    parts = {name: first[name][1:] or first[name] for name in ["tracking_code"]}
    asked = [{f"{name}__contains": part.upper()} for name, part in parts.items()]
    shown = await listed(session, models.ShippedLine, ShippedLineQuery, asked)
    for (name, part), found in zip(parts.items(), shown, strict=True):
        assert first in found, name
        assert (second in found) == (part.lower() in second[name].lower()), name
    assert await items(client, SHIPPED_LINE_PATH, tracking_code__contains="%") == []


async def test_empty_columns(client: AsyncClient, session: AsyncSession) -> None:
    names = ["tracking_code"]
    full = await make_shipped_line(session)
    empty = await make_shipped_line(session, **dict.fromkeys(names))
    assert {name: empty[name] for name in names} == dict.fromkeys(names)
    asked: list[Json] = [{f"{name}__isnull": True} for name in names]
    null = await listed(session, models.ShippedLine, ShippedLineQuery, asked)
    assert null == [[empty]] * len(names)
    for value, row in ((True, empty), (False, full)):
        all_of_them = {f"{name}__isnull": value for name in names}
        assert await items(client, SHIPPED_LINE_PATH, **all_of_them) == [row]


async def test_update(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_shipped_line(session)
    unchanged = await client.patch(url_of_shipped_line(row), json={})
    assert (unchanged.status_code, unchanged.json()) == (200, row)
    other = await body_of_shipped_line(session)
    names = ["quantity", "shipped_at", "tracking_code"]
    for some in (names[:1], names[1:]):
        changes = {name: other[name] for name in some}
        answer = await client.patch(url_of_shipped_line(row), json=changes)
        assert answer.status_code == 200, answer.text
        row |= changes
        assert answer.json() == row
    assert row in await stored(session, models.ShippedLine)


async def test_update_refuses_what_does_not_fit(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_shipped_line(session)
    kept = {name: row.get(name) for name in ["id", "no such column"]}
    nulls = dict.fromkeys(["order_id", "line_number", "quantity", "shipped_at"])
    answer = await client.patch(url_of_shipped_line(row), json=kept | nulls)
    assert faults(answer) == set(kept | nulls)
    assert row in await stored(session, models.ShippedLine)


async def test_delete(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_shipped_line(session)
    assert (await client.delete(url_of_shipped_line(row))).status_code == 204
    assert (await client.get(url_of_shipped_line(row))).status_code == 404
    assert row not in await stored(session, models.ShippedLine)


async def test_what_is_not_there_is_not_found(client: AsyncClient) -> None:
    missing = url(SHIPPED_LINE_PATH, 0)
    assert (await client.get(missing)).status_code == 404
    assert (await client.delete(missing)).status_code == 404
    assert (await client.patch(missing, json={})).status_code == 404


async def test_unknown_references_are_refused(client: AsyncClient, session: AsyncSession) -> None:
    references: list[Json] = [
        {"order_id": 0, "line_number": 0},
    ]
    for reference in references:
        body = await body_of_shipped_line(session) | reference
        answer = await client.post(SHIPPED_LINE_PATH, json=body)
        assert answer.status_code == 422, reference
        assert {one["pointer"] for one in answer.json()["errors"]} & {
            f"/{name}" for name in reference
        }
    assert await stored(session, models.ShippedLine) == []


async def test_relationship_order_line(session: AsyncSession) -> None:
    other = await make_order_line(session)
    referring = {"order_id": other["order_id"], "line_number": other["line_number"]}
    row = await make_shipped_line(session, **referring)
    assert (row, [other]) in await related(session, models.ShippedLine.order_line)
    assert (other, [row]) in await related(session, models.OrderLine.shipped_lines)
