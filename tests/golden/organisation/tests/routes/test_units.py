"""The routes of units."""

from httpx import AsyncClient

from tests.factories.people import make_person, url_of_person
from tests.factories.projects import make_project, url_of_project
from tests.factories.units import UNIT_PATH, body_of_unit, make_unit, url_of_unit
from tests.samples import Json, create, in_order, items, text, url, uuid


async def test_create_and_read(client: AsyncClient) -> None:
    body = await body_of_unit(client)
    answer = await client.post(UNIT_PATH, json=body)
    assert answer.status_code == 201, answer.text
    created = answer.json()
    assert {name: created[name] for name in body} == body
    read = await client.get(answer.headers["location"])
    assert read.status_code == 200
    assert read.json() == created


async def test_defaults(client: AsyncClient) -> None:
    defaults: dict[str, object] = {
        "cost_centre": None,
    }
    body = await body_of_unit(client)
    sent = {name: value for name, value in body.items() if name not in defaults}
    created = await create(client, UNIT_PATH, sent)
    assert {name: created[name] for name in defaults} == defaults


async def test_create_refuses_what_does_not_fit(client: AsyncClient) -> None:
    body = await body_of_unit(client)
    for name in ["code", "name"]:
        incomplete = {other: body[other] for other in body if other != name}
        answer = await client.post(UNIT_PATH, json=incomplete)
        assert answer.status_code == 422, name
    misfits: list[tuple[str, object]] = [
        ("code", "x" * 21),
        ("name", "x" * 121),
        ("cost_centre", "x" * 13),
        ("created_at", None),
        ("updated_at", None),
        ("no such column", 1),
    ]
    for name, value in misfits:
        answer = await client.post(UNIT_PATH, json=body | {name: value})
        assert answer.status_code == 422, name
        assert answer.json()["errors"][0]["pointer"].split("/")[1] == name
    assert await items(client, UNIT_PATH) == []


async def test_pages(client: AsyncClient) -> None:
    rows = [await make_unit(client) for _ in range(3)]
    first = (await client.get(UNIT_PATH, params={"limit": 2})).json()
    second = (await client.get(UNIT_PATH, params={"limit": 2, "offset": 2})).json()
    assert [first["total"], second["total"]] == [3, 3]
    assert [len(first["items"]), len(second["items"])] == [2, 1]
    assert all(row in first["items"] + second["items"] for row in rows)
    for wrong in ({"limit": 0}, {"limit": 101}, {"offset": -1}, {"offset": 2**63}):
        answer = await client.get(UNIT_PATH, params=wrong)
        assert answer.status_code == 422, wrong


async def test_sorting(client: AsyncClient) -> None:
    for _ in range(3):
        await make_unit(client)
    for name in ["code", "name", "cost_centre"]:
        assert in_order([row[name] for row in await items(client, UNIT_PATH, sort=name)]), name
    for name in ["code"]:
        rising = [row[name] for row in await items(client, UNIT_PATH, sort=name)]
        falling = [row[name] for row in await items(client, UNIT_PATH, sort=f"-{name}")]
        assert rising == falling[::-1], name
    answer = await client.get(UNIT_PATH, params={"sort": "no such column"})
    assert answer.status_code == 422


async def test_filters(client: AsyncClient) -> None:
    first, second = await make_unit(client), await make_unit(client)
    for name in ["code", "name", "cost_centre"]:
        found = await items(client, UNIT_PATH, **{name: first[name]})
        assert first in found, name
        assert (second in found) == (second[name] == first[name]), name
    for name in ["code", "name", "cost_centre"]:
        found = await items(client, UNIT_PATH, **{f"{name}__contains": first[name].upper()})
        assert found == [first], name
    assert await items(client, UNIT_PATH, code__contains="%") == []


