"""The routes of assignments."""

from httpx import AsyncClient
from sqlalchemy.ext.asyncio import AsyncSession

from app import models
from app.schemas.assignments import AssignmentQuery
from tests.factories.assignments import (
    ASSIGNMENT_PATH,
    body_of_assignment,
    make_assignment,
    url_of_assignment,
)
from tests.factories.people import make_person, url_of_person
from tests.factories.projects import make_project, url_of_project
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
from tests.samples import uuid


async def test_create_and_read(client: AsyncClient, session: AsyncSession) -> None:
    body = await body_of_assignment(session)
    answer = await client.post(ASSIGNMENT_PATH, json=body)
    assert answer.status_code == 201, answer.text
    created = answer.json()
    assert {name: created[name] for name in body} == body
    assert created in await stored(session, models.Assignment)
    read = await client.get(answer.headers["location"])
    assert read.status_code == 200
    assert read.json() == created


async def test_defaults(client: AsyncClient, session: AsyncSession) -> None:
    defaults: dict[str, object] = {
        "role": "member",
    }
    body = await body_of_assignment(session)
    sent = {name: value for name, value in body.items() if name not in defaults}
    answer = await client.post(ASSIGNMENT_PATH, json=sent)
    assert answer.status_code == 201, answer.text
    created = answer.json()
    assert {name: created[name] for name in defaults} == defaults


async def test_create_refuses_what_does_not_fit(client: AsyncClient, session: AsyncSession) -> None:
    body = await body_of_assignment(session)
    misfits: Json = {
        "role": "x" * 61,
        "share": "NaN",
        "no such column": 1,
    }
    answer = await client.post(ASSIGNMENT_PATH, json=body | misfits)
    assert faults(answer) == set(misfits)
    nothing = await client.post(ASSIGNMENT_PATH, json={})
    assert faults(nothing) == {"project_id", "person_id"}
    assert await stored(session, models.Assignment) == []


async def test_checks_are_kept(client: AsyncClient, session: AsyncSession) -> None:
    body = await body_of_assignment(session)
    broken: list[Json] = [
        {"share": 0},
    ]
    for values in broken:
        answer = await client.post(ASSIGNMENT_PATH, json=body | values)
        assert answer.status_code == 422, values
    assert await stored(session, models.Assignment) == []


async def test_pages(client: AsyncClient, session: AsyncSession, statements: list[str]) -> None:
    rows = [await make_assignment(session) for _ in range(3)]
    statements.clear()
    first = (await client.get(ASSIGNMENT_PATH, params={"limit": 2})).json()
    asked = len(statements)
    assert any("ORDER BY" in one for one in statements), "pages overlap without an order"
    second = (await client.get(ASSIGNMENT_PATH, params={"limit": 2, "offset": 2})).json()
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
    assert faults(await client.get(ASSIGNMENT_PATH, params=wrong)) == set(wrong)


async def test_sorting(client: AsyncClient, session: AsyncSession) -> None:
    for _ in range(3):
        await make_assignment(session)
    names = ["project_id", "person_id", "role", "share"]
    rows = await items(client, ASSIGNMENT_PATH, sort=",".join(names))
    assert rows == await selected(session, models.Assignment, AssignmentQuery, sort=",".join(names))
    for name in ["project_id", "person_id", "role", "share"]:
        falling = await column_sorted(session, models.Assignment, AssignmentQuery, name, f"-{name}")
        assert in_order(falling[::-1]), name
    for name in ["project_id"]:
        rising = await column_sorted(session, models.Assignment, AssignmentQuery, name, name)
        falling = await column_sorted(session, models.Assignment, AssignmentQuery, name, f"-{name}")
        assert rising == falling[::-1], name


async def test_filters(client: AsyncClient, session: AsyncSession) -> None:
    first, second = await make_assignment(session), await make_assignment(session)
    same: dict[str, str] = {
        "project_id": "project_id",
        "person_id": "person_id",
        "role": "role",
        "share": "share",
    }
    values = {parameter: first[name] for parameter, name in same.items()}
    assert first in await items(client, ASSIGNMENT_PATH, **values)
    asked: list[Json] = [{parameter: value} for parameter, value in values.items()]
    shown = await listed(session, models.Assignment, AssignmentQuery, asked)
    for name, found in zip(same.values(), shown, strict=True):
        assert first in found, name
        assert (second in found) == (second[name] == first[name]), name
    parts = {name: first[name][1:] or first[name] for name in ["role"]}
    asked = [{f"{name}__contains": part.upper()} for name, part in parts.items()]
    shown = await listed(session, models.Assignment, AssignmentQuery, asked)
    for (name, part), found in zip(parts.items(), shown, strict=True):
        assert first in found, name
        assert (second in found) == (part.lower() in second[name].lower()), name
    assert await items(client, ASSIGNMENT_PATH, role__contains="%") == []


