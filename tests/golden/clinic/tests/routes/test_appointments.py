"""The routes of appointments."""

from httpx import AsyncClient

from tests.factories.appointments import (
    APPOINTMENT_PATH,
    body_of_appointment,
    make_appointment,
    url_of_appointment,
)
from tests.factories.diagnoses import make_diagnosis, url_of_diagnosis
from tests.samples import Json, create, in_order, items, short_text, text, url


async def test_create_and_read(client: AsyncClient) -> None:
    body = await body_of_appointment(client)
    answer = await client.post(APPOINTMENT_PATH, json=body)
    assert answer.status_code == 201, answer.text
    created = answer.json()
    assert {name: created[name] for name in body} == body
    read = await client.get(answer.headers["location"])
    assert read.status_code == 200
    assert read.json() == created


async def test_defaults(client: AsyncClient) -> None:
    defaults: dict[str, object] = {
        "duration": None,
        "reason": None,
        "state": "booked",
    }
    body = await body_of_appointment(client)
    sent = {name: value for name, value in body.items() if name not in defaults}
    created = await create(client, APPOINTMENT_PATH, sent)
    assert {name: created[name] for name in defaults} == defaults


async def test_create_refuses_what_does_not_fit(client: AsyncClient) -> None:
    body = await body_of_appointment(client)
    for name in ["patient_id", "doctor_id", "starts_at"]:
        incomplete = {other: body[other] for other in body if other != name}
        answer = await client.post(APPOINTMENT_PATH, json=incomplete)
        assert answer.status_code == 422, name
    misfits: list[tuple[str, object]] = [
        ("starts_at", "0001-01-01T00:00:00+14:00"),
        ("duration", "P1000000D"),
        ("reason", "x" * 201),
        ("state", "no such value"),
        ("id", None),
        ("created_at", None),
        ("updated_at", None),
        ("no such column", 1),
    ]
    for name, value in misfits:
        answer = await client.post(APPOINTMENT_PATH, json=body | {name: value})
        assert answer.status_code == 422, name
        assert answer.json()["errors"][0]["pointer"].split("/")[1] == name
    assert await items(client, APPOINTMENT_PATH) == []


async def test_pages(client: AsyncClient) -> None:
    rows = [await make_appointment(client) for _ in range(3)]
    first = (await client.get(APPOINTMENT_PATH, params={"limit": 2})).json()
    second = (await client.get(APPOINTMENT_PATH, params={"limit": 2, "offset": 2})).json()
    assert [first["total"], second["total"]] == [3, 3]
    assert [len(first["items"]), len(second["items"])] == [2, 1]
    assert all(row in first["items"] + second["items"] for row in rows)
    for wrong in ({"limit": 0}, {"limit": 101}, {"offset": -1}, {"offset": 2**63}):
        answer = await client.get(APPOINTMENT_PATH, params=wrong)
        assert answer.status_code == 422, wrong


async def test_sorting(client: AsyncClient) -> None:
    for _ in range(3):
        await make_appointment(client)
    for name in ["patient_id", "doctor_id", "starts_at", "reason"]:
        assert in_order([row[name] for row in await items(client, APPOINTMENT_PATH, sort=name)]), (
            name
        )
    for name in ["patient_id", "duration", "state"]:
        rising = [row[name] for row in await items(client, APPOINTMENT_PATH, sort=name)]
        falling = [row[name] for row in await items(client, APPOINTMENT_PATH, sort=f"-{name}")]
        assert rising == falling[::-1], name
    answer = await client.get(APPOINTMENT_PATH, params={"sort": "no such column"})
    assert answer.status_code == 422


async def test_filters(client: AsyncClient) -> None:
    first, second = await make_appointment(client), await make_appointment(client)
    for name in ["patient_id", "doctor_id", "starts_at", "duration", "reason", "state"]:
        found = await items(client, APPOINTMENT_PATH, **{name: first[name]})
        assert first in found, name
        assert (second in found) == (second[name] == first[name]), name
    for name in ["starts_at", "duration"]:
        assert await items(client, APPOINTMENT_PATH, **{f"{name}__lte": first[name]}) == [first], (
            name
        )
        assert await items(client, APPOINTMENT_PATH, **{f"{name}__gte": second[name]}) == [
            second
        ], name
    for name in ["reason"]:
        found = await items(client, APPOINTMENT_PATH, **{f"{name}__contains": first[name].upper()})
        assert found == [first], name
    assert await items(client, APPOINTMENT_PATH, reason__contains="%") == []


