"""The routes of patients."""

from httpx import AsyncClient
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from app import models
from app.schemas.patients import PatientQuery
from tests.factories.appointments import make_appointment
from tests.factories.doctors import make_doctor, url_of_doctor
from tests.factories.medical_records import make_medical_record
from tests.factories.patients import PATIENT_PATH, body_of_patient, make_patient, url_of_patient
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


async def test_create_and_read(client: AsyncClient, session: AsyncSession) -> None:
    body = await body_of_patient(session)
    answer = await client.post(PATIENT_PATH, json=body)
    assert answer.status_code == 201, answer.text
    created = answer.json()
    assert {name: created[name] for name in body} == body
    assert is_recent(created["created_at"])
    assert is_recent(created["updated_at"])
    assert created in await stored(session, models.Patient)
    read = await client.get(answer.headers["location"])
    assert read.status_code == 200
    assert read.json() == created


async def test_defaults(client: AsyncClient, session: AsyncSession) -> None:
    defaults: dict[str, object] = {
        "insurance_number": None,
        "blood_group": None,
        "phone": None,
    }
    body = await body_of_patient(session)
    sent = {name: value for name, value in body.items() if name not in defaults}
    answer = await client.post(PATIENT_PATH, json=sent)
    assert answer.status_code == 201, answer.text
    created = answer.json()
    assert {name: created[name] for name in defaults} == defaults


async def test_create_refuses_what_does_not_fit(client: AsyncClient, session: AsyncSession) -> None:
    body = await body_of_patient(session)
    misfits: Json = {
        "insurance_number": "x" * 21,
        "family_name": "x" * 81,
        "given_name": "x" * 81,
        "born_on": "2024-02-30",
        "blood_group": "no such value",
        "phone": "x" * 41,
        "id": None,
        "created_at": None,
        "updated_at": None,
        "is_deleted": None,
        "deleted_at": None,
        "no such column": 1,
    }
    answer = await client.post(PATIENT_PATH, json=body | misfits)
    assert faults(answer) == set(misfits)
    nothing = await client.post(PATIENT_PATH, json={})
    assert faults(nothing) == {"family_name", "given_name", "born_on"}
    assert await stored(session, models.Patient) == []


async def test_values_of_blood_group(session: AsyncSession) -> None:
    for value in ["A+", "A-", "B+", "B-", "AB+", "AB-", "0+", "0-"]:
        given = {"blood_group": value}
        row = await make_patient(session, **given)
        assert row["blood_group"] == value


async def test_pages(client: AsyncClient, session: AsyncSession, statements: list[str]) -> None:
    rows = [await make_patient(session) for _ in range(3)]
    statements.clear()
    first = (await client.get(PATIENT_PATH, params={"limit": 2})).json()
    asked = len(statements)
    assert any("ORDER BY" in one for one in statements), "pages overlap without an order"
    second = (await client.get(PATIENT_PATH, params={"limit": 2, "offset": 2})).json()
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
    assert faults(await client.get(PATIENT_PATH, params=wrong)) == set(wrong)


async def test_sorting(client: AsyncClient, session: AsyncSession) -> None:
    for _ in range(3):
        await make_patient(session)
    names = ["insurance_number", "family_name", "given_name", "born_on", "blood_group", "phone"]
    rows = await items(client, PATIENT_PATH, sort=",".join(names))
    assert rows == await selected(session, models.Patient, PatientQuery, sort=",".join(names))
    for name in ["insurance_number", "family_name", "given_name", "born_on", "phone"]:
        falling = await column_sorted(session, models.Patient, PatientQuery, name, f"-{name}")
        assert in_order(falling[::-1]), name
    for name in ["insurance_number", "blood_group"]:
        rising = await column_sorted(session, models.Patient, PatientQuery, name, name)
        falling = await column_sorted(session, models.Patient, PatientQuery, name, f"-{name}")
        assert rising == falling[::-1], name


