"""The routes of shipped lines."""

from httpx import AsyncClient

from tests.factories.shipped_lines import (
    SHIPPED_LINE_PATH,
    body_of_shipped_line,
    make_shipped_line,
    url_of_shipped_line,
)
from tests.samples import Json, create, in_order, items, url


async def test_create_and_read(client: AsyncClient) -> None:
    body = await body_of_shipped_line(client)
    answer = await client.post(SHIPPED_LINE_PATH, json=body)
    assert answer.status_code == 201, answer.text
    created = answer.json()
    assert {name: created[name] for name in body} == body
    read = await client.get(answer.headers["location"])
    assert read.status_code == 200
    assert read.json() == created


async def test_defaults(client: AsyncClient) -> None:
    defaults: dict[str, object] = {
        "tracking_code": None,
    }
    body = await body_of_shipped_line(client)
    sent = {name: value for name, value in body.items() if name not in defaults}
    created = await create(client, SHIPPED_LINE_PATH, sent)
    assert {name: created[name] for name in defaults} == defaults


async def test_create_refuses_what_does_not_fit(client: AsyncClient) -> None:
    body = await body_of_shipped_line(client)
    for name in ["order_id", "line_number", "quantity", "shipped_at"]:
        incomplete = {other: body[other] for other in body if other != name}
        answer = await client.post(SHIPPED_LINE_PATH, json=incomplete)
        assert answer.status_code == 422, name
    misfits: list[tuple[str, object]] = [
        ("quantity", 2**31),
        ("shipped_at", "0001-01-01T00:00:00+14:00"),
        ("tracking_code", "x" * 65),
        ("id", None),
        ("no such column", 1),
    ]
    for name, value in misfits:
        answer = await client.post(SHIPPED_LINE_PATH, json=body | {name: value})
        assert answer.status_code == 422, name
        assert answer.json()["errors"][0]["pointer"].split("/")[1] == name
    assert await items(client, SHIPPED_LINE_PATH) == []


async def test_checks_are_kept(client: AsyncClient) -> None:
    body = await body_of_shipped_line(client)
    broken: list[tuple[str, object]] = [
        ("quantity", 0),
    ]
    for name, value in broken:
        answer = await client.post(SHIPPED_LINE_PATH, json=body | {name: value})
        assert answer.status_code == 422, name
    assert await items(client, SHIPPED_LINE_PATH) == []


async def test_pages(client: AsyncClient) -> None:
    rows = [await make_shipped_line(client) for _ in range(3)]
    first = (await client.get(SHIPPED_LINE_PATH, params={"limit": 2})).json()
    second = (await client.get(SHIPPED_LINE_PATH, params={"limit": 2, "offset": 2})).json()
    assert [first["total"], second["total"]] == [3, 3]
    assert [len(first["items"]), len(second["items"])] == [2, 1]
    assert all(row in first["items"] + second["items"] for row in rows)
    for wrong in ({"limit": 0}, {"limit": 101}, {"offset": -1}, {"offset": 2**63}):
        answer = await client.get(SHIPPED_LINE_PATH, params=wrong)
        assert answer.status_code == 422, wrong


async def test_sorting(client: AsyncClient) -> None:
    for _ in range(3):
        await make_shipped_line(client)
    for name in ["order_id", "line_number", "quantity", "shipped_at", "tracking_code"]:
        assert in_order([row[name] for row in await items(client, SHIPPED_LINE_PATH, sort=name)]), (
            name
        )
    for name in ["order_id"]:
        rising = [row[name] for row in await items(client, SHIPPED_LINE_PATH, sort=name)]
        falling = [row[name] for row in await items(client, SHIPPED_LINE_PATH, sort=f"-{name}")]
        assert rising == falling[::-1], name
    answer = await client.get(SHIPPED_LINE_PATH, params={"sort": "no such column"})
    assert answer.status_code == 422


async def test_filters(client: AsyncClient) -> None:
    first, second = await make_shipped_line(client), await make_shipped_line(client)
    for name in ["order_id", "line_number", "quantity", "shipped_at", "tracking_code"]:
        found = await items(client, SHIPPED_LINE_PATH, **{name: first[name]})
        assert first in found, name
        assert (second in found) == (second[name] == first[name]), name
    for name in ["quantity", "shipped_at"]:
        assert await items(client, SHIPPED_LINE_PATH, **{f"{name}__lte": first[name]}) == [first], (
            name
        )
        assert await items(client, SHIPPED_LINE_PATH, **{f"{name}__gte": second[name]}) == [
            second
        ], name
    for name in ["tracking_code"]:
        found = await items(client, SHIPPED_LINE_PATH, **{f"{name}__contains": first[name].upper()})
        assert found == [first], name
    assert await items(client, SHIPPED_LINE_PATH, tracking_code__contains="%") == []


async def test_empty_columns(client: AsyncClient) -> None:
    names = ["tracking_code"]
    full = await make_shipped_line(client)
    empty = await make_shipped_line(client, **dict.fromkeys(names))
    for name in names:
        assert await items(client, SHIPPED_LINE_PATH, **{f"{name}__isnull": True}) == [empty], name
        assert await items(client, SHIPPED_LINE_PATH, **{f"{name}__isnull": False}) == [full], name


async def test_update(client: AsyncClient) -> None:
    row = await make_shipped_line(client)
    unchanged = await client.patch(url_of_shipped_line(row), json={})
    assert (unchanged.status_code, unchanged.json()) == (200, row)
    other = await body_of_shipped_line(client)
    names = ["quantity", "shipped_at", "tracking_code"]
    for some in (names[:1], names[1:]):
        changes = {name: other[name] for name in some}
        answer = await client.patch(url_of_shipped_line(row), json=changes)
        assert answer.status_code == 200, answer.text
        row |= changes
        assert answer.json() == row
    assert (await client.get(url_of_shipped_line(row))).json() == row


async def test_update_refuses_what_does_not_fit(client: AsyncClient) -> None:
    row = await make_shipped_line(client)
    for name in ["order_id", "line_number", "quantity", "shipped_at"]:
        answer = await client.patch(url_of_shipped_line(row), json={name: None})
        assert answer.status_code == 422, name
    for name in ["id", "no such column"]:
        answer = await client.patch(url_of_shipped_line(row), json={name: row.get(name)})
        assert answer.status_code == 422, name
    assert (await client.get(url_of_shipped_line(row))).json() == row


async def test_delete(client: AsyncClient) -> None:
    row = await make_shipped_line(client)
    assert (await client.delete(url_of_shipped_line(row))).status_code == 204
    assert (await client.get(url_of_shipped_line(row))).status_code == 404
    assert await items(client, SHIPPED_LINE_PATH) == []


async def test_what_is_not_there_is_not_found(client: AsyncClient) -> None:
    missing = url(SHIPPED_LINE_PATH, 0)
    assert (await client.get(missing)).status_code == 404
    assert (await client.delete(missing)).status_code == 404
    assert (await client.patch(missing, json={})).status_code == 404


async def test_unknown_references_are_refused(client: AsyncClient) -> None:
    references: list[Json] = [
        {"order_id": 0, "line_number": 0},
    ]
    for reference in references:
        body = await body_of_shipped_line(client) | reference
        answer = await client.post(SHIPPED_LINE_PATH, json=body)
        assert answer.status_code == 422, reference
    assert await items(client, SHIPPED_LINE_PATH) == []
