"""The routes of class."""

from httpx import AsyncClient

from tests.factories.class_ import CLASS__PATH, body_of_class_, make_class_, url_of_class_
from tests.factories.group import make_group
from tests.samples import create, in_order, items, text, url, uuid


async def test_create_and_read(client: AsyncClient) -> None:
    body = await body_of_class_(client)
    answer = await client.post(CLASS__PATH, json=body)
    assert answer.status_code == 201, answer.text
    created = answer.json()
    assert {name: created[name] for name in body} == body
    read = await client.get(answer.headers["location"])
    assert read.status_code == 200
    assert read.json() == created


async def test_defaults(client: AsyncClient) -> None:
    defaults: dict[str, object] = {
        "class": 'it\'s "quoted" \\ {braces} {{twice}} %s %% ${x}',
        "def": '"""',
        "None": True,
        "metadata": {"a": [1, None, {"b": "'"}], "class": "None"},
        "registry": None,
        "model_config": "None",
        "model_fields": -2147483648,
        "query": "datetime.now()",
        "self": "",
        "_private": 32767,
        "__dunder__": None,
        "UpperCase": None,
        "int": 9007199254740993,
        "str": None,
        "list": None,
        "type": "in progress",
    }
    body = await body_of_class_(client)
    sent = {name: value for name, value in body.items() if name not in defaults}
    created = await create(client, CLASS__PATH, sent)
    assert {name: created[name] for name in defaults} == defaults


async def test_create_refuses_what_does_not_fit(client: AsyncClient) -> None:
    body = await body_of_class_(client)
    misfits: list[tuple[str, object]] = [
        ("class", "x" * 101),
        ("def", "\x00"),
        ("None", "yes"),
        ("lambda", "NaN"),
        ("from", "2024-02-30"),
        ("async", "0001-01-01T00:00:00+14:00"),
        ("metadata", ["\x00"]),
        ("registry", "x" * 41),
        ("model_config", "x" * 41),
        ("model_fields", 2**31),
        ("query", "x" * 41),
        ("self", "x" * 41),
        ("_private", 2**15),
        ("__dunder__", "x" * 41),
        ("UpperCase", "x" * 41),
        ("int", 2**63),
        ("str", "x" * 41),
        ("list", "x" * 41),
        ("type", "no such value"),
        ("import", None),
        ("created_at", None),
        ("updated_at", None),
        ("is_deleted", None),
        ("deleted_at", None),
        ("no such column", 1),
    ]
    for name, value in misfits:
        answer = await client.post(CLASS__PATH, json=body | {name: value})
        assert answer.status_code == 422, name
        assert answer.json()["errors"][0]["pointer"].split("/")[1] == name
    assert await items(client, CLASS__PATH) == []


async def test_pages(client: AsyncClient) -> None:
    rows = [await make_class_(client) for _ in range(3)]
    first = (await client.get(CLASS__PATH, params={"limit": 2})).json()
    second = (await client.get(CLASS__PATH, params={"limit": 2, "offset": 2})).json()
    assert [first["total"], second["total"]] == [3, 3]
    assert [len(first["items"]), len(second["items"])] == [2, 1]
    assert all(row in first["items"] + second["items"] for row in rows)
    for wrong in ({"limit": 0}, {"limit": 101}, {"offset": -1}, {"offset": 2**63}):
        answer = await client.get(CLASS__PATH, params=wrong)
        assert answer.status_code == 422, wrong


async def test_sorting(client: AsyncClient) -> None:
    for _ in range(3):
        await make_class_(client)
    for name in [
        "class",
        "def",
        "None",
        "lambda",
        "from",
        "async",
        "registry",
        "model_config",
        "model_fields",
        "query",
        "self",
        "_private",
        "__dunder__",
        "UpperCase",
        "int",
        "str",
        "list",
    ]:
        assert in_order([row[name] for row in await items(client, CLASS__PATH, sort=name)]), name
    for name in ["class", "type"]:
        rising = [row[name] for row in await items(client, CLASS__PATH, sort=name)]
        falling = [row[name] for row in await items(client, CLASS__PATH, sort=f"-{name}")]
        assert rising == falling[::-1], name
    answer = await client.get(CLASS__PATH, params={"sort": "no such column"})
    assert answer.status_code == 422


async def test_filters(client: AsyncClient) -> None:
    first, second = await make_class_(client), await make_class_(client)
    for name in [
        "class",
        "def",
        "None",
        "lambda",
        "from",
        "async",
        "registry",
        "model_config",
        "model_fields",
        "query",
        "self",
        "_private",
        "__dunder__",
        "UpperCase",
        "int",
        "str",
        "list",
        "type",
    ]:
        found = await items(client, CLASS__PATH, **{name: first[name]})
        assert first in found, name
        assert (second in found) == (second[name] == first[name]), name
    for name in ["lambda", "from", "async", "model_fields", "_private", "int"]:
        assert await items(client, CLASS__PATH, **{f"{name}__lte": first[name]}) == [first], name
        assert await items(client, CLASS__PATH, **{f"{name}__gte": second[name]}) == [second], name
    for name in [
        "class",
        "def",
        "registry",
        "model_config",
        "query",
        "self",
        "__dunder__",
        "UpperCase",
        "str",
        "list",
    ]:
        found = await items(client, CLASS__PATH, **{f"{name}__contains": first[name].upper()})
        assert found == [first], name
    assert await items(client, CLASS__PATH, class__contains="%") == []


