"""The routes of classes."""

from httpx import AsyncClient
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from app import models
from app.schemas.class_ import ClassQuery
from tests.factories.class_ import CLASS__PATH, body_of_class_, make_class_, url_of_class_
from tests.factories.group import make_group
from tests.factories.order import make_order
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
from tests.samples import text, uuid


async def test_create_and_read(client: AsyncClient, session: AsyncSession) -> None:
    body = await body_of_class_(session)
    answer = await client.post(CLASS__PATH, json=body)
    assert answer.status_code == 201, answer.text
    created = answer.json()
    assert {name: created[name] for name in body} == body
    assert is_recent(created["created_at"])
    assert is_recent(created["updated_at"])
    assert created in await stored(session, models.Class)
    read = await client.get(answer.headers["location"])
    assert read.status_code == 200
    assert read.json() == created


async def test_defaults(client: AsyncClient, session: AsyncSession) -> None:
    defaults: dict[str, object] = {
        "class": 'it\'s "quoted" \\ {braces} {{twice}} %s %% ${x}',
        "def": '"""',
        "None": True,
        "from": "2000-02-29",
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
    body = await body_of_class_(session)
    sent = {name: value for name, value in body.items() if name not in defaults}
    answer = await client.post(CLASS__PATH, json=sent)
    assert answer.status_code == 201, answer.text
    created = answer.json()
    assert {name: created[name] for name in defaults} == defaults


async def test_create_refuses_what_does_not_fit(client: AsyncClient, session: AsyncSession) -> None:
    body = await body_of_class_(session)
    misfits: Json = {
        "class": "x" * 101,
        "def": "\x00",
        "None": "yes",
        "lambda": "NaN",
        "from": "2024-02-30",
        "async": "0001-01-01T00:00:00+14:00",
        "metadata": ["\x00"],
        "registry": "x" * 41,
        "model_config": "x" * 41,
        "model_fields": 2**31,
        "query": "x" * 41,
        "self": "x" * 41,
        "_private": 2**15,
        "__dunder__": "x" * 41,
        "UpperCase": "x" * 41,
        "int": 2**63,
        "str": "x" * 41,
        "list": "x" * 41,
        "type": "no such value",
        "import": None,
        "created_at": None,
        "updated_at": None,
        "is_deleted": None,
        "deleted_at": None,
        "no such column": 1,
    }
    answer = await client.post(CLASS__PATH, json=body | misfits)
    assert faults(answer) == set(misfits)
    assert await stored(session, models.Class) == []


async def test_json_is_bounded(client: AsyncClient, session: AsyncSession) -> None:
    body = await body_of_class_(session)
    for name in ["metadata"]:
        answer = await client.post(CLASS__PATH, json=body | {name: "x" * 1_000_000})
        assert faults(answer) == {name}


async def test_checks_are_kept(client: AsyncClient, session: AsyncSession) -> None:
    body = await body_of_class_(session)
    broken: list[Json] = [
        {"lambda": 1000000, "from": None},
        {"int": 0, "type": "it's"},
    ]
    for values in broken:
        answer = await client.post(CLASS__PATH, json=body | values)
        assert answer.status_code == 422, values
    assert await stored(session, models.Class) == []


async def test_pages(client: AsyncClient, session: AsyncSession, statements: list[str]) -> None:
    rows = [await make_class_(session) for _ in range(3)]
    statements.clear()
    first = (await client.get(CLASS__PATH, params={"limit": 2})).json()
    asked = len(statements)
    assert any("ORDER BY" in one for one in statements), "pages overlap without an order"
    second = (await client.get(CLASS__PATH, params={"limit": 2, "offset": 2})).json()
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
    assert faults(await client.get(CLASS__PATH, params=wrong)) == set(wrong)


async def test_sorting(client: AsyncClient, session: AsyncSession) -> None:
    for _ in range(3):
        await make_class_(session)
    names = [
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
    ]
    rows = await items(client, CLASS__PATH, sort=",".join(names))
    assert rows == await selected(session, models.Class, ClassQuery, sort=",".join(names))
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
        falling = await column_sorted(session, models.Class, ClassQuery, name, f"-{name}")
        assert in_order(falling[::-1]), name
    for name in ["class", "type"]:
        rising = await column_sorted(session, models.Class, ClassQuery, name, name)
        falling = await column_sorted(session, models.Class, ClassQuery, name, f"-{name}")
        assert rising == falling[::-1], name


async def test_filters(client: AsyncClient, session: AsyncSession) -> None:
    first, second = await make_class_(session), await make_class_(session)
    same: dict[str, str] = {
        "class": "class",
        "def": "def",
        "None": "None",
        "lambda": "lambda",
        "from": "from",
        "async": "async",
        "registry": "registry",
        "model_config": "model_config",
        "model_fields": "model_fields",
        "query": "query",
        "self": "self",
        "_private": "_private",
        "__dunder__": "__dunder__",
        "UpperCase": "UpperCase",
        "int": "int",
        "str": "str",
        "list": "list",
        "type": "type",
    }
    values = {parameter: first[name] for parameter, name in same.items()}
    assert first in await items(client, CLASS__PATH, **values)
    asked: list[Json] = [{parameter: value} for parameter, value in values.items()]
    shown = await listed(session, models.Class, ClassQuery, asked)
    for name, found in zip(same.values(), shown, strict=True):
        assert first in found, name
        assert (second in found) == (second[name] == first[name]), name
    names = ["lambda", "from", "async", "model_fields", "_private", "int"]
    asked = [
        {f"{name}__gte": row[name], f"{name}__lte": row[name]}
        for name in names
        for row in (first, second)
    ]
    shown = await listed(session, models.Class, ClassQuery, asked)
    assert shown == [[first], [second]] * len(names)
    parts = {
        name: first[name][1:] or first[name]
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
        ]
    }
    asked = [{f"{name}__contains": part.upper()} for name, part in parts.items()]
    shown = await listed(session, models.Class, ClassQuery, asked)
    for (name, part), found in zip(parts.items(), shown, strict=True):
        assert first in found, name
        assert (second in found) == (part.lower() in second[name].lower()), name
    assert await items(client, CLASS__PATH, class__contains="%") == []


