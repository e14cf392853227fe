"""The routes of class types."""

from httpx import AsyncClient
from sqlalchemy.ext.asyncio import AsyncSession

from app import models
from app.schemas.class_type import ClassTypeQuery
from tests.factories.class_type import (
    CLASS_TYPE_PATH,
    body_of_class_type,
    make_class_type,
    url_of_class_type,
)
from tests.factories.typed import make_typed
from tests.rows import (
    Json,
    faults,
    items,
    listed,
    stored,
    url,
)


async def test_create_and_read(client: AsyncClient, session: AsyncSession) -> None:
    body = await body_of_class_type(session)
    answer = await client.post(CLASS_TYPE_PATH, json=body)
    assert answer.status_code == 201, answer.text
    created = answer.json()
    assert {name: created[name] for name in body} == body
    assert created in await stored(session, models.ClassType)
    read = await client.get(answer.headers["location"])
    assert read.status_code == 200
    assert read.json() == created


async def test_create_refuses_what_does_not_fit(client: AsyncClient, session: AsyncSession) -> None:
    body = await body_of_class_type(session)
    misfits: Json = {
        "code": "no such value",
        "label": "x" * 41,
        "no such column": 1,
    }
    answer = await client.post(CLASS_TYPE_PATH, json=body | misfits)
    assert faults(answer) == set(misfits)
    nothing = await client.post(CLASS_TYPE_PATH, json={})
    assert faults(nothing) == {"code", "label"}
    assert await stored(session, models.ClassType) == []


async def test_filters(client: AsyncClient, session: AsyncSession) -> None:
    first, second = await make_class_type(session), await make_class_type(session)
    same: dict[str, str] = {
        "code": "code",
        "label": "label",
    }
    values = {parameter: first[name] for parameter, name in same.items()}
    assert first in await items(client, CLASS_TYPE_PATH, **values)
    asked: list[Json] = [{parameter: value} for parameter, value in values.items()]
    shown = await listed(session, models.ClassType, ClassTypeQuery, asked)
    for name, found in zip(same.values(), shown, strict=True):
        assert first in found, name
        assert (second in found) == (second[name] == first[name]), name
    parts = {name: first[name][1:] or first[name] for name in ["label"]}
    asked = [{f"{name}__contains": part.upper()} for name, part in parts.items()]
    shown = await listed(session, models.ClassType, ClassTypeQuery, asked)
    for (name, part), found in zip(parts.items(), shown, strict=True):
        assert first in found, name
        assert (second in found) == (part.lower() in second[name].lower()), name
    assert await items(client, CLASS_TYPE_PATH, label__contains="%") == []


async def test_update(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_class_type(session)
    unchanged = await client.patch(url_of_class_type(row), json={})
    assert (unchanged.status_code, unchanged.json()) == (200, row)
    other = await body_of_class_type(session)
    names = ["label"]
    for some in (names[:1], names[1:]):
        changes = {name: other[name] for name in some}
        answer = await client.patch(url_of_class_type(row), json=changes)
        assert answer.status_code == 200, answer.text
        row |= changes
        assert answer.json() == row
    assert row in await stored(session, models.ClassType)


async def test_update_refuses_what_does_not_fit(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_class_type(session)
    kept = {name: row.get(name) for name in ["code", "no such column"]}
    nulls = dict.fromkeys(["label"])
    answer = await client.patch(url_of_class_type(row), json=kept | nulls)
    assert faults(answer) == set(kept | nulls)
    assert row in await stored(session, models.ClassType)


async def test_delete(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_class_type(session)
    assert (await client.delete(url_of_class_type(row))).status_code == 204
    assert (await client.get(url_of_class_type(row))).status_code == 404
    assert row not in await stored(session, models.ClassType)


async def test_what_is_not_there_is_not_found(client: AsyncClient) -> None:
    missing = url(CLASS_TYPE_PATH, ["x", "y"][0 % 2])
    assert (await client.get(missing)).status_code == 404
    assert (await client.delete(missing)).status_code == 404
    assert (await client.patch(missing, json={})).status_code == 404


async def test_duplicates_are_conflicts(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_class_type(session)
    for names in [["code"]]:
        body = await body_of_class_type(session) | {name: row[name] for name in names}
        answer = await client.post(CLASS_TYPE_PATH, json=body)
        assert answer.status_code == 409, names
    assert await stored(session, models.ClassType) == [row]


async def test_delete_with_typed_by_kind(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_class_type(session)
    referring = {"kind": row["code"]}
    child = await make_typed(session, **referring)
    answer = await client.delete(url_of_class_type(row))
    assert answer.status_code == 409
    assert row in await stored(session, models.ClassType)
    assert child in await stored(session, models.Typed)
