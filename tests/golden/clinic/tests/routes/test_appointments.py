"""The routes of appointments."""

from httpx import AsyncClient
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from app import models
from app.schemas.appointments import AppointmentQuery
from tests.factories.appointments import (
    APPOINTMENT_PATH,
    body_of_appointment,
    make_appointment,
    url_of_appointment,
)
from tests.factories.diagnoses import make_diagnosis
from tests.factories.doctors import make_doctor, url_of_doctor
from tests.factories.patients import make_patient, url_of_patient
from tests.factories.rooms import make_room
from tests.rows import (
    LONG_AGO,
    Json,
    column_sorted,
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
from tests.samples import short_text, text


async def test_create_and_read(client: AsyncClient, session: AsyncSession) -> None:
    body = await body_of_appointment(session)
    answer = await client.post(APPOINTMENT_PATH, json=body)
    assert answer.status_code == 201, answer.text
    created = answer.json()
    assert {name: created[name] for name in body} == body
    assert is_recent(created["created_at"])
    assert is_recent(created["updated_at"])
    assert created in await stored(session, models.Appointment)
    read = await client.get(answer.headers["location"])
    assert read.status_code == 200
    assert read.json() == created


async def test_defaults(client: AsyncClient, session: AsyncSession) -> None:
    defaults: dict[str, object] = {
        "duration": None,
        "reason": None,
        "state": "booked",
    }
    body = await body_of_appointment(session)
    sent = {name: value for name, value in body.items() if name not in defaults}
    answer = await client.post(APPOINTMENT_PATH, json=sent)
    assert answer.status_code == 201, answer.text
    created = answer.json()
    assert {name: created[name] for name in defaults} == defaults


async def test_create_refuses_what_does_not_fit(client: AsyncClient, session: AsyncSession) -> None:
    body = await body_of_appointment(session)
    misfits: Json = {
        "starts_at": "0001-01-01T00:00:00+14:00",
        "duration": "P1000000D",
        "reason": "x" * 201,
        "state": "no such value",
        "id": None,
        "created_at": None,
        "updated_at": None,
        "no such column": 1,
    }
    answer = await client.post(APPOINTMENT_PATH, json=body | misfits)
    assert faults(answer) == set(misfits)
    nothing = await client.post(APPOINTMENT_PATH, json={})
    assert faults(nothing) == {"patient_id", "doctor_id", "starts_at"}
    assert await stored(session, models.Appointment) == []


async def test_values_of_state(session: AsyncSession) -> None:
    for value in ["booked", "arrived", "in progress", "done", "missed"]:
        given = {"state": value}
        row = await make_appointment(session, **given)
        assert row["state"] == value


async def test_pages(client: AsyncClient, session: AsyncSession, statements: list[str]) -> None:
    rows = [await make_appointment(session) for _ in range(3)]
    statements.clear()
    first = (await client.get(APPOINTMENT_PATH, params={"limit": 2})).json()
    asked = len(statements)
    assert any("ORDER BY" in one for one in statements), "pages overlap without an order"
    second = (await client.get(APPOINTMENT_PATH, params={"limit": 2, "offset": 2})).json()
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
    assert faults(await client.get(APPOINTMENT_PATH, params=wrong)) == set(wrong)


async def test_sorting(client: AsyncClient, session: AsyncSession) -> None:
    for _ in range(3):
        await make_appointment(session)
    names = ["patient_id", "doctor_id", "starts_at", "duration", "reason", "state"]
    rows = await items(client, APPOINTMENT_PATH, sort=",".join(names))
    assert rows == await selected(
        session, models.Appointment, AppointmentQuery, sort=",".join(names)
    )
    for name in ["patient_id", "doctor_id", "starts_at", "reason"]:
        falling = await column_sorted(
            session, models.Appointment, AppointmentQuery, name, f"-{name}"
        )
        assert in_order(falling[::-1]), name
    for name in ["patient_id", "duration", "state"]:
        rising = await column_sorted(session, models.Appointment, AppointmentQuery, name, name)
        falling = await column_sorted(
            session, models.Appointment, AppointmentQuery, name, f"-{name}"
        )
        assert rising == falling[::-1], name


async def test_filters(client: AsyncClient, session: AsyncSession) -> None:
    first, second = await make_appointment(session), await make_appointment(session)
    same: dict[str, str] = {
        "patient_id": "patient_id",
        "doctor_id": "doctor_id",
        "starts_at": "starts_at",
        "duration": "duration",
        "reason": "reason",
        "state": "state",
    }
    values = {parameter: first[name] for parameter, name in same.items()}
    assert first in await items(client, APPOINTMENT_PATH, **values)
    asked: list[Json] = [{parameter: value} for parameter, value in values.items()]
    shown = await listed(session, models.Appointment, AppointmentQuery, asked)
    for name, found in zip(same.values(), shown, strict=True):
        assert first in found, name
        assert (second in found) == (second[name] == first[name]), name
    names = ["starts_at", "duration"]
    asked = [
        {f"{name}__gte": row[name], f"{name}__lte": row[name]}
        for name in names
        for row in (first, second)
    ]
    shown = await listed(session, models.Appointment, AppointmentQuery, asked)
    assert shown == [[first], [second]] * len(names)
    parts = {name: first[name][1:] or first[name] for name in ["reason"]}
    asked = [{f"{name}__contains": part.upper()} for name, part in parts.items()]
    shown = await listed(session, models.Appointment, AppointmentQuery, asked)
    for (name, part), found in zip(parts.items(), shown, strict=True):
        assert first in found, name
        assert (second in found) == (part.lower() in second[name].lower()), name
    assert await items(client, APPOINTMENT_PATH, reason__contains="%") == []


async def test_empty_columns(client: AsyncClient, session: AsyncSession) -> None:
    names = ["duration", "reason"]
    full = await make_appointment(session)
    empty = await make_appointment(session, **dict.fromkeys(names))
    assert {name: empty[name] for name in names} == dict.fromkeys(names)
    asked: list[Json] = [{f"{name}__isnull": True} for name in names]
    null = await listed(session, models.Appointment, AppointmentQuery, asked)
    assert null == [[empty]] * len(names)
    for value, row in ((True, empty), (False, full)):
        all_of_them = {f"{name}__isnull": value for name in names}
        assert await items(client, APPOINTMENT_PATH, **all_of_them) == [row]


async def test_update(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_appointment(session)
    unchanged = await client.patch(url_of_appointment(row), json={})
    assert (unchanged.status_code, unchanged.json()) == (200, row)
    other = await body_of_appointment(session)
    names = ["patient_id", "doctor_id", "starts_at", "duration", "reason", "state"]
    for some in (names[:1], names[1:]):
        changes = {name: other[name] for name in some}
        answer = await client.patch(url_of_appointment(row), json=changes)
        assert answer.status_code == 200, answer.text
        row |= changes | {"updated_at": answer.json()["updated_at"]}
        assert answer.json() == row
    assert row in await stored(session, models.Appointment)


async def test_updated_at_moves_on(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_appointment(session)
    await session.execute(update(models.Appointment).values(updated_at=LONG_AGO))
    name = "patient_id"
    changes = {name: (await body_of_appointment(session))[name]}
    changed = await client.patch(url_of_appointment(row), json=changes)
    assert is_recent(changed.json()["updated_at"])


async def test_update_refuses_what_does_not_fit(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_appointment(session)
    kept = {name: row.get(name) for name in ["id", "created_at", "updated_at", "no such column"]}
    nulls = dict.fromkeys(["patient_id", "doctor_id", "starts_at", "state"])
    answer = await client.patch(url_of_appointment(row), json=kept | nulls)
    assert faults(answer) == set(kept | nulls)
    assert row in await stored(session, models.Appointment)


async def test_optional_references(client: AsyncClient, session: AsyncSession) -> None:
    referring: Json = {}
    parent = await make_doctor(session)
    referring |= {"assistant_id": parent["id"], "referred_by": parent["licence"]}
    parent = await make_room(session)
    referring |= {"room_number": parent["number"]}
    row = await make_appointment(session, **referring)
    for changes, is_null in ((dict.fromkeys(referring), True), (referring, False)):
        answer = await client.patch(url_of_appointment(row), json=changes)
        assert answer.status_code == 200, answer.text
        row |= changes | {"updated_at": answer.json()["updated_at"]}
        assert answer.json() == row
        asked: list[Json] = [
            {f"{name}__isnull": value}
            for name in ["assistant_id", "referred_by", "room_number"]
            for value in (is_null, not is_null)
        ]
        shown = await listed(session, models.Appointment, AppointmentQuery, asked)
        assert [row in found for found in shown] == [True, False] * (len(asked) // 2)
    same = {
        "assistant_id": row["assistant_id"],
        "referred_by": row["referred_by"],
        "room_number": row["room_number"],
    }
    each = [{parameter: value} for parameter, value in same.items()]
    assert await listed(session, models.Appointment, AppointmentQuery, each) == [[row]] * len(each)
    assert await items(client, APPOINTMENT_PATH, **same) == [row]


async def test_delete(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_appointment(session)
    assert (await client.delete(url_of_appointment(row))).status_code == 204
    assert (await client.get(url_of_appointment(row))).status_code == 404
    assert row not in await stored(session, models.Appointment)


async def test_what_is_not_there_is_not_found(client: AsyncClient) -> None:
    missing = url(APPOINTMENT_PATH, 0)
    assert (await client.get(missing)).status_code == 404
    assert (await client.delete(missing)).status_code == 404
    assert (await client.patch(missing, json={})).status_code == 404


async def test_duplicates_are_conflicts(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_appointment(session)
    for names in [["doctor_id", "starts_at"], ["patient_id", "starts_at"]]:
        body = await body_of_appointment(session) | {name: row[name] for name in names}
        answer = await client.post(APPOINTMENT_PATH, json=body)
        assert answer.status_code == 409, names
    assert await stored(session, models.Appointment) == [row]


async def test_update_to_a_duplicate_is_a_conflict(
    client: AsyncClient, session: AsyncSession
) -> None:
    first, second = await make_appointment(session), await make_appointment(session)
    names = ["doctor_id", "starts_at"]
    answer = await client.patch(
        url_of_appointment(second), json={name: first[name] for name in names}
    )
    assert answer.status_code == 409
    assert second in await stored(session, models.Appointment)


async def test_unknown_references_are_refused(client: AsyncClient, session: AsyncSession) -> None:
    references: list[Json] = [
        {"patient_id": 0},
        {"doctor_id": 0},
        {"assistant_id": 0},
        {"referred_by": text("licence", 0)},
        {"room_number": short_text(0, 6)},
    ]
    for reference in references:
        body = await body_of_appointment(session) | reference
        answer = await client.post(APPOINTMENT_PATH, json=body)
        assert answer.status_code == 422, reference
        assert {one["pointer"] for one in answer.json()["errors"]} & {
            f"/{name}" for name in reference
        }
    assert await stored(session, models.Appointment) == []


async def test_hidden_patient_id_is_refused(client: AsyncClient, session: AsyncSession) -> None:
    parent = await make_patient(session)
    referring = {"patient_id": parent["id"]}
    assert (await client.delete(url_of_patient(parent))).status_code == 204
    body = await body_of_appointment(session) | referring
    assert faults(await client.post(APPOINTMENT_PATH, json=body)) == set(referring)


async def test_hidden_doctor_id_is_refused(client: AsyncClient, session: AsyncSession) -> None:
    parent = await make_doctor(session)
    referring = {"doctor_id": parent["id"]}
    assert (await client.delete(url_of_doctor(parent))).status_code == 204
    body = await body_of_appointment(session) | referring
    assert faults(await client.post(APPOINTMENT_PATH, json=body)) == set(referring)


async def test_hidden_assistant_id_is_refused(client: AsyncClient, session: AsyncSession) -> None:
    parent = await make_doctor(session)
    referring = {"assistant_id": parent["id"]}
    assert (await client.delete(url_of_doctor(parent))).status_code == 204
    body = await body_of_appointment(session) | referring
    assert faults(await client.post(APPOINTMENT_PATH, json=body)) == set(referring)


async def test_hidden_referred_by_is_refused(client: AsyncClient, session: AsyncSession) -> None:
    parent = await make_doctor(session)
    referring = {"referred_by": parent["licence"]}
    assert (await client.delete(url_of_doctor(parent))).status_code == 204
    body = await body_of_appointment(session) | referring
    assert faults(await client.post(APPOINTMENT_PATH, json=body)) == set(referring)


async def test_relationship_patient(session: AsyncSession) -> None:
    other = await make_patient(session)
    referring = {"patient_id": other["id"]}
    row = await make_appointment(session, **referring)
    assert (row, [other]) in await related(session, models.Appointment.patient)
    assert (other, [row]) in await related(session, models.Patient.appointments)


async def test_relationship_doctor(session: AsyncSession) -> None:
    other = await make_doctor(session)
    referring = {"doctor_id": other["id"]}
    row = await make_appointment(session, **referring)
    assert (row, [other]) in await related(session, models.Appointment.doctor)
    assert (other, [row]) in await related(session, models.Doctor.appointments)


async def test_relationship_assistant(session: AsyncSession) -> None:
    other = await make_doctor(session)
    referring = {"assistant_id": other["id"]}
    row = await make_appointment(session, **referring)
    assert (row, [other]) in await related(session, models.Appointment.assistant)
    assert (other, [row]) in await related(session, models.Doctor.assisted_appointments)


async def test_relationship_referrer(session: AsyncSession) -> None:
    other = await make_doctor(session)
    referring = {"referred_by": other["licence"]}
    row = await make_appointment(session, **referring)
    assert (row, [other]) in await related(session, models.Appointment.referrer)
    assert (other, [row]) in await related(session, models.Doctor.referrals)


async def test_relationship_room(session: AsyncSession) -> None:
    other = await make_room(session)
    referring = {"room_number": other["number"]}
    row = await make_appointment(session, **referring)
    assert (row, [other]) in await related(session, models.Appointment.room)
    assert (other, [row]) in await related(session, models.Room.appointments)


async def test_delete_with_diagnoses_by_appointment_id(
    client: AsyncClient, session: AsyncSession
) -> None:
    row = await make_appointment(session)
    referring = {"appointment_id": row["id"]}
    child = await make_diagnosis(session, **referring)
    answer = await client.delete(url_of_appointment(row))
    assert answer.status_code == 204
    assert child not in await stored(session, models.Diagnosis)
