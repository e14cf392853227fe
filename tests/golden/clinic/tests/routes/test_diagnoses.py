"""The routes of diagnoses."""

from httpx import AsyncClient
from sqlalchemy.ext.asyncio import AsyncSession

from app import models
from app.schemas.diagnoses import DiagnosisQuery
from tests.factories.appointments import make_appointment
from tests.factories.diagnoses import (
    DIAGNOSIS_PATH,
    body_of_diagnosis,
    make_diagnosis,
    url_of_diagnosis,
)
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


async def test_create_and_read(client: AsyncClient, session: AsyncSession) -> None:
    body = await body_of_diagnosis(session)
    answer = await client.post(DIAGNOSIS_PATH, json=body)
    assert answer.status_code == 201, answer.text
    created = answer.json()
    assert {name: created[name] for name in body} == body
    assert created in await stored(session, models.Diagnosis)
    read = await client.get(answer.headers["location"])
    assert read.status_code == 200
    assert read.json() == created


async def test_defaults(client: AsyncClient, session: AsyncSession) -> None:
    defaults: dict[str, object] = {
        "remarks": None,
        "certain": False,
    }
    body = await body_of_diagnosis(session)
    sent = {name: value for name, value in body.items() if name not in defaults}
    answer = await client.post(DIAGNOSIS_PATH, json=sent)
    assert answer.status_code == 201, answer.text
    created = answer.json()
    assert {name: created[name] for name in defaults} == defaults


async def test_create_refuses_what_does_not_fit(client: AsyncClient, session: AsyncSession) -> None:
    body = await body_of_diagnosis(session)
    misfits: Json = {
        "code": "x" * 9,
        "remarks": "\x00",
        "certain": "yes",
        "id": None,
        "no such column": 1,
    }
    answer = await client.post(DIAGNOSIS_PATH, json=body | misfits)
    assert faults(answer) == set(misfits)
    nothing = await client.post(DIAGNOSIS_PATH, json={})
    assert faults(nothing) == {"appointment_id", "code"}
    assert await stored(session, models.Diagnosis) == []


async def test_pages(client: AsyncClient, session: AsyncSession, statements: list[str]) -> None:
    rows = [await make_diagnosis(session) for _ in range(3)]
    statements.clear()
    first = (await client.get(DIAGNOSIS_PATH, params={"limit": 2})).json()
    asked = len(statements)
    assert any("ORDER BY" in one for one in statements), "pages overlap without an order"
    second = (await client.get(DIAGNOSIS_PATH, params={"limit": 2, "offset": 2})).json()
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
    assert faults(await client.get(DIAGNOSIS_PATH, params=wrong)) == set(wrong)


async def test_sorting(client: AsyncClient, session: AsyncSession) -> None:
    for _ in range(3):
        await make_diagnosis(session)
    names = ["appointment_id", "code", "remarks", "certain"]
    rows = await items(client, DIAGNOSIS_PATH, sort=",".join(names))
    assert rows == await selected(session, models.Diagnosis, DiagnosisQuery, sort=",".join(names))
    for name in ["appointment_id", "code", "remarks", "certain"]:
        falling = await column_sorted(session, models.Diagnosis, DiagnosisQuery, name, f"-{name}")
        assert in_order(falling[::-1]), name
    for name in ["appointment_id"]:
        rising = await column_sorted(session, models.Diagnosis, DiagnosisQuery, name, name)
        falling = await column_sorted(session, models.Diagnosis, DiagnosisQuery, name, f"-{name}")
        assert rising == falling[::-1], name


async def test_filters(client: AsyncClient, session: AsyncSession) -> None:
    first, second = await make_diagnosis(session), await make_diagnosis(session)
    same: dict[str, str] = {
        "appointment_id": "appointment_id",
        "code": "code",
        "remarks": "remarks",
        "certain": "certain",
    }
    values = {parameter: first[name] for parameter, name in same.items()}
    assert first in await items(client, DIAGNOSIS_PATH, **values)
    asked: list[Json] = [{parameter: value} for parameter, value in values.items()]
    shown = await listed(session, models.Diagnosis, DiagnosisQuery, asked)
    for name, found in zip(same.values(), shown, strict=True):
        assert first in found, name
        assert (second in found) == (second[name] == first[name]), name
    parts = {name: first[name][1:] or first[name] for name in ["code", "remarks"]}
    asked = [{f"{name}__contains": part.upper()} for name, part in parts.items()]
    shown = await listed(session, models.Diagnosis, DiagnosisQuery, asked)
    for (name, part), found in zip(parts.items(), shown, strict=True):
        assert first in found, name
        assert (second in found) == (part.lower() in second[name].lower()), name
    assert await items(client, DIAGNOSIS_PATH, code__contains="%") == []


