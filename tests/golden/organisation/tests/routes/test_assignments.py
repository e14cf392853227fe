"""The routes of assignments."""

from httpx import AsyncClient

from tests.factories.assignments import (
    ASSIGNMENT_PATH,
    body_of_assignment,
    make_assignment,
    url_of_assignment,
)
from tests.samples import Json, create, in_order, items, url, uuid


async def test_create_and_read(client: AsyncClient) -> None:
    body = await body_of_assignment(client)
    answer = await client.post(ASSIGNMENT_PATH, json=body)
    assert answer.status_code == 201, answer.text
    created = answer.json()
    assert {name: created[name] for name in body} == body
    read = await client.get(answer.headers["location"])
    assert read.status_code == 200
    assert read.json() == created


async def test_defaults(client: AsyncClient) -> None:
    defaults: dict[str, object] = {
        "role": "member",
    }
    body = await body_of_assignment(client)
    sent = {name: value for name, value in body.items() if name not in defaults}
    created = await create(client, ASSIGNMENT_PATH, sent)
    assert {name: created[name] for name in defaults} == defaults


async def test_create_refuses_what_does_not_fit(client: AsyncClient) -> None:
    body = await body_of_assignment(client)
    for name in ["project_id", "person_id"]:
        incomplete = {other: body[other] for other in body if other != name}
        answer = await client.post(ASSIGNMENT_PATH, json=incomplete)
        assert answer.status_code == 422, name
    misfits: list[tuple[str, object]] = [
        ("role", "x" * 61),
        ("share", "NaN"),
        ("no such column", 1),
    ]
    for name, value in misfits:
        answer = await client.post(ASSIGNMENT_PATH, json=body | {name: value})
        assert answer.status_code == 422, name
        assert answer.json()["errors"][0]["pointer"].split("/")[1] == name
    assert await items(client, ASSIGNMENT_PATH) == []


async def test_checks_are_kept(client: AsyncClient) -> None:
    body = await body_of_assignment(client)
    broken: list[tuple[str, object]] = [
        ("share", 0),
    ]
    for name, value in broken:
        answer = await client.post(ASSIGNMENT_PATH, json=body | {name: value})
        assert answer.status_code == 422, name
    assert await items(client, ASSIGNMENT_PATH) == []


async def test_pages(client: AsyncClient) -> None:
    rows = [await make_assignment(client) for _ in range(3)]
    first = (await client.get(ASSIGNMENT_PATH, params={"limit": 2})).json()
    second = (await client.get(ASSIGNMENT_PATH, params={"limit": 2, "offset": 2})).json()
    assert [first["total"], second["total"]] == [3, 3]
    assert [len(first["items"]), len(second["items"])] == [2, 1]
    assert all(row in first["items"] + second["items"] for row in rows)
    for wrong in ({"limit": 0}, {"limit": 101}, {"offset": -1}, {"offset": 2**63}):
        answer = await client.get(ASSIGNMENT_PATH, params=wrong)
        assert answer.status_code == 422, wrong


async def test_sorting(client: AsyncClient) -> None:
    for _ in range(3):
        await make_assignment(client)
    for name in ["project_id", "person_id", "role", "share"]:
        assert in_order([row[name] for row in await items(client, ASSIGNMENT_PATH, sort=name)]), (
            name
        )
    for name in ["project_id"]:
        rising = [row[name] for row in await items(client, ASSIGNMENT_PATH, sort=name)]
        falling = [row[name] for row in await items(client, ASSIGNMENT_PATH, sort=f"-{name}")]
        assert rising == falling[::-1], name
    answer = await client.get(ASSIGNMENT_PATH, params={"sort": "no such column"})
    assert answer.status_code == 422


async def test_filters(client: AsyncClient) -> None:
    first, second = await make_assignment(client), await make_assignment(client)
    for name in ["project_id", "person_id", "role", "share"]:
        found = await items(client, ASSIGNMENT_PATH, **{name: first[name]})
        assert first in found, name
        assert (second in found) == (second[name] == first[name]), name
    for name in ["role"]:
        found = await items(client, ASSIGNMENT_PATH, **{f"{name}__contains": first[name].upper()})
        assert found == [first], name
    assert await items(client, ASSIGNMENT_PATH, role__contains="%") == []


async def test_update(client: AsyncClient) -> None:
    row = await make_assignment(client)
    unchanged = await client.patch(url_of_assignment(row), json={})
    assert (unchanged.status_code, unchanged.json()) == (200, row)
    other = await body_of_assignment(client)
    names = ["role", "share"]
    for some in (names[:1], names[1:]):
        changes = {name: other[name] for name in some}
        answer = await client.patch(url_of_assignment(row), json=changes)
        assert answer.status_code == 200, answer.text
        row |= changes
        assert answer.json() == row
    assert (await client.get(url_of_assignment(row))).json() == row


async def test_update_refuses_what_does_not_fit(client: AsyncClient) -> None:
    row = await make_assignment(client)
    for name in ["role", "share"]:
        answer = await client.patch(url_of_assignment(row), json={name: None})
        assert answer.status_code == 422, name
    for name in ["project_id", "person_id", "no such column"]:
        answer = await client.patch(url_of_assignment(row), json={name: row.get(name)})
        assert answer.status_code == 422, name
    assert (await client.get(url_of_assignment(row))).json() == row


async def test_delete(client: AsyncClient) -> None:
    row = await make_assignment(client)
    assert (await client.delete(url_of_assignment(row))).status_code == 204
    assert (await client.get(url_of_assignment(row))).status_code == 404
    assert await items(client, ASSIGNMENT_PATH) == []


async def test_what_is_not_there_is_not_found(client: AsyncClient) -> None:
    missing = url(ASSIGNMENT_PATH, 0, uuid(0))
    assert (await client.get(missing)).status_code == 404
    assert (await client.delete(missing)).status_code == 404
    assert (await client.patch(missing, json={})).status_code == 404


async def test_duplicates_are_conflicts(client: AsyncClient) -> None:
    row = await make_assignment(client)
    for names in [["project_id", "person_id"]]:
        body = await body_of_assignment(client) | {name: row[name] for name in names}
        answer = await client.post(ASSIGNMENT_PATH, json=body)
        assert answer.status_code == 409, names
    assert await items(client, ASSIGNMENT_PATH) == [row]


async def test_unknown_references_are_refused(client: AsyncClient) -> None:
    references: list[Json] = [
        {"project_id": 0},
        {"person_id": uuid(0)},
    ]
    for reference in references:
        body = await body_of_assignment(client) | reference
        answer = await client.post(ASSIGNMENT_PATH, json=body)
        assert answer.status_code == 422, reference
    assert await items(client, ASSIGNMENT_PATH) == []