async def test_empty_columns(client: AsyncClient) -> None:
    names = [
        "def",
        "lambda",
        "from",
        "async",
        "metadata",
        "registry",
        "model_config",
        "model_fields",
        "query",
        "self",
        "_private",
        "__dunder__",
        "UpperCase",
        "int",
        "str",
        "list",
    ]
    full = await make_class_(client)
    empty = await make_class_(client, **dict.fromkeys(names))
    for name in names:
        assert await items(client, CLASS__PATH, **{f"{name}__isnull": True}) == [empty], name
        assert await items(client, CLASS__PATH, **{f"{name}__isnull": False}) == [full], name


async def test_update(client: AsyncClient) -> None:
    row = await make_class_(client)
    unchanged = await client.patch(url_of_class_(row), json={})
    assert (unchanged.status_code, unchanged.json()) == (200, row)
    other = await body_of_class_(client)
    names = [
        "class",
        "def",
        "None",
        "async",
        "metadata",
        "registry",
        "model_config",
        "model_fields",
        "query",
        "self",
        "_private",
        "__dunder__",
        "UpperCase",
        "str",
        "list",
    ]
    for some in (names[:1], names[1:]):
        changes = {name: other[name] for name in some}
        answer = await client.patch(url_of_class_(row), json=changes)
        assert answer.status_code == 200, answer.text
        row |= changes | {"updated_at": answer.json()["updated_at"]}
        assert answer.json() == row
    assert (await client.get(url_of_class_(row))).json() == row


async def test_update_refuses_what_does_not_fit(client: AsyncClient) -> None:
    row = await make_class_(client)
    for name in ["class", "None", "type"]:
        answer = await client.patch(url_of_class_(row), json={name: None})
        assert answer.status_code == 422, name
    for name in [
        "import",
        "created_at",
        "updated_at",
        "is_deleted",
        "deleted_at",
        "no such column",
    ]:
        answer = await client.patch(url_of_class_(row), json={name: row.get(name)})
        assert answer.status_code == 422, name
    assert (await client.get(url_of_class_(row))).json() == row


async def test_delete_and_restore(client: AsyncClient) -> None:
    row = await make_class_(client)
    assert (await client.delete(url_of_class_(row))).status_code == 204
    for method in ("GET", "DELETE", "PATCH"):
        answer = await client.request(
            method, url_of_class_(row), json={} if method == "PATCH" else None
        )
        assert answer.status_code == 404, method
    assert await items(client, CLASS__PATH) == []
    [deleted] = await items(client, CLASS__PATH, include_deleted=True)
    assert deleted["is_deleted"] is True
    assert deleted["deleted_at"] is not None
    shown = await client.get(url_of_class_(row), params={"include_deleted": True})
    assert shown.json() == deleted
    restored = await client.post(f"{url_of_class_(row)}/restore")
    assert restored.status_code == 200
    assert restored.json()["is_deleted"] is False
    assert restored.json()["deleted_at"] is None
    assert await items(client, CLASS__PATH) == [restored.json()]


async def test_what_is_not_there_is_not_found(client: AsyncClient) -> None:
    missing = url(CLASS__PATH, 0)
    assert (await client.get(missing)).status_code == 404
    assert (await client.delete(missing)).status_code == 404
    assert (await client.patch(missing, json={})).status_code == 404
    assert (await client.post(f"{missing}/restore")).status_code == 404


async def test_duplicates_are_conflicts(client: AsyncClient) -> None:
    row = await make_class_(client)
    for names in [["class", "int"]]:
        body = await body_of_class_(client) | {name: row[name] for name in names}
        answer = await client.post(CLASS__PATH, json=body)
        assert answer.status_code == 409, names
    assert await items(client, CLASS__PATH) == [row]


async def test_groups(client: AsyncClient) -> None:
    row, other = await make_class_(client), await make_group(client)
    links = f"{url_of_class_(row)}/groups"
    assert await items(client, links) == []
    link = url(links, other["order"], other["key"])
    for _ in range(2):
        assert (await client.put(link)).status_code == 204
        assert await items(client, links) == [other]
    assert (await client.get(links)).json()["total"] == 1
    assert (await client.delete(link)).status_code == 204
    assert await items(client, links) == []
    assert (await client.delete(link)).status_code == 404
    unknown = url(links, uuid(0), text("key", 0))
    assert (await client.put(unknown)).status_code == 404