async def test_empty_columns(client: AsyncClient, session: AsyncSession) -> None:
    names = ["remarks"]
    full = await make_diagnosis(session)
    empty = await make_diagnosis(session, **dict.fromkeys(names))
    assert {name: empty[name] for name in names} == dict.fromkeys(names)
    asked: list[Json] = [{f"{name}__isnull": True} for name in names]
    null = await listed(session, models.Diagnosis, DiagnosisQuery, asked)
    assert null == [[empty]] * len(names)
    for value, row in ((True, empty), (False, full)):
        all_of_them = {f"{name}__isnull": value for name in names}
        assert await items(client, DIAGNOSIS_PATH, **all_of_them) == [row]


async def test_update(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_diagnosis(session)
    unchanged = await client.patch(url_of_diagnosis(row), json={})
    assert (unchanged.status_code, unchanged.json()) == (200, row)
    other = await body_of_diagnosis(session)
    names = ["appointment_id", "code", "remarks", "certain"]
    for some in (names[:1], names[1:]):
        changes = {name: other[name] for name in some}
        answer = await client.patch(url_of_diagnosis(row), json=changes)
        assert answer.status_code == 200, answer.text
        row |= changes
        assert answer.json() == row
    assert row in await stored(session, models.Diagnosis)


async def test_update_refuses_what_does_not_fit(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_diagnosis(session)
    kept = {name: row.get(name) for name in ["id", "no such column"]}
    nulls = dict.fromkeys(["appointment_id", "code", "certain"])
    answer = await client.patch(url_of_diagnosis(row), json=kept | nulls)
    assert faults(answer) == set(kept | nulls)
    assert row in await stored(session, models.Diagnosis)


async def test_delete(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_diagnosis(session)
    assert (await client.delete(url_of_diagnosis(row))).status_code == 204
    assert (await client.get(url_of_diagnosis(row))).status_code == 404
    assert row not in await stored(session, models.Diagnosis)


async def test_what_is_not_there_is_not_found(client: AsyncClient) -> None:
    missing = url(DIAGNOSIS_PATH, 0)
    assert (await client.get(missing)).status_code == 404
    assert (await client.delete(missing)).status_code == 404
    assert (await client.patch(missing, json={})).status_code == 404


async def test_duplicates_are_conflicts(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_diagnosis(session)
    for names in [["appointment_id", "code"]]:
        body = await body_of_diagnosis(session) | {name: row[name] for name in names}
        answer = await client.post(DIAGNOSIS_PATH, json=body)
        assert answer.status_code == 409, names
    assert await stored(session, models.Diagnosis) == [row]


async def test_update_to_a_duplicate_is_a_conflict(
    client: AsyncClient, session: AsyncSession
) -> None:
    first, second = await make_diagnosis(session), await make_diagnosis(session)
    names = ["appointment_id", "code"]
    answer = await client.patch(
        url_of_diagnosis(second), json={name: first[name] for name in names}
    )
    assert answer.status_code == 409
    assert second in await stored(session, models.Diagnosis)


async def test_unknown_references_are_refused(client: AsyncClient, session: AsyncSession) -> None:
    references: list[Json] = [
        {"appointment_id": 0},
    ]
    for reference in references:
        body = await body_of_diagnosis(session) | reference
        answer = await client.post(DIAGNOSIS_PATH, json=body)
        assert answer.status_code == 422, reference
        assert {one["pointer"] for one in answer.json()["errors"]} & {
            f"/{name}" for name in reference
        }
    assert await stored(session, models.Diagnosis) == []


async def test_relationship_appointment(session: AsyncSession) -> None:
    other = await make_appointment(session)
    referring = {"appointment_id": other["id"]}
    row = await make_diagnosis(session, **referring)
    assert (row, [other]) in await related(session, models.Diagnosis.appointment)
    assert (other, [row]) in await related(session, models.Appointment.diagnoses)