async def test_filters(client: AsyncClient, session: AsyncSession) -> None:
    first, second = await make_patient(session), await make_patient(session)
    same: dict[str, str] = {
        "insurance_number": "insurance_number",
        "family_name": "family_name",
        "given_name": "given_name",
        "born_on": "born_on",
        "blood_group": "blood_group",
        "phone": "phone",
    }
    values = {parameter: first[name] for parameter, name in same.items()}
    assert first in await items(client, PATIENT_PATH, **values)
    asked: list[Json] = [{parameter: value} for parameter, value in values.items()]
    shown = await listed(session, models.Patient, PatientQuery, asked)
    for name, found in zip(same.values(), shown, strict=True):
        assert first in found, name
        assert (second in found) == (second[name] == first[name]), name
    names = ["born_on"]
    asked = [
        {f"{name}__gte": row[name], f"{name}__lte": row[name]}
        for name in names
        for row in (first, second)
    ]
    shown = await listed(session, models.Patient, PatientQuery, asked)
    assert shown == [[first], [second]] * len(names)
    parts = {
        name: first[name][1:] or first[name]
        for name in ["insurance_number", "family_name", "given_name", "phone"]
    }
    asked = [{f"{name}__contains": part.upper()} for name, part in parts.items()]
    shown = await listed(session, models.Patient, PatientQuery, asked)
    for (name, part), found in zip(parts.items(), shown, strict=True):
        assert first in found, name
        assert (second in found) == (part.lower() in second[name].lower()), name
    assert await items(client, PATIENT_PATH, insurance_number__contains="%") == []


async def test_empty_columns(client: AsyncClient, session: AsyncSession) -> None:
    names = ["insurance_number", "blood_group", "phone"]
    full = await make_patient(session)
    empty = await make_patient(session, **dict.fromkeys(names))
    assert {name: empty[name] for name in names} == dict.fromkeys(names)
    asked: list[Json] = [{f"{name}__isnull": True} for name in names]
    null = await listed(session, models.Patient, PatientQuery, asked)
    assert null == [[empty]] * len(names)
    for value, row in ((True, empty), (False, full)):
        all_of_them = {f"{name}__isnull": value for name in names}
        assert await items(client, PATIENT_PATH, **all_of_them) == [row]


