"""The routes of people."""

from httpx import AsyncClient
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from app import models
from app.schemas.people import PersonQuery
from tests.factories.assignments import make_assignment
from tests.factories.badges import make_badge
from tests.factories.people import PERSON_PATH, body_of_person, make_person, url_of_person
from tests.factories.skills import make_skill
from tests.factories.units import make_unit
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
    related,
    selected,
    stored,
    url,
)
from tests.samples import date, text, uuid


async def test_create_and_read(client: AsyncClient, session: AsyncSession) -> None:
    body = await body_of_person(session)
    answer = await client.post(PERSON_PATH, json=body)
    assert answer.status_code == 201, answer.text
    created = answer.json()
    assert {name: created[name] for name in body} == body
    assert is_recent(created["created_at"])
    assert is_recent(created["updated_at"])
    assert created in await stored(session, models.Person)
    read = await client.get(answer.headers["location"])
    assert read.status_code == 200
    assert read.json() == created


async def test_defaults(client: AsyncClient, session: AsyncSession) -> None:
    defaults: dict[str, object] = {
        "left_on": None,
    }
    body = await body_of_person(session)
    sent = {name: value for name, value in body.items() if name not in defaults}
    answer = await client.post(PERSON_PATH, json=sent)
    assert answer.status_code == 201, answer.text
    created = answer.json()
    assert {name: created[name] for name in defaults} == defaults


async def test_create_refuses_what_does_not_fit(client: AsyncClient, session: AsyncSession) -> None:
    body = await body_of_person(session)
    misfits: Json = {
        "id": "no uuid",
        "name": "x" * 121,
        "email": "x" * 255,
        "joined_on": "2024-02-30",
        "left_on": "2024-02-30",
        "created_at": None,
        "updated_at": None,
        "is_deleted": None,
        "deleted_at": None,
        "no such column": 1,
    }
    answer = await client.post(PERSON_PATH, json=body | misfits)
    assert faults(answer) == set(misfits)
    nothing = await client.post(PERSON_PATH, json={})
    assert faults(nothing) == {"name", "email", "unit_code", "joined_on"}
    assert await stored(session, models.Person) == []


async def test_checks_are_kept(client: AsyncClient, session: AsyncSession) -> None:
    body = await body_of_person(session)
    broken: list[Json] = [
        {"joined_on": date(500), "left_on": date(1)},
    ]
    for values in broken:
        answer = await client.post(PERSON_PATH, json=body | values)
        assert answer.status_code == 422, values
    assert await stored(session, models.Person) == []


async def test_pages(client: AsyncClient, session: AsyncSession, statements: list[str]) -> None:
    rows = [await make_person(session) for _ in range(3)]
    statements.clear()
    first = (await client.get(PERSON_PATH, params={"limit": 2})).json()
    asked = len(statements)
    assert any("ORDER BY" in one for one in statements), "pages overlap without an order"
    second = (await client.get(PERSON_PATH, params={"limit": 2, "offset": 2})).json()
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
    assert faults(await client.get(PERSON_PATH, params=wrong)) == set(wrong)


async def test_sorting(client: AsyncClient, session: AsyncSession) -> None:
    for _ in range(3):
        await make_person(session)
    names = ["id", "name", "email", "unit_code", "joined_on", "left_on"]
    rows = await items(client, PERSON_PATH, sort=",".join(names))
    assert rows == await selected(session, models.Person, PersonQuery, sort=",".join(names))
    for name in ["id", "name", "email", "unit_code", "joined_on", "left_on"]:
        falling = await column_sorted(session, models.Person, PersonQuery, name, f"-{name}")
        assert in_order(falling[::-1]), name
    for name in ["id"]:
        rising = await column_sorted(session, models.Person, PersonQuery, name, name)
        falling = await column_sorted(session, models.Person, PersonQuery, name, f"-{name}")
        assert rising == falling[::-1], name


