"""The routes of doctors."""

from httpx import AsyncClient
from sqlalchemy.ext.asyncio import AsyncSession

from app import models
from app.schemas.doctors import DoctorQuery
from tests.factories.appointments import make_appointment
from tests.factories.doctors import DOCTOR_PATH, body_of_doctor, make_doctor, url_of_doctor
from tests.factories.patients import make_patient
from tests.rows import (
    Json,
    column_sorted,
    erase,
    faults,
    in_order,
    is_recent,
    items,
    listed,
    selected,
    stored,
    url,
)
from tests.samples import clock


async def test_create_and_read(client: AsyncClient, session: AsyncSession) -> None:
    body = await body_of_doctor(session)
    answer = await client.post(DOCTOR_PATH, json=body)
    assert answer.status_code == 201, answer.text
    created = answer.json()
    assert {name: created[name] for name in body} == body
    assert created in await stored(session, models.Doctor)
    read = await client.get(answer.headers["location"])
    assert read.status_code == 200
    assert read.json() == created


async def test_defaults(client: AsyncClient, session: AsyncSession) -> None:
    defaults: dict[str, object] = {
        "speciality": "general",
    }
    body = await body_of_doctor(session)
    sent = {name: value for name, value in body.items() if name not in defaults}
    answer = await client.post(DOCTOR_PATH, json=sent)
    assert answer.status_code == 201, answer.text
    created = answer.json()
    assert {name: created[name] for name in defaults} == defaults


async def test_create_refuses_what_does_not_fit(client: AsyncClient, session: AsyncSession) -> None:
    body = await body_of_doctor(session)
    misfits: Json = {
        "licence": "x" * 17,
        "name": "x" * 121,
        "speciality": "no such value",
        "shift_starts": "24:00:00",
        "shift_ends": "24:00:00",
        "usual_visit": "P1000000D",
        "id": None,
        "is_deleted": None,
        "deleted_at": None,
        "no such column": 1,
    }
    answer = await client.post(DOCTOR_PATH, json=body | misfits)
    assert faults(answer) == set(misfits)
    nothing = await client.post(DOCTOR_PATH, json={})
    assert faults(nothing) == {"licence", "name"}
    assert await stored(session, models.Doctor) == []


async def test_values_of_speciality(session: AsyncSession) -> None:
    for value in ["general", "surgery", "paediatrics", "radiology", "cardiology"]:
        given = {"speciality": value}
        row = await make_doctor(session, **given)
        assert row["speciality"] == value


async def test_checks_are_kept(client: AsyncClient, session: AsyncSession) -> None:
    body = await body_of_doctor(session)
    broken: list[Json] = [
        {"shift_starts": clock(1), "shift_ends": clock(1)},
    ]
    for values in broken:
        answer = await client.post(DOCTOR_PATH, json=body | values)
        assert answer.status_code == 422, values
    assert await stored(session, models.Doctor) == []


async def test_pages(client: AsyncClient, session: AsyncSession, statements: list[str]) -> None:
    rows = [await make_doctor(session) for _ in range(3)]
    statements.clear()
    first = (await client.get(DOCTOR_PATH, params={"limit": 2})).json()
    asked = len(statements)
    assert any("ORDER BY" in one for one in statements), "pages overlap without an order"
    second = (await client.get(DOCTOR_PATH, params={"limit": 2, "offset": 2})).json()
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
    assert faults(await client.get(DOCTOR_PATH, params=wrong)) == set(wrong)


async def test_sorting(client: AsyncClient, session: AsyncSession) -> None:
    for _ in range(3):
        await make_doctor(session)
    names = ["licence", "name", "speciality", "shift_starts", "shift_ends", "usual_visit"]
    rows = await items(client, DOCTOR_PATH, sort=",".join(names))
    assert rows == await selected(session, models.Doctor, DoctorQuery, sort=",".join(names))
    for name in ["licence", "name", "shift_starts", "shift_ends"]:
        falling = await column_sorted(session, models.Doctor, DoctorQuery, name, f"-{name}")
        assert in_order(falling[::-1]), name
    for name in ["licence", "speciality", "usual_visit"]:
        rising = await column_sorted(session, models.Doctor, DoctorQuery, name, name)
        falling = await column_sorted(session, models.Doctor, DoctorQuery, name, f"-{name}")
        assert rising == falling[::-1], name


async def test_filters(client: AsyncClient, session: AsyncSession) -> None:
    first, second = await make_doctor(session), await make_doctor(session)
    same: dict[str, str] = {
        "licence": "licence",
        "name": "name",
        "speciality": "speciality",
        "shift_starts": "shift_starts",
        "shift_ends": "shift_ends",
        "usual_visit": "usual_visit",
    }
    values = {parameter: first[name] for parameter, name in same.items()}
    assert first in await items(client, DOCTOR_PATH, **values)
    asked: list[Json] = [{parameter: value} for parameter, value in values.items()]
    shown = await listed(session, models.Doctor, DoctorQuery, asked)
    for name, found in zip(same.values(), shown, strict=True):
        assert first in found, name
        assert (second in found) == (second[name] == first[name]), name
    names = ["shift_starts", "shift_ends", "usual_visit"]
    asked = [
        {f"{name}__gte": row[name], f"{name}__lte": row[name]}
        for name in names
        for row in (first, second)
    ]
    shown = await listed(session, models.Doctor, DoctorQuery, asked)
    assert shown == [[first], [second]] * len(names)
    parts = {name: first[name][1:] or first[name] for name in ["licence", "name"]}
    asked = [{f"{name}__contains": part.upper()} for name, part in parts.items()]
    shown = await listed(session, models.Doctor, DoctorQuery, asked)
    for (name, part), found in zip(parts.items(), shown, strict=True):
        assert first in found, name
        assert (second in found) == (part.lower() in second[name].lower()), name
    assert await items(client, DOCTOR_PATH, licence__contains="%") == []


