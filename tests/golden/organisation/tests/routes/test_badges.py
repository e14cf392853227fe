"""The routes of badges."""

from httpx import AsyncClient
from sqlalchemy.ext.asyncio import AsyncSession

from app import models
from app.schemas.badges import BadgeQuery
from tests.factories.badges import BADGE_PATH, body_of_badge, make_badge, url_of_badge
from tests.factories.people import make_person, url_of_person
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
    body = await body_of_badge(session)
    answer = await client.post(BADGE_PATH, json=body)
    assert answer.status_code == 201, answer.text
    created = answer.json()
    assert {name: created[name] for name in body} == body
    assert created in await stored(session, models.Badge)
    read = await client.get(answer.headers["location"])
    assert read.status_code == 200
    assert read.json() == created


async def test_defaults(client: AsyncClient, session: AsyncSession) -> None:
    defaults: dict[str, object] = {
        "blocked": False,
    }
    body = await body_of_badge(session)
    sent = {name: value for name, value in body.items() if name not in defaults}
    answer = await client.post(BADGE_PATH, json=sent)
    assert answer.status_code == 201, answer.text
    created = answer.json()
    assert {name: created[name] for name in defaults} == defaults


async def test_create_refuses_what_does_not_fit(client: AsyncClient, session: AsyncSession) -> None:
    body = await body_of_badge(session)
    misfits: Json = {
        "serial": "x" * 17,
        "blocked": "yes",
        "no such column": 1,
    }
    answer = await client.post(BADGE_PATH, json=body | misfits)
    assert faults(answer) == set(misfits)
    nothing = await client.post(BADGE_PATH, json={})
    assert faults(nothing) == {"serial"}
    assert await stored(session, models.Badge) == []


async def test_pages(client: AsyncClient, session: AsyncSession, statements: list[str]) -> None:
    rows = [await make_badge(session) for _ in range(3)]
    statements.clear()
    first = (await client.get(BADGE_PATH, params={"limit": 2})).json()
    asked = len(statements)
    assert any("ORDER BY" in one for one in statements), "pages overlap without an order"
    second = (await client.get(BADGE_PATH, params={"limit": 2, "offset": 2})).json()
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
    assert faults(await client.get(BADGE_PATH, params=wrong)) == set(wrong)


async def test_sorting(client: AsyncClient, session: AsyncSession) -> None:
    for _ in range(3):
        await make_badge(session)
    names = ["serial", "blocked"]
    rows = await items(client, BADGE_PATH, sort=",".join(names))
    assert rows == await selected(session, models.Badge, BadgeQuery, sort=",".join(names))
    for name in ["serial", "blocked"]:
        falling = await column_sorted(session, models.Badge, BadgeQuery, name, f"-{name}")
        assert in_order(falling[::-1]), name
    for name in ["serial"]:
        rising = await column_sorted(session, models.Badge, BadgeQuery, name, name)
        falling = await column_sorted(session, models.Badge, BadgeQuery, name, f"-{name}")
        assert rising == falling[::-1], name


async def test_filters(client: AsyncClient, session: AsyncSession) -> None:
    first, second = await make_badge(session), await make_badge(session)
    same: dict[str, str] = {
        "serial": "serial",
        "blocked": "blocked",
    }
    values = {parameter: first[name] for parameter, name in same.items()}
    assert first in await items(client, BADGE_PATH, **values)
    asked: list[Json] = [{parameter: value} for parameter, value in values.items()]
    shown = await listed(session, models.Badge, BadgeQuery, asked)
    for name, found in zip(same.values(), shown, strict=True):
        assert first in found, name
        assert (second in found) == (second[name] == first[name]), name
    parts = {name: first[name][1:] or first[name] for name in ["serial"]}
    asked = [{f"{name}__contains": part.upper()} for name, part in parts.items()]
    shown = await listed(session, models.Badge, BadgeQuery, asked)
    for (name, part), found in zip(parts.items(), shown, strict=True):
        assert first in found, name
        assert (second in found) == (part.lower() in second[name].lower()), name
    assert await items(client, BADGE_PATH, serial__contains="%") == []


