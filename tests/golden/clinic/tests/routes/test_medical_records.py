"""The routes of medical records."""

from httpx import AsyncClient

from tests.factories.medical_records import (
    MEDICAL_RECORD_PATH,
    body_of_medical_record,
    make_medical_record,
    url_of_medical_record,
)
from tests.samples import Json, create, in_order, items, url


async def test_create_and_read(client: AsyncClient) -> None:
    body = await body_of_medical_record(client)
    answer = await client.post(MEDICAL_RECORD_PATH, json=body)
    assert answer.status_code == 201, answer.text
    created = answer.json()
    assert {name: created[name] for name in body} == body
    read = await client.get(answer.headers["location"])
    assert read.status_code == 200
    assert read.json() == created


async def test_defaults(client: AsyncClient) -> None:
    defaults: dict[str, object] = {
        "allergies": None,
        "medication": None,
        "smoker": None,
        "height_cm": None,
        "weight_kg": None,
        "x_ray": None,
    }
    body = await body_of_medical_record(client)
    sent = {name: value for name, value in body.items() if name not in defaults}
    created = await create(client, MEDICAL_RECORD_PATH, sent)
    assert {name: created[name] for name in defaults} == defaults


async def test_create_refuses_what_does_not_fit(client: AsyncClient) -> None:
    body = await body_of_medical_record(client)
    for name in ["patient_id"]:
        incomplete = {other: body[other] for other in body if other != name}
        answer = await client.post(MEDICAL_RECORD_PATH, json=incomplete)
        assert answer.status_code == 422, name
    misfits: list[tuple[str, object]] = [
        ("allergies", "\x00"),
        ("medication", ["\x00"]),
        ("smoker", "yes"),
        ("height_cm", 2**15),
        ("weight_kg", "1e40"),
        ("x_ray", "no base64"),
        ("created_at", None),
        ("updated_at", None),
        ("no such column", 1),
    ]
    for name, value in misfits:
        answer = await client.post(MEDICAL_RECORD_PATH, json=body | {name: value})
        assert answer.status_code == 422, name
        assert answer.json()["errors"][0]["pointer"].split("/")[1] == name
    assert await items(client, MEDICAL_RECORD_PATH) == []


async def test_checks_are_kept(client: AsyncClient) -> None:
    body = await body_of_medical_record(client)
    broken: list[tuple[str, object]] = [
        ("height_cm", 19),
        ("weight_kg", "0.00"),
    ]
    for name, value in broken:
        answer = await client.post(MEDICAL_RECORD_PATH, json=body | {name: value})
        assert answer.status_code == 422, name
    assert await items(client, MEDICAL_RECORD_PATH) == []


async def test_pages(client: AsyncClient) -> None:
    rows = [await make_medical_record(client) for _ in range(3)]
    first = (await client.get(MEDICAL_RECORD_PATH, params={"limit": 2})).json()
    second = (await client.get(MEDICAL_RECORD_PATH, params={"limit": 2, "offset": 2})).json()
    assert [first["total"], second["total"]] == [3, 3]
    assert [len(first["items"]), len(second["items"])] == [2, 1]
    assert all(row in first["items"] + second["items"] for row in rows)
    for wrong in ({"limit": 0}, {"limit": 101}, {"offset": -1}, {"offset": 2**63}):
        answer = await client.get(MEDICAL_RECORD_PATH, params=wrong)
        assert answer.status_code == 422, wrong


async def test_sorting(client: AsyncClient) -> None:
    for _ in range(3):
        await make_medical_record(client)
    for name in ["patient_id", "allergies", "smoker", "height_cm"]:
        assert in_order(
            [row[name] for row in await items(client, MEDICAL_RECORD_PATH, sort=name)]
        ), name
    for name in ["patient_id", "weight_kg"]:
        rising = [row[name] for row in await items(client, MEDICAL_RECORD_PATH, sort=name)]
        falling = [row[name] for row in await items(client, MEDICAL_RECORD_PATH, sort=f"-{name}")]
        assert rising == falling[::-1], name
    answer = await client.get(MEDICAL_RECORD_PATH, params={"sort": "no such column"})
    assert answer.status_code == 422


