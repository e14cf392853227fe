"""The routes of groups."""

from httpx import AsyncClient
from sqlalchemy.ext.asyncio import AsyncSession

from app import models
from app.schemas.group import GroupQuery
from tests.factories.class_ import make_class_, url_of_class_
from tests.factories.group import GROUP_PATH, body_of_group, make_group, url_of_group
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
    body = await body_of_group(session)
    answer = await client.post(GROUP_PATH, json=body)
    assert answer.status_code == 201, answer.text
    created = answer.json()
    assert {name: created[name] for name in body} == body
    assert created in await stored(session, models.Group)
    read = await client.get(answer.headers["location"])
    assert read.status_code == 200
    assert read.json() == created


async def test_defaults(client: AsyncClient, session: AsyncSession) -> None:
    defaults: dict[str, object] = {
        "values": [],
    }
    body = await body_of_group(session)
    sent = {name: value for name, value in body.items() if name not in defaults}
    answer = await client.post(GROUP_PATH, json=sent)
    assert answer.status_code == 201, answer.text
    created = answer.json()
    assert {name: created[name] for name in defaults} == defaults


async def test_create_refuses_what_does_not_fit(client: AsyncClient, session: AsyncSession) -> None:
    body = await body_of_group(session)
    misfits: Json = {
        "key": "x" * 21,
        "values": ["\x00"],
        "no such column": 1,
    }
    answer = await client.post(GROUP_PATH, json=body | misfits)
    assert faults(answer) == set(misfits)
    nothing = await client.post(GROUP_PATH, json={})
    assert faults(nothing) == {"order", "key"}
    assert await stored(session, models.Group) == []


async def test_json_is_bounded(client: AsyncClient, session: AsyncSession) -> None:
    body = await body_of_group(session)
    for name in ["values"]:
        answer = await client.post(GROUP_PATH, json=body | {name: "x" * 1_000_000})
        assert faults(answer) == {name}


async def test_pages(client: AsyncClient, session: AsyncSession, statements: list[str]) -> None:
    rows = [await make_group(session) for _ in range(3)]
    statements.clear()
    first = (await client.get(GROUP_PATH, params={"limit": 2})).json()
    asked = len(statements)
    assert any("ORDER BY" in one for one in statements), "pages overlap without an order"
    second = (await client.get(GROUP_PATH, params={"limit": 2, "offset": 2})).json()
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
    assert faults(await client.get(GROUP_PATH, params=wrong)) == set(wrong)


async def test_sorting(client: AsyncClient, session: AsyncSession) -> None:
    for _ in range(3):
        await make_group(session)
    names = ["order", "key"]
    rows = await items(client, GROUP_PATH, sort=",".join(names))
    assert rows == await selected(session, models.Group, GroupQuery, sort=",".join(names))
    for name in ["order", "key"]:
        falling = await column_sorted(session, models.Group, GroupQuery, name, f"-{name}")
        assert in_order(falling[::-1]), name
    for name in ["order"]:
        rising = await column_sorted(session, models.Group, GroupQuery, name, name)
        falling = await column_sorted(session, models.Group, GroupQuery, name, f"-{name}")
        assert rising == falling[::-1], name


async def test_filters(client: AsyncClient, session: AsyncSession) -> None:
    first, second = await make_group(session), await make_group(session)
    same: dict[str, str] = {
        "order": "order",
        "key": "key",
    }
    values = {parameter: first[name] for parameter, name in same.items()}
    assert first in await items(client, GROUP_PATH, **values)
    asked: list[Json] = [{parameter: value} for parameter, value in values.items()]
    shown = await listed(session, models.Group, GroupQuery, asked)
    for name, found in zip(same.values(), shown, strict=True):
        assert first in found, name
        assert (second in found) == (second[name] == first[name]), name
    parts = {name: first[name][1:] or first[name] for name in ["key"]}
    asked = [{f"{name}__contains": part.upper()} for name, part in parts.items()]
    shown = await listed(session, models.Group, GroupQuery, asked)
    for (name, part), found in zip(parts.items(), shown, strict=True):
        assert first in found, name
        assert (second in found) == (part.lower() in second[name].lower()), name
    assert await items(client, GROUP_PATH, key__contains="%") == []


