"""The routes of people."""

from httpx import AsyncClient

from tests.factories.people import PERSON_PATH, body_of_person, make_person, url_of_person
from tests.factories.skills import make_skill
from tests.samples import Json, create, in_order, items, text, url, uuid


async def test_create_and_read(client: AsyncClient) -> None:
    body = await body_of_person(client)
    answer = await client.post(PERSON_PATH, json=body)
    assert answer.status_code == 201, answer.text
    created = answer.json()
    assert {name: created[name] for name in body} == body
    read = await client.get(answer.headers["location"])
    assert read.status_code == 200
    assert read.json() == created


async def test_defaults(client: AsyncClient) -> None:
    defaults: dict[str, object] = {
        "left_on": None,
    }
    body = await body_of_person(client)
    sent = {name: value for name, value in body.items() if name not in defaults}
    created = await create(client, PERSON_PATH, sent)
    assert {name: created[name] for name in defaults} == defaults


async def test_create_refuses_what_does_not_fit(client: AsyncClient) -> None:
    body = await body_of_person(client)
    for name in ["name", "email", "unit_code", "joined_on"]:
        incomplete = {other: body[other] for other in body if other != name}
        answer = await client.post(PERSON_PATH, json=incomplete)
        assert answer.status_code == 422, name
    misfits: list[tuple[str, object]] = [
        ("id", "no uuid"),
        ("name", "x" * 121),
        ("email", "x" * 255),
        ("joined_on", "2024-02-30"),
        ("left_on", "2024-02-30"),
        ("created_at", None),
        ("updated_at", None),
        ("is_deleted", None),
        ("deleted_at", None),
        ("no such column", 1),
    ]
    for name, value in misfits:
        answer = await client.post(PERSON_PATH, json=body | {name: value})
        assert answer.status_code == 422, name
        assert answer.json()["errors"][0]["pointer"].split("/")[1] == name
    assert await items(client, PERSON_PATH) == []


async def test_pages(client: AsyncClient) -> None:
    rows = [await make_person(client) for _ in range(3)]
    first = (await client.get(PERSON_PATH, params={"limit": 2})).json()
    second = (await client.get(PERSON_PATH, params={"limit": 2, "offset": 2})).json()
    assert [first["total"], second["total"]] == [3, 3]
    assert [len(first["items"]), len(second["items"])] == [2, 1]
    assert all(row in first["items"] + second["items"] for row in rows)
    for wrong in ({"limit": 0}, {"limit": 101}, {"offset": -1}, {"offset": 2**63}):
        answer = await client.get(PERSON_PATH, params=wrong)
        assert answer.status_code == 422, wrong


async def test_sorting(client: AsyncClient) -> None:
    for _ in range(3):
        await make_person(client)
    for name in ["id", "name", "email", "unit_code", "joined_on", "left_on"]:
        assert in_order([row[name] for row in await items(client, PERSON_PATH, sort=name)]), name
    for name in ["id"]:
        rising = [row[name] for row in await items(client, PERSON_PATH, sort=name)]
        falling = [row[name] for row in await items(client, PERSON_PATH, sort=f"-{name}")]
        assert rising == falling[::-1], name
    answer = await client.get(PERSON_PATH, params={"sort": "no such column"})
    assert answer.status_code == 422


async def test_filters(client: AsyncClient) -> None:
    first, second = await make_person(client), await make_person(client)
    for name in ["id", "name", "email", "unit_code", "joined_on", "left_on"]:
        found = await items(client, PERSON_PATH, **{name: first[name]})
        assert first in found, name
        assert (second in found) == (second[name] == first[name]), name
    for name in ["joined_on", "left_on"]:
        assert await items(client, PERSON_PATH, **{f"{name}__lte": first[name]}) == [first], name
        assert await items(client, PERSON_PATH, **{f"{name}__gte": second[name]}) == [second], name
    for name in ["name", "email"]:
        found = await items(client, PERSON_PATH, **{f"{name}__contains": first[name].upper()})
        assert found == [first], name
    assert await items(client, PERSON_PATH, name__contains="%") == []


async def test_empty_columns(client: AsyncClient) -> None:
    names = ["left_on"]
    full = await make_person(client)
    empty = await make_person(client, **dict.fromkeys(names))
    for name in names:
        assert await items(client, PERSON_PATH, **{f"{name}__isnull": True}) == [empty], name
        assert await items(client, PERSON_PATH, **{f"{name}__isnull": False}) == [full], name


