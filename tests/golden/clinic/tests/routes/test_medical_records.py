"""The routes of medical records."""

from httpx import AsyncClient
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from app import models
from app.schemas.medical_records import MedicalRecordQuery
from tests.factories.medical_records import (
    MEDICAL_RECORD_PATH,
    body_of_medical_record,
    make_medical_record,
    url_of_medical_record,
)
from tests.factories.patients import make_patient, url_of_patient
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


async def test_create_and_read(client: AsyncClient, session: AsyncSession) -> None:
    body = await body_of_medical_record(session)
    answer = await client.post(MEDICAL_RECORD_PATH, json=body)
    assert answer.status_code == 201, answer.text
    created = answer.json()
    assert {name: created[name] for name in body} == body
    assert is_recent(created["created_at"])
    assert is_recent(created["updated_at"])
    assert created in await stored(session, models.MedicalRecord)
    read = await client.get(answer.headers["location"])
    assert read.status_code == 200
    assert read.json() == created


async def test_defaults(client: AsyncClient, session: AsyncSession) -> None:
    defaults: dict[str, object] = {
        "allergies": None,
        "medication": None,
        "smoker": None,
        "height_cm": None,
        "weight_kg": None,
        "x_ray": None,
    }
    body = await body_of_medical_record(session)
    sent = {name: value for name, value in body.items() if name not in defaults}
    answer = await client.post(MEDICAL_RECORD_PATH, json=sent)
    assert answer.status_code == 201, answer.text
    created = answer.json()
    assert {name: created[name] for name in defaults} == defaults


async def test_create_refuses_what_does_not_fit(client: AsyncClient, session: AsyncSession) -> None:
    body = await body_of_medical_record(session)
    misfits: Json = {
        "allergies": "\x00",
        "medication": ["\x00"],
        "smoker": "yes",
        "height_cm": 2**15,
        "weight_kg": "1e40",
        "x_ray": "no base64",
        "created_at": None,
        "updated_at": None,
        "no such column": 1,
    }
    answer = await client.post(MEDICAL_RECORD_PATH, json=body | misfits)
    assert faults(answer) == set(misfits)
    nothing = await client.post(MEDICAL_RECORD_PATH, json={})
    assert faults(nothing) == {"patient_id"}
    assert await stored(session, models.MedicalRecord) == []


async def test_json_is_bounded(client: AsyncClient, session: AsyncSession) -> None:
    body = await body_of_medical_record(session)
    for name in ["medication"]:
        answer = await client.post(MEDICAL_RECORD_PATH, json=body | {name: "x" * 1_000_000})
        assert faults(answer) == {name}


async def test_checks_are_kept(client: AsyncClient, session: AsyncSession) -> None:
    body = await body_of_medical_record(session)
    broken: list[Json] = [
        {"height_cm": 19},
        {"weight_kg": "0.00"},
    ]
    for values in broken:
        answer = await client.post(MEDICAL_RECORD_PATH, json=body | values)
        assert answer.status_code == 422, values
    assert await stored(session, models.MedicalRecord) == []


async def test_pages(client: AsyncClient, session: AsyncSession, statements: list[str]) -> None:
    rows = [await make_medical_record(session) for _ in range(3)]
    statements.clear()
    first = (await client.get(MEDICAL_RECORD_PATH, params={"limit": 2})).json()
    asked = len(statements)
    assert any("ORDER BY" in one for one in statements), "pages overlap without an order"
    second = (await client.get(MEDICAL_RECORD_PATH, params={"limit": 2, "offset": 2})).json()
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
    assert faults(await client.get(MEDICAL_RECORD_PATH, params=wrong)) == set(wrong)


async def test_sorting(client: AsyncClient, session: AsyncSession) -> None:
    for _ in range(3):
        await make_medical_record(session)
    names = ["patient_id", "allergies", "smoker", "height_cm", "weight_kg"]
    rows = await items(client, MEDICAL_RECORD_PATH, sort=",".join(names))
    assert rows == await selected(
        session, models.MedicalRecord, MedicalRecordQuery, sort=",".join(names)
    )
    for name in ["patient_id", "allergies", "smoker", "height_cm"]:
        falling = await column_sorted(
            session, models.MedicalRecord, MedicalRecordQuery, name, f"-{name}"
        )
        assert in_order(falling[::-1]), name
    for name in ["patient_id", "weight_kg"]:
        rising = await column_sorted(session, models.MedicalRecord, MedicalRecordQuery, name, name)
        falling = await column_sorted(
            session, models.MedicalRecord, MedicalRecordQuery, name, f"-{name}"
        )
        assert rising == falling[::-1], name