async def test_empty_columns(client: AsyncClient) -> None:
    names = ["duration", "reason"]
    full = await make_appointment(client)
    empty = await make_appointment(client, **dict.fromkeys(names))
    for name in names:
        assert await items(client, APPOINTMENT_PATH, **{f"{name}__isnull": True}) == [empty], name
        assert await items(client, APPOINTMENT_PATH, **{f"{name}__isnull": False}) == [full], name


async def test_update(client: AsyncClient) -> None:
    row = await make_appointment(client)
    unchanged = await client.patch(url_of_appointment(row), json={})
    assert (unchanged.status_code, unchanged.json()) == (200, row)
    other = await body_of_appointment(client)
    names = ["patient_id", "doctor_id", "starts_at", "duration", "reason", "state"]
    for some in (names[:1], names[1:]):
        changes = {name: other[name] for name in some}
        answer = await client.patch(url_of_appointment(row), json=changes)
        assert answer.status_code == 200, answer.text
        row |= changes | {"updated_at": answer.json()["updated_at"]}
        assert answer.json() == row
    assert (await client.get(url_of_appointment(row))).json() == row


async def test_update_refuses_what_does_not_fit(client: AsyncClient) -> None:
    row = await make_appointment(client)
    for name in ["patient_id", "doctor_id", "starts_at", "state"]:
        answer = await client.patch(url_of_appointment(row), json={name: None})
        assert answer.status_code == 422, name
    for name in ["id", "created_at", "updated_at", "no such column"]:
        answer = await client.patch(url_of_appointment(row), json={name: row.get(name)})
        assert answer.status_code == 422, name
    assert (await client.get(url_of_appointment(row))).json() == row


async def test_delete(client: AsyncClient) -> None:
    row = await make_appointment(client)
    assert (await client.delete(url_of_appointment(row))).status_code == 204
    assert (await client.get(url_of_appointment(row))).status_code == 404
    assert await items(client, APPOINTMENT_PATH) == []


async def test_what_is_not_there_is_not_found(client: AsyncClient) -> None:
    missing = url(APPOINTMENT_PATH, 0)
    assert (await client.get(missing)).status_code == 404
    assert (await client.delete(missing)).status_code == 404
    assert (await client.patch(missing, json={})).status_code == 404


async def test_duplicates_are_conflicts(client: AsyncClient) -> None:
    row = await make_appointment(client)
    for names in [["doctor_id", "starts_at"], ["patient_id", "starts_at"]]:
        body = await body_of_appointment(client) | {name: row[name] for name in names}
        answer = await client.post(APPOINTMENT_PATH, json=body)
        assert answer.status_code == 409, names
    assert await items(client, APPOINTMENT_PATH) == [row]


async def test_unknown_references_are_refused(client: AsyncClient) -> None:
    references: list[Json] = [
        {"patient_id": 0},
        {"doctor_id": 0},
        {"assistant_id": 0},
        {"referred_by": text("licence", 0)},
        {"room_number": short_text(0, 6)},
    ]
    for reference in references:
        body = await body_of_appointment(client) | reference
        answer = await client.post(APPOINTMENT_PATH, json=body)
        assert answer.status_code == 422, reference
    assert await items(client, APPOINTMENT_PATH) == []


async def test_delete_with_diagnoses_by_appointment_id(client: AsyncClient) -> None:
    row = await make_appointment(client)
    referring = {"appointment_id": row["id"]}
    child = await make_diagnosis(client, **referring)
    answer = await client.delete(url_of_appointment(row))
    assert answer.status_code == 204
    assert (await client.get(url_of_diagnosis(child))).status_code == 404