async def test_update(client: AsyncClient) -> None:
    row = await make_person(client)
    unchanged = await client.patch(url_of_person(row), json={})
    assert (unchanged.status_code, unchanged.json()) == (200, row)
    other = await body_of_person(client)
    names = ["name", "email", "unit_code"]
    for some in (names[:1], names[1:]):
        changes = {name: other[name] for name in some}
        answer = await client.patch(url_of_person(row), json=changes)
        assert answer.status_code == 200, answer.text
        row |= changes | {"updated_at": answer.json()["updated_at"]}
        assert answer.json() == row
    assert (await client.get(url_of_person(row))).json() == row


async def test_update_refuses_what_does_not_fit(client: AsyncClient) -> None:
    row = await make_person(client)
    for name in ["name", "email", "unit_code", "joined_on"]:
        answer = await client.patch(url_of_person(row), json={name: None})
        assert answer.status_code == 422, name
    for name in ["id", "created_at", "updated_at", "is_deleted", "deleted_at", "no such column"]:
        answer = await client.patch(url_of_person(row), json={name: row.get(name)})
        assert answer.status_code == 422, name
    assert (await client.get(url_of_person(row))).json() == row


async def test_delete_and_restore(client: AsyncClient) -> None:
    row = await make_person(client)
    assert (await client.delete(url_of_person(row))).status_code == 204
    for method in ("GET", "DELETE", "PATCH"):
        answer = await client.request(
            method, url_of_person(row), json={} if method == "PATCH" else None
        )
        assert answer.status_code == 404, method
    assert await items(client, PERSON_PATH) == []
    [deleted] = await items(client, PERSON_PATH, include_deleted=True)
    assert deleted["is_deleted"] is True
    assert deleted["deleted_at"] is not None
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


async def test_duplicates_are_conflicts(client: AsyncClient) -> None:
    row = await make_person(client)
    for names in [["id"], ["email"]]:
        body = await body_of_person(client) | {name: row[name] for name in names}
        answer = await client.post(PERSON_PATH, json=body)
        assert answer.status_code == 409, names
    assert await items(client, PERSON_PATH) == [row]


async def test_unknown_references_are_refused(client: AsyncClient) -> None:
    references: list[Json] = [
        {"unit_code": text("code", 0)},
        {"manager_id": uuid(0)},
    ]
    for reference in references:
        body = await body_of_person(client) | reference
        answer = await client.post(PERSON_PATH, json=body)
        assert answer.status_code == 422, reference
    assert await items(client, PERSON_PATH) == []


async def test_mentees(client: AsyncClient) -> None:
    row, other = await make_person(client), await make_person(client)
    links = f"{url_of_person(row)}/mentees"
    assert await items(client, links) == []
    link = url(links, other["id"])
    for _ in range(2):
        assert (await client.put(link)).status_code == 204
        assert await items(client, links) == [other]
    assert (await client.get(links)).json()["total"] == 1
    assert (await client.delete(link)).status_code == 204
    assert await items(client, links) == []
    assert (await client.delete(link)).status_code == 404
    unknown = url(links, uuid(0))
    assert (await client.put(unknown)).status_code == 404


async def test_mentors(client: AsyncClient) -> None:
    row, other = await make_person(client), await make_person(client)
    links = f"{url_of_person(row)}/mentors"
    assert await items(client, links) == []
    link = url(links, other["id"])
    for _ in range(2):
        assert (await client.put(link)).status_code == 204
        assert await items(client, links) == [other]
    assert (await client.get(links)).json()["total"] == 1
    assert (await client.delete(link)).status_code == 204
    assert await items(client, links) == []
    assert (await client.delete(link)).status_code == 404
    unknown = url(links, uuid(0))
    assert (await client.put(unknown)).status_code == 404


async def test_skills(client: AsyncClient) -> None:
    row, other = await make_person(client), await make_skill(client)
    links = f"{url_of_person(row)}/skills"
    assert await items(client, links) == []
    link = url(links, other["name"])
    for _ in range(2):
        assert (await client.put(link)).status_code == 204
        assert await items(client, links) == [other]
    assert (await client.get(links)).json()["total"] == 1
    assert (await client.delete(link)).status_code == 204
    assert await items(client, links) == []
    assert (await client.delete(link)).status_code == 404
    unknown = url(links, text("name", 0))
    assert (await client.put(unknown)).status_code == 404