async def test_update(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_assignment(session)
    unchanged = await client.patch(url_of_assignment(row), json={})
    assert (unchanged.status_code, unchanged.json()) == (200, row)
    other = await body_of_assignment(session)
    names = ["role", "share"]
    for some in (names[:1], names[1:]):
        changes = {name: other[name] for name in some}
        answer = await client.patch(url_of_assignment(row), json=changes)
        assert answer.status_code == 200, answer.text
        row |= changes
        assert answer.json() == row
    assert row in await stored(session, models.Assignment)


async def test_update_refuses_what_does_not_fit(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_assignment(session)
    kept = {name: row.get(name) for name in ["project_id", "person_id", "no such column"]}
    nulls = dict.fromkeys(["role", "share"])
    answer = await client.patch(url_of_assignment(row), json=kept | nulls)
    assert faults(answer) == set(kept | nulls)
    assert row in await stored(session, models.Assignment)


async def test_delete(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_assignment(session)
    assert (await client.delete(url_of_assignment(row))).status_code == 204
    assert (await client.get(url_of_assignment(row))).status_code == 404
    assert row not in await stored(session, models.Assignment)


async def test_what_is_not_there_is_not_found(client: AsyncClient) -> None:
    missing = url(ASSIGNMENT_PATH, 0, uuid(0))
    assert (await client.get(missing)).status_code == 404
    assert (await client.delete(missing)).status_code == 404
    assert (await client.patch(missing, json={})).status_code == 404


async def test_duplicates_are_conflicts(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_assignment(session)
    for names in [["project_id", "person_id"]]:
        body = await body_of_assignment(session) | {name: row[name] for name in names}
        answer = await client.post(ASSIGNMENT_PATH, json=body)
        assert answer.status_code == 409, names
    assert await stored(session, models.Assignment) == [row]


async def test_unknown_references_are_refused(client: AsyncClient, session: AsyncSession) -> None:
    references: list[Json] = [
        {"project_id": 0},
        {"person_id": uuid(0)},
    ]
    for reference in references:
        body = await body_of_assignment(session) | reference
        answer = await client.post(ASSIGNMENT_PATH, json=body)
        assert answer.status_code == 422, reference
        assert {one["pointer"] for one in answer.json()["errors"]} & {
            f"/{name}" for name in reference
        }
    assert await stored(session, models.Assignment) == []


async def test_hidden_project_id_is_refused(client: AsyncClient, session: AsyncSession) -> None:
    parent = await make_project(session)
    referring = {"project_id": parent["id"]}
    assert (await client.delete(url_of_project(parent))).status_code == 204
    body = await body_of_assignment(session) | referring
    assert faults(await client.post(ASSIGNMENT_PATH, json=body)) == set(referring)


async def test_hidden_person_id_is_refused(client: AsyncClient, session: AsyncSession) -> None:
    parent = await make_person(session)
    referring = {"person_id": parent["id"]}
    assert (await client.delete(url_of_person(parent))).status_code == 204
    body = await body_of_assignment(session) | referring
    assert faults(await client.post(ASSIGNMENT_PATH, json=body)) == set(referring)


async def test_relationship_project(session: AsyncSession) -> None:
    other = await make_project(session)
    referring = {"project_id": other["id"]}
    row = await make_assignment(session, **referring)
    assert (row, [other]) in await related(session, models.Assignment.project)
    assert (other, [row]) in await related(session, models.Project.assignments)


async def test_relationship_person(session: AsyncSession) -> None:
    other = await make_person(session)
    referring = {"person_id": other["id"]}
    row = await make_assignment(session, **referring)
    assert (row, [other]) in await related(session, models.Assignment.person)
    assert (other, [row]) in await related(session, models.Person.assignments)
