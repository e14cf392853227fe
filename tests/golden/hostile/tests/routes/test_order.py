"""The routes of order."""

from httpx import AsyncClient

from tests.factories.group import make_group, url_of_group
from tests.factories.order import ORDER_PATH, body_of_order, make_order, url_of_order
from tests.factories.typed import make_typed, url_of_typed
from tests.samples import Json, create, in_order, items, url, uuid


async def test_create_and_read(client: AsyncClient) -> None:
    body = await body_of_order(client)
    answer = await client.post(ORDER_PATH, json=body)
    assert answer.status_code == 201, answer.text
    created = answer.json()
    assert {name: created[name] for name in body} == body
    read = await client.get(answer.headers["location"])
    assert read.status_code == 200
    assert read.json() == created


async def test_defaults(client: AsyncClient) -> None:
    defaults: dict[str, object] = {
        "offset": 0,
        "sort": "asc",
        "total": None,
        "items": None,
        "desc": None,
    }
    body = await body_of_order(client)
    sent = {name: value for name, value in body.items() if name not in defaults}
    created = await create(client, ORDER_PATH, sent)
    assert {name: created[name] for name in defaults} == defaults


async def test_create_refuses_what_does_not_fit(client: AsyncClient) -> None:
    body = await body_of_order(client)
    for name in ["user"]:
        incomplete = {other: body[other] for other in body if other != name}
        answer = await client.post(ORDER_PATH, json=incomplete)
        assert answer.status_code == 422, name
    misfits: list[tuple[str, object]] = [
        ("id", "no uuid"),
        ("select", "1e40"),
        ("where", "24:00:00"),
        ("limit", "P1000000D"),
        ("offset", 2**31),
        ("sort", "x" * 21),
        ("total", 2**31),
        ("items", 2**31),
        ("desc", "no base64"),
        ("created_at", None),
        ("updated_at", None),
        ("no such column", 1),
    ]
    for name, value in misfits:
        answer = await client.post(ORDER_PATH, json=body | {name: value})
        assert answer.status_code == 422, name
        assert answer.json()["errors"][0]["pointer"].split("/")[1] == name
    assert await items(client, ORDER_PATH) == []


async def test_pages(client: AsyncClient) -> None:
    rows = [await make_order(client) for _ in range(3)]
    first = (await client.get(ORDER_PATH, params={"limit": 2})).json()
    second = (await client.get(ORDER_PATH, params={"limit": 2, "offset": 2})).json()
    assert [first["total"], second["total"]] == [3, 3]
    assert [len(first["items"]), len(second["items"])] == [2, 1]
    assert all(row in first["items"] + second["items"] for row in rows)
    for wrong in ({"limit": 0}, {"limit": 101}, {"offset": -1}, {"offset": 2**63}):
        answer = await client.get(ORDER_PATH, params=wrong)
        assert answer.status_code == 422, wrong


async def test_sorting(client: AsyncClient) -> None:
    for _ in range(3):
        await make_order(client)
    for name in ["id", "user", "where", "offset", "sort", "total", "items"]:
        assert in_order([row[name] for row in await items(client, ORDER_PATH, sort=name)]), name
    for name in ["id", "select", "limit"]:
        rising = [row[name] for row in await items(client, ORDER_PATH, sort=name)]
        falling = [row[name] for row in await items(client, ORDER_PATH, sort=f"-{name}")]
        assert rising == falling[::-1], name
    answer = await client.get(ORDER_PATH, params={"sort": "no such column"})
    assert answer.status_code == 422


async def test_filters(client: AsyncClient) -> None:
    first, second = await make_order(client), await make_order(client)
    for name in ["id", "user", "select", "where", "total", "items"]:
        found = await items(client, ORDER_PATH, **{name: first[name]})
        assert first in found, name
        assert (second in found) == (second[name] == first[name]), name
    found = await items(client, ORDER_PATH, limit__eq=first["limit"])
    assert first in found
    assert (second in found) == (second["limit"] == first["limit"])
    found = await items(client, ORDER_PATH, offset__eq=first["offset"])
    assert first in found
    assert (second in found) == (second["offset"] == first["offset"])
    found = await items(client, ORDER_PATH, sort__eq=first["sort"])
    assert first in found
    assert (second in found) == (second["sort"] == first["sort"])
    for name in ["select", "where", "limit", "offset", "total", "items"]:
        assert await items(client, ORDER_PATH, **{f"{name}__lte": first[name]}) == [first], name
        assert await items(client, ORDER_PATH, **{f"{name}__gte": second[name]}) == [second], name
    for name in ["sort"]:
        found = await items(client, ORDER_PATH, **{f"{name}__contains": first[name].upper()})
        assert found == [first], name
    assert await items(client, ORDER_PATH, sort__contains="%") == []


