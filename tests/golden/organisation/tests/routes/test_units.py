"""The routes of units."""

from httpx import AsyncClient
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from app import models
from app.schemas.units import UnitQuery
from tests.factories.people import make_person, url_of_person
from tests.factories.projects import make_project
from tests.factories.units import UNIT_PATH, body_of_unit, make_unit, url_of_unit
from tests.rows import (
    LONG_AGO,
    Json,
    column_sorted,
    faults,
    in_order,
    is_recent,
    items,
    listed,
    related,
    selected,
    stored,
    url,
)
from tests.samples import text, uuid


async def test_create_and_read(client: AsyncClient, session: AsyncSession) -> None:
    body = await body_of_unit(session)
    answer = await client.post(UNIT_PATH, json=body)
    assert answer.status_code == 201, answer.text
    created = answer.json()
    assert {name: created[name] for name in body} == body
    assert is_recent(created["created_at"])
    assert is_recent(created["updated_at"])
    assert created in await stored(session, models.Unit)
    read = await client.get(answer.headers["location"])
    assert read.status_code == 200
    assert read.json() == created


async def test_defaults(client: AsyncClient, session: AsyncSession) -> None:
    defaults: dict[str, object] = {
        "cost_centre": None,
    }
    body = await body_of_unit(session)
    sent = {name: value for name, value in body.items() if name not in defaults}
    answer = await client.post(UNIT_PATH, json=sent)
    assert answer.status_code == 201, answer.text
    created = answer.json()
    assert {name: created[name] for name in defaults} == defaults


async def test_create_refuses_what_does_not_fit(client: AsyncClient, session: AsyncSession) -> None:
    body = await body_of_unit(session)
    misfits: Json = {
        "code": "x" * 21,
        "name": "x" * 121,
        "cost_centre": "x" * 13,
        "created_at": None,
        "updated_at": None,
        "no such column": 1,
    }
    answer = await client.post(UNIT_PATH, json=body | misfits)
    assert faults(answer) == set(misfits)
    nothing = await client.post(UNIT_PATH, json={})
    assert faults(nothing) == {"code", "name"}
    assert await stored(session, models.Unit) == []


async def test_pages(client: AsyncClient, session: AsyncSession, statements: list[str]) -> None:
    rows = [await make_unit(session) for _ in range(3)]
    statements.clear()
    first = (await client.get(UNIT_PATH, params={"limit": 2})).json()
    asked = len(statements)
    assert any("ORDER BY" in one for one in statements), "pages overlap without an order"
    second = (await client.get(UNIT_PATH, params={"limit": 2, "offset": 2})).json()
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
    assert faults(await client.get(UNIT_PATH, params=wrong)) == set(wrong)


async def test_sorting(client: AsyncClient, session: AsyncSession) -> None:
    for _ in range(3):
        await make_unit(session)
    names = ["code", "name", "cost_centre"]
    rows = await items(client, UNIT_PATH, sort=",".join(names))
    assert rows == await selected(session, models.Unit, UnitQuery, sort=",".join(names))
    for name in ["code", "name", "cost_centre"]:
        falling = await column_sorted(session, models.Unit, UnitQuery, name, f"-{name}")
        assert in_order(falling[::-1]), name
    for name in ["code"]:
        rising = await column_sorted(session, models.Unit, UnitQuery, name, name)
        falling = await column_sorted(session, models.Unit, UnitQuery, name, f"-{name}")
        assert rising == falling[::-1], name


async def test_filters(client: AsyncClient, session: AsyncSession) -> None:
    first, second = await make_unit(session), await make_unit(session)
    same: dict[str, str] = {
        "code": "code",
        "name": "name",
        "cost_centre": "cost_centre",
    }
    values = {parameter: first[name] for parameter, name in same.items()}
    assert first in await items(client, UNIT_PATH, **values)
    asked: list[Json] = [{parameter: value} for parameter, value in values.items()]
    shown = await listed(session, models.Unit, UnitQuery, asked)
    for name, found in zip(same.values(), shown, strict=True):
        assert first in found, name
        assert (second in found) == (second[name] == first[name]), name
    parts = {name: first[name][1:] or first[name] for name in ["code", "name", "cost_centre"]}
    asked = [{f"{name}__contains": part.upper()} for name, part in parts.items()]
    shown = await listed(session, models.Unit, UnitQuery, asked)
    for (name, part), found in zip(parts.items(), shown, strict=True):
        assert first in found, name
        assert (second in found) == (part.lower() in second[name].lower()), name
    assert await items(client, UNIT_PATH, code__contains="%") == []


async def test_empty_columns(client: AsyncClient, session: AsyncSession) -> None:
    names = ["cost_centre"]
    full = await make_unit(session)
    empty = await make_unit(session, **dict.fromkeys(names))
    assert {name: empty[name] for name in names} == dict.fromkeys(names)
    asked: list[Json] = [{f"{name}__isnull": True} for name in names]
    null = await listed(session, models.Unit, UnitQuery, asked)
    assert null == [[empty]] * len(names)
    for value, row in ((True, empty), (False, full)):
        all_of_them = {f"{name}__isnull": value for name in names}
        assert await items(client, UNIT_PATH, **all_of_them) == [row]


