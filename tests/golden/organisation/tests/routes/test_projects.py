"""The routes of projects."""

from httpx import AsyncClient
from sqlalchemy.ext.asyncio import AsyncSession

from app import models
from app.schemas.projects import ProjectQuery
from tests.factories.assignments import make_assignment
from tests.factories.projects import PROJECT_PATH, body_of_project, make_project, url_of_project
from tests.factories.units import make_unit
from tests.rows import (
    Json,
    column_sorted,
    erase,
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
from tests.samples import text


async def test_create_and_read(client: AsyncClient, session: AsyncSession) -> None:
    body = await body_of_project(session)
    answer = await client.post(PROJECT_PATH, json=body)
    assert answer.status_code == 201, answer.text
    created = answer.json()
    assert {name: created[name] for name in body} == body
    assert created in await stored(session, models.Project)
    read = await client.get(answer.headers["location"])
    assert read.status_code == 200
    assert read.json() == created


async def test_defaults(client: AsyncClient, session: AsyncSession) -> None:
    defaults: dict[str, object] = {
        "budget": None,
    }
    body = await body_of_project(session)
    sent = {name: value for name, value in body.items() if name not in defaults}
    answer = await client.post(PROJECT_PATH, json=sent)
    assert answer.status_code == 201, answer.text
    created = answer.json()
    assert {name: created[name] for name in defaults} == defaults


async def test_create_refuses_what_does_not_fit(client: AsyncClient, session: AsyncSession) -> None:
    body = await body_of_project(session)
    misfits: Json = {
        "title": "x" * 121,
        "budget": "1e40",
        "id": None,
        "is_deleted": None,
        "deleted_at": None,
        "no such column": 1,
    }
    answer = await client.post(PROJECT_PATH, json=body | misfits)
    assert faults(answer) == set(misfits)
    nothing = await client.post(PROJECT_PATH, json={})
    assert faults(nothing) == {"title", "owner_code"}
    assert await stored(session, models.Project) == []


async def test_pages(client: AsyncClient, session: AsyncSession, statements: list[str]) -> None:
    rows = [await make_project(session) for _ in range(3)]
    statements.clear()
    first = (await client.get(PROJECT_PATH, params={"limit": 2})).json()
    asked = len(statements)
    assert any("ORDER BY" in one for one in statements), "pages overlap without an order"
    second = (await client.get(PROJECT_PATH, params={"limit": 2, "offset": 2})).json()
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
    assert faults(await client.get(PROJECT_PATH, params=wrong)) == set(wrong)


async def test_sorting(client: AsyncClient, session: AsyncSession) -> None:
    for _ in range(3):
        await make_project(session)
    names = ["title", "owner_code", "budget"]
    rows = await items(client, PROJECT_PATH, sort=",".join(names))
    assert rows == await selected(session, models.Project, ProjectQuery, sort=",".join(names))
    for name in ["title", "owner_code"]:
        falling = await column_sorted(session, models.Project, ProjectQuery, name, f"-{name}")
        assert in_order(falling[::-1]), name
    for name in ["title", "budget"]:
        rising = await column_sorted(session, models.Project, ProjectQuery, name, name)
        falling = await column_sorted(session, models.Project, ProjectQuery, name, f"-{name}")
        assert rising == falling[::-1], name


async def test_filters(client: AsyncClient, session: AsyncSession) -> None:
    first, second = await make_project(session), await make_project(session)
    same: dict[str, str] = {
        "title": "title",
        "owner_code": "owner_code",
        "budget": "budget",
    }
    values = {parameter: first[name] for parameter, name in same.items()}
    assert first in await items(client, PROJECT_PATH, **values)
    asked: list[Json] = [{parameter: value} for parameter, value in values.items()]
    shown = await listed(session, models.Project, ProjectQuery, asked)
    for name, found in zip(same.values(), shown, strict=True):
        assert first in found, name
        assert (second in found) == (second[name] == first[name]), name
    names = ["budget"]
    asked = [
        {f"{name}__gte": row[name], f"{name}__lte": row[name]}
        for name in names
        for row in (first, second)
    ]
    shown = await listed(session, models.Project, ProjectQuery, asked)
    assert shown == [[first], [second]] * len(names)
    parts = {name: first[name][1:] or first[name] for name in ["title"]}
    asked = [{f"{name}__contains": part.upper()} for name, part in parts.items()]
    shown = await listed(session, models.Project, ProjectQuery, asked)
    for (name, part), found in zip(parts.items(), shown, strict=True):
        assert first in found, name
        assert (second in found) == (part.lower() in second[name].lower()), name
    assert await items(client, PROJECT_PATH, title__contains="%") == []


async def test_empty_columns(client: AsyncClient, session: AsyncSession) -> None:
    names = ["budget"]
    full = await make_project(session)
    empty = await make_project(session, **dict.fromkeys(names))
    assert {name: empty[name] for name in names} == dict.fromkeys(names)
    asked: list[Json] = [{f"{name}__isnull": True} for name in names]
    null = await listed(session, models.Project, ProjectQuery, asked)
    assert null == [[empty]] * len(names)
    for value, row in ((True, empty), (False, full)):
        all_of_them = {f"{name}__isnull": value for name in names}
        assert await items(client, PROJECT_PATH, **all_of_them) == [row]


async def test_update(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_project(session)
    unchanged = await client.patch(url_of_project(row), json={})
    assert (unchanged.status_code, unchanged.json()) == (200, row)
    other = await body_of_project(session)
    names = ["title", "owner_code", "budget"]
    for some in (names[:1], names[1:]):
        changes = {name: other[name] for name in some}
        answer = await client.patch(url_of_project(row), json=changes)
        assert answer.status_code == 200, answer.text
        row |= changes
        assert answer.json() == row
    assert row in await stored(session, models.Project)


async def test_update_refuses_what_does_not_fit(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_project(session)
    kept = {name: row.get(name) for name in ["id", "is_deleted", "deleted_at", "no such column"]}
    nulls = dict.fromkeys(["title", "owner_code"])
    answer = await client.patch(url_of_project(row), json=kept | nulls)
    assert faults(answer) == set(kept | nulls)
    assert row in await stored(session, models.Project)


async def test_optional_references(client: AsyncClient, session: AsyncSession) -> None:
    referring: Json = {}
    parent = await make_project(session)
    referring |= {"follows_id": parent["id"]}
    row = await make_project(session, **referring)
    for changes, is_null in ((dict.fromkeys(referring), True), (referring, False)):
        answer = await client.patch(url_of_project(row), json=changes)
        assert answer.status_code == 200, answer.text
        row |= changes
        assert answer.json() == row
        asked: list[Json] = [
            {f"{name}__isnull": value}
            for name in ["follows_id"]
            for value in (is_null, not is_null)
        ]
        shown = await listed(session, models.Project, ProjectQuery, asked)
        assert [row in found for found in shown] == [True, False] * (len(asked) // 2)
    same = {"follows_id": row["follows_id"]}
    each = [{parameter: value} for parameter, value in same.items()]
    assert await listed(session, models.Project, ProjectQuery, each) == [[row]] * len(each)
    assert await items(client, PROJECT_PATH, **same) == [row]


async def test_delete_and_restore(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_project(session)
    assert (await client.delete(url_of_project(row))).status_code == 204
    for method in ("GET", "DELETE", "PATCH"):
        answer = await client.request(
            method, url_of_project(row), json={} if method == "PATCH" else None
        )
        assert answer.status_code == 404, method
    assert await items(client, PROJECT_PATH) == []
    [deleted] = await items(client, PROJECT_PATH, include_deleted=True)
    assert await items(client, PROJECT_PATH, is_deleted=True) == [deleted]
    assert deleted["is_deleted"] is True
    assert is_recent(deleted["deleted_at"])
    shown = await client.get(url_of_project(row), params={"include_deleted": True})
    assert shown.json() == deleted
    restored = await client.post(f"{url_of_project(row)}/restore")
    assert restored.status_code == 200
    assert restored.json()["is_deleted"] is False
    assert restored.json()["deleted_at"] is None
    assert await items(client, PROJECT_PATH) == [restored.json()]


async def test_what_is_not_there_is_not_found(client: AsyncClient) -> None:
    missing = url(PROJECT_PATH, 0)
    assert (await client.get(missing)).status_code == 404
    assert (await client.delete(missing)).status_code == 404
    assert (await client.patch(missing, json={})).status_code == 404
    assert (await client.post(f"{missing}/restore")).status_code == 404


async def test_duplicates_of_follows_id_are_conflicts(
    client: AsyncClient, session: AsyncSession
) -> None:
    given: Json = {}
    parent = await make_project(session)
    given |= {"follows_id": parent["id"]}
    row = await make_project(session, **given)
    body = await body_of_project(session) | {name: row[name] for name in ["follows_id"]}
    assert (await client.post(PROJECT_PATH, json=body)).status_code == 409
    assert row in await stored(session, models.Project)


async def test_unknown_references_are_refused(client: AsyncClient, session: AsyncSession) -> None:
    references: list[Json] = [
        {"owner_code": text("code", 0)},
        {"follows_id": 0},
    ]
    for reference in references:
        body = await body_of_project(session) | reference
        answer = await client.post(PROJECT_PATH, json=body)
        assert answer.status_code == 422, reference
        assert {one["pointer"] for one in answer.json()["errors"]} & {
            f"/{name}" for name in reference
        }
    assert await stored(session, models.Project) == []


async def test_hidden_follows_id_is_refused(client: AsyncClient, session: AsyncSession) -> None:
    parent = await make_project(session)
    referring = {"follows_id": parent["id"]}
    row = await make_project(session, **referring)
    assert (await client.delete(url_of_project(row))).status_code == 204
    assert (await client.delete(url_of_project(parent))).status_code == 204
    body = await body_of_project(session) | referring
    assert faults(await client.post(PROJECT_PATH, json=body)) == set(referring)
    assert faults(await client.post(f"{url_of_project(row)}/restore")) == set(referring)


async def test_relationship_owner(session: AsyncSession) -> None:
    other = await make_unit(session)
    referring = {"owner_code": other["code"]}
    row = await make_project(session, **referring)
    assert (row, [other]) in await related(session, models.Project.owner)
    assert (other, [row]) in await related(session, models.Unit.projects)


async def test_relationship_predecessor(session: AsyncSession) -> None:
    other = await make_project(session)
    referring = {"follows_id": other["id"]}
    row = await make_project(session, **referring)
    assert (row, [other]) in await related(session, models.Project.predecessor)
    assert (other, [row]) in await related(session, models.Project.successor)


async def test_delete_with_assignments_by_project_id(session: AsyncSession) -> None:
    row = await make_project(session)
    referring = {"project_id": row["id"]}
    child = await make_assignment(session, **referring)
    gone = await erase(session, models.Project, row)
    assert gone
    assert child not in await stored(session, models.Assignment)


async def test_delete_with_projects_by_follows_id(session: AsyncSession) -> None:
    row = await make_project(session)
    referring = {"follows_id": row["id"]}
    child = await make_project(session, **referring)
    gone = await erase(session, models.Project, row)
    assert gone
    assert child | dict.fromkeys(referring) in await stored(session, models.Project)