async def test_filters(client: AsyncClient, session: AsyncSession) -> None:
    first, second = await make_person(session), await make_person(session)
    same: dict[str, str] = {
        "id": "id",
        "name": "name",
        "email": "email",
        "unit_code": "unit_code",
        "joined_on": "joined_on",
        "left_on": "left_on",
    }
    values = {parameter: first[name] for parameter, name in same.items()}
    assert first in await items(client, PERSON_PATH, **values)
    asked: list[Json] = [{parameter: value} for parameter, value in values.items()]
    shown = await listed(session, models.Person, PersonQuery, asked)
    for name, found in zip(same.values(), shown, strict=True):
        assert first in found, name
        assert (second in found) == (second[name] == first[name]), name
    names = ["joined_on", "left_on"]
    asked = [
        {f"{name}__gte": row[name], f"{name}__lte": row[name]}
        for name in names
        for row in (first, second)
    ]
    shown = await listed(session, models.Person, PersonQuery, asked)
    assert shown == [[first], [second]] * len(names)
    parts = {name: first[name][1:] or first[name] for name in ["name", "email"]}
    asked = [{f"{name}__contains": part.upper()} for name, part in parts.items()]
    shown = await listed(session, models.Person, PersonQuery, asked)
    for (name, part), found in zip(parts.items(), shown, strict=True):
        assert first in found, name
        assert (second in found) == (part.lower() in second[name].lower()), name
    assert await items(client, PERSON_PATH, name__contains="%") == []


async def test_empty_columns(client: AsyncClient, session: AsyncSession) -> None:
    names = ["left_on"]
    full = await make_person(session)
    empty = await make_person(session, **dict.fromkeys(names))
    assert {name: empty[name] for name in names} == dict.fromkeys(names)
    asked: list[Json] = [{f"{name}__isnull": True} for name in names]
    null = await listed(session, models.Person, PersonQuery, asked)
    assert null == [[empty]] * len(names)
    for value, row in ((True, empty), (False, full)):
        all_of_them = {f"{name}__isnull": value for name in names}
        assert await items(client, PERSON_PATH, **all_of_them) == [row]


