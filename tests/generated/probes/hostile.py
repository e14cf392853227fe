"""Put into a generated project: whatever is sent, the answer is one that the API describes."""

from __future__ import annotations

import importlib
import json
import math
import pkgutil
import re
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple
from urllib.parse import quote

import pytest
from app.main import app
from httpx import AsyncClient, Response
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

import tests.factories
from tests.conftest import speak

DEEP: Any = 1
for _ in range(60):
    DEEP = [DEEP]
VALUES: list[Any] = [
    *(None, True, False, 0, -1, 1.5, -0.0, 1e308, math.nan, math.inf),
    *(2**15, -(2**15) - 1, 2**31, -(2**31) - 1, 2**63, -(2**63) - 1, 10**30, 10**400),
    *("", " ", "\x00", "a\x00b", "\ud800", "x" * 70_000, "\u202e", "\U0001f600" * 300, "/", ".."),
    *("NaN", "Infinity", "1e999999", "-1e-999", "0x10", "1_0", "'; DROP TABLE x; --", "%"),
    *("0001-01-01", "9999-12-31", "2024-02-30", "10000-01-01", "23:59:60", "24:00:00", "10:00Z"),
    *("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999-14:00", "2024-01-01 00:00"),
    *("0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "2024-06-30T23:59:60Z", "1e3"),
    *("P300000D", "-P300000D", "P999999999D", "P1Y", "-P1DT1S", "PT0.0000001S", "P"),
    *("00000000-0000-0000-0000-000000000000", "AAAA", "====", "AA==", "-_-_"),
    *([], {}, DEEP, {"a": "\x00"}, {"\x00": 1}, {"\ud800": 1}, {"a": math.nan}, ["x"] * 1000),
]
TEXTS = [v for v in VALUES if isinstance(v, str) and "\ud800" not in v and len(v) < 5000]
TEXTS += [str(value) for value in VALUES if isinstance(value, int | float)]
NAMES = {"no such", "x" * 5000, "\ud800", "~/", "\x00"}
MODULES = [f"tests.factories.{one.name}" for one in pkgutil.iter_modules(tests.factories.__path__)]


class Factory(NamedTuple):
    """How rows of one table are made, as its module says."""

    path: str
    body: Callable[[AsyncSession], Awaitable[dict[str, Any]]]
    make: Callable[[AsyncSession], Awaitable[dict[str, Any]]]
    url: Callable[[dict[str, Any]], str]


def factory(module: str) -> Factory:
    said = vars(importlib.import_module(module))
    own = {
        name: value for name, value in said.items() if getattr(value, "__module__", "") == module
    }
    return Factory(
        path=next(value for name, value in said.items() if name.endswith("_PATH")),
        body=next(value for name, value in own.items() if name.startswith("body_of_")),
        make=next(value for name, value in own.items() if name.startswith("make_")),
        url=next(value for name, value in own.items() if name.startswith("url_of_")),
    )


def check(answer: Response, path: str, said: object) -> None:
    operation = app.openapi()["paths"][path][answer.request.method.lower()]
    shown = f"{answer.request.method} {path} {ascii(said)[:200]}: {answer.text[:300]}"
    described = operation["responses"].get(str(answer.status_code))
    assert described is not None, f"{answer.status_code} {shown}"
    if answer.status_code >= 400:
        assert answer.headers["content-type"] in described["content"], shown
        assert answer.json()["status"] == answer.status_code, shown
        assert len(answer.content) < 20_000, shown


async def send(client: AsyncClient, method: str, url: str, body: object) -> Response:
    headers = {"content-type": "application/json"}
    return await client.request(method, url, content=json.dumps(body), headers=headers)


@pytest.mark.parametrize("module", MODULES)
async def test_bodies(client: AsyncClient, session: AsyncSession, module: str) -> None:
    rows = factory(module)
    described = app.openapi()
    row = await rows.make(session)
    item = _item_path(rows.path, described["paths"])
    content = described["paths"][rows.path]["post"]["requestBody"]["content"]
    schema = content["application/json"]["schema"]["$ref"].rpartition("/")[2]
    for name in sorted(NAMES | set(described["components"]["schemas"][schema]["properties"])):
        for value in VALUES:
            said = {name: value}
            answer = await send(client, "POST", rows.path, await rows.body(session) | said)
            check(answer, rows.path, said)
            if answer.status_code == 201:
                read = await client.get(answer.headers["location"])
                assert (read.status_code, read.json()) == (200, answer.json()), said
            if "patch" in described["paths"][item]:
                check(await send(client, "PATCH", rows.url(row), said), item, said)
    for body in VALUES:
        check(await send(client, "POST", rows.path, body), rows.path, body)


def _item_path(path: str, paths: dict[str, Any]) -> str:
    """The path of one row: what comes after the list's is nothing but its key."""
    only_key = re.compile(re.escape(path) + r"(/\{[^}]+\})+")
    return next(each for each in paths if only_key.fullmatch(each))


async def test_parameters(engine: AsyncEngine) -> None:
    # Each request in a transaction of its own: what PostgreSQL refuses ends the one it is in.
    with speak(engine) as client:
        for path, operations in app.openapi()["paths"].items():
            if "{" in path:
                continue
            for parameter in operations["get"].get("parameters", ()):
                for value in TEXTS:
                    said = {parameter["name"]: value}
                    check(await client.get(path, params=said), path, said)


async def test_paths(client: AsyncClient) -> None:
    for path, operations in app.openapi()["paths"].items():
        for value in TEXTS if "{" in path else ():
            if value.strip("./ ") == "":
                continue  # such a path is another one
            url = re.sub(r"\{[^}]+\}", quote(value, safe=""), path)
            for method in operations:
                answer = await send(client, method.upper(), url, {})
                if "/" not in value:
                    check(answer, path, value)
                assert answer.status_code < 500
