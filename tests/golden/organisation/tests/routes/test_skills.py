"""The routes of skills."""

from httpx import AsyncClient
from sqlalchemy.ext.asyncio import AsyncSession

from app import models
from app.schemas.skills import SkillQuery
from tests.factories.people import make_person, url_of_person
from tests.factories.skills import SKILL_PATH, body_of_skill, make_skill, url_of_skill
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
from tests.samples import text, uuid


async def test_create_and_read(client: AsyncClient, session: AsyncSession) -> None:
    body = await body_of_skill(session)
    answer = await client.post(SKILL_PATH, json=body)
    assert answer.status_code == 201, answer.text
    created = answer.json()
    assert {name: created[name] for name in body} == body
    assert created in await stored(session, models.Skill)
    read = await client.get(answer.headers["location"])
    assert read.status_code == 200
    assert read.json() == created


async def test_create_refuses_what_does_not_fit(client: AsyncClient, session: AsyncSession) -> None:
    body = await body_of_skill(session)
    misfits: Json = {
        "name": "x" * 61,
        "no such column": 1,
    }
    answer = await client.post(SKILL_PATH, json=body | misfits)
    assert faults(answer) == set(misfits)
    nothing = await client.post(SKILL_PATH, json={})
    assert faults(nothing) == {"name"}
    assert await stored(session, models.Skill) == []


async def test_pages(client: AsyncClient, session: AsyncSession, statements: list[str]) -> None:
    rows = [await make_skill(session) for _ in range(3)]
    statements.clear()
    first = (await client.get(SKILL_PATH, params={"limit": 2})).json()
    asked = len(statements)
    assert any("ORDER BY" in one for one in statements), "pages overlap without an order"
    second = (await client.get(SKILL_PATH, params={"limit": 2, "offset": 2})).json()
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
    assert faults(await client.get(SKILL_PATH, params=wrong)) == set(wrong)


async def test_sorting(client: AsyncClient, session: AsyncSession) -> None:
    for _ in range(3):
        await make_skill(session)
    names = ["name"]
    rows = await items(client, SKILL_PATH, sort=",".join(names))
    assert rows == await selected(session, models.Skill, SkillQuery, sort=",".join(names))
    for name in ["name"]:
        falling = await column_sorted(session, models.Skill, SkillQuery, name, f"-{name}")
        assert in_order(falling[::-1]), name
    for name in ["name"]:
        rising = await column_sorted(session, models.Skill, SkillQuery, name, name)
        falling = await column_sorted(session, models.Skill, SkillQuery, name, f"-{name}")
        assert rising == falling[::-1], name


async def test_filters(client: AsyncClient, session: AsyncSession) -> None:
    first, second = await make_skill(session), await make_skill(session)
    same: dict[str, str] = {
        "name": "name",
    }
    values = {parameter: first[name] for parameter, name in same.items()}
    assert first in await items(client, SKILL_PATH, **values)
    asked: list[Json] = [{parameter: value} for parameter, value in values.items()]
    shown = await listed(session, models.Skill, SkillQuery, asked)
    for name, found in zip(same.values(), shown, strict=True):
        assert first in found, name
        assert (second in found) == (second[name] == first[name]), name
    parts = {name: first[name][1:] or first[name] for name in ["name"]}
    asked = [{f"{name}__contains": part.upper()} for name, part in parts.items()]
    shown = await listed(session, models.Skill, SkillQuery, asked)
    for (name, part), found in zip(parts.items(), shown, strict=True):
        assert first in found, name
        assert (second in found) == (part.lower() in second[name].lower()), name
    assert await items(client, SKILL_PATH, name__contains="%") == []