async def test_empty_columns(client: AsyncClient, session: AsyncSession) -> None:
    names = ["values"]
    full = await make_group(session)
    empty = await make_group(session, **dict.fromkeys(names))
    assert {name: empty[name] for name in names} == dict.fromkeys(names)
    asked: list[Json] = [{f"{name}__isnull": True} for name in names]
    null = await listed(session, models.Group, GroupQuery, asked)
    assert null == [[empty]] * len(names)
    for value, row in ((True, empty), (False, full)):
        all_of_them = {f"{name}__isnull": value for name in names}
        assert await items(client, GROUP_PATH, **all_of_them) == [row]


async def test_update(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_group(session)
    unchanged = await client.patch(url_of_group(row), json={})
    assert (unchanged.status_code, unchanged.json()) == (200, row)
    other = await body_of_group(session)
    names = ["values"]
    for some in (names[:1], names[1:]):
        changes = {name: other[name] for name in some}
        answer = await client.patch(url_of_group(row), json=changes)
        assert answer.status_code == 200, answer.text
        row |= changes
        assert answer.json() == row
    assert row in await stored(session, models.Group)


async def test_update_from_1_to_true(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_group(session)
    for name in ["values"]:
        for value in ({"n": 1}, {"n": True}):
            await client.patch(url_of_group(row), json={name: value})
            found = (await client.get(url_of_group(row))).json()
            assert repr(found[name]) == repr(value)


async def test_update_refuses_what_does_not_fit(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_group(session)
    kept = {name: row.get(name) for name in ["order", "key", "no such column"]}
    answer = await client.patch(url_of_group(row), json=kept)
    assert faults(answer) == set(kept)
    assert row in await stored(session, models.Group)


async def test_delete(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_group(session)
    assert (await client.delete(url_of_group(row))).status_code == 204
    assert (await client.get(url_of_group(row))).status_code == 404
    assert row not in await stored(session, models.Group)


async def test_what_is_not_there_is_not_found(client: AsyncClient) -> None:
    missing = url(GROUP_PATH, uuid(0), text("key", 0))
    assert (await client.get(missing)).status_code == 404
    assert (await client.delete(missing)).status_code == 404
    assert (await client.patch(missing, json={})).status_code == 404


async def test_duplicates_are_conflicts(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_group(session)
    for names in [["order", "key"]]:
        body = await body_of_group(session) | {name: row[name] for name in names}
        answer = await client.post(GROUP_PATH, json=body)
        assert answer.status_code == 409, names
    assert await stored(session, models.Group) == [row]


async def test_unknown_references_are_refused(client: AsyncClient, session: AsyncSession) -> None:
    references: list[Json] = [
        {"order": uuid(0)},
    ]
    for reference in references:
        body = await body_of_group(session) | reference
        answer = await client.post(GROUP_PATH, json=body)
        assert answer.status_code == 422, reference
        assert {one["pointer"] for one in answer.json()["errors"]} & {
            f"/{name}" for name in reference
        }
    assert await stored(session, models.Group) == []


async def test_links_to_linked_class(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_group(session)
    links = f"{url_of_group(row)}/linked-class"
    assert await items(client, links) == []
    other = await make_class_(session)
    link = url(links, other["import"])
    for _ in range(2):
        assert (await client.put(link)).status_code == 204
        assert await items(client, links) == [other]
    assert (row, [other]) in await related(session, models.Group.linked_class)
    assert (other, [row]) in await related(session, models.Class.groups)
    assert (await client.delete(url_of_class_(other))).status_code == 204
    assert await items(client, links) == []
    assert (await client.put(link)).status_code == 404
    assert (await client.delete(link)).status_code == 204
    assert (await client.post(f"{url_of_class_(other)}/restore")).status_code == 200
    assert await items(client, links) == []
    assert (await client.delete(link)).status_code == 404
    unknown = url(links, 0)
    assert (await client.put(unknown)).status_code == 404