async def test_update(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_unit(session)
    unchanged = await client.patch(url_of_unit(row), json={})
    assert (unchanged.status_code, unchanged.json()) == (200, row)
    other = await body_of_unit(session)
    names = ["name", "cost_centre"]
    for some in (names[:1], names[1:]):
        changes = {name: other[name] for name in some}
        answer = await client.patch(url_of_unit(row), json=changes)
        assert answer.status_code == 200, answer.text
        row |= changes | {"updated_at": answer.json()["updated_at"]}
        assert answer.json() == row
    assert row in await stored(session, models.Unit)


async def test_updated_at_moves_on(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_unit(session)
    await session.execute(update(models.Unit).values(updated_at=LONG_AGO))
    name = "name"
    changes = {name: (await body_of_unit(session))[name]}
    changed = await client.patch(url_of_unit(row), json=changes)
    assert is_recent(changed.json()["updated_at"])


async def test_update_refuses_what_does_not_fit(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_unit(session)
    kept = {name: row.get(name) for name in ["code", "created_at", "updated_at", "no such column"]}
    nulls = dict.fromkeys(["name"])
    answer = await client.patch(url_of_unit(row), json=kept | nulls)
    assert faults(answer) == set(kept | nulls)
    assert row in await stored(session, models.Unit)


async def test_optional_references(client: AsyncClient, session: AsyncSession) -> None:
    referring: Json = {}
    parent = await make_unit(session)
    referring |= {"parent_code": parent["code"]}
    parent = await make_person(session)
    referring |= {"head_id": parent["id"]}
    row = await make_unit(session, **referring)
    for changes, is_null in ((dict.fromkeys(referring), True), (referring, False)):
        answer = await client.patch(url_of_unit(row), json=changes)
        assert answer.status_code == 200, answer.text
        row |= changes | {"updated_at": answer.json()["updated_at"]}
        assert answer.json() == row
        asked: list[Json] = [
            {f"{name}__isnull": value}
            for name in ["parent_code", "head_id"]
            for value in (is_null, not is_null)
        ]
        shown = await listed(session, models.Unit, UnitQuery, asked)
        assert [row in found for found in shown] == [True, False] * (len(asked) // 2)
    same = {"parent_code": row["parent_code"], "head_id": row["head_id"]}
    each = [{parameter: value} for parameter, value in same.items()]
    assert await listed(session, models.Unit, UnitQuery, each) == [[row]] * len(each)
    assert await items(client, UNIT_PATH, **same) == [row]


async def test_delete(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_unit(session)
    assert (await client.delete(url_of_unit(row))).status_code == 204
    assert (await client.get(url_of_unit(row))).status_code == 404
    assert row not in await stored(session, models.Unit)


async def test_what_is_not_there_is_not_found(client: AsyncClient) -> None:
    missing = url(UNIT_PATH, text("code", 0))
    assert (await client.get(missing)).status_code == 404
    assert (await client.delete(missing)).status_code == 404
    assert (await client.patch(missing, json={})).status_code == 404


async def test_duplicates_are_conflicts(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_unit(session)
    for names in [["code"], ["cost_centre"]]:
        body = await body_of_unit(session) | {name: row[name] for name in names}
        answer = await client.post(UNIT_PATH, json=body)
        assert answer.status_code == 409, names
    assert await stored(session, models.Unit) == [row]


async def test_update_to_a_duplicate_is_a_conflict(
    client: AsyncClient, session: AsyncSession
) -> None:
    first, second = await make_unit(session), await make_unit(session)
    names = ["cost_centre"]
    answer = await client.patch(url_of_unit(second), json={name: first[name] for name in names})
    assert answer.status_code == 409
    assert second in await stored(session, models.Unit)


async def test_unknown_references_are_refused(client: AsyncClient, session: AsyncSession) -> None:
    references: list[Json] = [
        {"parent_code": text("code", 0)},
        {"head_id": uuid(0)},
    ]
    for reference in references:
        body = await body_of_unit(session) | reference
        answer = await client.post(UNIT_PATH, json=body)
        assert answer.status_code == 422, reference
        assert {one["pointer"] for one in answer.json()["errors"]} & {
            f"/{name}" for name in reference
        }
    assert await stored(session, models.Unit) == []


async def test_hidden_head_id_is_refused(client: AsyncClient, session: AsyncSession) -> None:
    parent = await make_person(session)
    referring = {"head_id": parent["id"]}
    assert (await client.delete(url_of_person(parent))).status_code == 204
    body = await body_of_unit(session) | referring
    assert faults(await client.post(UNIT_PATH, json=body)) == set(referring)


async def test_relationship_parent(session: AsyncSession) -> None:
    other = await make_unit(session)
    referring = {"parent_code": other["code"]}
    row = await make_unit(session, **referring)
    assert (row, [other]) in await related(session, models.Unit.parent)
    assert (other, [row]) in await related(session, models.Unit.children)


async def test_relationship_head(session: AsyncSession) -> None:
    other = await make_person(session)
    referring = {"head_id": other["id"]}
    row = await make_unit(session, **referring)
    assert (row, [other]) in await related(session, models.Unit.head)
    assert (other, [row]) in await related(session, models.Person.led_units)


async def test_delete_with_people_by_unit_code(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_unit(session)
    referring = {"unit_code": row["code"]}
    child = await make_person(session, **referring)
    answer = await client.delete(url_of_unit(row))
    assert answer.status_code == 409
    assert row in await stored(session, models.Unit)
    assert child in await stored(session, models.Person)


async def test_delete_with_projects_by_owner_code(
    client: AsyncClient, session: AsyncSession
) -> None:
    row = await make_unit(session)
    referring = {"owner_code": row["code"]}
    child = await make_project(session, **referring)
    answer = await client.delete(url_of_unit(row))
    assert answer.status_code == 204
    assert child not in await stored(session, models.Project)


async def test_delete_with_units_by_parent_code(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_unit(session)
    referring = {"parent_code": row["code"]}
    child = await make_unit(session, **referring)
    answer = await client.delete(url_of_unit(row))
    assert answer.status_code == 409
    assert row in await stored(session, models.Unit)
    assert child in await stored(session, models.Unit)
