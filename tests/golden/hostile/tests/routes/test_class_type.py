"""The routes of class type."""

from httpx import AsyncClient

from tests.factories.class_type import (
    CLASS_TYPE_PATH,
    body_of_class_type,
    make_class_type,
    url_of_class_type,
)
from tests.factories.typed import make_typed, url_of_typed
from tests.samples import items, url


async def test_create_and_read(client: AsyncClient) -> None:
    body = await body_of_class_type(client)
    answer = await client.post(CLASS_TYPE_PATH, json=body)
    assert answer.status_code == 201, answer.text
    created = answer.json()
    assert {name: created[name] for name in body} == body
    read = await client.get(answer.headers["location"])
    assert read.status_code == 200
    assert read.json() == created


async def test_create_refuses_what_does_not_fit(client: AsyncClient) -> None:
    body = await body_of_class_type(client)
    for name in ["code", "label"]:
        incomplete = {other: body[other] for other in body if other != name}
        answer = await client.post(CLASS_TYPE_PATH, json=incomplete)
        assert answer.status_code == 422, name
    misfits: list[tuple[str, object]] = [
        ("code", "no such value"),
        ("label", "x" * 41),
        ("no such column", 1),
    ]
    for name, value in misfits:
        answer = await client.post(CLASS_TYPE_PATH, json=body | {name: value})
        assert answer.status_code == 422, name
        assert answer.json()["errors"][0]["pointer"].split("/")[1] == name
    assert await items(client, CLASS_TYPE_PATH) == []


async def test_filters(client: AsyncClient) -> None:
    first, second = await make_class_type(client), await make_class_type(client)
    for name in ["code", "label"]:
        found = await items(client, CLASS_TYPE_PATH, **{name: first[name]})
        assert first in found, name
        assert (second in found) == (second[name] == first[name]), name
    for name in ["label"]:
        found = await items(client, CLASS_TYPE_PATH, **{f"{name}__contains": first[name].upper()})
        assert found == [first], name
    assert await items(client, CLASS_TYPE_PATH, label__contains="%") == []


async def test_update(client: AsyncClient) -> None:
    row = await make_class_type(client)
    unchanged = await client.patch(url_of_class_type(row), json={})
    assert (unchanged.status_code, unchanged.json()) == (200, row)
    other = await body_of_class_type(client)
    names = ["label"]
    for some in (names[:1], names[1:]):
        changes = {name: other[name] for name in some}
        answer = await client.patch(url_of_class_type(row), json=changes)
        assert answer.status_code == 200, answer.text
        row |= changes
        assert answer.json() == row
    assert (await client.get(url_of_class_type(row))).json() == row


async def test_update_refuses_what_does_not_fit(client: AsyncClient) -> None:
    row = await make_class_type(client)
    for name in ["label"]:
        answer = await client.patch(url_of_class_type(row), json={name: None})
        assert answer.status_code == 422, name
    for name in ["code", "no such column"]:
        answer = await client.patch(url_of_class_type(row), json={name: row.get(name)})
        assert answer.status_code == 422, name
    assert (await client.get(url_of_class_type(row))).json() == row


async def test_delete(client: AsyncClient) -> None:
    row = await make_class_type(client)
    assert (await client.delete(url_of_class_type(row))).status_code == 204
    assert (await client.get(url_of_class_type(row))).status_code == 404
    assert await items(client, CLASS_TYPE_PATH) == []


async def test_what_is_not_there_is_not_found(client: AsyncClient) -> None:
    missing = url(CLASS_TYPE_PATH, ["x", "y"][0 % 2])
    assert (await client.get(missing)).status_code == 404
    assert (await client.delete(missing)).status_code == 404
    assert (await client.patch(missing, json={})).status_code == 404


async def test_duplicates_are_conflicts(client: AsyncClient) -> None:
    row = await make_class_type(client)
    for names in [["code"]]:
        body = await body_of_class_type(client) | {name: row[name] for name in names}
        answer = await client.post(CLASS_TYPE_PATH, json=body)
        assert answer.status_code == 409, names
    assert await items(client, CLASS_TYPE_PATH) == [row]


async def test_delete_with_typed_by_kind(client: AsyncClient) -> None:
    row = await make_class_type(client)
    referring = {"kind": row["code"]}
    child = await make_typed(client, **referring)
    answer = await client.delete(url_of_class_type(row))
    assert answer.status_code == 409
    assert (await client.get(url_of_class_type(row))).json() == row
    assert (await client.get(url_of_typed(child))).json() == child
