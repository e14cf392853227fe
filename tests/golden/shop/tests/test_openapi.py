"""The API describes itself, and says what is wrong in one way."""

from pathlib import Path

import pytest
from fastapi import HTTPException
from httpx import AsyncClient
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.bodies import MAX_BODY_BYTES
from app.core.config import get_settings
from app.core.database import get_session, make_engine
from app.core.errors import MAX_ERRORS
from app.main import app
from tests.conftest import speak
from tests.rows import faults

PATHS = [
    "/categories",
    "/customers",
    "/order-lines",
    "/orders",
    "/payments",
    "/products",
    "/shipped-lines",
    "/stock-levels",
    "/warehouses",
]
SHOWN = [
    "/categories",
    "/customers",
    "/orders",
    "/products",
    "/order-lines",
    "/payments",
    "/shipped-lines",
    "/warehouses",
    "/stock-levels",
]
"""Those with an example, each after those that it refers to."""
NO_DOCUMENTS = [b"", b"{", b"[]", b'"\\ud800"', b'{"a": NaN}', b'{"\\ud800": 1}', b"\xff"]


def test_every_table_is_described() -> None:
    assert set(PATHS) <= set(app.openapi()["paths"])


async def test_examples_work(client: AsyncClient) -> None:
    described = app.openapi()
    for path in SHOWN:
        body = described["paths"][path]["post"]["requestBody"]["content"]["application/json"]
        schema = described["components"]["schemas"][body["schema"]["$ref"].rpartition("/")[2]]
        [example] = schema["examples"]
        answer = await client.post(path, json=example)
        assert answer.status_code == 201, (path, answer.text)


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json"])
async def test_docs_are_there_unless_they_are_switched_off(client: AsyncClient, path: str) -> None:
    assert (await client.get(path)).status_code == (200 if get_settings().docs else 404)


async def test_nothing_is_kept_or_taken_for_something_else(client: AsyncClient) -> None:
    for path in (PATHS[0], "/health", "/none"):
        headers = (await client.get(path)).headers
        assert headers["cache-control"] == "no-store"
        assert headers["x-content-type-options"] == "nosniff"


async def test_nobody_is_sent_elsewhere(client: AsyncClient) -> None:
    answer = await client.get(f"{PATHS[0]}/")
    assert answer.status_code == 404
    assert "location" not in answer.headers


async def test_health(client: AsyncClient) -> None:
    assert (await client.get("/health")).json() == {"status": "ok"}


async def test_errors_of_the_database_tell_no_values(session: AsyncSession) -> None:
    with pytest.raises(DBAPIError) as raised:
        await session.execute(text("SELECT :given FROM no_such_table"), {"given": "4711"})
    assert "4711" not in str(raised.value)


@pytest.mark.parametrize(
    ("name", "value"), [("limit", 0), ("limit", 101), ("offset", -1), ("offset", 2**63)]
)
async def test_pages_are_bounded(client: AsyncClient, name: str, value: int) -> None:
    assert faults(await client.get(PATHS[0], params={name: value})) == {name}


@pytest.mark.parametrize("body", NO_DOCUMENTS)
async def test_what_is_no_document_is_refused(client: AsyncClient, body: bytes) -> None:
    answer = await client.post(PATHS[0], content=body, headers={"content-type": "application/json"})
    assert answer.status_code in {400, 422}
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_flood_of_members_is_one_fault(client: AsyncClient) -> None:
    answer = await client.post(PATHS[0], json=dict.fromkeys(map(str, range(10_000))))
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [""]


async def test_no_more_faults_are_told_than_anybody_reads(client: AsyncClient) -> None:
    answer = await client.get(PATHS[0], params=dict.fromkeys(map(str, range(1000)), 1))
    assert answer.status_code == 422
    assert len(answer.json()["errors"]) == MAX_ERRORS


async def test_bodies_are_bounded(client: AsyncClient) -> None:
    answer = await client.post(
        PATHS[0],
        content=b" " * (MAX_BODY_BYTES + 1),
        headers={"content-type": "application/json"},
    )
    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "url", ["sqlite:///{folder}/none/none.db", "postgresql://nobody@127.0.0.1:1/none"]
)
async def test_a_database_that_is_down_is_waited_for(url: str, tmp_path: Path) -> None:
    engine = make_engine(url.format(folder=tmp_path))
    with speak(engine) as client:
        for path in (PATHS[0], "/health"):
            answer = await client.get(path)
            assert answer.status_code == 503, answer.text
            assert answer.headers["retry-after"] == "1"
    await engine.dispose()


@pytest.mark.parametrize("status", [405, 499, 520])
async def test_any_status_is_answered(client: AsyncClient, status: int) -> None:
    def refuse() -> None:
        raise HTTPException(status, "because")

    app.dependency_overrides[get_session] = refuse
    answer = await client.get(PATHS[0])
    assert (answer.status_code, answer.json()["detail"]) == (status, "because")
