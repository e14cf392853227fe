"""The API describes itself, and says what is wrong in one way."""

import itertools

from httpx import AsyncClient

PATHS = [
    "/assignments",
    "/badges",
    "/people",
    "/projects",
    "/skills",
    "/units",
]
NO_DOCUMENTS = [b"", b"{", b"[]", b'"\\ud800"', b'{"a": NaN}', b'{"\\ud800": 1}', b"\xff"]


async def test_every_table_is_described(client: AsyncClient) -> None:
    described = (await client.get("/openapi.json")).json()
    assert set(PATHS) <= set(described["paths"])


async def test_docs_are_there(client: AsyncClient) -> None:
    assert (await client.get("/docs")).status_code == 200


async def test_faults_are_problems(client: AsyncClient) -> None:
    for path in PATHS:
        answer = await client.get(path, params={"no such column": 1})
        assert answer.status_code == 422, path
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["errors"][0]["pointer"] == "/no such column"


async def test_what_is_no_document_is_refused(client: AsyncClient) -> None:
    for path, body in itertools.product(PATHS, NO_DOCUMENTS):
        answer = await client.post(path, content=body, headers={"content-type": "application/json"})
        assert answer.status_code in {400, 422}, (path, body)
        assert answer.headers["content-type"] == "application/problem+json"
