"""The routes of typeds."""

from httpx import AsyncClient
from sqlalchemy.ext.asyncio import AsyncSession

from app import models
from app.schemas.typed import TypedQuery
from tests.factories.class_type import make_class_type
from tests.factories.order import make_order
from tests.factories.typed import TYPED_PATH, body_of_typed, make_typed, url_of_typed
from tests.rows import (
    Json,
    faults,
    items,
    listed,
    related,
    stored,
    url,
)
from tests.samples import uuid


async def test_create_and_read(client: AsyncClient, session: AsyncSession) -> None:
    body = await body_of_typed(session)
    answer = await client.post(TYPED_PATH, json=body)
    assert answer.status_code == 201, answer.text
    created = answer.json()
    assert {name: created[name] for name in body} == body
    assert created in await stored(session, models.Typed)
    read = await client.get(answer.headers["location"])
    assert read.status_code == 200
    assert read.json() == created


async def test_create_refuses_what_does_not_fit(client: AsyncClient, session: AsyncSession) -> None:
    body = await body_of_typed(session)
    misfits: Json = {
        "no such column": 1,
    }
    answer = await client.post(TYPED_PATH, json=body | misfits)
    assert faults(answer) == set(misfits)
    nothing = await client.post(TYPED_PATH, json={})
    assert faults(nothing) == {"order_id"}
    assert await stored(session, models.Typed) == []


async def test_filters(client: AsyncClient, session: AsyncSession) -> None:
    first, second = await make_typed(session), await make_typed(session)
    same: dict[str, str] = {
        "order_id": "order_id",
        "kind": "kind",
    }
    values = {parameter: first[name] for parameter, name in same.items()}
    assert first in await items(client, TYPED_PATH, **values)
    asked: list[Json] = [{parameter: value} for parameter, value in values.items()]
    shown = await listed(session, models.Typed, TypedQuery, asked)
    for name, found in zip(same.values(), shown, strict=True):
        assert first in found, name
        assert (second in found) == (second[name] == first[name]), name


async def test_update(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_typed(session)
    unchanged = await client.patch(url_of_typed(row), json={})
    assert (unchanged.status_code, unchanged.json()) == (200, row)
    other = await body_of_typed(session)
    names = ["kind"]
    for some in (names[:1], names[1:]):
        changes = {name: other[name] for name in some}
        answer = await client.patch(url_of_typed(row), json=changes)
        assert answer.status_code == 200, answer.text
        row |= changes
        assert answer.json() == row
    assert row in await stored(session, models.Typed)


async def test_update_refuses_what_does_not_fit(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_typed(session)
    kept = {name: row.get(name) for name in ["order_id", "no such column"]}
    nulls = dict.fromkeys(["kind"])
    answer = await client.patch(url_of_typed(row), json=kept | nulls)
    assert faults(answer) == set(kept | nulls)
    assert row in await stored(session, models.Typed)


async def test_delete(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_typed(session)
    assert (await client.delete(url_of_typed(row))).status_code == 204
    assert (await client.get(url_of_typed(row))).status_code == 404
    assert row not in await stored(session, models.Typed)


async def test_what_is_not_there_is_not_found(client: AsyncClient) -> None:
    missing = url(TYPED_PATH, uuid(0))
    assert (await client.get(missing)).status_code == 404
    assert (await client.delete(missing)).status_code == 404
    assert (await client.patch(missing, json={})).status_code == 404


async def test_duplicates_are_conflicts(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_typed(session)
    for names in [["order_id"]]:
        body = await body_of_typed(session) | {name: row[name] for name in names}
        answer = await client.post(TYPED_PATH, json=body)
        assert answer.status_code == 409, names
    assert await stored(session, models.Typed) == [row]


async def test_unknown_references_are_refused(client: AsyncClient, session: AsyncSession) -> None:
    references: list[Json] = [
        {"order_id": uuid(0)},
    ]
    for reference in references:
        body = await body_of_typed(session) | reference
        answer = await client.post(TYPED_PATH, json=body)
        assert answer.status_code == 422, reference
        assert {one["pointer"] for one in answer.json()["errors"]} & {
            f"/{name}" for name in reference
        }
    assert await stored(session, models.Typed) == []


async def test_relationship_class_type(session: AsyncSession) -> None:
    other = await make_class_type(session)
    referring = {"kind": other["code"]}
    row = await make_typed(session, **referring)
    assert (row, [other]) in await related(session, models.Typed.class_type)
    assert (other, [row]) in await related(session, models.ClassType.typed)


async def test_relationship_order(session: AsyncSession) -> None:
    other = await make_order(session)
    referring = {"order_id": other["id"]}
    row = await make_typed(session, **referring)
    assert (row, [other]) in await related(session, models.Typed.order)
    assert (other, [row]) in await related(session, models.Order.typed)