async def test_update(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_person(session)
    unchanged = await client.patch(url_of_person(row), json={})
    assert (unchanged.status_code, unchanged.json()) == (200, row)
    other = await body_of_person(session)
    names = ["name", "email", "unit_code"]
    for some in (names[:1], names[1:]):
        changes = {name: other[name] for name in some}
        answer = await client.patch(url_of_person(row), json=changes)
        assert answer.status_code == 200, answer.text
        row |= changes | {"updated_at": answer.json()["updated_at"]}
        assert answer.json() == row
    assert row in await stored(session, models.Person)


async def test_updated_at_moves_on(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_person(session)
    await session.execute(update(models.Person).values(updated_at=LONG_AGO))
    name = "name"
    changes = {name: (await body_of_person(session))[name]}
    changed = await client.patch(url_of_person(row), json=changes)
    assert is_recent(changed.json()["updated_at"])


async def test_update_refuses_what_does_not_fit(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_person(session)
    kept = {
        name: row.get(name)
        for name in ["id", "created_at", "updated_at", "is_deleted", "deleted_at", "no such column"]
    }
    nulls = dict.fromkeys(["name", "email", "unit_code", "joined_on"])
    answer = await client.patch(url_of_person(row), json=kept | nulls)
    assert faults(answer) == set(kept | nulls)
    assert row in await stored(session, models.Person)


async def test_optional_references(client: AsyncClient, session: AsyncSession) -> None:
    referring: Json = {}
    parent = await make_person(session)
    referring |= {"manager_id": parent["id"]}
    row = await make_person(session, **referring)
    for changes, is_null in ((dict.fromkeys(referring), True), (referring, False)):
        answer = await client.patch(url_of_person(row), json=changes)
        assert answer.status_code == 200, answer.text
        row |= changes | {"updated_at": answer.json()["updated_at"]}
        assert answer.json() == row
        asked: list[Json] = [
            {f"{name}__isnull": value}
            for name in ["manager_id"]
            for value in (is_null, not is_null)
        ]
        shown = await listed(session, models.Person, PersonQuery, asked)
        assert [row in found for found in shown] == [True, False] * (len(asked) // 2)
    same = {"manager_id": row["manager_id"]}
    each = [{parameter: value} for parameter, value in same.items()]
    assert await listed(session, models.Person, PersonQuery, each) == [[row]] * len(each)
    assert await items(client, PERSON_PATH, **same) == [row]


async def test_delete_and_restore(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_person(session)
    assert (await client.delete(url_of_person(row))).status_code == 204
    for method in ("GET", "DELETE", "PATCH"):
        answer = await client.request(
            method, url_of_person(row), json={} if method == "PATCH" else None
        )
        assert answer.status_code == 404, method
    assert await items(client, PERSON_PATH) == []
    [deleted] = await items(client, PERSON_PATH, include_deleted=True)
    assert await items(client, PERSON_PATH, is_deleted=True) == [deleted]
    assert deleted["is_deleted"] is True
    assert is_recent(deleted["deleted_at"])
    shown = await client.get(url_of_person(row), params={"include_deleted": True})
    assert shown.json() == deleted
    restored = await client.post(f"{url_of_person(row)}/restore")
    assert restored.status_code == 200
    assert restored.json()["is_deleted"] is False
    assert restored.json()["deleted_at"] is None
    assert await items(client, PERSON_PATH) == [restored.json()]


async def test_what_is_not_there_is_not_found(client: AsyncClient) -> None:
    missing = url(PERSON_PATH, uuid(0))
    assert (await client.get(missing)).status_code == 404
    assert (await client.delete(missing)).status_code == 404
    assert (await client.patch(missing, json={})).status_code == 404
    assert (await client.post(f"{missing}/restore")).status_code == 404


async def test_duplicates_are_conflicts(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_person(session)
    for names in [["id"], ["email"]]:
        body = await body_of_person(session) | {name: row[name] for name in names}
        answer = await client.post(PERSON_PATH, json=body)
        assert answer.status_code == 409, names
    assert await stored(session, models.Person) == [row]


async def test_update_to_a_duplicate_is_a_conflict(
    client: AsyncClient, session: AsyncSession
) -> None:
    first, second = await make_person(session), await make_person(session)
    names = ["email"]
    answer = await client.patch(url_of_person(second), json={name: first[name] for name in names})
    assert answer.status_code == 409
    assert second in await stored(session, models.Person)


async def test_unknown_references_are_refused(client: AsyncClient, session: AsyncSession) -> None:
    references: list[Json] = [
        {"unit_code": text("code", 0)},
        {"manager_id": uuid(0)},
    ]
    for reference in references:
        body = await body_of_person(session) | reference
        answer = await client.post(PERSON_PATH, json=body)
        assert answer.status_code == 422, reference
        assert {one["pointer"] for one in answer.json()["errors"]} & {
            f"/{name}" for name in reference
        }
    assert await stored(session, models.Person) == []


async def test_hidden_manager_id_is_refused(client: AsyncClient, session: AsyncSession) -> None:
    parent = await make_person(session)
    referring = {"manager_id": parent["id"]}
    row = await make_person(session, **referring)
    assert (await client.delete(url_of_person(row))).status_code == 204
    assert (await client.delete(url_of_person(parent))).status_code == 204
    body = await body_of_person(session) | referring
    assert faults(await client.post(PERSON_PATH, json=body)) == set(referring)
    assert faults(await client.post(f"{url_of_person(row)}/restore")) == set(referring)


async def test_relationship_manager(session: AsyncSession) -> None:
    other = await make_person(session)
    referring = {"manager_id": other["id"]}
    row = await make_person(session, **referring)
    assert (row, [other]) in await related(session, models.Person.manager)
    assert (other, [row]) in await related(session, models.Person.reports)


async def test_relationship_unit(session: AsyncSession) -> None:
    other = await make_unit(session)
    referring = {"unit_code": other["code"]}
    row = await make_person(session, **referring)
    assert (row, [other]) in await related(session, models.Person.unit)
    assert (other, [row]) in await related(session, models.Unit.people)


async def test_delete_with_assignments_by_person_id(session: AsyncSession) -> None:
    row = await make_person(session)
    referring = {"person_id": row["id"]}
    child = await make_assignment(session, **referring)
    gone = await erase(session, models.Person, row)
    assert gone
    assert child not in await stored(session, models.Assignment)


async def test_delete_with_badges_by_holder_id(session: AsyncSession) -> None:
    row = await make_person(session)
    referring = {"holder_id": row["id"]}
    child = await make_badge(session, **referring)
    gone = await erase(session, models.Person, row)
    assert gone
    assert child | dict.fromkeys(referring) in await stored(session, models.Badge)


async def test_delete_with_people_by_manager_id(session: AsyncSession) -> None:
    row = await make_person(session)
    referring = {"manager_id": row["id"]}
    child = await make_person(session, **referring)
    gone = await erase(session, models.Person, row)
    assert gone
    assert child | dict.fromkeys(referring) in await stored(session, models.Person)


async def test_delete_with_units_by_head_id(session: AsyncSession) -> None:
    row = await make_person(session)
    referring = {"head_id": row["id"]}
    child = await make_unit(session, **referring)
    gone = await erase(session, models.Person, row)
    assert gone
    assert child | dict.fromkeys(referring) in await stored(session, models.Unit)


async def test_links_to_mentees(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_person(session)
    links = f"{url_of_person(row)}/mentees"
    assert await items(client, links) == []
    other = await make_person(session)
    link = url(links, other["id"])
    for _ in range(2):
        assert (await client.put(link)).status_code == 204
        assert await items(client, links) == [other]
    assert (row, [other]) in await related(session, models.Person.mentees)
    assert (other, [row]) in await related(session, models.Person.mentors)
    assert (await client.delete(url_of_person(other))).status_code == 204
    assert await items(client, links) == []
    assert (await client.put(link)).status_code == 404
    assert (await client.delete(link)).status_code == 204
    assert (await client.post(f"{url_of_person(other)}/restore")).status_code == 200
    assert await items(client, links) == []
    assert (await client.delete(link)).status_code == 404
    unknown = url(links, uuid(0))
    assert (await client.put(unknown)).status_code == 404
    assert (await client.delete(url_of_person(row))).status_code == 204
    for method, path in (("GET", links), ("PUT", link), ("DELETE", link)):
        assert (await client.request(method, path)).status_code == 404, method


async def test_links_to_mentors(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_person(session)
    links = f"{url_of_person(row)}/mentors"
    assert await items(client, links) == []
    other = await make_person(session)
    link = url(links, other["id"])
    for _ in range(2):
        assert (await client.put(link)).status_code == 204
        assert await items(client, links) == [other]
    assert (row, [other]) in await related(session, models.Person.mentors)
    assert (other, [row]) in await related(session, models.Person.mentees)
    assert (await client.delete(url_of_person(other))).status_code == 204
    assert await items(client, links) == []
    assert (await client.put(link)).status_code == 404
    assert (await client.delete(link)).status_code == 204
    assert (await client.post(f"{url_of_person(other)}/restore")).status_code == 200
    assert await items(client, links) == []
    assert (await client.delete(link)).status_code == 404
    unknown = url(links, uuid(0))
    assert (await client.put(unknown)).status_code == 404
    assert (await client.delete(url_of_person(row))).status_code == 204
    for method, path in (("GET", links), ("PUT", link), ("DELETE", link)):
        assert (await client.request(method, path)).status_code == 404, method


async def test_links_to_skills(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_person(session)
    links = f"{url_of_person(row)}/skills"
    assert await items(client, links) == []
    other = await make_skill(session)
    link = url(links, other["name"])
    for _ in range(2):
        assert (await client.put(link)).status_code == 204
        assert await items(client, links) == [other]
    assert (row, [other]) in await related(session, models.Person.skills)
    assert (other, [row]) in await related(session, models.Skill.people)
    assert (await client.delete(link)).status_code == 204
    assert await items(client, links) == []
    assert (await client.delete(link)).status_code == 404
    unknown = url(links, text("name", 0))
    assert (await client.put(unknown)).status_code == 404
    assert (await client.delete(url_of_person(row))).status_code == 204
    for method, path in (("GET", links), ("PUT", link), ("DELETE", link)):
        assert (await client.request(method, path)).status_code == 404, method