async def test_update(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_patient(session)
    unchanged = await client.patch(url_of_patient(row), json={})
    assert (unchanged.status_code, unchanged.json()) == (200, row)
    other = await body_of_patient(session)
    names = ["insurance_number", "family_name", "given_name", "born_on", "blood_group", "phone"]
    for some in (names[:1], names[1:]):
        changes = {name: other[name] for name in some}
        answer = await client.patch(url_of_patient(row), json=changes)
        assert answer.status_code == 200, answer.text
        row |= changes | {"updated_at": answer.json()["updated_at"]}
        assert answer.json() == row
    assert row in await stored(session, models.Patient)


async def test_updated_at_moves_on(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_patient(session)
    await session.execute(update(models.Patient).values(updated_at=LONG_AGO))
    name = "insurance_number"
    changes = {name: (await body_of_patient(session))[name]}
    changed = await client.patch(url_of_patient(row), json=changes)
    assert is_recent(changed.json()["updated_at"])


async def test_update_refuses_what_does_not_fit(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_patient(session)
    kept = {
        name: row.get(name)
        for name in ["id", "created_at", "updated_at", "is_deleted", "deleted_at", "no such column"]
    }
    nulls = dict.fromkeys(["family_name", "given_name", "born_on"])
    answer = await client.patch(url_of_patient(row), json=kept | nulls)
    assert faults(answer) == set(kept | nulls)
    assert row in await stored(session, models.Patient)


async def test_optional_references(client: AsyncClient, session: AsyncSession) -> None:
    referring: Json = {}
    parent = await make_doctor(session)
    referring |= {"family_doctor_id": parent["id"]}
    row = await make_patient(session, **referring)
    for changes, is_null in ((dict.fromkeys(referring), True), (referring, False)):
        answer = await client.patch(url_of_patient(row), json=changes)
        assert answer.status_code == 200, answer.text
        row |= changes | {"updated_at": answer.json()["updated_at"]}
        assert answer.json() == row
        asked: list[Json] = [
            {f"{name}__isnull": value}
            for name in ["family_doctor_id"]
            for value in (is_null, not is_null)
        ]
        shown = await listed(session, models.Patient, PatientQuery, asked)
        assert [row in found for found in shown] == [True, False] * (len(asked) // 2)
    same = {"family_doctor_id": row["family_doctor_id"]}
    each = [{parameter: value} for parameter, value in same.items()]
    assert await listed(session, models.Patient, PatientQuery, each) == [[row]] * len(each)
    assert await items(client, PATIENT_PATH, **same) == [row]


async def test_delete_and_restore(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_patient(session)
    assert (await client.delete(url_of_patient(row))).status_code == 204
    for method in ("GET", "DELETE", "PATCH"):
        answer = await client.request(
            method, url_of_patient(row), json={} if method == "PATCH" else None
        )
        assert answer.status_code == 404, method
    assert await items(client, PATIENT_PATH) == []
    [deleted] = await items(client, PATIENT_PATH, include_deleted=True)
    assert await items(client, PATIENT_PATH, is_deleted=True) == [deleted]
    assert deleted["is_deleted"] is True
    assert is_recent(deleted["deleted_at"])
    shown = await client.get(url_of_patient(row), params={"include_deleted": True})
    assert shown.json() == deleted
    restored = await client.post(f"{url_of_patient(row)}/restore")
    assert restored.status_code == 200
    assert restored.json()["is_deleted"] is False
    assert restored.json()["deleted_at"] is None
    assert await items(client, PATIENT_PATH) == [restored.json()]


async def test_what_is_not_there_is_not_found(client: AsyncClient) -> None:
    missing = url(PATIENT_PATH, 0)
    assert (await client.get(missing)).status_code == 404
    assert (await client.delete(missing)).status_code == 404
    assert (await client.patch(missing, json={})).status_code == 404
    assert (await client.post(f"{missing}/restore")).status_code == 404


async def test_duplicates_are_conflicts(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_patient(session)
    for names in [["insurance_number"]]:
        body = await body_of_patient(session) | {name: row[name] for name in names}
        answer = await client.post(PATIENT_PATH, json=body)
        assert answer.status_code == 409, names
    assert await stored(session, models.Patient) == [row]


async def test_update_to_a_duplicate_is_a_conflict(
    client: AsyncClient, session: AsyncSession
) -> None:
    first, second = await make_patient(session), await make_patient(session)
    names = ["insurance_number"]
    answer = await client.patch(url_of_patient(second), json={name: first[name] for name in names})
    assert answer.status_code == 409
    assert second in await stored(session, models.Patient)


async def test_unknown_references_are_refused(client: AsyncClient, session: AsyncSession) -> None:
    references: list[Json] = [
        {"family_doctor_id": 0},
    ]
    for reference in references:
        body = await body_of_patient(session) | reference
        answer = await client.post(PATIENT_PATH, json=body)
        assert answer.status_code == 422, reference
        assert {one["pointer"] for one in answer.json()["errors"]} & {
            f"/{name}" for name in reference
        }
    assert await stored(session, models.Patient) == []


async def test_hidden_family_doctor_id_is_refused(
    client: AsyncClient, session: AsyncSession
) -> None:
    parent = await make_doctor(session)
    referring = {"family_doctor_id": parent["id"]}
    row = await make_patient(session, **referring)
    assert (await client.delete(url_of_patient(row))).status_code == 204
    assert (await client.delete(url_of_doctor(parent))).status_code == 204
    body = await body_of_patient(session) | referring
    assert faults(await client.post(PATIENT_PATH, json=body)) == set(referring)
    assert faults(await client.post(f"{url_of_patient(row)}/restore")) == set(referring)


async def test_relationship_family_doctor(session: AsyncSession) -> None:
    other = await make_doctor(session)
    referring = {"family_doctor_id": other["id"]}
    row = await make_patient(session, **referring)
    assert (row, [other]) in await related(session, models.Patient.family_doctor)
    assert (other, [row]) in await related(session, models.Doctor.regular_patients)


async def test_delete_with_appointments_by_patient_id(session: AsyncSession) -> None:
    row = await make_patient(session)
    referring = {"patient_id": row["id"]}
    child = await make_appointment(session, **referring)
    gone = await erase(session, models.Patient, row)
    assert gone
    assert child not in await stored(session, models.Appointment)


async def test_delete_with_medical_records_by_patient_id(session: AsyncSession) -> None:
    row = await make_patient(session)
    referring = {"patient_id": row["id"]}
    child = await make_medical_record(session, **referring)
    gone = await erase(session, models.Patient, row)
    assert gone
    assert child not in await stored(session, models.MedicalRecord)