async def test_update(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_skill(session)
    unchanged = await client.patch(url_of_skill(row), json={})
    assert (unchanged.status_code, unchanged.json()) == (200, row)


async def test_update_refuses_what_does_not_fit(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_skill(session)
    kept = {name: row.get(name) for name in ["name", "no such column"]}
    answer = await client.patch(url_of_skill(row), json=kept)
    assert faults(answer) == set(kept)
    assert row in await stored(session, models.Skill)


async def test_optional_references(client: AsyncClient, session: AsyncSession) -> None:
    referring: Json = {}
    parent = await make_skill(session)
    referring |= {"broader_name": parent["name"]}
    row = await make_skill(session, **referring)
    for changes, is_null in ((dict.fromkeys(referring), True), (referring, False)):
        answer = await client.patch(url_of_skill(row), json=changes)
        assert answer.status_code == 200, answer.text
        row |= changes
        assert answer.json() == row
        asked: list[Json] = [
            {f"{name}__isnull": value}
            for name in ["broader_name"]
            for value in (is_null, not is_null)
        ]
        shown = await listed(session, models.Skill, SkillQuery, asked)
        assert [row in found for found in shown] == [True, False] * (len(asked) // 2)
    same = {"broader_name": row["broader_name"]}
    each = [{parameter: value} for parameter, value in same.items()]
    assert await listed(session, models.Skill, SkillQuery, each) == [[row]] * len(each)
    assert await items(client, SKILL_PATH, **same) == [row]


async def test_delete(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_skill(session)
    assert (await client.delete(url_of_skill(row))).status_code == 204
    assert (await client.get(url_of_skill(row))).status_code == 404
    assert row not in await stored(session, models.Skill)


async def test_what_is_not_there_is_not_found(client: AsyncClient) -> None:
    missing = url(SKILL_PATH, text("name", 0))
    assert (await client.get(missing)).status_code == 404
    assert (await client.delete(missing)).status_code == 404
    assert (await client.patch(missing, json={})).status_code == 404


async def test_duplicates_are_conflicts(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_skill(session)
    for names in [["name"]]:
        body = await body_of_skill(session) | {name: row[name] for name in names}
        answer = await client.post(SKILL_PATH, json=body)
        assert answer.status_code == 409, names
    assert await stored(session, models.Skill) == [row]


async def test_unknown_references_are_refused(client: AsyncClient, session: AsyncSession) -> None:
    references: list[Json] = [
        {"broader_name": text("name", 0)},
    ]
    for reference in references:
        body = await body_of_skill(session) | reference
        answer = await client.post(SKILL_PATH, json=body)
        assert answer.status_code == 422, reference
        assert {one["pointer"] for one in answer.json()["errors"]} & {
            f"/{name}" for name in reference
        }
    assert await stored(session, models.Skill) == []


async def test_relationship_broader(session: AsyncSession) -> None:
    other = await make_skill(session)
    referring = {"broader_name": other["name"]}
    row = await make_skill(session, **referring)
    assert (row, [other]) in await related(session, models.Skill.broader)
    assert (other, [row]) in await related(session, models.Skill.broader_of)


async def test_delete_with_skills_by_broader_name(
    client: AsyncClient, session: AsyncSession
) -> None:
    row = await make_skill(session)
    referring = {"broader_name": row["name"]}
    child = await make_skill(session, **referring)
    answer = await client.delete(url_of_skill(row))
    assert answer.status_code == 204
    assert child not in await stored(session, models.Skill)


async def test_links_to_people(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_skill(session)
    links = f"{url_of_skill(row)}/people"
    assert await items(client, links) == []
    other = await make_person(session)
    link = url(links, other["id"])
    for _ in range(2):
        assert (await client.put(link)).status_code == 204
        assert await items(client, links) == [other]
    assert (row, [other]) in await related(session, models.Skill.people)
    assert (other, [row]) in await related(session, models.Person.skills)
    assert (await client.delete(url_of_person(other))).status_code == 204
    assert await items(client, links) == []
    assert (await client.put(link)).status_code == 404
    assert (await client.delete(link)).status_code == 204
    assert (await client.post(f"{url_of_person(other)}/restore")).status_code == 200
    assert await items(client, links) == []
    assert (await client.delete(link)).status_code == 404
    unknown = url(links, uuid(0))
    assert (await client.put(unknown)).status_code == 404