async def test_empty_columns(client: AsyncClient) -> None:
    names = ["cost_centre"]
    full = await make_unit(client)
    empty = await make_unit(client, **dict.fromkeys(names))
    for name in names:
        assert await items(client, UNIT_PATH, **{f"{name}__isnull": True}) == [empty], name
        assert await items(client, UNIT_PATH, **{f"{name}__isnull": False}) == [full], name


async def test_update(client: AsyncClient) -> None:
    row = await make_unit(client)
    unchanged = await client.patch(url_of_unit(row), json={})
    assert (unchanged.status_code, unchanged.json()) == (200, row)
    other = await body_of_unit(client)
    names = ["name", "cost_centre"]
    for some in (names[:1], names[1:]):
        changes = {name: other[name] for name in some}
        answer = await client.patch(url_of_unit(row), json=changes)
        assert answer.status_code == 200, answer.text
        row |= changes | {"updated_at": answer.json()["updated_at"]}
        assert answer.json() == row
    assert (await client.get(url_of_unit(row))).json() == row


async def test_update_refuses_what_does_not_fit(client: AsyncClient) -> None:
    row = await make_unit(client)
    for name in ["name"]:
        answer = await client.patch(url_of_unit(row), json={name: None})
        assert answer.status_code == 422, name
    for name in ["code", "created_at", "updated_at", "no such column"]:
        answer = await client.patch(url_of_unit(row), json={name: row.get(name)})
        assert answer.status_code == 422, name
    assert (await client.get(url_of_unit(row))).json() == row


async def test_delete(client: AsyncClient) -> None:
    row = await make_unit(client)
    assert (await client.delete(url_of_unit(row))).status_code == 204
    assert (await client.get(url_of_unit(row))).status_code == 404
    assert await items(client, UNIT_PATH) == []


async def test_what_is_not_there_is_not_found(client: AsyncClient) -> None:
    missing = url(UNIT_PATH, text("code", 0))
    assert (await client.get(missing)).status_code == 404
    assert (await client.delete(missing)).status_code == 404
    assert (await client.patch(missing, json={})).status_code == 404


async def test_duplicates_are_conflicts(client: AsyncClient) -> None:
    row = await make_unit(client)
    for names in [["code"], ["cost_centre"]]:
        body = await body_of_unit(client) | {name: row[name] for name in names}
        answer = await client.post(UNIT_PATH, json=body)
        assert answer.status_code == 409, names
    assert await items(client, UNIT_PATH) == [row]


async def test_unknown_references_are_refused(client: AsyncClient) -> None:
    references: list[Json] = [
        {"parent_code": text("code", 0)},
        {"head_id": uuid(0)},
    ]
    for reference in references:
        body = await body_of_unit(client) | reference
        answer = await client.post(UNIT_PATH, json=body)
        assert answer.status_code == 422, reference
    assert await items(client, UNIT_PATH) == []


async def test_delete_with_people_by_unit_code(client: AsyncClient) -> None:
    row = await make_unit(client)
    referring = {"unit_code": row["code"]}
    child = await make_person(client, **referring)
    answer = await client.delete(url_of_unit(row))
    assert answer.status_code == 409
    assert (await client.get(url_of_unit(row))).json() == row
    assert (await client.get(url_of_person(child))).json() == child


async def test_delete_with_projects_by_owner_code(client: AsyncClient) -> None:
    row = await make_unit(client)
    referring = {"owner_code": row["code"]}
    child = await make_project(client, **referring)
    answer = await client.delete(url_of_unit(row))
    assert answer.status_code == 204
    assert (await client.get(url_of_project(child))).status_code == 404


async def test_delete_with_units_by_parent_code(client: AsyncClient) -> None:
    row = await make_unit(client)
    referring = {"parent_code": row["code"]}
    child = await make_unit(client, **referring)
    answer = await client.delete(url_of_unit(row))
    assert answer.status_code == 409
    assert (await client.get(url_of_unit(row))).json() == row
    assert (await client.get(url_of_unit(child))).json() == child