async def test_update(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_badge(session)
    unchanged = await client.patch(url_of_badge(row), json={})
    assert (unchanged.status_code, unchanged.json()) == (200, row)
    other = await body_of_badge(session)
    names = ["blocked"]
    for some in (names[:1], names[1:]):
        changes = {name: other[name] for name in some}
        answer = await client.patch(url_of_badge(row), json=changes)
        assert answer.status_code == 200, answer.text
        row |= changes
        assert answer.json() == row
    assert row in await stored(session, models.Badge)


async def test_update_refuses_what_does_not_fit(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_badge(session)
    kept = {name: row.get(name) for name in ["serial", "no such column"]}
    nulls = dict.fromkeys(["blocked"])
    answer = await client.patch(url_of_badge(row), json=kept | nulls)
    assert faults(answer) == set(kept | nulls)
    assert row in await stored(session, models.Badge)


async def test_optional_references(client: AsyncClient, session: AsyncSession) -> None:
    referring: Json = {}
    parent = await make_person(session)
    referring |= {"holder_id": parent["id"]}
    row = await make_badge(session, **referring)
    for changes, is_null in ((dict.fromkeys(referring), True), (referring, False)):
        answer = await client.patch(url_of_badge(row), json=changes)
        assert answer.status_code == 200, answer.text
        row |= changes
        assert answer.json() == row
        asked: list[Json] = [
            {f"{name}__isnull": value} for name in ["holder_id"] for value in (is_null, not is_null)
        ]
        shown = await listed(session, models.Badge, BadgeQuery, asked)
        assert [row in found for found in shown] == [True, False] * (len(asked) // 2)
    same = {"holder_id": row["holder_id"]}
    each = [{parameter: value} for parameter, value in same.items()]
    assert await listed(session, models.Badge, BadgeQuery, each) == [[row]] * len(each)
    assert await items(client, BADGE_PATH, **same) == [row]


async def test_delete(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_badge(session)
    assert (await client.delete(url_of_badge(row))).status_code == 204
    assert (await client.get(url_of_badge(row))).status_code == 404
    assert row not in await stored(session, models.Badge)


async def test_what_is_not_there_is_not_found(client: AsyncClient) -> None:
    missing = url(BADGE_PATH, text("serial", 0))
    assert (await client.get(missing)).status_code == 404
    assert (await client.delete(missing)).status_code == 404
    assert (await client.patch(missing, json={})).status_code == 404


async def test_duplicates_are_conflicts(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_badge(session)
    for names in [["serial"]]:
        body = await body_of_badge(session) | {name: row[name] for name in names}
        answer = await client.post(BADGE_PATH, json=body)
        assert answer.status_code == 409, names
    assert await stored(session, models.Badge) == [row]


async def test_duplicates_of_holder_id_are_conflicts(
    client: AsyncClient, session: AsyncSession
) -> None:
    given: Json = {}
    parent = await make_person(session)
    given |= {"holder_id": parent["id"]}
    row = await make_badge(session, **given)
    body = await body_of_badge(session) | {name: row[name] for name in ["holder_id"]}
    assert (await client.post(BADGE_PATH, json=body)).status_code == 409
    assert row in await stored(session, models.Badge)


async def test_unknown_references_are_refused(client: AsyncClient, session: AsyncSession) -> None:
    references: list[Json] = [
        {"holder_id": uuid(0)},
    ]
    for reference in references:
        body = await body_of_badge(session) | reference
        answer = await client.post(BADGE_PATH, json=body)
        assert answer.status_code == 422, reference
        assert {one["pointer"] for one in answer.json()["errors"]} & {
            f"/{name}" for name in reference
        }
    assert await stored(session, models.Badge) == []


async def test_hidden_holder_id_is_refused(client: AsyncClient, session: AsyncSession) -> None:
    parent = await make_person(session)
    referring = {"holder_id": parent["id"]}
    assert (await client.delete(url_of_person(parent))).status_code == 204
    body = await body_of_badge(session) | referring
    assert faults(await client.post(BADGE_PATH, json=body)) == set(referring)


async def test_relationship_holder(session: AsyncSession) -> None:
    other = await make_person(session)
    referring = {"holder_id": other["id"]}
    row = await make_badge(session, **referring)
    assert (row, [other]) in await related(session, models.Badge.holder)
    assert (other, [row]) in await related(session, models.Person.badge)