async def test_filters(client: AsyncClient) -> None:
    first, second = await make_medical_record(client), await make_medical_record(client)
    for name in ["patient_id", "allergies", "smoker", "height_cm", "weight_kg"]:
        found = await items(client, MEDICAL_RECORD_PATH, **{name: first[name]})
        assert first in found, name
        assert (second in found) == (second[name] == first[name]), name
    for name in ["allergies"]:
        found = await items(
            client, MEDICAL_RECORD_PATH, **{f"{name}__contains": first[name].upper()}
        )
        assert found == [first], name
    assert await items(client, MEDICAL_RECORD_PATH, allergies__contains="%") == []


async def test_empty_columns(client: AsyncClient) -> None:
    names = ["allergies", "medication", "smoker", "height_cm", "weight_kg", "x_ray"]
    full = await make_medical_record(client)
    empty = await make_medical_record(client, **dict.fromkeys(names))
    for name in names:
        assert await items(client, MEDICAL_RECORD_PATH, **{f"{name}__isnull": True}) == [empty], (
            name
        )
        assert await items(client, MEDICAL_RECORD_PATH, **{f"{name}__isnull": False}) == [full], (
            name
        )


async def test_update(client: AsyncClient) -> None:
    row = await make_medical_record(client)
    unchanged = await client.patch(url_of_medical_record(row), json={})
    assert (unchanged.status_code, unchanged.json()) == (200, row)
    other = await body_of_medical_record(client)
    names = ["allergies", "medication", "smoker", "height_cm", "weight_kg", "x_ray"]
    for some in (names[:1], names[1:]):
        changes = {name: other[name] for name in some}
        answer = await client.patch(url_of_medical_record(row), json=changes)
        assert answer.status_code == 200, answer.text
        row |= changes | {"updated_at": answer.json()["updated_at"]}
        assert answer.json() == row
    assert (await client.get(url_of_medical_record(row))).json() == row


async def test_update_refuses_what_does_not_fit(client: AsyncClient) -> None:
    row = await make_medical_record(client)
    for name in ["patient_id", "created_at", "updated_at", "no such column"]:
        answer = await client.patch(url_of_medical_record(row), json={name: row.get(name)})
        assert answer.status_code == 422, name
    assert (await client.get(url_of_medical_record(row))).json() == row


async def test_delete(client: AsyncClient) -> None:
    row = await make_medical_record(client)
    assert (await client.delete(url_of_medical_record(row))).status_code == 204
    assert (await client.get(url_of_medical_record(row))).status_code == 404
    assert await items(client, MEDICAL_RECORD_PATH) == []


async def test_what_is_not_there_is_not_found(client: AsyncClient) -> None:
    missing = url(MEDICAL_RECORD_PATH, 0)
    assert (await client.get(missing)).status_code == 404
    assert (await client.delete(missing)).status_code == 404
    assert (await client.patch(missing, json={})).status_code == 404


async def test_duplicates_are_conflicts(client: AsyncClient) -> None:
    row = await make_medical_record(client)
    for names in [["patient_id"]]:
        body = await body_of_medical_record(client) | {name: row[name] for name in names}
        answer = await client.post(MEDICAL_RECORD_PATH, json=body)
        assert answer.status_code == 409, names
    assert await items(client, MEDICAL_RECORD_PATH) == [row]


async def test_unknown_references_are_refused(client: AsyncClient) -> None:
    references: list[Json] = [
        {"patient_id": 0},
    ]
    for reference in references:
        body = await body_of_medical_record(client) | reference
        answer = await client.post(MEDICAL_RECORD_PATH, json=body)
        assert answer.status_code == 422, reference
    assert await items(client, MEDICAL_RECORD_PATH) == []