async def test_filters(client: AsyncClient, session: AsyncSession) -> None:
    first, second = await make_medical_record(session), await make_medical_record(session)
    same: dict[str, str] = {
        "patient_id": "patient_id",
        "allergies": "allergies",
        "smoker": "smoker",
        "height_cm": "height_cm",
        "weight_kg": "weight_kg",
    }
    values = {parameter: first[name] for parameter, name in same.items()}
    assert first in await items(client, MEDICAL_RECORD_PATH, **values)
    asked: list[Json] = [{parameter: value} for parameter, value in values.items()]
    shown = await listed(session, models.MedicalRecord, MedicalRecordQuery, asked)
    for name, found in zip(same.values(), shown, strict=True):
        assert first in found, name
        assert (second in found) == (second[name] == first[name]), name
    parts = {name: first[name][1:] or first[name] for name in ["allergies"]}
    asked = [{f"{name}__contains": part.upper()} for name, part in parts.items()]
    shown = await listed(session, models.MedicalRecord, MedicalRecordQuery, asked)
    for (name, part), found in zip(parts.items(), shown, strict=True):
        assert first in found, name
        assert (second in found) == (part.lower() in second[name].lower()), name
    assert await items(client, MEDICAL_RECORD_PATH, allergies__contains="%") == []


async def test_empty_columns(client: AsyncClient, session: AsyncSession) -> None:
    names = ["allergies", "medication", "smoker", "height_cm", "weight_kg", "x_ray"]
    full = await make_medical_record(session)
    empty = await make_medical_record(session, **dict.fromkeys(names))
    assert {name: empty[name] for name in names} == dict.fromkeys(names)
    asked: list[Json] = [{f"{name}__isnull": True} for name in names]
    null = await listed(session, models.MedicalRecord, MedicalRecordQuery, asked)
    assert null == [[empty]] * len(names)
    for value, row in ((True, empty), (False, full)):
        all_of_them = {f"{name}__isnull": value for name in names}
        assert await items(client, MEDICAL_RECORD_PATH, **all_of_them) == [row]


async def test_update(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_medical_record(session)
    unchanged = await client.patch(url_of_medical_record(row), json={})
    assert (unchanged.status_code, unchanged.json()) == (200, row)
    other = await body_of_medical_record(session)
    names = ["allergies", "medication", "smoker", "height_cm", "weight_kg", "x_ray"]
    for some in (names[:1], names[1:]):
        changes = {name: other[name] for name in some}
        answer = await client.patch(url_of_medical_record(row), json=changes)
        assert answer.status_code == 200, answer.text
        row |= changes | {"updated_at": answer.json()["updated_at"]}
        assert answer.json() == row
    assert row in await stored(session, models.MedicalRecord)


async def test_update_from_1_to_true(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_medical_record(session)
    for name in ["medication"]:
        for value in ({"n": 1}, {"n": True}):
            await client.patch(url_of_medical_record(row), json={name: value})
            found = (await client.get(url_of_medical_record(row))).json()
            assert repr(found[name]) == repr(value)


async def test_updated_at_moves_on(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_medical_record(session)
    await session.execute(update(models.MedicalRecord).values(updated_at=LONG_AGO))
    name = "allergies"
    changes = {name: (await body_of_medical_record(session))[name]}
    changed = await client.patch(url_of_medical_record(row), json=changes)
    assert is_recent(changed.json()["updated_at"])


async def test_update_refuses_what_does_not_fit(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_medical_record(session)
    kept = {
        name: row.get(name) for name in ["patient_id", "created_at", "updated_at", "no such column"]
    }
    answer = await client.patch(url_of_medical_record(row), json=kept)
    assert faults(answer) == set(kept)
    assert row in await stored(session, models.MedicalRecord)


async def test_delete(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_medical_record(session)
    assert (await client.delete(url_of_medical_record(row))).status_code == 204
    assert (await client.get(url_of_medical_record(row))).status_code == 404
    assert row not in await stored(session, models.MedicalRecord)


async def test_what_is_not_there_is_not_found(client: AsyncClient) -> None:
    missing = url(MEDICAL_RECORD_PATH, 0)
    assert (await client.get(missing)).status_code == 404
    assert (await client.delete(missing)).status_code == 404
    assert (await client.patch(missing, json={})).status_code == 404


async def test_duplicates_are_conflicts(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_medical_record(session)
    for names in [["patient_id"]]:
        body = await body_of_medical_record(session) | {name: row[name] for name in names}
        answer = await client.post(MEDICAL_RECORD_PATH, json=body)
        assert answer.status_code == 409, names
    assert await stored(session, models.MedicalRecord) == [row]


async def test_unknown_references_are_refused(client: AsyncClient, session: AsyncSession) -> None:
    references: list[Json] = [
        {"patient_id": 0},
    ]
    for reference in references:
        body = await body_of_medical_record(session) | reference
        answer = await client.post(MEDICAL_RECORD_PATH, json=body)
        assert answer.status_code == 422, reference
        assert {one["pointer"] for one in answer.json()["errors"]} & {
            f"/{name}" for name in reference
        }
    assert await stored(session, models.MedicalRecord) == []


async def test_hidden_patient_id_is_refused(client: AsyncClient, session: AsyncSession) -> None:
    parent = await make_patient(session)
    referring = {"patient_id": parent["id"]}
    assert (await client.delete(url_of_patient(parent))).status_code == 204
    body = await body_of_medical_record(session) | referring
    assert faults(await client.post(MEDICAL_RECORD_PATH, json=body)) == set(referring)


async def test_relationship_patient(session: AsyncSession) -> None:
    other = await make_patient(session)
    referring = {"patient_id": other["id"]}
    row = await make_medical_record(session, **referring)
    assert (row, [other]) in await related(session, models.MedicalRecord.patient)
    assert (other, [row]) in await related(session, models.Patient.record)