async def test_empty_columns(client: AsyncClient, session: AsyncSession) -> None:
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
    full = await make_class_(session)
    empty = await make_class_(session, **dict.fromkeys(names))
    assert {name: empty[name] for name in names} == dict.fromkeys(names)
    asked: list[Json] = [{f"{name}__isnull": True} for name in names]
    null = await listed(session, models.Class, ClassQuery, asked)
    assert null == [[empty]] * len(names)
    for value, row in ((True, empty), (False, full)):
        all_of_them = {f"{name}__isnull": value for name in names}
        assert await items(client, CLASS__PATH, **all_of_them) == [row]


async def test_update(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_class_(session)
    unchanged = await client.patch(url_of_class_(row), json={})
    assert (unchanged.status_code, unchanged.json()) == (200, row)
    other = await body_of_class_(session)
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
    assert row in await stored(session, models.Class)


async def test_update_from_1_to_true(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_class_(session)
    for name in ["metadata"]:
        for value in ({"n": 1}, {"n": True}):
            await client.patch(url_of_class_(row), json={name: value})
            found = (await client.get(url_of_class_(row))).json()
            assert repr(found[name]) == repr(value)


async def test_updated_at_moves_on(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_class_(session)
    await session.execute(update(models.Class).values(updated_at=LONG_AGO))
    name = "class"
    changes = {name: (await body_of_class_(session))[name]}
    changed = await client.patch(url_of_class_(row), json=changes)
    assert is_recent(changed.json()["updated_at"])


async def test_update_refuses_what_does_not_fit(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_class_(session)
    kept = {
        name: row.get(name)
        for name in [
            "import",
            "created_at",
            "updated_at",
            "is_deleted",
            "deleted_at",
            "no such column",
        ]
    }
    nulls = dict.fromkeys(["class", "None", "type"])
    answer = await client.patch(url_of_class_(row), json=kept | nulls)
    assert faults(answer) == set(kept | nulls)
    assert row in await stored(session, models.Class)


async def test_delete_and_restore(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_class_(session)
    assert (await client.delete(url_of_class_(row))).status_code == 204
    for method in ("GET", "DELETE", "PATCH"):
        answer = await client.request(
            method, url_of_class_(row), json={} if method == "PATCH" else None
        )
        assert answer.status_code == 404, method
    assert await items(client, CLASS__PATH) == []
    [deleted] = await items(client, CLASS__PATH, include_deleted=True)
    assert await items(client, CLASS__PATH, is_deleted=True) == [deleted]
    assert deleted["is_deleted"] is True
    assert is_recent(deleted["deleted_at"])
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


async def test_duplicates_are_conflicts(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_class_(session)
    for names in [["class", "int"]]:
        body = await body_of_class_(session) | {name: row[name] for name in names}
        answer = await client.post(CLASS__PATH, json=body)
        assert answer.status_code == 409, names
    assert await stored(session, models.Class) == [row]


async def test_delete_with_order_by_user(session: AsyncSession) -> None:
    row = await make_class_(session)
    referring = {"user": row["import"]}
    child = await make_order(session, **referring)
    gone = await erase(session, models.Class, row)
    assert gone
    assert child not in await stored(session, models.Order)


async def test_links_to_groups(client: AsyncClient, session: AsyncSession) -> None:
    row = await make_class_(session)
    links = f"{url_of_class_(row)}/groups"
    assert await items(client, links) == []
    other = await make_group(session)
    link = url(links, other["order"], other["key"])
    for _ in range(2):
        assert (await client.put(link)).status_code == 204
        assert await items(client, links) == [other]
    assert (row, [other]) in await related(session, models.Class.groups)
    assert (other, [row]) in await related(session, models.Group.linked_class)
    assert (await client.delete(link)).status_code == 204
    assert await items(client, links) == []
    assert (await client.delete(link)).status_code == 404
    unknown = url(links, uuid(0), text("key", 0))
    assert (await client.put(unknown)).status_code == 404
    assert (await client.delete(url_of_class_(row))).status_code == 204
    for method, path in (("GET", links), ("PUT", link), ("DELETE", link)):
        assert (await client.request(method, path)).status_code == 404, method