async def test_update(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_doctor(session)
    unchanged = await client.patch(url_of_doctor(row), json={})
    assert (unchanged.status_code, unchanged.json()) == (200, row)
    other = await body_of_doctor(session)
    names = ["licence", "name", "speciality", "usual_visit"]
    for some in (names[:1], names[1:]):
        changes = {name: other[name] for name in some}
        answer = await client.patch(url_of_doctor(row), json=changes)
        assert answer.status_code == 200, answer.text
        row |= changes
        assert answer.json() == row
    assert row in await stored(session, models.Doctor)


async def test_update_refuses_what_does_not_fit(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_doctor(session)
    kept = {name: row.get(name) for name in ["id", "is_deleted", "deleted_at", "no such column"]}
    nulls = dict.fromkeys(
        ["licence", "name", "speciality", "shift_starts", "shift_ends", "usual_visit"]
    )
    answer = await client.patch(url_of_doctor(row), json=kept | nulls)
    assert faults(answer) == set(kept | nulls)
    assert row in await stored(session, models.Doctor)


async def test_delete_and_restore(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_doctor(session)
    assert (await client.delete(url_of_doctor(row))).status_code == 204
    for method in ("GET", "DELETE", "PATCH"):
        answer = await client.request(
            method, url_of_doctor(row), json={} if method == "PATCH" else None
        )
        assert answer.status_code == 404, method
    assert await items(client, DOCTOR_PATH) == []
    [deleted] = await items(client, DOCTOR_PATH, include_deleted=True)
    assert await items(client, DOCTOR_PATH, is_deleted=True) == [deleted]
    assert deleted["is_deleted"] is True
    assert is_recent(deleted["deleted_at"])
    shown = await client.get(url_of_doctor(row), params={"include_deleted": True})
    assert shown.json() == deleted
    restored = await client.post(f"{url_of_doctor(row)}/restore")
    assert restored.status_code == 200
    assert restored.json()["is_deleted"] is False
    assert restored.json()["deleted_at"] is None
    assert await items(client, DOCTOR_PATH) == [restored.json()]


async def test_what_is_not_there_is_not_found(client: AsyncClient) -> None:
    missing = url(DOCTOR_PATH, 0)
    assert (await client.get(missing)).status_code == 404
    assert (await client.delete(missing)).status_code == 404
    assert (await client.patch(missing, json={})).status_code == 404
    assert (await client.post(f"{missing}/restore")).status_code == 404


async def test_duplicates_are_conflicts(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_doctor(session)
    for names in [["licence"]]:
        body = await body_of_doctor(session) | {name: row[name] for name in names}
        answer = await client.post(DOCTOR_PATH, json=body)
        assert answer.status_code == 409, names
    assert await stored(session, models.Doctor) == [row]


async def test_update_to_a_duplicate_is_a_conflict(
    client: AsyncClient, session: AsyncSession
) -> None:
    first, second = await make_doctor(session), await make_doctor(session)
    names = ["licence"]
    answer = await client.patch(url_of_doctor(second), json={name: first[name] for name in names})
    assert answer.status_code == 409
    assert second in await stored(session, models.Doctor)


async def test_delete_with_appointments_by_doctor_id(
    client: AsyncClient, session: AsyncSession
) -> None:
    row = await make_doctor(session)
    referring = {"doctor_id": row["id"]}
    child = await make_appointment(session, **referring)
    assert (await client.delete(url_of_doctor(row))).status_code == 409
    gone = await erase(session, models.Doctor, row)
    assert not gone
    assert row in await stored(session, models.Doctor)
    assert child in await stored(session, models.Appointment)


async def test_delete_with_appointments_by_assistant_id(session: AsyncSession) -> None:
    row = await make_doctor(session)
    referring = {"assistant_id": row["id"]}
    child = await make_appointment(session, **referring)
    gone = await erase(session, models.Doctor, row)
    assert gone
    assert child | dict.fromkeys(referring) in await stored(session, models.Appointment)


async def test_delete_with_appointments_by_referred_by(
    client: AsyncClient, session: AsyncSession
) -> None:
    row = await make_doctor(session)
    referring = {"referred_by": row["licence"]}
    child = await make_appointment(session, **referring)
    assert (await client.delete(url_of_doctor(row))).status_code == 409
    gone = await erase(session, models.Doctor, row)
    assert not gone
    assert row in await stored(session, models.Doctor)
    assert child in await stored(session, models.Appointment)


async def test_delete_with_patients_by_family_doctor_id(session: AsyncSession) -> None:
    row = await make_doctor(session)
    referring = {"family_doctor_id": row["id"]}
    child = await make_patient(session, **referring)
    gone = await erase(session, models.Doctor, row)
    assert gone
    assert child | dict.fromkeys(referring) in await stored(session, models.Patient)