async def test_empty_columns(client: AsyncClient) -> None:
    names = ["select", "where", "limit", "sort", "total", "items", "desc"]
    full = await make_order(client)
    empty = await make_order(client, **dict.fromkeys(names))
    for name in names:
        assert await items(client, ORDER_PATH, **{f"{name}__isnull": True}) == [empty], name
        assert await items(client, ORDER_PATH, **{f"{name}__isnull": False}) == [full], name


async def test_update(client: AsyncClient) -> None:
    row = await make_order(client)
    unchanged = await client.patch(url_of_order(row), json={})
    assert (unchanged.status_code, unchanged.json()) == (200, row)
    other = await body_of_order(client)
    names = ["user", "select", "where", "limit", "offset", "sort", "total", "items", "desc"]
    for some in (names[:1], names[1:]):
        changes = {name: other[name] for name in some}
        answer = await client.patch(url_of_order(row), json=changes)
        assert answer.status_code == 200, answer.text
        row |= changes | {"updated_at": answer.json()["updated_at"]}
        assert answer.json() == row
    assert (await client.get(url_of_order(row))).json() == row


async def test_update_refuses_what_does_not_fit(client: AsyncClient) -> None:
    row = await make_order(client)
    for name in ["user", "offset"]:
        answer = await client.patch(url_of_order(row), json={name: None})
        assert answer.status_code == 422, name
    for name in ["id", "created_at", "updated_at", "no such column"]:
        answer = await client.patch(url_of_order(row), json={name: row.get(name)})
        assert answer.status_code == 422, name
    assert (await client.get(url_of_order(row))).json() == row


async def test_delete(client: AsyncClient) -> None:
    row = await make_order(client)
    assert (await client.delete(url_of_order(row))).status_code == 204
    assert (await client.get(url_of_order(row))).status_code == 404
    assert await items(client, ORDER_PATH) == []


async def test_what_is_not_there_is_not_found(client: AsyncClient) -> None:
    missing = url(ORDER_PATH, uuid(0))
    assert (await client.get(missing)).status_code == 404
    assert (await client.delete(missing)).status_code == 404
    assert (await client.patch(missing, json={})).status_code == 404


async def test_duplicates_are_conflicts(client: AsyncClient) -> None:
    row = await make_order(client)
    for names in [["id"]]:
        body = await body_of_order(client) | {name: row[name] for name in names}
        answer = await client.post(ORDER_PATH, json=body)
        assert answer.status_code == 409, names
    assert await items(client, ORDER_PATH) == [row]


async def test_unknown_references_are_refused(client: AsyncClient) -> None:
    references: list[Json] = [
        {"user": 0},
        {"table": uuid(0)},
    ]
    for reference in references:
        body = await body_of_order(client) | reference
        answer = await client.post(ORDER_PATH, json=body)
        assert answer.status_code == 422, reference
    assert await items(client, ORDER_PATH) == []


async def test_delete_with_group_by_order(client: AsyncClient) -> None:
    row = await make_order(client)
    referring = {"order": row["id"]}
    child = await make_group(client, **referring)
    answer = await client.delete(url_of_order(row))
    assert answer.status_code == 204
    assert (await client.get(url_of_group(child))).status_code == 404


async def test_delete_with_order_by_table(client: AsyncClient) -> None:
    row = await make_order(client)
    referring = {"table": row["id"]}
    child = await make_order(client, **referring)
    answer = await client.delete(url_of_order(row))
    assert answer.status_code == 204
    left = (await client.get(url_of_order(child))).json()
    assert left == child | dict.fromkeys(referring)


async def test_delete_with_typed_by_order_id(client: AsyncClient) -> None:
    row = await make_order(client)
    referring = {"order_id": row["id"]}
    child = await make_typed(client, **referring)
    answer = await client.delete(url_of_order(row))
    assert answer.status_code == 409
    assert (await client.get(url_of_order(row))).json() == row
    assert (await client.get(url_of_typed(child))).json() == child
